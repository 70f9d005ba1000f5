"""No flipped byte of the database, or of the log beside it, changes a record in silence.

Every few bytes are flipped here; AUDITOR_ALL_FLIPS=1 flips each one (some minutes).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from trail import flipping

ALL = os.environ.get("AUDITOR_ALL_FLIPS") == "1"
WORKERS = 2


@pytest.fixture(scope="module")
def fast_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In memory where the system has such a folder."""
    return tmp_path_factory.mktemp("flips")


def flips(
    target: Path, database: Path, *, mode: str, mask: int, start: int, stop: int, step: int
) -> Counter[str]:
    """What each flip led to; 'ended' where DuckDB ended the process, which is no silence."""
    found: Counter[str] = Counter()
    told: dict[int, str] = {}
    while start < stop:
        before = target.read_bytes()
        done = subprocess.run(
            [
                sys.executable,
                flipping.__file__,
                mode,
                target,
                database,
                str(mask),
                str(start),
                str(stop),
                str(step),
            ],
            capture_output=True,
            text=True,
        )
        lines = [line.split() for line in done.stdout.splitlines()]
        for offset, *word in lines:
            told[int(offset)] = word[0] if word else "ended"
        if done.returncode == 0:
            break
        assert lines, done.stderr
        target.write_bytes(before)
        start = int(lines[-1][0]) + step
    found.update(told.values())
    silent = [offset for offset, word in told.items() if word == "SILENT"]
    assert not silent, silent
    return found


def in_parallel(
    folder: Path, database: Path, name: str, *, step: int, mask: int = 0xFF, mode: str = "log"
) -> Counter[str]:
    """Over a copy of the database for each worker; `name` is '' for the file itself, '.wal' for the log beside it."""
    size = Path(f"{database}{name}").stat().st_size
    found: Counter[str] = Counter()

    def run(worker: int) -> Counter[str]:
        own = folder / f"{database.name}-{name}-{mask}-{worker}"
        own.mkdir()
        for ending in ("", ".wal", ".head"):
            shutil.copy(f"{database}{ending}", own)
        copy = own / database.name
        return flips(
            Path(f"{copy}{name}"),
            copy,
            mode=mode,
            mask=mask,
            start=worker * step,
            stop=size,
            step=WORKERS * step,
        )

    with ThreadPoolExecutor(WORKERS) as pool:
        for counted in pool.map(run, range(WORKERS)):
            found += counted
    print(f"{name or 'file'} of {size:,} bytes, mask {mask}: {dict(found)}")
    return found


@pytest.fixture(scope="module")
def database(fast_folder: Path) -> Path:
    path = fast_folder / "audit.duckdb"
    flipping.build(path, rows=6, whole_schema=False)
    return path


def test_what_is_flipped_is_what_two_runs_leave(database: Path) -> None:
    assert Path(f"{database}.wal").stat().st_size > 1_000
    judge = flipping.Judge(database)
    assert judge.judge() == "equal"
    assert {table: len(rows) for table, rows in judge.truth.items()} == {
        "generation": 2,
        "file_change": 12,
        "field_diff": 12,
        "commit_loss": 2,
    }


def test_flips_of_the_log_beside_the_file(fast_folder: Path, database: Path) -> None:
    """DuckDB itself opens some of these without a word, with the last run's rows gone."""
    found = in_parallel(fast_folder, database, ".wal", step=1 if ALL else 29)
    assert found["wrong"] > 0
    assert found["SILENT"] == 0


def test_flips_of_the_file(fast_folder: Path, database: Path) -> None:
    found = in_parallel(fast_folder, database, "", step=1 if ALL else 1501)
    assert found["open"] + found["read"] > 0
    assert found["SILENT"] == 0


def test_single_bits_of_the_log_beside_the_file(fast_folder: Path, database: Path) -> None:
    for bit in range(8) if ALL else (5,):
        found = in_parallel(fast_folder, database, ".wal", mask=1 << bit, step=1 if ALL else 97)
        assert found["SILENT"] == 0
        assert found["wrong"] + found["open"] + found["read"] > 0


@pytest.mark.parametrize(("name", "step"), [("", 9_973), (".wal", 283)])
def test_flips_met_by_the_command_itself(fast_folder: Path, name: str, step: int) -> None:
    """A whole schema and `auditor trail verify` as it is; the other tests are quicker by leaving out the views."""
    path = fast_folder / f"whole{name}.duckdb"
    flipping.build(path, rows=6, whole_schema=True)
    found = in_parallel(fast_folder, path, name, step=step // 16 if ALL else step, mode="whole")
    assert sum(found.values()) > 10
    assert found["SILENT"] == 0


@pytest.mark.parametrize("left", [0, 1_000])
def test_a_log_that_is_lost_or_cut_off(fast_folder: Path, database: Path, left: int) -> None:
    """DuckDB takes the state of before the last run for the whole truth; the head kept beside it knows better."""
    own = fast_folder / f"cut-{left}"
    own.mkdir()
    for ending in ("", ".wal", ".head"):
        shutil.copy(f"{database}{ending}", own)
    judge = flipping.Judge(own / database.name)
    log = own / f"{database.name}.wal"
    if left:
        os.truncate(log, left)
    else:
        log.unlink()
    assert judge.judge() == "wrong"
