"""Findings about the waivers themselves: expired, about nothing, not in order. They are of the tip, as far as runs saw it.

A waiver expires by the calendar and not by a commit, so no landing opens such a finding: of an expired one the day is
known (`opened_at`), of the others only when a run first said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from auditor.findings.fingerprint import fingerprint
from auditor.pipeline.records.waived import Accepted
from auditor.policy.builtin_waivers import EXPIRED_WAIVER, UNUSED_WAIVER, WRONG_WAIVER
from auditor.policy.library import Library
from auditor.store.writer import Writer

SOURCE = "waiver"
_ROWS = "SELECT * FROM trail.finding WHERE repo = ? AND source = 'waiver' ORDER BY id, occurrence"
_ID, _OCCURRENCE, _PATH, _OPENED_AT, _FIXED_SHA, _FIXED_AT, _FIXED_PATH = 0, 1, 11, 17, 18, 20, 26
_DETECTED = slice(21, 23)

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverRun:
    """The run that says it. `complete` is False where something was not evaluated: nothing then fits nothing for sure."""

    repo: str
    run: str
    tip: str
    now: datetime
    engine: str
    library: Library
    disabled: frozenset[str]
    complete: bool
    redact: Callable[[str], str]


def earlier_waiver_findings(writer: Writer, repo: str) -> list[Row]:
    """The rows of trail.finding about waivers, before a run that reads all anew takes them away."""
    return writer.execute(_ROWS, [repo]).fetchall()


def record_waiver_findings(
    writer: Writer, accepted: Accepted, earlier: list[Row], said: WaiverRun
) -> frozenset[str]:
    """Writes what is wrong with the waivers now, and what no longer is; the ids of the rows that are not as before."""
    open_now: dict[str, Row] = {}
    latest: dict[str, Row] = {}
    rows: list[Row] = []
    for row in earlier:
        latest[row[_ID]] = row
        if row[_FIXED_SHA] == "":
            open_now[row[_ID]] = row
        else:
            rows.append(row)
    for row in _now(accepted, said):
        known = open_now.pop(row[_ID], None)
        if known is not None:
            kept = list(row)
            kept[_OCCURRENCE], kept[_OPENED_AT] = known[_OCCURRENCE], known[_OPENED_AT]
            kept[_DETECTED] = known[_DETECTED]
            rows.append(tuple(kept))
        else:
            before = latest.get(row[_ID])
            rows.append((row[0], before[_OCCURRENCE] + 1 if before else 1, *row[2:]))
    for row in open_now.values():
        gone = list(row)
        gone[_FIXED_SHA], gone[_FIXED_AT], gone[_FIXED_PATH] = said.tip, said.now, row[_PATH]
        rows.append(tuple(gone))
    writer.execute("DELETE FROM trail.finding WHERE repo = ? AND source = 'waiver'", [said.repo])
    writer.append("finding", sorted(rows, key=lambda row: (row[_ID], row[_OCCURRENCE])))
    before_ids = {row[_ID] for row in set(earlier) - set(rows)}
    return frozenset(before_ids | {row[_ID] for row in set(rows) - set(earlier)})


def record_waiver_results(writer: Writer, said: WaiverRun) -> None:
    """How many waivers each of the rules on them looked at, and found wrong: the rows of trail.rule_result.

    Called where the waivers and the findings about them are written. A rule that is disabled has no row.
    """
    written = dict(
        writer.execute(
            "SELECT source, count(*) FROM trail.waiver WHERE repo = ? GROUP BY source", [said.repo]
        ).fetchall()
    )
    failed = dict(
        writer.execute(
            "SELECT rule_id, count(*) FROM trail.finding WHERE repo = ? AND source = 'waiver' AND fixed_sha = ''"
            " GROUP BY rule_id",
            [said.repo],
        ).fetchall()
    )
    in_file, wrong = written.get("waiver", 0), failed.get(WRONG_WAIVER, 0)
    results = {
        EXPIRED_WAIVER: (in_file, failed.get(EXPIRED_WAIVER, 0), 0, 0),
        # Where something was not evaluated, nothing is known to excuse nothing.
        UNUSED_WAIVER: (in_file, failed.get(UNUSED_WAIVER, 0), 0, 0) if said.complete else (0, 0, in_file, 0),
        WRONG_WAIVER: (sum(written.values()) + wrong, wrong, 0, 0),
    }
    writer.execute(
        "DELETE FROM trail.rule_result WHERE repo = ? AND rule_id IN (SELECT unnest(?::VARCHAR[]))",
        [said.repo, sorted(results)],
    )
    writer.append(
        "rule_result",
        ((said.repo, rule, *counts) for rule, counts in results.items() if rule not in said.disabled),
    )


def _now(accepted: Accepted, said: WaiverRun) -> Iterator[Row]:
    """One row for each thing that is wrong, once an id."""
    today = said.now.astimezone(UTC).date()
    waivers, seen = accepted.waivers, set[str]()
    found: list[tuple[str, str, int, str, str, date | None]] = [
        (
            EXPIRED_WAIVER,
            accepted.path,
            one.line,
            one.label,
            f"the waiver of {one.label} has expired on {one.expires}",
            one.expires,
        )
        for one in waivers.expired(today)
    ]
    if said.complete:
        found += [
            (
                UNUSED_WAIVER,
                accepted.path,
                one.line,
                one.label,
                f"the waiver of {one.label} excuses nothing",
                None,
            )
            for one in waivers.unused(today)
            if one.rule not in said.disabled
        ]
    found += [(WRONG_WAIVER, accepted.path, one.line, "", one.message, None) for one in waivers.mistakes]
    found += [(WRONG_WAIVER, path, one.line, "", one.message, None) for path, one in accepted.mistakes]
    for rule_id, path, line, label, message, since in found:
        if rule_id in said.disabled:
            continue
        name = said.redact(label or path)
        identity = fingerprint(rule_id, "", "", "Waiver", "", name, "" if label else said.redact(message))
        if identity in seen:
            continue
        seen.add(identity)
        yield _row(said, identity, rule_id, path, line, name, message, since)


def _row(
    said: WaiverRun,
    identity: str,
    rule_id: str,
    path: str,
    line: int,
    name: str,
    message: str,
    since: date | None,
) -> Row:
    opened = datetime.combine(since, time(), UTC) if since else None
    shown = said.redact(path)
    return (
        identity, 1, said.repo, rule_id, said.library.severity(rule_id).value, SOURCE, "", "", "Waiver", "", name,
        shown, line, "", said.redact(message), "", "", opened, "", "", None, said.now, said.run, "", said.engine,
        shown, "", False, False,
    )  # fmt: skip
