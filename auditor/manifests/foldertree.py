"""A folder on disk as a tree of files: for files that are in no repository, or not yet."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from auditor.errors import ManifestError

MAX_FILES = 500_000


class FolderTree:
    """The regular files below a folder. Symlinks are neither listed nor followed; `.git` is left out.

    A root that is a file gives a tree of that one file.
    """

    def __init__(self, root: Path) -> None:
        """Raises ManifestError where there is nothing at `root`. Files are listed once, here."""
        if not root.exists():
            raise ManifestError(f"there is no {root}", hint="give a file or a folder that exists")
        self._base = root if root.is_dir() else root.parent
        names = _walk(root) if root.is_dir() else iter([root.name])
        self._paths: list[str] = []
        for name in names:
            self._paths.append(name)
            if len(self._paths) > MAX_FILES:
                raise ManifestError(
                    f"{root} holds more than {MAX_FILES} files",
                    hint="give the folder that holds the manifests",
                )
        self._paths.sort()
        self._known = frozenset(self._paths)

    def paths(self) -> Iterable[str]:
        """Every regular file's path, sorted."""
        return self._paths

    def read(self, path: str) -> bytes:
        """The file's bytes; KeyError where there is none, ManifestError where it may not be read."""
        if path not in self._known:
            raise KeyError(path)
        try:
            descriptor = os.open(self._base / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise KeyError(path)
                return file.read()
        except OSError as error:
            raise ManifestError(
                f"cannot read {path}: {error.strerror}", hint="check its permissions"
            ) from error


def _walk(root: Path) -> Iterator[str]:
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_symlink() or not _is_text(path):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name != ".git":
                            pending.append(path)
                    elif entry.is_file(follow_symlinks=False):
                        yield path
        except OSError as error:
            raise ManifestError(
                f"cannot list {root / folder}: {error.strerror}", hint="check its permissions"
            ) from error


def _is_text(path: str) -> bool:
    """False for names that are not UTF-8, which no manifest can refer to."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
