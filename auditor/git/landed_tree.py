"""The tree of a landed commit, moved on from landing to landing by what each changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.tree import REGULAR_MODES, CommitTree
from auditor.model import ChangeKind, FileChange

KEPT_BYTES = 64 * 1024 * 1024
"""Contents that are kept for the next landing, by object id: the least recently asked for go first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What a landing did to a tree: the paths whose content it set, and whether any path came or went."""

    changed: frozenset[str]
    names: bool


class LandedTree:
    """A SourceTree that can be moved on to the next landing. For one thread at a time; it closes nothing.

    As in `CommitTree`, files over the size limit and names that are not UTF-8 are not listed.
    """

    def __init__(self, mirror: Mirror, commit: str, reader: ObjectReader) -> None:
        """Stands at `commit`; at an empty tree where that is ''."""
        self._reader = reader
        tree = CommitTree(mirror, commit, reader) if commit else None
        self._blobs = {path: tree.blob(path) for path in tree.paths()} if tree else {}
        self._paths: tuple[str, ...] | None = None
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self.read_paths: set[str] = set()
        """Paths that were read since this was last emptied."""

    def move(self, changes: Iterable[FileChange]) -> Moved:
        """Applies the changes of the next landing against the one that this stands at."""
        changed: set[str] = set()
        gone: set[str] = set()
        come: dict[str, str] = {}
        for change in changes:
            if change.change is ChangeKind.RENAMED:
                gone.add(change.old_path)
            if change.new_mode in REGULAR_MODES and change.change is not ChangeKind.DELETED:
                come[change.path] = change.new_blob
            else:
                gone.add(change.path)
        names = False
        for path in gone - come.keys():
            names |= self._blobs.pop(path, None) is not None
        for path, blob in come.items():
            if path.startswith('"') or self._content(blob) is None:
                names |= self._blobs.pop(path, None) is not None
                continue
            names |= path not in self._blobs
            self._blobs[path] = blob
            changed.add(path)
        if names:
            self._paths = None
        return Moved(changed=frozenset(changed), names=names)

    def paths(self) -> Iterable[str]:
        """As SourceTree.paths."""
        if self._paths is None:
            self._paths = tuple(sorted(self._blobs))
        return self._paths

    def blob(self, path: str) -> str:
        """The blob's id; KeyError where there is no such file."""
        return self._blobs[path]

    def read(self, path: str) -> bytes:
        """As SourceTree.read."""
        content = self._content(self._blobs[path])
        if content is None:
            raise KeyError(path)
        self.read_paths.add(path)
        return content

    def _content(self, blob: str) -> bytes | None:
        known = self._contents.get(blob)
        if known is not None:
            self._contents.move_to_end(blob)
            return known
        content = self._reader.read(blob)
        if content is not None:
            self._contents[blob] = content
            self._bytes += len(content)
            while self._bytes > KEPT_BYTES and len(self._contents) > 1:
                _, dropped = self._contents.popitem(last=False)
                self._bytes -= len(dropped)
        return content
