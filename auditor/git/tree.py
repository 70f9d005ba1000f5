"""The files of one commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.git.blobs import SIZE_LIMIT, ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.names import path_text

REGULAR_MODES = frozenset({"100644", "100755", "100664"})
"""Files whose content is their own: no symlink (120000), no submodule (160000)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeEntry:
    """One regular file: its blob, git's octal mode, its size in bytes."""

    path: str
    blob: str
    mode: str
    size: int


def list_tree(mirror: Mirror, commit: str) -> list[TreeEntry]:
    """Every regular file of the commit, sorted by path."""
    listing = mirror.git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, repository=mirror.path)
    entries = []
    for line in listing.split(b"\0"):
        if not line:
            continue
        meta, _, raw_path = line.partition(b"\t")
        mode, _, blob, size = meta.decode("ascii").split()
        if mode in REGULAR_MODES:
            entries.append(TreeEntry(path=path_text(raw_path), blob=blob, mode=mode, size=int(size)))
    return sorted(entries, key=lambda entry: entry.path)


class CommitTree:
    """The files of one commit as a SourceTree; reads blobs when asked.

    Files over the size limit and names that are not UTF-8, which no manifest can refer to, are not listed.
    """

    def __init__(self, mirror: Mirror, commit: str, reader: ObjectReader) -> None:
        self._reader = reader
        entries = list_tree(mirror, commit)
        self._blobs = {entry.path: entry.blob for entry in entries}
        self._paths = tuple(
            entry.path for entry in entries if entry.size <= SIZE_LIMIT and not entry.path.startswith('"')
        )

    def paths(self) -> Iterable[str]:
        """The path of every regular file that can be read, sorted."""
        return self._paths

    def blob(self, path: str) -> str:
        """The blob's sha; KeyError where there is no such file."""
        return self._blobs[path]

    def read(self, path: str) -> bytes:
        """The file's bytes; KeyError where there is none or it is over the size limit."""
        content = self._reader.read(self._blobs[path])
        if content is None:
            raise KeyError(f"{path} is over the size limit of {SIZE_LIMIT} bytes")
        return content
