"""Work for the processes that read blobs, cut by path so that both sides of a change meet in one process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, TypeVar

from auditor.git.tree import REGULAR_MODES
from auditor.model import FileChange
from auditor.pipeline.mining.contents import ReadingAt, content_key, reading_of

BATCH = 250
"""Blobs a task: some 500 documents, which is what OPA answers best at a time."""


class WantedBlob(NamedTuple):
    """A blob to read, and how. `known`: its row is not wanted (any more), only what differs from it.

    `profiles` name the parameters by which its documents are to be judged: '' for those that hold in general.
    """

    blob: str
    reading: str
    known: bool
    profiles: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The reading's `content_key`."""
        return content_key(self.blob, self.reading)


class ReadingTask(NamedTuple):
    """Blobs for one process, each reading once, and the pairs of their keys (old, new; '' for no file) to compare."""

    blobs: tuple[WantedBlob, ...]
    pairs: tuple[tuple[str, str], ...]


class DigestPair(NamedTuple):
    """Two versions of a resource and the contents (by `content_key`) that hold them; '' for a version that is not
    there."""

    old_key: str
    old_digest: str
    new_key: str
    new_digest: str


def plan(
    changes: Iterable[FileChange],
    *,
    counts: Callable[[str], bool],
    reading_at: ReadingAt,
    also: Iterable[tuple[str, str]] = (),
    known: Collection[str] = (),
    profile_at: Callable[[str], str] | None = None,
    is_judged: Callable[[str, str], bool] = lambda key, profile: True,
) -> list[ReadingTask]:
    """Tasks that read every readable file of the changes (oldest first) once, and compare what each changed.

    `counts` says whether a path is read, `reading_at` how; `also` are (path, blob) that are needed besides. Of the
    `known` readings (by `content_key`) only differences are wanted. `profile_at` names the parameters by which what
    stands at a path is judged, None where there are only those for all; `is_judged` says whether a known reading has
    been, by parameters of that name.
    """
    profiles = _Profiles(profile_at, is_judged)
    chains: list[list[tuple[str, str]]] = []
    at: dict[str, list[tuple[str, str]]] = {}
    for change in changes:
        old_path = change.old_path or change.path
        old = change.old_blob if change.old_mode in REGULAR_MODES and counts(old_path) else ""
        new = change.new_blob if change.new_mode in REGULAR_MODES and counts(change.path) else ""
        if not old and not new:
            continue
        chain = at.pop(old_path, None)
        if chain is None:
            chain = []
            chains.append(chain)
        at[change.path] = chain
        pair = (content_key(old, reading_at(old_path)), content_key(new, reading_at(change.path)))
        chain.append(pair)
        profiles.need(old_path, pair[0])
        profiles.need(change.path, pair[1])
    steps = [(pair, True) for chain in chains for pair in chain]
    # What stood in the tree that a scan goes on from was judged there.
    steps.extend((("", content_key(blob, reading_at(path))), False) for path, blob in also)
    return _tasks(steps, set(known), profiles)


class _Profiles:
    """By which parameters each reading (by `content_key`) is to be judged: those of every path that it stands at."""

    def __init__(
        self, profile_at: Callable[[str], str] | None, is_judged: Callable[[str, str], bool]
    ) -> None:
        self._profile_at = profile_at
        self._is_judged = is_judged
        self._needed: dict[str, dict[str, None]] = {}

    def need(self, path: str, key: str) -> None:
        """The reading stands at a path."""
        if key and self._profile_at is not None:
            self._needed.setdefault(key, {})[self._profile_at(path)] = None

    def take(self, key: str, *, is_known: bool) -> tuple[str, ...]:
        """The names for whoever reads it first; nothing is left for who reads it again."""
        if self._profile_at is None:
            return () if is_known else ("",)
        names = tuple(self._needed.pop(key, ()))
        return tuple(name for name in names if not self._is_judged(key, name)) if is_known else names


def _tasks(
    steps: Iterable[tuple[tuple[str, str], bool]], known: set[str], profiles: _Profiles
) -> list[ReadingTask]:
    """Cuts the steps, each a pair of keys and whether to compare them, into tasks."""
    tasks: list[ReadingTask] = []
    blobs: dict[str, WantedBlob] = {}
    pairs: list[tuple[str, str]] = []
    seen: set[tuple[str, str]] = set()
    for pair, is_compared in steps:
        if pair in seen or (not is_compared and pair[1] in known):
            continue
        if len(blobs) >= BATCH:
            tasks.append(ReadingTask(tuple(blobs.values()), tuple(pairs)))
            blobs, pairs = {}, []
        for key in pair:
            if key and key not in blobs:
                is_known = key in known
                wanted = profiles.take(key, is_known=is_known)
                blobs[key] = WantedBlob(*reading_of(key), known=is_known, profiles=wanted)
                known.add(key)
        if is_compared:
            seen.add(pair)
            pairs.append(pair)
    if blobs:
        tasks.append(ReadingTask(tuple(blobs.values()), tuple(pairs)))
    return tasks


Item = TypeVar("Item")


def cut(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """The items in parts of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]
