"""One owner, recorded migrations, clear words on what cannot be opened."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from auditor.errors import StoreError
from auditor.store.database import migrations, open_database

NAMES = ["trail.duckdb", "main.duckdb", "temp.duckdb", "system.duckdb", "audit_database.duckdb", "it's.duckdb", 'quo"te.duckdb',
         "with space.db", "semi;colon.duckdb", "ünï.duckdb", "noending", "-dash.duckdb", "select.duckdb"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_file_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "new folder" / name
    with open_database(path, create=True) as opened:
        opened.cursor().execute("INSERT INTO trail.checkpoint VALUES (1, 'r', now(), 'k', '')")
    with open_database(path, read_only=True) as opened:
        assert opened.cursor().execute("SELECT root FROM checkpoints").fetchall() == [("r",)]
    assert path.is_file()


def test_migrations_are_recorded_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    for _ in range(2):
        open_database(path, create=True).close()
    with open_database(path) as opened:
        rows = (
            opened.cursor()
            .execute("SELECT version, name FROM schema_migrations ORDER BY applied_at, version")
            .fetchall()
        )
    assert rows == [(version, name) for version, name, _ in migrations()]
    assert [version for version, _, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no audit database"):
        open_database(tmp_path / "a.duckdb")
    assert not (tmp_path / "a.duckdb").exists()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with open_database(path, create=True) as opened:
        opened.cursor().execute("INSERT INTO schema_migrations VALUES (9999, 'future', now())")
    for read_only in (True, False):
        with pytest.raises(StoreError, match="newer auditor"):
            open_database(path, read_only=read_only)


def test_an_older_schema_is_not_read_but_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE something (a INTEGER)")
    connection.close()
    with pytest.raises(StoreError, match="older schema"):
        open_database(path, read_only=True)
    open_database(path).close()
    open_database(path, read_only=True).close()


def test_a_failed_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import auditor.store.database as module

    whole = migrations()
    broken = [*whole, (whole[-1][0] + 1, "broken", "CREATE TABLE trail.half (a INTEGER); SELECT nonsense;")]
    path = tmp_path / "a.duckdb"
    monkeypatch.setattr(module, "migrations", lambda: broken)
    with pytest.raises(StoreError, match="broken"):
        open_database(path, create=True)
    monkeypatch.undo()
    with open_database(path) as opened:
        tables = (
            opened.cursor()
            .execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'")
            .fetchall()
        )
        assert tables == [(0,)]


@pytest.mark.parametrize(
    "content", [b"", b"not a database", b"\x00" * 20_000, b"SQLite format 3\x00" + b"\x00" * 4096]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be opened|older schema"):
        open_database(path, read_only=True)
    assert path.read_bytes() == content


def test_a_folder_or_a_truncated_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(tmp_path, read_only=True)
    path = tmp_path / "a.duckdb"
    open_database(path, create=True).close()
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(path, read_only=True)


def test_a_second_process_is_told_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    program = "import sys; from auditor.store.database import open_database; from pathlib import Path\nopen_database(Path(sys.argv[1]), read_only=len(sys.argv) > 2)"
    with open_database(path, create=True):
        for more in ([], ["read"]):
            done = subprocess.run(
                [sys.executable, "-c", program, str(path), *more], capture_output=True, check=False, text=True
            )
            assert "in use by another process" in done.stderr
            assert "wait for the scan" in done.stderr


def test_a_read_only_folder_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    open_database(folder / "a.duckdb", create=True).close()
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "a.duckdb").chmod(0o444)
    copy.chmod(0o555)
    try:
        with open_database(copy / "a.duckdb", read_only=True) as opened:
            assert opened.cursor().execute("SELECT count(*) FROM runs").fetchall() == [(0,)]
    finally:
        copy.chmod(0o755)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be"):
        open_database(tmp_path / "file" / "a.duckdb", create=True)


def test_read_only_does_not_write(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    open_database(path, create=True).close()
    before = path.read_bytes()
    with open_database(path, read_only=True) as opened, pytest.raises(duckdb.Error):
        opened.cursor().execute("INSERT INTO trail.checkpoint VALUES (1, 'r', now(), 'k', '')")
    assert path.read_bytes() == before


def test_times_are_utc_wherever_the_process_runs(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom auditor.store.database import open_database\n"
        "with open_database(Path(sys.argv[1]), create=True) as o:\n"
        "    print(o.cursor().execute(\"SELECT TIMESTAMPTZ '2026-01-01 00:00:00+00' ::VARCHAR\").fetchall())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "a.duckdb")], capture_output=True, check=True, text=True,
                          env={"TZ": "Asia/Tokyo", "PATH": "/usr/bin:/bin"})  # fmt: skip
    assert done.stdout == "[('2026-01-01 00:00:00+00',)]\n"
    assert datetime.now(UTC)
