"""One transaction: all of a run or nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import StoreError
from auditor.store.database import Database, open_database
from auditor.store.previous import known_rows, rows_of
from auditor.store.writer import writing

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "a.duckdb", create=True) as opened:
        yield opened


def change(sha: str, path: str = "a.yaml", repo: str = "repo") -> tuple[Any, ...]:
    return (repo, sha, path, "", "added", "", "b" * 40, "", "100644", 1)


def count(database: Database, table: str = "file_change") -> int:
    return database.cursor().execute(f"SELECT count(*) FROM trail.{table}").fetchall()[0][0]


def test_rows_come_back_as_they_were(database: Database) -> None:
    rows = [
        change(f"{number:040x}", path)
        for number, path in enumerate(["a", "ü\U0001f600", "", "'; DROP TABLE x; --", "\u2400"])
    ]
    with writing(database) as writer:
        assert writer.append("file_change", rows) == 5
    assert sorted(rows_of(database, "file_change", "repo")) == sorted(row[1:] for row in rows)


def test_more_rows_than_a_batch(database: Database) -> None:
    with writing(database) as writer:
        assert (
            writer.append("file_change", (change(f"{number:040x}") for number in range(120_001))) == 120_001
        )
        assert writer.append("file_change", ()) == 0
    assert count(database) == 120_001
    wanted = [f"{number:040x}" for number in range(0, 120_001, 10)]
    assert len(list(known_rows(database, "file_change", "repo", "sha", wanted))) == len(wanted)


def test_an_exception_in_the_middle_leaves_everything_as_it_was(database: Database) -> None:
    with writing(database) as writer:
        writer.append("file_change", [change("1" * 40)])

    def rows() -> Iterator[tuple[Any, ...]]:
        yield change("2" * 40)
        raise ValueError("in the middle")

    for broken in (rows(), [change("2" * 40)[:-1]], [(*change("2" * 40), "one more")], [(None, *change("2" * 40)[1:])],
                   [change("\ud800")], [(*change("2" * 40)[:-1], "no number")]):  # fmt: skip
        with pytest.raises(Exception), writing(database) as writer:  # noqa: PT012, B017
            writer.replace("file_change", [change("3" * 40)], repo="repo")
            writer.append("file_change", broken)
        assert [row[0] for row in rows_of(database, "file_change", "repo")] == ["1" * 40]
    with writing(database) as writer:
        writer.append("file_change", [change("4" * 40)])
    assert count(database) == 2


def test_replacing_one_repository_leaves_the_others(database: Database) -> None:
    with writing(database) as writer:
        writer.append("file_change", [change("1" * 40), change("2" * 40, repo="other")])
    with writing(database) as writer:
        writer.replace("file_change", [change("3" * 40)], repo="repo")
    assert sorted(
        (row[0][0], repo) for repo in ("repo", "other") for row in rows_of(database, "file_change", repo)
    ) == [
        ("2", "other"),
        ("3", "repo"),
    ]


def test_what_the_database_refuses_is_a_store_error(database: Database) -> None:
    with pytest.raises(StoreError, match="could not be written"), writing(database) as writer:
        writer.execute("INSERT INTO trail.nowhere VALUES (1)")


def test_a_result_that_is_read_in_part_blocks_nothing(database: Database) -> None:
    with writing(database) as writer:
        writer.append("file_change", [change(f"{number:040x}") for number in range(10)])
    with writing(database) as writer:
        assert writer.execute("SELECT sha FROM trail.file_change").fetchall()
        writer.append("file_change", [change("f" * 40)])
    assert count(database) == 11


FILL = """
import resource, sys
from pathlib import Path
from auditor.errors import StoreError
from auditor.store.database import open_database
from auditor.store.writer import writing
import signal, random
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
with open_database(path) as opened:
    limit = path.stat().st_size + int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    def rows():
        for number in range(400_000):
            yield ("repo", random.randbytes(20).hex(), random.randbytes(30).hex(), "", "added", "", random.randbytes(20).hex(), "", "", 1)
    try:
        with writing(opened) as writer:
            writer.append("file_change", rows())
    except StoreError as error:
        print("refused:", error)
        sys.exit(7)
"""


@pytest.mark.parametrize("room", [0, 100_000, 4_000_000])
def test_a_full_disk_leaves_the_earlier_state(tmp_path: Path, room: int) -> None:
    path = tmp_path / "a.duckdb"
    with open_database(path, create=True) as opened, writing(opened) as writer:
        writer.append("file_change", [change("1" * 40)])
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path), str(room)],
        capture_output=True,
        check=False,
        text=True,
        env=os.environ,
    )
    assert done.returncode == 7, done.stderr
    assert "could not be written" in done.stdout
    assert "nothing of this run was recorded" in done.stdout
    with open_database(path) as opened:
        assert [row[0] for row in rows_of(opened, "file_change", "repo")] == ["1" * 40]
        with writing(opened) as writer:
            writer.append("file_change", [change("2" * 40)])
        assert count(opened) == 2
