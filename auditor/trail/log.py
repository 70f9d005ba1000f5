"""The log that records are appended to: it gives each its place, its leaf hash, and the tree's root after it.

The frontier (the roots of the tree's complete subtrees, largest first) is all that a run needs of the earlier ones:
RFC 6962's tree over `size` leaves has one complete subtree for every bit that is set in `size`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from auditor.errors import TrailError
from auditor.trail.records import RECORD_KINDS, canonical, field_diff_record, fields_json

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves (RFC 6962, section 2.1)."""


class Log:
    """Appends records to a tree of `size` leaves with that `frontier`; `Log()` begins an empty one.

    Raises TrailError where the two do not belong together. Not for several threads at once.
    """

    def __init__(self, size: int = 0, frontier: bytes = b"") -> None:
        if size < 0 or len(frontier) != HASH_BYTES * size.bit_count():
            raise TrailError(
                f"the log's head is damaged: {len(frontier)} bytes of frontier do not belong to {size} records",
                hint="`auditor trail verify` says what is wrong",
            )
        self._start = size
        self._frontier = frontier
        self._new = bytearray()
        self._folded = (size, frontier)

    @property
    def size(self) -> int:
        """How many records the log holds, the new ones included: the next record's place."""
        return self._start + len(self._new) // HASH_BYTES

    def add(self, record: bytes) -> int:
        """Appends one canonical record; its place."""
        seq = self.size
        self._new += hashlib.sha256(b"\x00" + record).digest()
        return seq

    def numbered(self, kind: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Appends each row (in the table's order, without seq) as a record, and gives it with its seq at the end.

        The rows of a grouped kind must come group after group; all of a group get one seq.
        """
        if RECORD_KINDS[kind].group:
            yield from self._grouped(rows)
            return
        record_of = canonical(kind)
        sha256 = hashlib.sha256
        new = self._new
        for row in rows:
            record = record_of(row)
            seq = self._start + len(new) // HASH_BYTES
            new += sha256(b"\x00" + record).digest()
            yield (*row, seq)

    def _grouped(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for (repo, old, new), members in groupby(rows, key=itemgetter(0, 1, 2)):
            group = list(members)
            seq = self.add(field_diff_record(repo, old, new, fields_json(row[3:6] for row in group)))
            for row in group:
                yield (*row, seq)

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """Place and hash of each record that was appended here: the rows of trail.leaf."""
        new = self._new
        for at in range(0, len(new), HASH_BYTES):
            yield self._start + at // HASH_BYTES, bytes(new[at : at + HASH_BYTES])

    def frontier(self) -> bytes:
        """The roots of the complete subtrees, largest first, 32 bytes each."""
        done, frontier = self._folded
        if done != self.size:
            new = bytes(self._new[(done - self._start) * HASH_BYTES :])
            self._folded = (self.size, folded(done, frontier, new))
        return self._folded[1]

    def root(self) -> bytes:
        """The tree's root over all records: 32 bytes."""
        return root_of(self.frontier())


def folded(size: int, frontier: bytes, leaves: bytes) -> bytes:
    """The frontier of a tree of `size` leaves after more `leaves` (their hashes, joined). Level by level."""
    sha256 = hashlib.sha256
    waiting = [frontier[at : at + HASH_BYTES] for at in range(0, len(frontier), HASH_BYTES)]
    left_over: list[bytes] = []
    nodes = leaves
    while nodes:
        if size & 1:
            nodes = waiting.pop() + nodes
        size >>= 1
        if len(nodes) // HASH_BYTES % 2:
            left_over.append(nodes[-HASH_BYTES:])
            nodes = nodes[:-HASH_BYTES]
        nodes = b"".join(
            [sha256(b"\x01" + nodes[at : at + 64]).digest() for at in range(0, len(nodes), 2 * HASH_BYTES)]
        )
    return b"".join((*waiting, *reversed(left_over)))


def root_of(frontier: bytes) -> bytes:
    """The root of a tree by its frontier."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-HASH_BYTES:]
    for at in range(len(frontier) - 2 * HASH_BYTES, -1, -HASH_BYTES):
        root = hashlib.sha256(b"\x01" + frontier[at : at + HASH_BYTES] + root).digest()
    return root
