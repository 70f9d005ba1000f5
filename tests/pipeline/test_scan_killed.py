"""Killed at any moment, or out of disk: the next scan gives what an undisturbed one gives."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from histories.audits import Audit
from histories.builder import BEA, History
from histories.manifests import kustomization, pod

from auditor.errors import StoreError

SCAN = """
import os, signal, sys, threading, time
from datetime import UTC, datetime
from pathlib import Path
from auditor.pipeline.scan import ScanRequest, scan
from auditor.settings import Settings

class Fatal:
    # Ends the process without a word at the given stage, and a little later where `pause` says so.
    def stage(self, label, total, unit):
        if label == sys.argv[3]:
            pause = float(sys.argv[4])
            if pause < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            threading.Thread(target=lambda: (time.sleep(pause), os.kill(os.getpid(), signal.SIGKILL)), daemon=True).start()
    def advance(self, count):
        pass

scan(ScanRequest(location=sys.argv[1], database=Path(sys.argv[2]), settings=Settings(engine="embedded"), jobs=1, render=False,
                 now=lambda: datetime(2025, 1, 1, tzinfo=UTC), progress=Fatal()))
"""

STAGES = [
    (False, "reading the repository", -1), (False, "reading the repository", 0.004), (False, "reading changes", -1),
    (False, "reading commits", 0.002), (False, "reading and judging manifests", -1), (False, "replaying what landed", -1),
    (False, "recording", -1), (False, "recording", 0.01), (True, "recording", 0.02), (True, "recording", 0.04),
]  # fmt: skip
"""Ten moments: whether an earlier scan was whole, the stage, seconds after its beginning (negative: at once)."""


def told(path: Path) -> History:
    """Twenty commits that open and close things."""
    story = History(path)
    for number in range(20):
        story.commit(
            f"{number}",
            {f"apps/{number % 7}.yaml": pod(f"web{number % 7}", privileged=number % 3 == 0)},
            by=BEA,
        )
    story.commit("list", {"apps/kustomization.yaml": kustomization(patches=("1.yaml",))})
    return story


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[History, dict[str, list[tuple[object, ...]]]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    story = told(folder / "repo")
    audit = Audit(story.path, folder / "audit" / "a.duckdb")
    audit.scan()
    return story, audit.tables()


@pytest.mark.parametrize(("earlier", "stage", "pause"), STAGES)
def test_killed_and_scanned_again(
    undisturbed: tuple[History, dict[str, list[tuple[object, ...]]]],
    tmp_path: Path,
    stage: str,
    pause: float,
    earlier: bool,
) -> None:
    story, expected = undisturbed
    audit = Audit(story.path, tmp_path / "audit" / "a.duckdb")
    if earlier:
        audit.scan(revision=story.git("rev-parse", "main~9").strip())
    done = subprocess.run(
        [sys.executable, "-c", SCAN, str(story.path), str(audit.database), stage, str(pause)],
        capture_output=True,
        check=False,
    )
    assert done.returncode in (-signal.SIGKILL, 0), done.stderr.decode()
    if pause < 0:
        assert done.returncode == -signal.SIGKILL
    audit.scan()
    assert audit.tables() == expected


def test_a_second_scan_of_one_database_is_told_of_the_first(
    undisturbed: tuple[History, object], tmp_path: Path
) -> None:
    story, _ = undisturbed
    audit = Audit(story.path, tmp_path / "audit" / "a.duckdb")
    hold = "import sys, time; from pathlib import Path; from auditor.store.database import open_database\nopened = open_database(Path(sys.argv[1]), create=True); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold, str(audit.database)], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"open\n"
        with pytest.raises(StoreError, match="in use by another process"):
            audit.scan()
        first.kill()
    assert audit.scan().counts["new_commits"] == 21


FULL = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from auditor.errors import AuditorError
from auditor.pipeline.scan import ScanRequest, scan
from auditor.settings import Settings

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    scan(ScanRequest(location=sys.argv[1], database=Path(sys.argv[2]), settings=Settings(engine="embedded"), jobs=1, render=False,
                     now=lambda: datetime(2026, 2, 1, tzinfo=UTC)))
except AuditorError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("room", [1_000, 20_000, 300_000])
def test_no_room_for_the_database(undisturbed: tuple[History, object], tmp_path: Path, room: int) -> None:
    story, expected = undisturbed
    audit = Audit(story.path, tmp_path / "audit" / "a.duckdb")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(story.path), str(audit.database), str(room)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout
    if audit.database.exists() and audit.database.stat().st_size < 20_000:
        shutil.rmtree(audit.database.parent)
    audit.scan()
    assert audit.tables() == expected


def test_no_room_left_after_an_earlier_scan(undisturbed: tuple[History, object], tmp_path: Path) -> None:
    story, expected = undisturbed
    audit = Audit(story.path, tmp_path / "audit" / "a.duckdb")
    audit.scan(revision=story.git("rev-parse", "main~9").strip())
    before = audit.tables()
    room = str(audit.database.stat().st_size)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(story.path), str(audit.database), room],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert audit.tables() == (expected if "recorded in the log" in done.stdout else before)
    audit.scan()
    assert audit.tables() == expected
