"""What earlier runs left: the starting point of an incremental one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import duckdb

from auditor.model import ActorKind
from auditor.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviousRun:
    """The last run over a repository: what it saw, and everything that its results depend on.

    `left_unread`: some of the repository could not be read or judged, which another run may be able to. What a forge
    did not tell and a rule on changes could not answer is not of that kind: it takes no reading of history.
    """

    id: str
    tip: str
    status: str
    bundle_digest: str
    settings_digest: str
    parser_version: int
    engine: str
    finished_at: datetime
    positions: int
    generation: int | None
    results_digest: str | None
    judging_digest: str | None
    left_unread: bool


def previous_run(database: Database, repo: str) -> PreviousRun | None:
    """The last recorded run over `repo`; None where there is none. `positions` counts its landed commits.

    `generation` is None for a run from before there were any. The last in the order of recording, which no clock that was set back can change.
    """
    cursor = database.cursor()
    row = cursor.execute(
        "SELECT id, tip, status, bundle_digest, settings_digest, parser_version, engine, finished_at,"
        " generation, results_digest, judging_digest"
        " FROM trail.run WHERE repo = ? ORDER BY rowid DESC LIMIT 1",
        [repo],
    ).fetchone()
    if row is None:
        return None
    count = cursor.execute(
        "SELECT count(*) FROM trail.landing WHERE repo = ? AND generation = ? AND landed", [repo, row[8]]
    ).fetchone()
    unread = cursor.execute(
        "SELECT count(*) FROM trail.gap WHERE run = ? AND outcome = 'error'"
        " AND subject <> 'forge' AND NOT starts_with(subject, 'AUD-CHG-')",
        [row[0]],
    ).fetchone()
    return PreviousRun(
        id=row[0],
        tip=row[1],
        status=row[2],
        bundle_digest=row[3],
        settings_digest=row[4],
        parser_version=row[5],
        engine=row[6],
        finished_at=row[7],
        positions=count[0] if count else 0,
        generation=row[8],
        results_digest=row[9],
        judging_digest=row[10],
        left_unread=bool(unread and unread[0]),
    )


def generations(database: Database, repo: str) -> int:
    """How many readings of the repository's landing line there are; the last one's number."""
    row = (
        database.cursor()
        .execute("SELECT coalesce(max(generation), 0) FROM trail.generation WHERE repo = ?", [repo])
        .fetchone()
    )
    return int(row[0]) if row else 0


class RecordedLanding(NamedTuple):
    """How a generation read one commit."""

    sha: str
    landed: bool
    position: int | None
    landed_in: str
    actor_kind: ActorKind
    pull_request: str


def recorded_landings(database: Database, repo: str, generation: int) -> list[RecordedLanding]:
    """Every commit of a generation, those on the landing line in its order."""
    rows = (
        database.cursor()
        .execute(
            "SELECT sha, landed, position, landed_in, actor_kind, pull_request FROM trail.landing"
            " WHERE repo = ? AND generation = ? ORDER BY position, seq",
            [repo, generation],
        )
        .fetchall()
    )
    return [
        RecordedLanding(sha, landed, position, landed_in, ActorKind(kind), request)
        for sha, landed, position, landed_in, kind, request in rows
    ]


def log_head(database: Database) -> tuple[int, bytes]:
    """Size and frontier of the trail's log after the last run; (0, b"") where there was none."""
    row = (
        database.cursor()
        .execute("SELECT size, frontier FROM trail.tree_head ORDER BY size DESC, rowid DESC LIMIT 1")
        .fetchone()
    )
    return (row[0], row[1]) if row else (0, b"")


def location_of(database: Database, repo: str) -> str | None:
    """Where the repository of that name was read from; None where it is not known yet."""
    row = database.cursor().execute("SELECT location FROM trail.repository WHERE repo = ?", [repo]).fetchone()
    return row[0] if row else None


def known_rows(
    database: Database, table: str, repo: str, column: str, values: Iterable[str]
) -> Iterator[tuple[Any, ...]]:
    """Rows of a base table (without repo) whose `column` is among the values."""
    cursor = database.cursor()
    result = cursor.execute(
        f"SELECT * EXCLUDE (repo) FROM trail.{table} WHERE repo = ? AND {column} IN (SELECT unnest(?))",  # noqa: S608
        [repo, list(values)],
    )
    while rows := result.fetchmany(10_000):
        yield from rows


def known_pairs(
    cursor: duckdb.DuckDBPyConnection, repo: str, pairs: Sequence[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of the (old digest, new digest) pairs whose fields are recorded."""
    rows = cursor.execute(
        "SELECT DISTINCT old_digest, new_digest FROM trail.field_diff WHERE repo = ?"
        " AND (old_digest, new_digest) IN (SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))",
        [repo, [pair[0] for pair in pairs], [pair[1] for pair in pairs]],
    ).fetchall()
    return {(old, new) for old, new in rows}


def rows_of(database: Database, table: str, repo: str, where: str = "true") -> Iterator[tuple[Any, ...]]:
    """All rows of a base table for one repository, without repo, in the table's column order."""
    result = database.cursor().execute(
        f"SELECT * EXCLUDE (repo) FROM trail.{table} WHERE repo = ? AND {where}",  # noqa: S608 - both are ours
        [repo],
    )
    while rows := result.fetchmany(10_000):
        yield from rows
