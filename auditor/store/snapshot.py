"""An atomic copy of what users may query, so that a query can neither lock nor harm the database.

The copy is a DuckDB file of its own that holds the contract's views as tables of the same names: even a
query that reads the file's bytes sees nothing that the views do not show. It is kept beside the database
in a folder only its owner can enter, and used again until the database changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import MissingDatabaseError, StoreError

if TYPE_CHECKING:  # duckdb takes 0.1 s to import, and a current snapshot needs none of it here
    import duckdb

    from auditor.store.database import Database

CONTRACT_VIEWS = (
    "change_units",
    "checkpoints",
    "checks",
    "commits",
    "controls",
    "cross_checks",
    "drift",
    "field_changes",
    "file_changes",
    "findings",
    "frameworks",
    "gaps",
    "images",
    "landings",
    "pull_requests",
    "ref_observations",
    "registry_facts",
    "remarks",
    "resource_changes",
    "resources",
    "reviews",
    "rules",
    "runs",
    "traces",
    "waivers",
)
"""What a snapshot holds, by name: a view that is not listed here is not shown to ad-hoc SQL."""

LAYOUT = "10"
"""Changes whenever a snapshot made by an older version must not be used again."""

KEEP_STALE_S = 300.0
"""How long an outdated snapshot stays, in seconds: a query that chose it may not have opened it yet."""


@contextlib.contextmanager
def snapshot(database: Path | Database, *, now: datetime | None = None) -> Iterator[Path]:
    """Gives the file of a current snapshot, made if need be, for as long as the block lasts.

    `database` is the file, or the open database where this process owns it. `now` (default: the clock)
    matters by its UTC day only, since `findings.days_open` counts to today.

    Raises StoreError where the database is missing, locked by another process or has an older schema.
    """
    path = database if isinstance(database, Path) else database.path
    day = (now or datetime.now(UTC)).astimezone(UTC).date().isoformat()
    folder = _cache_folder(path)
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="auditor-query-") as private:
            target = Path(private) / "snapshot.duckdb"
            _build(database, target)
            yield target
        return
    target = folder / f"{_key(path, day)}.duckdb"
    if not target.exists():
        _build(database, target)
        _drop_stale(folder, keep=target)
    yield target


def _key(path: Path, day: str) -> str:
    """A name that changes whenever the database does.

    Taken from the files' metadata alone. Reading the file here would be a trap: closing any descriptor of
    a file drops every POSIX lock this process has on it, DuckDB's lock on the database included. `ctime`
    moves with every write and cannot be set back as `mtime` can.
    """
    parts = [LAYOUT, day]
    for file in (path, path.with_name(path.name + ".wal")):
        try:
            status = file.stat()
        except FileNotFoundError:
            parts.append("-")
            continue
        parts += [
            str(value)
            for value in (
                status.st_dev,
                status.st_ino,
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
            )
        ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _cache_folder(path: Path) -> Path | None:
    """The snapshots' folder, 0700 and ours; None where it cannot be made so (a read-only disk, say)."""
    if not path.exists():
        raise MissingDatabaseError(
            f"there is no audit database at {path}",
            hint="run `auditor scan` first, or name the file with --db",
        )
    folder = path.with_name(path.name + ".snapshots")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return None
        if os.name == "posix":
            if status.st_uid != os.geteuid():
                return None
            if status.st_mode & 0o077:
                folder.chmod(0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _build(database: Path | Database, target: Path) -> None:
    """Copies the views into `target`, which appears whole or not at all."""
    part = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        if isinstance(database, Path):
            _copy_from_file(database, part)
        else:
            cursor = database.cursor()
            try:
                _copy(cursor, part)
            finally:
                cursor.close()
        part.replace(target)
    finally:
        for leftover in (part, part.with_name(part.name + ".wal")):
            leftover.unlink(missing_ok=True)


def _copy_from_file(path: Path, part: Path) -> None:
    import duckdb

    from auditor.store.database import open_database

    # A database opened read-only cannot attach another for writing, so it is opened here only for its
    # errors (missing, locked, another schema) and copied through a connection of its own.
    open_database(path, read_only=True).close()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            connection.execute(f"ATTACH {_text(path)} AS audited (READ_ONLY)")
        except duckdb.Error as error:
            raise StoreError(
                f"{path} is in use by another process",
                hint="a scan or `auditor serve` has just opened it; try again when it is done",
            ) from error
        connection.execute("USE audited")
        _copy(connection, part)


def _copy(connection: duckdb.DuckDBPyConnection, part: Path) -> None:
    import duckdb

    alias = f"snapshot_{secrets.token_hex(8)}"
    try:
        connection.execute(f"ATTACH {_text(part)} AS {alias}")
        try:
            # One transaction, so that every table shows the same state of a database being written to.
            connection.execute("BEGIN")
            for view in CONTRACT_VIEWS:
                connection.execute(f"CREATE TABLE {alias}.main.{view} AS SELECT * FROM main.{view}")  # noqa: S608
            connection.execute("COMMIT")
            connection.execute(f"CHECKPOINT {alias}")
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.execute("ROLLBACK")
            connection.execute(f"DETACH {alias}")
    except duckdb.Error as error:
        raise StoreError(
            f"the audit database cannot be copied for querying: {str(error).splitlines()[0]}",
            hint="see that the disk has room; a damaged database can be rebuilt by scanning again",
        ) from error


def _drop_stale(folder: Path, *, keep: Path) -> None:
    oldest = time.time() - KEEP_STALE_S
    for file in folder.iterdir():
        if file == keep or not file.name.endswith((".duckdb", ".part", ".wal")):
            continue
        # Another process may drop it too; one that still reads it keeps it (or, on Windows, prevents this).
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < oldest:
                file.unlink()


def _text(path: Path) -> str:
    """The path as an SQL text literal; ATTACH takes no bound parameter."""
    return "'" + str(path).replace("'", "''") + "'"
