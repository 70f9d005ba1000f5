"""The tree of a landed commit, moved on from landing to landing by what each changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.tree import LINK_MODE, REGULAR_MODES, CommitTree, link_targets
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
        self._link_blobs = dict(tree.link_blobs) if tree else {}
        self._links: Mapping[str, str] | None = None
        self._paths: tuple[str, ...] | None = None
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self.read_paths: set[str] = set()
        """Paths that were read since this was last emptied."""

    def move(self, changes: Sequence[FileChange]) -> Moved:
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
        names = self._move_links(changes)
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

    def _move_links(self, changes: Sequence[FileChange]) -> bool:
        """True where a symbolic link came, went, or names something else."""
        before = dict(self._link_blobs)
        for change in changes:
            if change.change is ChangeKind.RENAMED:
                self._link_blobs.pop(change.old_path, None)
            is_link = change.new_mode == LINK_MODE and change.change is not ChangeKind.DELETED
            if is_link and not change.path.startswith('"'):
                self._link_blobs[change.path] = change.new_blob
            else:
                self._link_blobs.pop(change.path, None)
        if self._link_blobs == before:
            return False
        self._links = None
        return True

    def links(self) -> Mapping[str, str]:
        """What each symbolic link names, as it is written, by the path of the link."""
        if self._links is None:
            self._links = link_targets(self._link_blobs, self._reader)
        return self._links

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
