"""What a change of the story does to the files: small edits that either fit exactly or are an error.

A tree is a mapping of path to bytes. Every operation takes a tree and gives a new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from auditor.errors import ManifestError

Tree = dict[str, bytes]


class StoryError(ManifestError):
    """The story does not fit together: an edit whose text is not there, a file that is not there."""


def _text(tree: Tree, path: str) -> str:
    if path not in tree:
        raise StoryError(f"the story edits {path}, which does not exist at that time")
    return tree[path].decode()


def _indentation(line: str, block: str) -> str:
    """The indentation that puts `block` beside `line`: an item beside an item, a key beside its keys."""
    found = re.match(r" *", line) if block.startswith("- ") else re.match(r" *(?:- )?", line)
    return " " * len(found.group(0)) if found else ""


def _indented(block: str, indentation: str) -> list[str]:
    return [indentation + line if line else line for line in block.rstrip("\n").split("\n")]


def _find_block(lines: Sequence[str], block: str, path: str) -> tuple[int, int, str]:
    """Where `block`, written without its indentation, stands in `lines`: start, end, indentation."""
    wanted = block.rstrip("\n").split("\n")
    hits = []
    for start, line in enumerate(lines):
        indentation = line[: len(line) - len(line.lstrip(" "))]
        if list(lines[start : start + len(wanted)]) == _indented(block, indentation):
            hits.append((start, start + len(wanted), indentation))
    if len(hits) != 1:
        raise StoryError(f"{path}: {wanted[0]!r} and what follows is there {len(hits)} times, not once")
    return hits[0]


def _edit(tree: Tree, operation: Mapping[str, Any]) -> Tree:
    """One place of one file: `text`/`to`, `after`/`insert` or `replace`/`with` (none: taken out)."""
    path = operation["edit"]
    text = _text(tree, path)
    if "text" in operation:
        if text.count(operation["text"]) != 1:
            count = text.count(operation["text"])
            raise StoryError(f"{path}: {operation['text']!r} is there {count} times, not once")
        return {**tree, path: text.replace(operation["text"], operation["to"]).encode()}
    lines = text.split("\n")
    if "after" in operation:
        _, end, _ = _find_block(lines, operation["after"], path)
        lines[end:end] = _indented(operation["insert"], _indentation(lines[end - 1], operation["insert"]))
    else:
        start, end, indentation = _find_block(lines, operation["replace"], path)
        lines[start:end] = _indented(operation["with"], indentation) if "with" in operation else []
    return {**tree, path: "\n".join(lines).encode()}


def _write(tree: Tree, operation: Mapping[str, Any]) -> Tree:
    return {**tree, operation["write"]: operation["content"].encode()}


def _move(tree: Tree, operation: Mapping[str, Any]) -> Tree:
    """A file or a folder (ending in '/') gets another place, its bytes stay."""
    source, target = operation["move"], operation["to"]
    moved = [path for path in tree if path == source or (source.endswith("/") and path.startswith(source))]
    if not moved:
        raise StoryError(f"the story moves {source}, which does not exist at that time")
    return {
        (target + path[len(source) :] if path in moved else path): content for path, content in tree.items()
    }


def _delete(tree: Tree, operation: Mapping[str, Any]) -> Tree:
    gone = operation["delete"]
    kept = {
        path: content
        for path, content in tree.items()
        if path != gone and not (gone.endswith("/") and path.startswith(gone))
    }
    if len(kept) == len(tree):
        raise StoryError(f"the story deletes {gone}, which does not exist at that time")
    return kept


def _image(tree: Tree, operation: Mapping[str, Any]) -> Tree:
    """The tag of one of the company's own images in an environment's overlay."""
    path = f"apps/{operation['environment']}/kustomization.yaml"
    text, count = re.subn(
        rf"(- name: ghcr\.io/northwind-parcels/{re.escape(operation['image'])}\n    newTag: )[^\s]+",
        rf"\g<1>{operation['to']}",
        _text(tree, path),
    )
    if count != 1:
        raise StoryError(f"{path}: the image {operation['image']!r} is there {count} times, not once")
    return {**tree, path: text.encode()}


def _add(files: Path, tree: Tree, operation: Mapping[str, Any]) -> Tree:
    """New files, with the content they have in the sample's `files` folder ('/' at the end: a folder)."""
    added: Tree = {}
    for name in operation["add"]:
        source = files / name
        paths = [p for p in sorted(source.rglob("*")) if p.is_file()] if name.endswith("/") else [source]
        for path in paths:
            try:
                added[path.relative_to(files).as_posix()] = path.read_bytes()
            except OSError as error:
                raise StoryError(f"the story adds {name}, which the sample does not carry") from error
    if not added:
        raise StoryError(f"the story adds {operation['add']}, which the sample does not carry")
    return tree | added


_OPERATIONS: dict[str, Callable[[Tree, Mapping[str, Any]], Tree]] = {
    "edit": _edit,
    "write": _write,
    "move": _move,
    "delete": _delete,
    "image": _image,
}


def _each_path(operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """An operation on several files, as one on each."""
    return [
        {**operation, key: path}
        for key in ("edit", "write")
        if isinstance(operation.get(key), list)
        for path in operation[key]
    ] or [operation]


def apply_operations(files: Path, tree: Tree, operations: Sequence[Mapping[str, Any]]) -> Tree:
    """The tree after `operations`, in order. `files` is the folder that `add` reads from.

    Raises StoryError where one of them does not fit the tree.
    """
    for operation in operations:
        if "add" in operation:
            tree = _add(files, tree, operation)
            continue
        name = next((key for key in operation if key in _OPERATIONS), None)
        if name is None:
            raise StoryError(f"the story has an operation of unknown kind: {sorted(operation)}")
        for single in _each_path(operation):
            tree = _OPERATIONS[name](tree, single)
    return tree
