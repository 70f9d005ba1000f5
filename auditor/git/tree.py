"""The files of one commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.git.blobs import SIZE_LIMIT, ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.names import path_text

REGULAR_MODES = frozenset({"100644", "100755", "100664"})
"""Files whose content is their own: no symlink (120000), no submodule (160000)."""


LINK_MODE = "120000"
"""A symbolic link; its content is what it names."""

LONGEST_TARGET = 4096
"""What a link may name: Linux' own bound (PATH_MAX)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeEntry:
    """One regular file: its blob, git's octal mode, its size in bytes."""

    path: str
    blob: str
    mode: str
    size: int


def list_tree(mirror: Mirror, commit: str, modes: frozenset[str] = REGULAR_MODES) -> list[TreeEntry]:
    """Every regular file of the commit, or what else has one of the modes, sorted by path."""
    listing = mirror.git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, repository=mirror.path)
    entries = []
    for line in listing.split(b"\0"):
        if not line:
            continue
        meta, _, raw_path = line.partition(b"\t")
        mode, _, blob, size = meta.decode("ascii").split()
        if mode in modes:
            entries.append(TreeEntry(path=path_text(raw_path), blob=blob, mode=mode, size=int(size)))
    return sorted(entries, key=lambda entry: entry.path)


class CommitTree:
    """The files of one commit as a SourceTree; reads blobs when asked.

    Files over the size limit and names that are not UTF-8, which no manifest can refer to, are not listed.
    """

    def __init__(self, mirror: Mirror, commit: str, reader: ObjectReader) -> None:
        self._reader = reader
        self._links: Mapping[str, str] | None = None
        listed = list_tree(mirror, commit, REGULAR_MODES | {LINK_MODE})
        entries = [entry for entry in listed if entry.mode != LINK_MODE]
        self.link_blobs = {
            entry.path: entry.blob
            for entry in listed
            if entry.mode == LINK_MODE and entry.size <= LONGEST_TARGET and not entry.path.startswith('"')
        }
        """The blobs of symbolic links, by path."""
        self._blobs = {entry.path: entry.blob for entry in entries}
        self._paths = tuple(
            entry.path for entry in entries if entry.size <= SIZE_LIMIT and not entry.path.startswith('"')
        )

    def paths(self) -> Iterable[str]:
        """The path of every regular file that can be read, sorted."""
        return self._paths

    def links(self) -> Mapping[str, str]:
        """What each symbolic link names, as it is written, by the path of the link."""
        if self._links is None:
            self._links = link_targets(self.link_blobs, self._reader)
        return self._links

    def blob(self, path: str) -> str:
        """The blob's sha; KeyError where there is no such file."""
        return self._blobs[path]

    def read(self, path: str) -> bytes:
        """The file's bytes; KeyError where there is none or it is over the size limit."""
        content = self._reader.read(self._blobs[path])
        if content is None:
            raise KeyError(f"{path} is over the size limit of {SIZE_LIMIT} bytes")
        return content


def link_targets(blobs: Mapping[str, str], reader: ObjectReader) -> dict[str, str]:
    """What links name, by path; one whose name is too long, or no UTF-8, names nothing that there could be."""
    found: dict[str, str] = {}
    for path, blob in blobs.items():
        content = reader.read(blob)
        if content is not None and len(content) <= LONGEST_TARGET:
            found[path] = content.decode("utf-8", "replace")
    return found
