"""Opens the audit database: one owner, recorded migrations, times in UTC.

DuckDB takes one read-write process; whoever else opens the file meets a lock. Within the process a
connection shared by threads gives wrong results, so each thread takes a cursor of its own.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from types import TracebackType

import duckdb

from auditor.errors import MissingDatabaseError, StoreError

MEMORY_LIMIT = "384MB"
"""What DuckDB may hold in memory; beyond it spills beside the database. Ours is the rest of a gigabyte."""

WRITING_LIMIT = "128MB"
"""What it may hold while a scan records, which holds a whole history beside it."""

_CATALOG = "audit_database"
"""The attached file's catalog. A name of our own: the file's stem could equal a schema's, which DuckDB refuses."""

_SETTINGS = f"""
SET TimeZone = 'UTC';
USE {_CATALOG};
"""

_MIGRATION_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


class Database:
    """One open database file. Use as a context manager, or call `close`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread, with the session's settings applied."""
        cursor = self.connection.cursor()
        cursor.execute(_SETTINGS)
        return cursor

    def checkpoint(self) -> None:
        """Moves what was committed from the log beside the file into it; StoreError where that fails."""
        try:
            self.connection.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise StoreError(
                f"{self.path} could not be brought up to date: {str(error).splitlines()[0]}",
                hint="what was found is recorded in the log beside it; free some disk space and open it again",
            ) from error

    def close(self) -> None:
        """Closes the file and lets others open it."""
        self.connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(
    path: Path, *, create: bool = False, read_only: bool = False, memory_limit: str = MEMORY_LIMIT
) -> Database:
    """Opens `path`, and brings its tables up to this version's (not when `read_only`).

    Raises StoreError where the file is missing (and `create` is false), locked by another process,
    not a database, or made by a newer version.
    """
    if not path.exists():
        if not create:
            raise MissingDatabaseError(
                f"there is no audit database at {path}",
                hint="run `auditor scan` first, or name the file with --db",
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{path.parent} cannot be made: {error.strerror}",
                hint="name a database in a writable folder with --db",
            ) from error
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory_limit,
            "temp_directory": str(path.with_name(f"{path.name}.tmp")),
        }
    )
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(
            f"ATTACH '{quoted}' AS {_CATALOG} (TYPE duckdb{', READ_ONLY' if read_only else ''})"
        )
    except duckdb.Error as error:
        connection.close()
        raise _opening_error(path, error) from error
    connection.execute(_SETTINGS)
    database = Database(connection, path)
    try:
        _migrate(database, read_only=read_only)
    except BaseException:
        database.close()
        raise
    return database


def migrations() -> list[tuple[int, str, str]]:
    """Every migration as (version, name, SQL), in order."""
    found = []
    for entry in resources.files("auditor.store").joinpath("migrations").iterdir():
        if match := _MIGRATION_NAME.fullmatch(entry.name):
            found.append((int(match[1]), match[2], entry.read_text(encoding="utf-8")))
    return sorted(found)


def _migrate(database: Database, *, read_only: bool) -> None:
    connection = database.connection
    known = connection.execute(
        "SELECT count(*) FROM information_schema.tables"
        " WHERE table_catalog = ? AND table_schema = 'main' AND table_name = 'schema_migrations'",
        [_CATALOG],
    ).fetchone()
    applied: set[int] = set()
    if known and known[0]:
        rows = connection.execute("SELECT version FROM schema_migrations").fetchall()
        applied = {row[0] for row in rows}
    available = migrations()
    newest = available[-1][0]
    if applied and max(applied) > newest:
        raise StoreError(
            f"{database.path} was written by a newer auditor (schema {max(applied)}, this one knows {newest})",
            hint="upgrade auditor, or name another file with --db",
        )
    missing = [migration for migration in available if migration[0] not in applied]
    if not missing:
        return
    if read_only:
        raise StoreError(
            f"{database.path} has an older schema than this auditor reads",
            hint="run `auditor scan` once, which brings it up to date",
        )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations"
        " (version INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
    )
    for version, name, sql in missing:
        connection.execute("BEGIN")
        try:
            connection.execute(sql)
            connection.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, ?)", [version, name, datetime.now(UTC)]
            )
            connection.execute("COMMIT")
        except duckdb.Error as error:
            with suppress(duckdb.Error):  # a full disk has ended the transaction already
                connection.execute("ROLLBACK")
            raise StoreError(
                f"migration {version:04d}_{name} of {database.path} failed: {error}",
                hint="is there room on the disk? The database is as it was",
            ) from error


def _opening_error(path: Path, error: duckdb.Error) -> StoreError:
    text = str(error)
    if "lock" in text.lower():
        return StoreError(
            f"{path} is in use by another process",
            hint="a scan or `auditor serve` is running on it: wait for the scan, end the service, or use its pages",
        )
    return StoreError(
        f"{path} cannot be opened as an audit database: {text.splitlines()[0]}",
        hint="name another file with --db; a damaged one can be rebuilt by scanning again",
    )
