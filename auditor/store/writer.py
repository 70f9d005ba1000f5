"""The one writer: everything a run found, in one transaction.

A killed run leaves the state of the run before it; the next run starts from there. Rows travel as Arrow
tables (half a million and more a second; `executemany` makes some thousands).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from auditor.errors import StoreError
from auditor.store.database import Database

_BATCH_ROWS = 10_000
"""Rows held as Python objects at a time; the rest is already columnar."""


class Writer:
    """Writes base tables inside one transaction; see `writing`."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._schemas: dict[str, pa.Schema] = {}

    def append(self, table: str, rows: Iterable[Sequence[Any]]) -> int:
        """Adds rows, each with one value a column in the table's own order; the number of rows added."""
        added = 0
        for batch in _batches(rows):
            arrow = self._arrow(table, batch)
            self._cursor.register("incoming_rows", arrow)
            self._cursor.execute(f"INSERT INTO trail.{table} SELECT * FROM incoming_rows")  # noqa: S608 - table is ours
            self._cursor.unregister("incoming_rows")
            added += len(batch)
            del arrow
            pa.default_memory_pool().release_unused()
        return added

    def replace(self, table: str, rows: Iterable[Sequence[Any]], *, repo: str | None = None) -> int:
        """Empties the table (or the rows of one repository) and adds these rows."""
        if repo is None:
            self._cursor.execute(f"DELETE FROM trail.{table}")  # noqa: S608 - table is ours
        else:
            self._cursor.execute(f"DELETE FROM trail.{table} WHERE repo = ?", [repo])  # noqa: S608
        return self.append(table, rows)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Any other statement of the same transaction."""
        return self._cursor.execute(sql, list(parameters))

    def _arrow(self, table: str, batch: list[Sequence[Any]]) -> pa.Table:
        schema = self._schema(table)
        columns = zip(*batch, strict=True)
        arrays = [
            pa.array(column, type=column_type)
            for column, column_type in zip(columns, schema.types, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=schema)

    def _schema(self, table: str) -> pa.Schema:
        if table not in self._schemas:
            empty = self._cursor.sql(f"SELECT * FROM trail.{table} LIMIT 0")  # noqa: S608 - table is ours
            self._schemas[table] = empty.to_arrow_table().schema
        return self._schemas[table]


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
