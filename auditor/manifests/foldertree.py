"""A folder on disk as a tree of files: for files that are in no repository, or not yet."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import ManifestError

MAX_FILES = 500_000


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedOver:
    """Something in a folder that is no file of its tree: its path as text, and why.

    `is_folder` means all below it. `is_unknown` means that it may hold what counts and could not be looked at.
    """

    path: str
    reason: str
    is_folder: bool = False
    is_unknown: bool = False


class FolderTree:
    """The regular files below a folder. Symlinks are neither listed nor followed; `.git` is left out.

    A root that is a file gives a tree of that one file. `passed_over` is what else stands there.
    """

    def __init__(self, root: Path, *, tolerant: bool = False) -> None:
        """Files are listed once, here.

        Raises ManifestError where there is nothing at `root`, and, unless `tolerant`, where a folder below it cannot be
        listed; a tolerant tree has that folder among what it passed over.
        """
        if not root.exists():
            raise ManifestError(f"there is no {root}", hint="give a file or a folder that exists")
        self._base = root if root.is_dir() else root.parent
        self.passed_over: list[PassedOver] = []
        names = _walk(root, self.passed_over, tolerant) if root.is_dir() else iter([root.name])
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

    def links(self) -> Mapping[str, str]:
        """What each symbolic link names, as it is written, by the path of the link."""
        found: dict[str, str] = {}
        for entry in self.passed_over:
            with contextlib.suppress(OSError):
                if (self._base / entry.path).is_symlink():
                    found[entry.path] = os.readlink(self._base / entry.path)  # noqa: PTH115 - Path rewrites it
        return found

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


def _walk(root: Path, passed_over: list[PassedOver], tolerant: bool) -> Iterator[str]:
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    left_out = _left_out(entry, path)
                    if left_out is not None:
                        passed_over.append(left_out)
                    elif entry.is_dir(follow_symlinks=False):
                        if entry.name != ".git":
                            pending.append(path)
                    else:
                        yield path
        except OSError as error:
            if tolerant and folder:
                reason = f"cannot be listed: {error.strerror}"
                passed_over.append(PassedOver(path=folder, reason=reason, is_folder=True, is_unknown=True))
                continue
            raise ManifestError(
                f"cannot list {root / folder}: {error.strerror}", hint="check its permissions"
            ) from error


def _left_out(entry: os.DirEntry[str], path: str) -> PassedOver | None:
    """Why something is no file of the tree; None for files and folders."""
    if entry.is_symlink():
        is_folder = Path(entry.path).is_dir()
        return PassedOver(
            path=_text(path), reason="a symbolic link, which is not followed", is_folder=is_folder
        )
    is_folder = entry.is_dir(follow_symlinks=False)
    if not is_folder and not entry.is_file(follow_symlinks=False):
        return PassedOver(path=_text(path), reason="neither a file nor a folder")
    if not _is_text(path):
        reason = "its name is not UTF-8: rename it"
        return PassedOver(path=_text(path), reason=reason, is_folder=is_folder, is_unknown=True)
    return None


def _text(path: str) -> str:
    return path.encode("utf-8", "replace").decode()


def _is_text(path: str) -> bool:
    """False for names that are not UTF-8, which no manifest can refer to."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
