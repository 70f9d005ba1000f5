"""Findings into the store: this run's beside what earlier runs said, and those of commits that were lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.findings.lifetimes import Lifetime, Lifetimes
from auditor.model import Commit, FileChange
from auditor.pipeline.declared.rendered import rendered_lifetimes
from auditor.pipeline.declared.seen import SeenAt
from auditor.pipeline.mining.attribution import Authors
from auditor.pipeline.records.rows import Earlier, Redact, finding_rows
from auditor.policy.library import Library
from auditor.store.writer import Writer

_LOST = "SELECT sha FROM trail.commit_loss WHERE repo = ? GROUP BY sha HAVING arg_max(lost, seq)"

_LOST_AT = -2
"""The place of `lost` in a row, from its end."""


@dataclass(frozen=True, kw_only=True)
class FindingsToRecord:
    """What one run says of findings.

    `fresh`: it looked at the whole history, and every row is said anew; `changes_anew`: every row about a change is.
    `commits` are the new ones, `changed_by` those whose landing was judged. `rendered` is what was seen in what is rendered, None where nothing was looked at; `positions` are those of all that
    landed where it is `fresh`; `rendered_since` is where what earlier runs rendered begins. `seen_at` says when a move of a ref was seen, by finding.
    `sources` are the files and lines that findings on what is rendered at the tip come from.
    `disabled` are rules that were not asked.
    """

    repo: str
    run: str
    now: datetime
    tip: str
    engine: str
    fresh: bool
    changes_anew: bool
    lifetimes: Lifetimes
    rendered: Sequence[SeenAt] | None
    positions: Mapping[str, int]
    rendered_since: int | None
    sources: Mapping[str, tuple[str, int]]
    of_changes: Sequence[Lifetime]
    seen_at: Mapping[str, datetime]
    commits: Mapping[str, Commit]
    changed_by: Mapping[str, Commit]
    authors: Authors
    library: Library
    disabled: frozenset[str]
    redact: Redact


def record_findings(writer: Writer, found: FindingsToRecord) -> Collection[str] | None:
    """Replaces what this run says anew; findings keep the moment at which a run first said so.

    The ids whose rows were written; None where all were.
    """
    lifetimes = found.lifetimes
    every = [*lifetimes.open.values(), *lifetimes.closed]
    rendered = []
    if found.rendered is not None:
        rendered = rendered_lifetimes(
            writer,
            found.repo,
            found.rendered,
            positions=found.positions if found.fresh else None,
            since=found.rendered_since,
            disabled=found.disabled,
        )
    lost: list[tuple[Any, ...]] = []
    if not found.fresh:
        every = [item for item in every if (item.sighting.id, item.occurrence) in lifetimes.touched]
    said_now = None if found.fresh else {item.sighting.id for item in (*every, *rendered, *found.of_changes)}
    earlier = _said_earlier(writer, found.repo, said_now)
    if found.fresh:
        lost = _rest_on_lost_commits(writer, found.repo)
        writer.execute("DELETE FROM trail.finding WHERE repo = ?", [found.repo])
    else:
        # What is rendered may show the same as what is written did, or will: one after the other, each with a row.
        said_again = [
            f"{item.sighting.source}#{item.sighting.id}#{item.occurrence}" for item in (*every, *rendered)
        ]
        writer.execute(
            "DELETE FROM trail.finding WHERE repo = ?"
            " AND (source || '#' || id || '#' || occurrence) IN (SELECT unnest(?::VARCHAR[]))",
            [found.repo, said_again],
        )
        if found.changes_anew:
            writer.execute(
                "DELETE FROM trail.finding WHERE repo = ? AND source = 'change' AND NOT coalesce(lost, false)",
                [found.repo],
            )
    every += rendered
    writer.append("finding", _rows(found, every, earlier, found.commits, found.authors))
    # A change is its landing commit's own: nobody else brought it in.
    of_changes = Authors(found.changed_by, {}, (), _shows_nothing)
    writer.append("finding", _rows(found, found.of_changes, earlier, found.changed_by, of_changes))
    writer.append("finding", _renumbered(lost, [*every, *found.of_changes]))
    return None if found.changes_anew else said_now


def _said_earlier(
    writer: Writer, repo: str, ids: Collection[str] | None
) -> dict[tuple[str, str, int], Earlier]:
    """What earlier runs said of findings (of all where `ids` is None), by id, opening commit and occurrence."""
    question = (
        "SELECT id, opened_sha, occurrence, detected_at, detected_run, opened_at, opened_by, opened_path"
        " FROM trail.finding WHERE repo = ? AND (? OR id IN (SELECT unnest(?::VARCHAR[])))"
    )
    rows = writer.execute(question, [repo, ids is None, sorted(ids or ())]).fetchall()
    return {(row[0], row[1], row[2]): Earlier(*row[3:]) for row in rows}


def _rows(
    found: FindingsToRecord,
    lifetimes: Iterable[Lifetime],
    earlier: Mapping[tuple[str, str, int], Earlier],
    commits: Mapping[str, Commit],
    authors: Authors,
) -> Iterator[tuple[Any, ...]]:
    return finding_rows(
        found.repo,
        lifetimes,
        rules={info.id: info for info in found.library.infos},
        advisory=found.library.advisory,
        commits=commits,
        authors=authors,
        earlier=earlier,
        seen_at=found.seen_at,
        sources=found.sources,
        now=found.now,
        redact=found.redact,
        run=found.run,
        engine=found.engine,
    )


def _shows_nothing(change: FileChange) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(), frozenset()


def _rest_on_lost_commits(writer: Writer, repo: str) -> list[tuple[Any, ...]]:
    """Rows of findings that a lost commit opened or fixed: a rewritten history does not take them away."""
    return writer.execute(
        f"SELECT * FROM trail.finding WHERE repo = ? AND opened_sha IN ({_LOST}) ORDER BY id, occurrence",  # noqa: S608 - ours
        [repo, repo],
    ).fetchall()


def _renumbered(rows: Iterable[tuple[Any, ...]], said: Iterable[Lifetime]) -> Iterator[tuple[Any, ...]]:
    """The kept rows as occurrences after those that are said now, marked as lost."""
    highest: dict[str, int] = {}
    for item in said:
        highest[item.sighting.id] = max(item.occurrence, highest.get(item.sighting.id, 0))
    for identity, _, *rest in rows:
        highest[identity] = highest.get(identity, 0) + 1
        yield (identity, highest[identity], *rest[:_LOST_AT], True, rest[-1])
