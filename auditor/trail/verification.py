"""Holds the records against their leaves, the leaves against the tree heads, and these against signed checkpoints.

A row that was changed differs from its leaf, and is named. Where row and leaf were changed together, the root
differs from every head and checkpoint that was made after it: then the heads tell between which of them it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from auditor.errors import TrailError
from auditor.trail.log import HASH_BYTES, folded, root_of
from auditor.trail.records import (
    RECORD_KINDS,
    RecordKind,
    Row,
    canonical,
    field_diff_record,
    fields_json,
    leaf_hash,
)

MOST_TOLD = 1_000
"""Wrong things that are told one by one; the others are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Somebody's word that the log had `size` records and this root. `by` says whose, for people."""

    size: int
    root: bytes
    by: str
    frontier: bytes | None = None


@dataclass(kw_only=True)
class LogReport:
    """What was found. `wrong` names each thing that is not as it was recorded; `untold` counts those beyond
    MOST_TOLD. `records` counts by table."""

    size: int
    root: bytes = b""
    records: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    untold: int = 0

    def tell(self, what: str) -> None:
        """Adds something that is wrong."""
        if len(self.wrong) < MOST_TOLD:
            self.wrong.append(what)
        else:
            self.untold += 1


def check_log(
    *,
    leaves: Iterable[tuple[int, bytes]],
    leaf_count: int,
    tables: Mapping[str, Iterable[Row]],
    row_count: int,
    heads: Sequence[Claim],
    claims: Sequence[Claim],
) -> LogReport:
    """Verifies a whole log.

    `tables` gives each record table's rows as stored, with seq as the last column; grouped records' rows side by
    side. `heads` are the database's own tree heads, oldest first; `claims` come from elsewhere. Some 65 bytes a
    record are held; rows are read once, as they come.
    """
    last = heads[-1].size if heads else 0
    # A damaged head must not make us reserve memory for records that cannot be there.
    size = max(leaf_count, last if last <= leaf_count + row_count else 0)
    report = LogReport(size=size)
    stored = _Places(size)
    for seq, leaf in leaves:
        if len(leaf) != HASH_BYTES or not stored.put(seq, leaf):
            report.tell(f"leaf {seq}: {_wrong_place(seq, size, stored)}")
    computed = _Places(size)
    for table, rows in tables.items():
        report.records[table] = sum(1 for _ in _checked(RECORD_KINDS[table], rows, stored, computed, report))
    _tell_gaps(stored, computed, report)
    if heads and last != size:
        report.tell(f"the log holds {size:,} records, its last tree head says {last:,}")
    for before, after in pairwise(heads):
        if after.size < before.size:
            report.tell(
                f"tree heads are out of order: {after.by} has {after.size:,} records after {before.size:,}"
            )
    if size and not heads:
        report.tell(f"the log holds {size:,} records and no tree head")
    report.root = _check_roots(stored, computed, [*heads, *claims], report)
    return report


class _Places:
    """A hash for each place of the log, or none."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.hashes = bytearray(HASH_BYTES * size)
        self.taken = bytearray(size)

    def put(self, seq: int, leaf: bytes) -> bool:
        """False where there is no such place, or it is taken."""
        if not 0 <= seq < self.size or self.taken[seq]:
            return False
        self.taken[seq] = 1
        self.hashes[seq * HASH_BYTES : seq * HASH_BYTES + HASH_BYTES] = leaf
        return True

    def get(self, seq: int) -> bytes:
        return bytes(self.hashes[seq * HASH_BYTES : seq * HASH_BYTES + HASH_BYTES])


def _checked(
    kind: RecordKind, rows: Iterable[Row], stored: _Places, computed: _Places, report: LogReport
) -> Iterator[None]:
    for seq, row, record in _records(kind, rows):
        yield
        if record is None:
            report.tell(f"{named(kind, row, seq)}: cannot have been recorded as it is")
            continue
        leaf = leaf_hash(record)
        if not computed.put(seq, leaf):
            report.tell(f"{named(kind, row, seq)}: {_wrong_place(seq, computed.size, computed)}")
        elif not stored.taken[seq]:
            report.tell(f"{named(kind, row, seq)}: its leaf is missing")
        elif stored.get(seq) != leaf:
            report.tell(f"{named(kind, row, seq)}: differs from its leaf, so it is not what was recorded")


def _records(kind: RecordKind, rows: Iterable[Row]) -> Iterator[tuple[int, Row, bytes | None]]:
    if kind.group:
        for (seq, repo, old, new), members in groupby(rows, key=lambda row: (row[-1], *row[:3])):
            group = list(members)
            fields = fields_json((pointer, before, after) for _, _, _, pointer, before, after, _ in group)
            record = field_diff_record(repo, old, new, fields)
            yield seq, group[0], record
        return
    record_of = canonical(kind.name)
    for row in rows:
        try:
            record = record_of(row[:-1])
        except (TrailError, ValueError, OverflowError):
            yield row[-1], row, None
        else:
            yield row[-1], row, record


def named(kind: RecordKind, row: Row, seq: int) -> str:
    """Which record it is, for people: table, place, and the columns that tell it from others."""
    values: dict[str, Any] = dict(zip(kind.columns, row, strict=False))
    return f"{kind.name} {seq} (" + ", ".join(f"{name} {values[name]}" for name in kind.named_by) + ")"


def _wrong_place(seq: int, size: int, places: _Places) -> str:
    if not 0 <= seq < size:
        return f"there is no place {seq} in a log of {size:,}"
    return f"the place {seq} is taken by another" if places.taken[seq] else "it is no hash"


def _tell_gaps(stored: _Places, computed: _Places, report: LogReport) -> None:
    if all(computed.taken):
        return
    states = (
        (
            seq,
            "the record is missing, its leaf is there"
            if stored.taken[seq]
            else "record and leaf are missing",
        )
        for seq, taken in enumerate(computed.taken)
        if not taken
    )
    for (_, text), members in groupby(enumerate(states), key=lambda at: (at[1][0] - at[0], at[1][1])):
        places = [seq for _, (seq, _) in members]
        span = f"place {places[0]}" if len(places) == 1 else f"places {places[0]} to {places[-1]}"
        report.tell(f"{span}: {text}")


def _check_roots(stored: _Places, computed: _Places, claims: Sequence[Claim], report: LogReport) -> bytes:
    """The root over the records as they are; over the leaf of one that is missing."""
    whole = bytes(stored.hashes)
    if report.wrong:
        for seq, taken in enumerate(computed.taken):
            if not taken and stored.taken[seq]:
                computed.put(seq, stored.get(seq))
        whole = bytes(computed.hashes)
    fits = _fitting(whole, claims, report.size)
    good = [claim for claim, fit in fits if fit]
    bad = [claim for claim, fit in fits if not fit]
    if bad and whole != bytes(stored.hashes):
        by_leaves = [claim for claim, fit in _fitting(bytes(stored.hashes), claims, report.size) if fit]
        if len(by_leaves) == len(claims):
            report.tell(
                "the stored leaves fit every head and checkpoint: it is the records that were changed"
            )
    elif whole != bytes(stored.hashes) and all(stored.taken) and claims:
        report.tell("the records fit every head and checkpoint: it is the leaves that were changed")
    for claim in bad:
        if claim.size > report.size:
            report.tell(
                f"{claim.by}: there were {claim.size:,} records, now there are {report.size:,}:"
                " records are lost, or an older copy of the database stands here"
            )
        else:
            report.tell(f"{claim.by}: the first {claim.size:,} records are not those that it was made of")
    if bad:
        first = min(claim.size for claim in bad)
        before = max((claim.size for claim in good if claim.size < first), default=0)
        if before < first <= report.size:
            report.tell(f"so a record was changed, dropped or moved at a place from {before} to {first - 1}")
    return root_of(folded(0, b"", whole))


def _fitting(leaves: bytes, claims: Sequence[Claim], size: int) -> list[tuple[Claim, bool]]:
    """Each claim with whether these leaves are what it was made of. One pass, whatever the number of claims."""
    found = []
    done, frontier = 0, b""
    for claim in sorted(claims, key=lambda claim: claim.size):
        if claim.size > size or claim.size < 0:
            found.append((claim, False))
            continue
        frontier = folded(done, frontier, leaves[done * HASH_BYTES : claim.size * HASH_BYTES])
        done = claim.size
        fits = root_of(frontier) == claim.root and claim.frontier in (None, frontier)
        found.append((claim, fits))
    return found
