"""Which files of a tree rendering a folder may read.

More than is read does no harm: the closure decides what is laid out for a build and what its result is kept
under. What Kustomize reads beyond it is then missing, so the build fails and is done again on the whole tree.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.manifests.layout import is_kustomization_name


@dataclass(frozen=True, kw_only=True)
class TreeIndex:
    """The files of a tree, its folders, and the files in each folder that are named as kustomizations."""

    files: frozenset[str]
    folders: frozenset[str]
    kustomizations: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, paths: Iterable[str]) -> TreeIndex:
        """Indexes the paths that can be laid out on a disk; others (`../x`, `.git/config`) are left out."""
        files = frozenset(path for path in paths if is_inside(path))
        folders = {""}
        named: defaultdict[str, list[str]] = defaultdict(list)
        for path in sorted(files):
            folder = posixpath.dirname(path)
            if is_kustomization_name(path):
                named[folder].append(path)
            while folder not in folders:
                folders.add(folder)
                folder = posixpath.dirname(folder)
        kustomizations = {folder: tuple(found) for folder, found in named.items()}
        return cls(files=files, folders=frozenset(folders), kustomizations=kustomizations)


def is_inside(path: str) -> bool:
    """True for a relative path that stays in the tree and out of git's own folder."""
    parts = path.split("/")
    return not path.startswith("/") and not any(part in ("", ".", "..", ".git") for part in parts)


def closure(
    index: TreeIndex, manifests: Callable[[str], Mapping[str, Any]], start: Iterable[str]
) -> set[str]:
    """Every file that a build of the files and folders in `start` may read.

    `manifests` gives a folder's kustomization. Every text in one that names a file or folder of the tree is
    followed, whatever its field: a field that a later Kustomize brings is in it too. A folder counts with all
    files that are named as kustomizations, since two of them make a build fail.
    """
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(start)
    while pending:
        path = pending.pop()
        if path in index.files:
            found.add(path)
        elif path in index.kustomizations and path not in seen:
            seen.add(path)
            found.update(index.kustomizations[path])
            pending.extend(_named(path, manifests(path), index))
    return found


def _named(folder: str, value: Any, index: TreeIndex) -> Iterator[str]:
    for text in _texts(value):
        # `files` entries of generators are `path` or `key=path`.
        for name in {text, text.rpartition("=")[2], text.partition("=")[2]}:
            if not name or "\n" in name or len(name) > _LONGEST_PATH:
                continue
            path = posixpath.normpath(posixpath.join(folder, name))
            path = "" if path == "." else path
            if path in index.files or path in index.folders:
                yield path


_LONGEST_PATH = 4096


def _texts(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        entry = pending.pop()
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, Mapping):
            pending.extend(entry.values())
        elif isinstance(entry, list):
            pending.extend(entry)
