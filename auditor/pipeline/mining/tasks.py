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
    """A blob to read, and how. `known`: its row is not wanted (any more), only what differs from it."""

    blob: str
    reading: str
    known: bool

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
) -> list[ReadingTask]:
    """Tasks that read every readable file of the changes (oldest first) once, and compare what each changed.

    `counts` says whether a path is read, `reading_at` how; `also` are (path, blob) that are needed besides. Of the
    `known` readings (by `content_key`) only differences are wanted.
    """
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
        chain.append((content_key(old, reading_at(old_path)), content_key(new, reading_at(change.path))))
    steps = [(pair, True) for chain in chains for pair in chain]
    steps.extend((("", content_key(blob, reading_at(path))), False) for path, blob in also)
    return _tasks(steps, set(known))


def _tasks(steps: Iterable[tuple[tuple[str, str], bool]], known: set[str]) -> list[ReadingTask]:
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
                blobs[key] = WantedBlob(*reading_of(key), known=key in known)
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
