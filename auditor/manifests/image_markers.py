"""The comments by which Flux' image automation knows what it may set: `# {"$imagepolicy": "ns:policy:tag"}`.

A marker is about the value on its line. Flux sets the whole reference where it names a policy alone, and the tag, the
name or the digest where it says so: https://fluxcd.io/flux/guides/image-update/#configure-image-update-for-custom-resources
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.manifests.marks import Node, item_of, list_items, marked_documents, text_of
from auditor.manifests.pointers import ListKey, Step, format_pointer

SETTER = b"$imagepolicy"
"""What a file with a marker holds."""

_MARKER = re.compile(r"#\s*(\{[^{}\n]*\"\$imagepolicy\"[^{}\n]*\})\s*$", re.MULTILINE)
_SETTER = re.compile(r"(?P<namespace>[^:\s]+):(?P<name>[^:\s]+)(?::(?P<part>tag|name|digest))?\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageMarker:
    """A field that image automation may set, in a document as `Document` counts them (`document`, `item`).

    `policy` is `namespace/name` of the ImagePolicy, `part` what of it the field is: '' (all), tag, name or digest.
    """

    line: int
    document: int
    item: int | None
    pointer: str
    policy: str
    part: str


def markers_in(content: bytes) -> tuple[ImageMarker, ...]:
    """The markers of a manifest, in the order of its lines; those beside no value, and malformed ones, are none."""
    if SETTER not in content:
        return ()
    text = text_of(content)
    said = {text.count("\n", 0, match.start()) + 1: match for match in _MARKER.finditer(text)}
    setters = {line: about for line, match in said.items() if (about := _setter(match[1])) is not None}
    if not setters:
        return ()
    found: list[ImageMarker] = []
    for index, root in marked_documents(content).items():
        for item, top in _tops(root):
            for pointer, node in _scalars(top):
                setter = setters.get(node.line)
                starts_after = setter is not None and node.start > said[node.line].start()
                if setter is not None and not starts_after:
                    policy, part = setter
                    found.append(
                        ImageMarker(
                            line=node.line,
                            document=index,
                            item=item,
                            pointer=pointer,
                            policy=policy,
                            part=part,
                        )
                    )
    return tuple(sorted(found, key=lambda marker: (marker.line, marker.pointer)))


def _setter(text: str) -> tuple[str, str] | None:
    try:
        value = json.loads(text).get("$imagepolicy")
    except ValueError:
        return None
    match = _SETTER.match(value) if isinstance(value, str) else None
    return (f"{match['namespace']}/{match['name']}", match["part"] or "") if match else None


def _tops(root: Node) -> Iterator[tuple[int | None, Node]]:
    items = list_items(root)
    if items == [root]:
        yield None, root
        return
    for index in range(len(items)):
        yield index, item_of(root, index)


def _scalars(root: Node) -> Iterator[tuple[str, Node]]:
    """Every scalar with its pointer, as fields are told."""
    pending: list[tuple[tuple[Step, ...], Node]] = [((), root)]
    while pending:
        steps, node = pending.pop()
        if node.sort == "scalar":
            yield format_pointer(steps), node
        pending.extend(((*steps, name), value) for name, _, value in node.entries)
        names = [_name_of(entry) for entry in node.items]
        named = all(names) and len(set(names)) == len(names)
        for index, entry in enumerate(node.items):
            key: Step = ListKey((("name", names[index]),)) if named else index
            pending.append(((*steps, key), entry))


def _name_of(entry: Node) -> str:
    found = entry.get("name")
    return found[1].value if found is not None and isinstance(found[1].value, str) else ""
