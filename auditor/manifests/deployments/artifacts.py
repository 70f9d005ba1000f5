"""A Flux artifact as a tree: files of the repository under other names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from auditor.model import Document, SourceTree

Copies = tuple[tuple[str, str], ...]
"""(from, to) of everything that an artifact is made of."""


class ArtifactTree:
    """What an ArtifactGenerator copies out of a tree; later copies win over earlier ones."""

    def __init__(self, tree: SourceTree, copies: Sequence[tuple[str, str]]) -> None:
        """`copies` are (from, to): `from` is a file, or a folder followed by `/**`; `to` a folder or a file."""
        self._tree = tree
        self._names: dict[str, str] = {}
        for source, target in copies:
            self._names.update(_copied(tree, source, target))

    def paths(self) -> Iterable[str]:
        """Every file's path in the artifact, sorted."""
        return sorted(self._names)

    def read(self, path: str) -> bytes:
        """The file's bytes; KeyError where there is none."""
        return self._tree.read(self._names[path])

    def origin(self, path: str) -> str:
        """The path in the repository of an artifact's file; the path itself where there is none."""
        return self._names.get(path, path)


def _copied(tree: SourceTree, source: str, target: str) -> dict[str, str]:
    if source.endswith("**"):
        folder = source.removesuffix("**").rstrip("/")
        prefix = f"{folder}/" if folder else ""
        return {
            posixpath.normpath(posixpath.join(target, path[len(prefix) :])): path
            for path in tree.paths()
            if path.startswith(prefix)
        }
    source = source.rstrip("/")
    into = target if not target or target.endswith("/") else None
    found = {}
    for path in tree.paths():
        if path == source:
            found[posixpath.join(into, posixpath.basename(path)) if into is not None else target] = path
        elif path.startswith(f"{source}/"):
            base = posixpath.join(into, posixpath.basename(source)) if into is not None else target
            found[posixpath.join(base, path[len(source) + 1 :])] = path
    return found


def artifacts_of(document: Document) -> dict[str, Copies]:
    """The artifacts that an ArtifactGenerator makes of this repository: name to (from, to) of what it copies.

    Artifacts with a part that comes from elsewhere are left out. Paths are the tree's and the artifact's.
    """
    if document.kind != "ArtifactGenerator" or document.id.group != "source.extensions.fluxcd.io":
        return {}
    spec = document.manifest.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    local = {
        f"@{source.get('alias')}/"
        for source in _objects(spec.get("sources"))
        if source.get("kind") == "GitRepository"
    }
    found: dict[str, Copies] = {}
    for artifact in _objects(spec.get("artifacts")):
        copies = [
            (str(copy.get("from", "")), str(copy.get("to", ""))) for copy in _objects(artifact.get("copy"))
        ]
        if copies and all(any(source.startswith(alias) for alias in local) for source, _ in copies):
            found[str(artifact.get("name", ""))] = tuple(
                (source.partition("/")[2], target.removeprefix("@artifact").lstrip("/"))
                for source, target in copies
            )
    return found


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
