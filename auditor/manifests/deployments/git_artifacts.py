"""What Flux makes of the audited repository before anything is built: the files that are not left out, and others."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.manifests.deployments.sourceignore import left_out
from auditor.model import SourceTree


@dataclass(frozen=True, kw_only=True, slots=True)
class GitArtifact:
    """How a GitRepository of the audited repository's address is cut: its `ignore` and `sparseCheckout`, and what it
    takes in of others of that address: (from, to, how that one is cut)."""

    ignore: str | None = None
    sparse: tuple[str, ...] = ()
    includes: tuple[tuple[str, str, GitArtifact], ...] = ()


class GitArtifactTree:
    """A GitArtifact as a tree."""

    def __init__(self, tree: SourceTree, cut: GitArtifact) -> None:
        """`tree` is the audited repository."""
        self._tree = tree
        self._names = _names(tree, cut)

    def paths(self) -> Iterable[str]:
        """Every file's path in the artifact, sorted."""
        return sorted(self._names)

    def read(self, path: str) -> bytes:
        """The file's bytes; KeyError where there is none."""
        return self._tree.read(self._names[path])

    def origin(self, path: str) -> str:
        """The path in the repository of an artifact's file; the path itself where there is none."""
        return self._names.get(path, path)


def _names(tree: SourceTree, cut: GitArtifact) -> dict[str, str]:
    names = {path: path for path in tree.paths() if not cut.sparse or path.startswith(cut.sparse)}
    for source, target, other in cut.includes:
        prefix = "" if source in ("", ".") else f"{source}/"
        for path, origin in _names(tree, other).items():
            if path.startswith(prefix):
                names[posixpath.join(target, path[len(prefix) :])] = origin
    gone = left_out(_Named(tree, names), cut.ignore)
    return {path: origin for path, origin in names.items() if path not in gone}


class _Named:
    """Files of a tree under other names."""

    def __init__(self, tree: SourceTree, names: dict[str, str]) -> None:
        self._tree = tree
        self._names = names

    def paths(self) -> Iterable[str]:
        return sorted(self._names)

    def read(self, path: str) -> bytes:
        return self._tree.read(self._names[path])
