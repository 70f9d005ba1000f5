"""Files of a tree as nodes with places, each read once, for questions about where a value stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from auditor.manifests.marks import list_items, marked_documents, nodes_in
from auditor.manifests.nodes import Node
from auditor.manifests.pointers import Step as PointerStep


class TracedFiles:
    """Reads through `read`, which raises KeyError where there is no file."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._roots: dict[str, tuple[Node, ...]] = {}

    def roots(self, path: str) -> tuple[Node, ...]:
        """The documents of a file, those of Lists one by one; none of a file that is not there or cannot be read."""
        if path not in self._roots:
            try:
                found = marked_documents(self._read(path))
            except (KeyError, OSError):
                found = {}
            self._roots[path] = tuple(item for root in found.values() for item in list_items(root))
        return self._roots[path]

    def object(self, path: str, kind: str, names: Sequence[str]) -> Node | None:
        """The object of a kind and of one of these names in a file, the first name that there is one of; where none
        has such a name, the only one of its kind."""
        same = [root for root in self.roots(path) if scalar(root, "kind") == kind]
        for name in names:
            for root in same:
                if scalar(root, "metadata", "name") == name:
                    return root
        return same[0] if len(same) == 1 else None


def scalar(node: Node, *keys: str) -> Any:
    """The value of a scalar below a mapping, '' where there is none."""
    for key in keys:
        found = node.get(key)
        if found is None:
            return ""
        node = found[1]
    return node.value if node.sort == "scalar" else ""


def reached(root: Node, steps: Sequence[PointerStep]) -> tuple[Node, Node] | None:
    """Where a field stands and its value; None where the way to it ends before."""
    way = nodes_in(root, steps)
    return way[-1] if len(way) == len(steps) + 1 else None


def plain_value(node: Node, depth: int = 50) -> Any:
    """A node as JSON values; what is nested deeper than `depth` is None."""
    if depth == 0:
        return None
    if node.sort == "mapping":
        return {key: plain_value(value, depth - 1) for key, _, value in node.entries}
    if node.sort == "sequence":
        return [plain_value(item, depth - 1) for item in node.items]
    return node.value


def leaves(
    node: Node, steps: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Node, Node]]:
    """Every scalar below a node: the way to it, where it stands, and the scalar itself."""
    pending: list[tuple[tuple[str | int, ...], Node, Node]] = [(steps, node, node)]
    while pending:
        way, place, value = pending.pop()
        if value.sort == "scalar":
            yield way, place, value
        elif len(way) < 50:
            children: list[tuple[tuple[str | int, ...], Node, Node]] = [
                ((*way, key), key_node, child) for key, key_node, child in value.entries
            ]
            children += [((*way, index), item, item) for index, item in enumerate(value.items)]
            pending += reversed(children)
