"""Whether a patch of a kustomization sets a field, and on which line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.manifests.marks import marked_documents
from auditor.manifests.nodes import Node
from auditor.manifests.pointers import Step, index_of
from auditor.manifests.rendering.traced_files import reached, scalar

_SIMPLE = re.compile(r"(?:[A-Za-z0-9_-]|\.\*|\|)*")

MISSING = object()
"""The value of a field that is not there."""

UNKNOWN = object()
"""The value of a field of which nothing is known but that there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The field of a rendered object that is looked for: its steps, its value (MISSING, UNKNOWN), and the steps
    as a JSON patch would write them (None for an index that is not known)."""

    kind: str
    names: frozenset[str]
    steps: tuple[Step, ...]
    value: Any
    parts: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchText:
    """A patch as it stands in a file: its documents, and where line 1 of its text is."""

    path: str
    roots: tuple[Node, ...]
    offset: int = 0
    column: int | None = None

    def place(self, node: Node) -> tuple[str, int, int]:
        """Where a node of it stands: path, line, column."""
        if self.column is not None:
            return self.path, self.offset, self.column
        return self.path, node.line + self.offset, node.column


def inline_patch(path: str, place: Node) -> PatchText:
    """A patch that is written in a kustomization or an object, as the text of a scalar."""
    text = place.value if isinstance(place.value, str) else ""
    roots = tuple(marked_documents(text.encode("utf-8", "replace")).values())
    if place.style in ("|", ">"):
        # The text of a block begins on the line after its mark.
        return PatchText(path=path, roots=roots, offset=place.line)
    return PatchText(path=path, roots=roots, offset=place.line, column=place.column)


def set_by(patch: PatchText, target: Mapping[str, Any], wanted: Wanted) -> tuple[str, int, int] | None:
    """Where the patch sets the field, or takes it away where it is missing; None where it does neither."""
    for root in patch.roots:
        if root.sort == "sequence":
            found = _json_patch(root, wanted) if fits(target, wanted) else None
        else:
            is_about = fits(target, wanted) if target else _is_about(root, wanted)
            found = _merge_patch(root, wanted) if is_about else None
        if found is not None:
            return patch.place(found)
    return None


def fits(target: Mapping[str, Any], wanted: Wanted) -> bool:
    """True where the target of a patch may be the object: selectors of labels are taken to fit."""
    kind, name = target.get("kind"), target.get("name")
    return _matches(kind, (wanted.kind,)) and _matches(name, wanted.names)


def _matches(pattern: Any, names: Sequence[str] | frozenset[str]) -> bool:
    if not isinstance(pattern, str) or not pattern:
        return True
    if pattern in names:
        return True
    if not _SIMPLE.fullmatch(pattern):
        return True  # the repository's pattern is not run here: whether the value is the patch's decides
    return any(_is_like(name, part.split(".*")) for part in pattern.split("|") for name in names)


def _is_like(name: str, pieces: Sequence[str]) -> bool:
    """True where the name is the pieces with anything between them."""
    if len(pieces) == 1:
        return name == pieces[0]
    if not name.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    for piece in pieces[1:-1]:
        at = name.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return name.endswith(pieces[-1]) and len(name) - len(pieces[-1]) >= at


def _is_about(root: Node, wanted: Wanted) -> bool:
    return scalar(root, "kind") == wanted.kind and scalar(root, "metadata", "name") in wanted.names


def _merge_patch(root: Node, wanted: Wanted) -> Node | None:
    if wanted.value is MISSING:
        return _taken_away(root, wanted)
    found = reached(root, wanted.steps)
    if found is None or not same(wanted.value, found[1]):
        return None
    return found[0]


def _taken_away(root: Node, wanted: Wanted) -> Node | None:
    """Where the field, or something above it, is set to null or deleted."""
    for length in range(1, len(wanted.steps) + 1):
        found = reached(root, wanted.steps[:length])
        if found is None:
            return None
        place, value = found
        if value.sort == "scalar" and value.value is None:
            return place
        directive = value.get("$patch") if value.sort == "mapping" else None
        if directive is not None and directive[1].value in ("delete", "replace"):
            return directive[0]
    return None


def _json_patch(root: Node, wanted: Wanted) -> Node | None:
    for operation in reversed(root.items):
        name, path = scalar(operation, "op"), scalar(operation, "path")
        if not isinstance(path, str):
            continue
        parts = tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:])
        if len(parts) > len(wanted.parts) or not all(map(_same_part, parts, wanted.parts)):
            continue
        at = operation.get("path")
        if name == "remove":
            if wanted.value is MISSING and at is not None:
                return at[0]
            continue
        value = operation.get("value")
        if name not in ("add", "replace") or value is None or wanted.value is MISSING:
            continue
        found = reached(value[1], wanted.steps[len(parts) :])
        if found is not None and same(wanted.value, found[1]):
            return value[0] if len(parts) == len(wanted.parts) else found[0]
    return None


def _same_part(given: str, wanted: str | None) -> bool:
    return wanted is None or given in (wanted, "-")


def same(value: Any, node: Node) -> bool:
    """True where a node may be the value: equal to it, or a text with variables, which are filled in later."""
    if value is UNKNOWN:
        return True
    if node.sort != "scalar":
        return isinstance(value, Mapping if node.sort == "mapping" else list)
    if isinstance(value, Mapping | list):
        return False
    return node.value == value or str(node.value) == str(value) or "${" in str(node.value)


def patch_parts(manifest: Any, steps: Sequence[Step]) -> tuple[str | None, ...]:
    """The steps as a JSON pointer's parts, list keys as the indexes that they have in the manifest."""
    return tuple(_parts(manifest, steps))


def _parts(value: Any, steps: Sequence[Step]) -> Iterator[str | None]:
    for step in steps:
        if isinstance(step, str):
            yield step
            value = value.get(step) if isinstance(value, Mapping) else None
            continue
        try:
            index = index_of(value, step)
        except KeyError:
            yield str(step) if isinstance(step, int) else None
            value = None
        else:
            yield str(index)
            value = value[index]
