"""Wall time and memory of a command with all its children, and repositories to measure on."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLE_EVERY_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`wall_s` seconds; `peak_mb` the most that the command and its children held at one moment, in MB.

    Memory is the proportional set size: a page that several processes share is counted once.
    """

    wall_s: float
    peak_mb: float
    output: str


def measured(command: Sequence[str], *, keep: bool = False) -> Measured:
    """Runs a command to its end; exit codes 0, 1 and 3 are answers of a scan, others end the benchmark."""
    # To a file and not a pipe: `git log -p` writes more than a pipe holds, and reading it would be timed too.
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            list(command), stdout=output if keep else subprocess.DEVNULL, stderr=errors
        )
        peak = [0.0]
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peak, stop))
        watcher.start()
        code = process.wait()
        wall_s = time.monotonic() - started
        stop.set()
        watcher.join()
        if code not in (0, 1, 3):
            errors.seek(0)
            sys.exit(f"{' '.join(command)} ended with {code}: {errors.read()[-2000:]}")
        output.seek(0)
        return Measured(wall_s=wall_s, peak_mb=peak[0], output=output.read())


def _watch(pid: int, peak: list[float], stop: threading.Event) -> None:
    while not stop.wait(SAMPLE_EVERY_S):
        peak[0] = max(peak[0], sum(_proportional_mb(child) for child in _family(pid)))


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        try:
            for task in Path(f"/proc/{current}/task").glob("*/children"):
                waiting.extend(int(child) for child in task.read_text().split())
        except OSError:
            continue  # it has ended meanwhile
    return found


def _proportional_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    except (OSError, IndexError):
        pass  # it has ended meanwhile
    return 0.0


def git(repository: Path, *arguments: str) -> str:
    """What git answers."""
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@contextmanager
def source_at(repository: Path, sha: str) -> Iterator[Path]:
    """A bare clone whose only branch, `main`, is at `sha`, and that holds nothing else."""
    with tempfile.TemporaryDirectory(prefix="auditor-bench-") as folder:
        path = Path(folder) / "source.git"
        subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(path)], check=True)
        refspec = f"{sha}:refs/heads/main"
        git(
            path,
            "-c",
            "protocol.file.allow=always",
            "fetch",
            "--quiet",
            "--no-tags",
            str(repository),
            refspec,
        )
        yield path


def landed(repository: Path) -> list[str]:
    """The first-parent chain of HEAD, oldest first."""
    return git(repository, "rev-list", "--first-parent", "--reverse", "HEAD").split()
