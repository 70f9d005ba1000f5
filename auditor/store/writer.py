"""The one writer: everything a run found, in one transaction.

A killed run leaves the state of the run before it; the next run starts from there. Rows go through DuckDB's
appender: as quick as Arrow tables (`executemany` makes some thousands a second), in half the memory, and
without importing pyarrow, which imports pandas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from auditor.errors import StoreError
from auditor.store.database import Database

_BATCH_ROWS = 10_000
"""Rows handed over at a time: generators of rows are never held whole."""


class Writer:
    """Writes base tables inside one transaction; see `writing`."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def append(self, table: str, rows: Iterable[Sequence[Any]]) -> int:
        """Adds rows, each with one value a column in the table's own order; the number of rows added."""
        added = 0
        appender = None
        for batch in _batches(rows):
            if appender is None:
                appender = self._cursor.appender(f"trail.{table}")
            appender.append_rows(batch)
            appender.flush()
            added += len(batch)
        return added

    def append_fields(self, rows: Iterable[Sequence[Any]]) -> None:
        """Adds rows of trail.field_diff given by pair: (repo, old digest, new digest, fields, seq), where
        `fields` is the JSON array of [pointer, old value, new value]. DuckDB takes it apart, not Python."""
        self._cursor.execute(
            "CREATE TEMP TABLE field_stage"
            " (repo VARCHAR, old_digest VARCHAR, new_digest VARCHAR, fields VARCHAR, seq BIGINT)"
        )
        appender = self._cursor.appender("temp.field_stage")
        for batch in _batches(rows):
            appender.append_rows(batch)
            appender.flush()
        self._cursor.execute(
            """
            INSERT INTO trail.field_diff
            SELECT repo, old_digest, new_digest, f[1], f[2], f[3], seq
            FROM (SELECT * EXCLUDE (fields), unnest(from_json(fields, '[["VARCHAR"]]')) AS f FROM field_stage)
            """
        )
        self._cursor.execute("DROP TABLE field_stage")

    def replace(self, table: str, rows: Iterable[Sequence[Any]], *, repo: str | None = None) -> int:
        """Empties the table (or the rows of one repository) and adds these rows."""
        if repo is None:
            self._cursor.execute(f"DELETE FROM trail.{table}")  # noqa: S608 - table is ours
        else:
            self._cursor.execute(f"DELETE FROM trail.{table} WHERE repo = ?", [repo])  # noqa: S608
        return self.append(table, rows)

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The transaction's own connection: what reads through it sees what was written."""
        return self._cursor

    def execute(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> duckdb.DuckDBPyConnection:
        """Any other statement of the same transaction; parameters for `?` in order, or by name for `$name`."""
        return self._cursor.execute(sql, parameters if isinstance(parameters, Mapping) else list(parameters))


@contextmanager
def writing(database: Database) -> Iterator[Writer]:
    """One transaction: committed at the end of the block, rolled back when it raises.

    Raises StoreError where the database refuses (a full disk, for one); nothing is half-written.
    """
    cursor = database.cursor()
    cursor.execute("BEGIN TRANSACTION")
    try:
        yield Writer(cursor)
        cursor.execute("COMMIT")
    except duckdb.Error as error:
        _roll_back(cursor)
        raise StoreError(
            f"{database.path} could not be written: {str(error).splitlines()[0]}",
            hint="nothing of this run was recorded; free some disk space or mend the file, then scan again",
        ) from error
    except BaseException:
        _roll_back(cursor)
        raise
    finally:
        cursor.close()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:
        return  # the failed COMMIT has already ended the transaction


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    batch: list[Sequence[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
