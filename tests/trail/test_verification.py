"""A log is held against itself, its heads and what others say: whatever was done to it is told, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.trail.log import Log
from auditor.trail.verification import MOST_TOLD, Claim, LogReport, check_log

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Stored:
    """What a database of three runs holds: tables, leaves and heads, to be tampered with."""

    def __init__(self) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = {
            "generation": [],
            "file_change": [],
            "field_diff": [],
            "commit_loss": [],
        }
        self.leaves: list[tuple[int, bytes]] = []
        self.heads: list[Claim] = []
        log = Log()
        for run in range(3):
            log = Log(log.size, log.frontier())
            self._add(log, "generation", [("r", run + 1, f"run-{run}", "first")])
            change = ("r", f"sha-{run}", "a.yaml", "", "modified", "b0", "b1", "100644", "100644")
            self._add(log, "file_change", [change, (*change[:2], "b.yaml", *change[3:])])
            pair = ("r", f"d{run}", f"d{run + 1}")
            self._add(log, "field_diff", [(*pair, "/spec/x", "1", None), (*pair, "/spec/y", None, "2")])
            self._add(log, "commit_loss", [("r", f"sha-{run}", True, NOW, f"run-{run}")])
            self.leaves += list(log.leaves())
            self.heads.append(
                Claim(size=log.size, root=log.root(), frontier=log.frontier(), by=f"head of run-{run}")
            )

    def _add(self, log: Log, table: str, rows: list[tuple[Any, ...]]) -> None:
        self.tables[table] += list(log.numbered(table, rows))

    def reread(self, claims: tuple[Claim, ...] = ()) -> LogReport:
        return check_log(
            leaves=self.leaves,
            leaf_count=len(self.leaves),
            tables=self.tables,
            row_count=sum(map(len, self.tables.values())),
            heads=self.heads,
            claims=claims,
        )

    def rebuilt(self, table: str, at: int, row: tuple[Any, ...]) -> Stored:
        """What somebody leaves who changes a record and makes leaves, heads and frontiers anew."""
        changed = Stored()
        rows = {name: list(entries) for name, entries in self.tables.items()}
        rows[table][at] = row
        everything = sorted(
            ((entry[-1], name) for name, entries in rows.items() for entry in entries), key=lambda e: e[0]
        )
        log, heads, done = Log(), [], set()
        for seq, name in everything:
            if seq in done:
                continue
            done.add(seq)
            members = [entry[:-1] for entry in rows[name] if entry[-1] == seq]
            list(log.numbered(name, members))
            for head in self.heads:
                if head.size == log.size:
                    heads.append(replace(head, root=log.root(), frontier=log.frontier()))
        changed.tables, changed.leaves, changed.heads = rows, list(log.leaves()), heads
        return changed


def test_a_log_that_nobody_touched() -> None:
    stored = Stored()
    report = stored.reread((Claim(size=5, root=stored.heads[0].root, by="outside"), *stored.heads))
    assert report.wrong == []
    assert report.size == 15
    assert report.records == {"generation": 3, "file_change": 6, "field_diff": 3, "commit_loss": 3}
    assert report.root == stored.heads[-1].root


def test_an_empty_log() -> None:
    report = check_log(leaves=[], leaf_count=0, tables={}, row_count=0, heads=[], claims=[])
    assert (report.wrong, report.size) == ([], 0)


def test_a_changed_row_is_named() -> None:
    stored = Stored()
    row = stored.tables["file_change"][3]
    stored.tables["file_change"][3] = (*row[:6], "other", *row[7:])
    assert stored.reread().wrong[0] == (
        "file_change 7 (repo r, sha sha-1, path b.yaml): differs from its leaf, so it is not what was recorded"
    )
    assert "it is the records that were changed" in " ".join(stored.reread().wrong)
    assert "a record was changed, dropped or moved at a place from 5 to 9" in stored.reread().wrong[-1]


def test_a_changed_leaf_is_not_blamed_on_the_record() -> None:
    stored = Stored()
    stored.leaves[7] = (7, b"x" * 32)
    told = stored.reread().wrong
    assert told[0].startswith("file_change 7 (repo r, sha sha-1, path b.yaml): differs from its leaf")
    assert told[1:] == ["the records fit every head and checkpoint: it is the leaves that were changed"]


def test_a_missing_row_a_missing_leaf_and_both() -> None:
    stored = Stored()
    del stored.tables["commit_loss"][1]
    assert "place 9: the record is missing, its leaf is there" in stored.reread().wrong
    stored = Stored()
    del stored.leaves[3]
    assert (
        stored.reread()
        .wrong[0]
        .endswith("field_diff 3 (repo r, old_digest d0, new_digest d1): its leaf is missing")
    )
    stored = Stored()
    stored.tables["commit_loss"] = []
    stored.leaves = [leaf for leaf in stored.leaves if leaf[0] not in (4, 9, 14)]
    assert {"place 4: record and leaf are missing", "place 9: record and leaf are missing"} <= set(
        stored.reread().wrong
    )


def test_a_field_more_or_less_in_a_pair_is_named() -> None:
    for change in (
        lambda rows: rows.pop(1),
        lambda rows: rows.insert(1, (*rows[0][:3], "/spec/z", None, "3", 3)),
    ):
        stored = Stored()
        change(stored.tables["field_diff"])
        assert (
            stored.reread()
            .wrong[0]
            .startswith("field_diff 3 (repo r, old_digest d0, new_digest d1): differs")
        )
    stored = Stored()
    stored.tables["field_diff"].append((*stored.tables["field_diff"][0][:3], "/spec/z", None, "3", 3))
    assert stored.reread().wrong[0].endswith("the place 3 is taken by another")


def test_two_records_that_changed_places_are_both_named() -> None:
    stored = Stored()
    rows = stored.tables["file_change"]
    rows[0], rows[1] = (*rows[1][:-1], rows[0][-1]), (*rows[0][:-1], rows[1][-1])
    assert [text.split(" (")[0] for text in stored.reread().wrong[:2]] == ["file_change 1", "file_change 2"]


def test_a_record_added_at_the_end_without_a_head() -> None:
    stored = Stored()
    log = Log(15, stored.heads[-1].frontier or b"")
    stored.tables["generation"] += list(log.numbered("generation", [("r", 9, "forged", "first")]))
    assert (
        "generation 15 (repo r, generation 9): there is no place 15 in a log of 15" in stored.reread().wrong
    )
    stored.leaves += list(log.leaves())
    assert stored.reread().wrong == ["the log holds 16 records, its last tree head says 15"]


def test_the_last_run_lost_with_its_leaves_and_head_shows_only_by_what_is_kept_elsewhere() -> None:
    """What a flipped byte in DuckDB's log beside the file can do."""
    stored = Stored()
    kept = stored.heads[-1]
    for rows in stored.tables.values():
        rows[:] = [row for row in rows if row[-1] < 10]
    stored.leaves, stored.heads = stored.leaves[:10], stored.heads[:2]
    assert stored.reread().wrong == []
    told = stored.reread((replace(kept, by="checkpoint in /mnt"),)).wrong
    assert told == [
        "checkpoint in /mnt: there were 15 records, now there are 10: records are lost, or an older copy of the"
        " database stands here"
    ]


def test_who_makes_everything_anew_is_caught_by_a_checkpoint_elsewhere() -> None:
    stored = Stored()
    row = stored.tables["file_change"][2]
    forged = stored.rebuilt("file_change", 2, (*row[:6], "other", *row[7:]))
    assert forged.reread().wrong == []
    outside = tuple(replace(head, by=f"outside {head.size}") for head in stored.heads)
    assert forged.reread(outside).wrong == [
        "outside 10: the first 10 records are not those that it was made of",
        "outside 15: the first 15 records are not those that it was made of",
        "so a record was changed, dropped or moved at a place from 5 to 9",
    ]
    assert forged.reread(outside[:1]).wrong == []  # nothing after the last outside checkpoint is proven


def test_damaged_heads() -> None:
    stored = Stored()
    stored.heads[1] = replace(stored.heads[1], frontier=b"x" * 64)
    assert stored.reread().wrong[0] == "head of run-1: the first 10 records are not those that it was made of"
    stored = Stored()
    stored.heads[2] = replace(stored.heads[2], size=2**60)
    assert any("1,152,921,504,606,846,976" in text for text in stored.reread().wrong)
    stored = Stored()
    stored.heads = []
    assert stored.reread().wrong == ["the log holds 15 records and no tree head"]
    stored = Stored()
    stored.heads.reverse()
    assert any("out of order" in text for text in stored.reread().wrong)


def test_a_value_that_no_record_can_hold_is_told_and_does_not_end_the_check() -> None:
    stored = Stored()
    row = stored.tables["generation"][0]
    stored.tables["generation"][0] = ("r", b"\xff", *row[2:])
    assert any("cannot have been recorded as it is" in text for text in stored.reread().wrong)


def test_very_many_differences_are_counted() -> None:
    log = Log()
    rows = list(log.numbered("generation", [("r", n, "x", "first") for n in range(MOST_TOLD + 50)]))
    heads = [Claim(size=log.size, root=log.root(), by="head")]
    leaves = [(seq, b"x" * 32) for seq, _ in log.leaves()]
    report = check_log(
        leaves=leaves,
        leaf_count=len(leaves),
        tables={"generation": rows},
        row_count=len(rows),
        heads=heads,
        claims=[],
    )
    assert len(report.wrong) == MOST_TOLD
    assert report.untold >= 50


@pytest.mark.parametrize("table", ["generation", "file_change", "field_diff", "commit_loss"])
@given(data=st.data())
def test_no_single_change_of_any_column_goes_unnoticed(table: str, data: st.DataObject) -> None:
    stored = Stored()
    rows = stored.tables[table]
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[at]) - 1))
    old = rows[at][column]
    changes: Any
    if isinstance(old, bool):
        changes = st.just(not old)
    elif isinstance(old, int):
        changes = st.integers(-2, 40)
    elif isinstance(old, datetime):
        changes = st.datetimes(timezones=st.just(UTC))
    else:
        changes = st.text(max_size=4) | (st.none() if table == "field_diff" and column > 3 else st.nothing())
    new = data.draw(changes.filter(lambda value: value != old))
    rows[at] = (*rows[at][:column], new, *rows[at][column + 1 :])
    assert stored.reread().wrong
