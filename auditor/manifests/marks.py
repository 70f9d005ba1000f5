"""Where in a file each value stands: YAML as nodes with positions, for people who look for a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from auditor.manifests.limits import DEFAULT_LIMITS, Limits
from auditor.manifests.nodes import Node, mark_json
from auditor.manifests.pointers import ListKey, PointerError, SetValue, Step, parse_pointer
from auditor.manifests.reading import split
from auditor.manifests.scalars import ScalarError, key_of, value_of

__all__ = [
    "Node",
    "item_of",
    "list_items",
    "locate",
    "mark_chunk",
    "mark_documents",
    "marked_documents",
    "nodes_in",
    "position_in",
    "text_of",
    "way_in",
]


def mark_chunk(text: str, start: int, end: int, limits: Limits = DEFAULT_LIMITS) -> list[Node]:
    """The root nodes of the YAML documents in text[start:end], with positions in `text`.

    Documents from the first unreadable one on are missing.
    """
    roots: list[Node] = []
    marker = _Marker(start, text.count("\n", 0, start), limits)
    loader = yaml.CLoader(text[start:end])
    try:
        while not loader.check_event(yaml.StreamEndEvent):
            event = loader.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                roots.append(marker.document(loader))
    except (yaml.YAMLError, UnicodeError, ValueError, _TooLargeError):
        pass
    finally:
        loader.dispose()
    return roots


def mark_documents(text: str, limits: Limits = DEFAULT_LIMITS) -> dict[int, Node]:
    """Root nodes by document index, counted as `parse` counts; unreadable documents are missing."""
    found: dict[int, Node] = {}
    index = 0
    for start, end in split(text):
        roots = mark_chunk(text, start, end, limits)
        for root in roots:
            found[index] = root
            index += 1
        index += not roots
    return found


def marked_documents(content: bytes) -> dict[int, Node]:
    """Root nodes by document index of a manifest file, YAML or JSON; none of a file that is too large to be read."""
    if len(content) > DEFAULT_LIMITS.blob_bytes:
        return {}
    text = text_of(content)
    if text.lstrip()[:1] == "{":
        marked = mark_json(text, DEFAULT_LIMITS.depth)
        if marked is not None:
            return dict(enumerate(marked))
    return mark_documents(text)


def text_of(content: bytes) -> str:
    """The text in which positions count: without a byte order mark, what is no UTF-8 replaced."""
    return content.decode("utf-8", "replace").removeprefix("\ufeff")


def locate(content: bytes, document_index: int, item: int | None, pointer: str) -> tuple[int, int]:
    """Line and column (1-based) of a field in its source; of its nearest parent where it is not there.

    `document_index` and `item` are a Document's. (1, 1) where the document cannot be read again. For several fields
    of a file ask `Places`, which reads it once.
    """
    root = marked_documents(content).get(document_index)
    return position_in(item_of(root, item), pointer) if root is not None else (1, 1)


def item_of(root: Node, item: int | None) -> Node:
    """The object in a document that a Document's `item` means; the document itself without one."""
    if item is None:
        return root
    items = list_items(root)
    return items[item] if item < len(items) else root


def position_in(root: Node, pointer: str) -> tuple[int, int]:
    """Line and column (1-based) of a field below the root; of its nearest parent where it is not there."""
    return way_in(root, pointer)[-1]


def way_in(root: Node, pointer: str) -> list[tuple[int, int]]:
    """The places (line, column) on the way to a field: of the root, then of each step that there is.

    A text that is no pointer leads to the root.
    """
    try:
        steps = parse_pointer(pointer)
    except PointerError:
        steps = ()
    return [(place.line, place.column) for place, _ in nodes_in(root, steps)]


def nodes_in(root: Node, steps: Sequence[Step]) -> list[tuple[Node, Node]]:
    """The nodes on the way to a field: the root, then for each step that there is where it stands (its key, or the
    entry of a list) and its value."""
    found = [(root, root)]
    for step in steps:
        following = _step(found[-1][1], step)
        if following is None:
            break
        found.append(following)
    return found


def list_items(root: Node) -> list[Node]:
    """The objects of a `List` in the order in which `parse` counts them."""
    kind, items = root.get("kind"), root.get("items")
    if kind is None or items is None or not str(kind[1].value).endswith("List"):
        return [root]
    found: list[Node] = []
    for entry in items[1].items:
        if entry.sort == "mapping":
            found.extend(list_items(entry))
    return found


def _step(node: Node, step: Step) -> tuple[Node, Node] | None:
    if isinstance(step, str):
        return node.get(step)
    for index, entry in enumerate(node.items):
        if isinstance(step, int):
            matches = index == step
        elif isinstance(step, SetValue):
            matches = entry.sort == "scalar" and entry.value == step.value
        else:
            matches = _has_key(entry, step)
        if matches:
            return entry, entry
    return None


def _has_key(entry: Node, key: ListKey) -> bool:
    for name, wanted in key.pairs:
        found = entry.get(name)
        value = found[1].value if found else ("TCP" if name == "protocol" else None)
        if value != wanted and str(value) != str(wanted):
            return False
    return True


class _TooLargeError(Exception):
    """More nodes, or deeper, than the limits allow."""


class _Marker:
    """Builds nodes from events in one loop; `offset` and `lines` are added to every position."""

    def __init__(self, offset: int, lines: int, limits: Limits) -> None:
        self.offset = offset
        self.lines = lines
        self.limits = limits
        self.count = 0

    def document(self, loader: Any) -> Node:
        anchors: dict[str, Node] = {}
        stack: list[Node] = []
        keys: list[tuple[str, Node] | None] = []
        while True:
            event = loader.get_event()
            kind = type(event)
            if kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                node = self._node("mapping" if kind is yaml.MappingStartEvent else "sequence", event)
                if len(stack) >= self.limits.depth:
                    raise _TooLargeError
                if event.anchor:
                    anchors[event.anchor] = node
                stack.append(node)
                keys.append(None)
                continue
            if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                node = stack.pop()
                keys.pop()
                node.end = event.end_mark.index + self.offset
            elif kind is yaml.AliasEvent:
                known = anchors.get(event.anchor)
                if known is None or known in stack:
                    raise ValueError(event.anchor)
                node = known
            elif kind is yaml.ScalarEvent:
                node = self._scalar(event)
                if event.anchor:
                    anchors[event.anchor] = node
            else:
                raise ValueError(str(kind))
            if not stack:
                return node
            self._attach(stack[-1], keys, node)

    def _attach(self, parent: Node, keys: list[tuple[str, Node] | None], node: Node) -> None:
        if parent.sort == "sequence":
            parent.items.append(node)
            return
        key = keys[-1]
        if key is None:
            keys[-1] = (self._key(node), node)
        else:
            parent.entries.append((key[0], key[1], node))
            keys[-1] = None

    def _node(self, sort: str, event: Any) -> Node:
        self.count += 1
        if self.count > self.limits.nodes:
            raise _TooLargeError
        mark = event.start_mark
        return Node(
            sort=sort,
            line=mark.line + self.lines + 1,
            column=mark.column + 1,
            start=mark.index + self.offset,
            end=event.end_mark.index + self.offset,
        )

    def _scalar(self, event: Any) -> Node:
        node = self._node("scalar", event)
        node.style = event.style or ""
        try:
            node.value = value_of(event.value, tag=event.tag, plain=not event.style)
        except ScalarError:
            node.value = event.value
        return node

    @staticmethod
    def _key(node: Node) -> str:
        if node.sort != "scalar":
            return ""
        if isinstance(node.value, str):
            return node.value
        try:
            return key_of("" if node.value is None else str(node.value).lower())
        except ScalarError:
            return ""
