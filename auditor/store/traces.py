"""Where the fields of rendered findings come from, as the last run told it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from auditor.store.database import Database
from auditor.store.writer import Writer


class TraceRow(NamedTuple):
    """One place of a trace; columns of trail.trace after repo."""

    finding: str
    position: int
    path: str
    line: int
    column: int
    what: str
    exact: bool
    sha: str
    key: str


def stored_traces(database: Database, repo: str) -> dict[str, list[TraceRow]]:
    """The places of every trace that may be used again, in their order, by key. Uses a cursor of its own."""
    rows = (
        database.cursor()
        .execute(
            'SELECT finding, position, path, line, "column", what, exact, sha, key FROM trail.trace'
            " WHERE repo = ? AND key <> '' ORDER BY finding, position",
            [repo],
        )
        .fetchall()
    )
    found: dict[str, list[TraceRow]] = {}
    for row in rows:
        found.setdefault(row[-1], []).append(TraceRow(*row))
    return found


def record_traces(writer: Writer, repo: str, rows: Iterable[TraceRow]) -> None:
    """Replaces what was stored of the repository."""
    writer.replace("trace", ((repo, *row) for row in rows), repo=repo)


def landed_versions(
    database: Database, repo: str, paths: Iterable[str]
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Every recorded landing that changed these paths, newest first, by path: (sha, path before, old blob, new blob)."""
    rows = (
        database.cursor()
        .execute(
            "SELECT f.path, f.sha, f.old_path, f.old_blob, f.new_blob FROM file_changes f"
            " JOIN commits c ON c.repo = f.repo AND c.sha = f.sha AND c.landed"
            " WHERE f.repo = ? AND f.path IN (SELECT unnest(?::VARCHAR[])) ORDER BY c.position DESC",
            [repo, sorted(paths)],
        )
        .fetchall()
    )
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for path, *rest in rows:
        found.setdefault(path, []).append((rest[0], rest[1], rest[2], rest[3]))
    return found
