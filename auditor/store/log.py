"""The log's tables: every SQL that signing, proving and verifying the trail needs.

What a record is, and how a tree is made of them, is said in auditor/trail; here are rows and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

Cursor = duckdb.DuckDBPyConnection
BATCH_ROWS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeHead:
    """The tree after one run."""

    size: int
    root: bytes
    frontier: bytes
    run: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedRun:
    """The last run over a repository. `seq` is None for one from before there was a log."""

    id: str
    repo: str
    seq: int | None
    results_digest: str | None


def tree_heads(cursor: Cursor) -> list[TreeHead]:
    """Every head, in the order of recording."""
    rows = cursor.execute(
        "SELECT size, root, frontier, run, recorded_at FROM trail.tree_head ORDER BY rowid"
    ).fetchall()
    return [TreeHead(size=s, root=r, frontier=f, run=n, recorded_at=t) for s, r, f, n, t in rows]


def newest_head(cursor: Cursor) -> TreeHead | None:
    """The tree after the last run; None where there was none."""
    row = cursor.execute(
        "SELECT size, root, frontier, run, recorded_at FROM trail.tree_head"
        " ORDER BY size DESC, rowid DESC LIMIT 1"
    ).fetchone()
    return (
        TreeHead(size=row[0], root=row[1], frontier=row[2], run=row[3], recorded_at=row[4]) if row else None
    )


def has_head(cursor: Cursor, size: int, root: bytes) -> bool:
    """Whether the tree had that root when it had that size, by what the database says."""
    found = cursor.execute("SELECT 1 FROM trail.tree_head WHERE size = ? AND root = ? LIMIT 1", [size, root])
    return found.fetchone() is not None


def stored_notes(cursor: Cursor) -> list[str]:
    """The signed notes that the database keeps, oldest first."""
    rows = cursor.execute("SELECT note FROM trail.checkpoint ORDER BY rowid").fetchall()
    return [row[0] for row in rows]


def add_checkpoint(
    cursor: Cursor, *, size: int, root: str, signed_at: datetime, key_id: str, note: str
) -> None:
    """Keeps a signed head; `root` in base64."""
    cursor.execute(
        "INSERT INTO trail.checkpoint (size, root, signed_at, key_id, note) VALUES (?, ?, ?, ?, ?)",
        [size, root, signed_at, key_id, note],
    )


def leaf_rows(cursor: Cursor) -> Iterator[tuple[int, bytes]]:
    """(seq, hash) of every leaf as stored, in no promised order."""
    return _streamed(cursor.execute("SELECT seq, hash FROM trail.leaf"))


def leaf_count(cursor: Cursor) -> int:
    """How many leaves are stored."""
    row = cursor.execute("SELECT count(*) FROM trail.leaf").fetchone()
    return int(row[0]) if row else 0


def record_count(cursor: Cursor, table: str) -> int:
    """How many rows a record table has."""
    row = cursor.execute(f"SELECT count(*) FROM trail.{table}").fetchone()  # noqa: S608 - ours
    return int(row[0]) if row else 0


def joined_leaves(cursor: Cursor, size: int) -> bytes:
    """The hashes of the first `size` leaves in their order, joined; shorter where some are missing."""
    result = cursor.execute("SELECT hash FROM trail.leaf WHERE seq < ? ORDER BY seq", [size])
    return b"".join(row[0] for row in _streamed(result))


def record_rows(
    cursor: Cursor, table: str, columns: Sequence[str], where: str = "true", values: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """Rows of a record table: the columns and, last, seq. In the order of recording.

    Runs from before there was a log have no seq, and are no records; see `unlogged_runs`.
    """
    listed = ", ".join(f'"{column}"' for column in columns)
    sql = f"SELECT {listed}, seq FROM trail.{table} WHERE seq IS NOT NULL AND ({where})"  # noqa: S608 - ours
    return _streamed(cursor.execute(sql, list(values)))


def record_tables(cursor: Cursor) -> set[str]:
    """The tables whose rows are records, by the database: those that have a seq (the leaves apart)."""
    rows = cursor.execute(
        "SELECT table_name FROM duckdb_columns() WHERE database_name = current_database()"
        " AND schema_name = 'trail' AND column_name = 'seq' AND table_name <> 'leaf'"
    ).fetchall()
    return {row[0] for row in rows}


def unlogged_runs(cursor: Cursor) -> int:
    """Runs from before there was a log: nothing proves them."""
    row = cursor.execute("SELECT count(*) FROM trail.run WHERE seq IS NULL").fetchone()
    return int(row[0]) if row else 0


def last_runs(cursor: Cursor, repo: str = "") -> list[RecordedRun]:
    """The last run of each repository (or of that one), in the order of recording."""
    rows = cursor.execute(
        "SELECT arg_max(id, rowid), repo, arg_max(seq, rowid), arg_max(results_digest, rowid)"
        " FROM trail.run WHERE ? = '' OR repo = ? GROUP BY repo ORDER BY repo",
        [repo, repo],
    ).fetchall()
    return [RecordedRun(id=r[0], repo=r[1], seq=r[2], results_digest=r[3]) for r in rows]


def finding_shas(cursor: Cursor, finding: str) -> list[tuple[str, str, str]]:
    """(repo, commit that opened it, commit that fixed it) of each occurrence of a finding; '' where unknown."""
    return cursor.execute(
        "SELECT repo, opened_sha, fixed_sha FROM trail.finding WHERE id = ? ORDER BY occurrence", [finding]
    ).fetchall()


def _streamed(result: Cursor) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(BATCH_ROWS):
        yield from rows
