"""Which folders and files of a repository a git generator takes (argo-cd 3.4: `GetGitDirectories`, `LsFiles`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.manifests.deployments.globs import Dialect, matches
from auditor.manifests.deployments.values import text
from auditor.model import SourceTree


def directories(tree: SourceTree, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The folders that an entry matches and none excludes, in the order of a walk; hidden ones are not looked at."""
    return [
        folder
        for folder in _folders(tree)
        if _is_named(folder, entries, Dialect.PATH, excluded=False)
        and not _is_named(folder, entries, Dialect.PATH, excluded=True)
    ]


def files(tree: SourceTree, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The files that an entry matches and none excludes, sorted. `*` matches a slash too, as git's pathspecs do."""
    return sorted(
        path
        for path in tree.paths()
        if _is_named(path, entries, Dialect.GIT, excluded=False)
        and not _is_named(path, entries, Dialect.GIT, excluded=True)
    )


def _folders(tree: SourceTree) -> list[str]:
    found: set[str] = set()
    for path in tree.paths():
        parts = path.split("/")[:-1]
        for length in range(1, len(parts) + 1):
            if parts[length - 1].startswith("."):
                break
            found.add("/".join(parts[:length]))
    return sorted(found, key=lambda folder: folder.split("/"))


def _is_named(path: str, entries: Sequence[Mapping[str, Any]], dialect: Dialect, *, excluded: bool) -> bool:
    return any(
        matches(text(entry.get("path")), path, dialect)
        for entry in entries
        if (entry.get("exclude") is True) is excluded
    )
