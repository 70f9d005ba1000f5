"""Times a scan against `git log -p` of the same repository, in turn, in one run.

Absolute times say something about the machine; the ratio of two measurements of the same minute says something
about the product. Prints a table and, with --json FILE, writes every figure. Usage:

    python tests/bench/scan_ratio.py REPO [--rounds 3] [--engine auto] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

SAMPLE_EVERY_S = 0.1


def main() -> None:
    """Runs the rounds and prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rounds = [_round(options.repo.resolve(), options.engine) for _ in range(options.rounds)]
    ratios = {
        "whole scan ÷ git log -p": [entry["scan_s"] / entry["log_p_s"] for entry in rounds],
        "unchanged second scan ÷ git log -p": [entry["second_s"] / entry["log_p_s"] for entry in rounds],
    }
    for name, values in ratios.items():
        print(f"{name:<40} {_spread(values)}")
    for name, unit in (
        ("log_p_s", "s"),
        ("scan_s", "s"),
        ("second_s", "s"),
        ("scan_mb", "MB"),
        ("second_mb", "MB"),
    ):
        print(f"{name:<40} {_spread([entry[name] for entry in rounds])} {unit}")
    if options.json:
        options.json.write_text(json.dumps({"rounds": rounds, "ratios": ratios}, indent=2), encoding="utf-8")


def _round(repo: Path, engine: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="auditor-bench-") as folder:
        database = str(Path(folder) / "audit.duckdb")
        scan = [sys.executable, "-m", "auditor", "scan", str(repo), "--db", database, "--engine", engine,
                "--fail-on", "never", "--format", "json"]  # fmt: skip
        log_p, _ = _timed(["git", "-C", str(repo), "log", "-p"])
        first, first_mb = _timed(scan)
        second, second_mb = _timed(scan)
    return {
        "log_p_s": log_p,
        "scan_s": first,
        "scan_mb": first_mb,
        "second_s": second,
        "second_mb": second_mb,
    }


def _timed(command: Sequence[str]) -> tuple[float, float]:
    """(wall seconds, peak resident MB of the process and all its children together)."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = [0.0]
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, stop))
    watcher.start()
    code = process.wait()
    elapsed = time.monotonic() - started
    stop.set()
    watcher.join()
    if code not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {code}")
    return elapsed, peak[0]


def _watch(pid: int, peak: list[float], stop: threading.Event) -> None:
    while not stop.wait(SAMPLE_EVERY_S):
        peak[0] = max(peak[0], sum(_resident_mb(child) for child in _family(pid)))


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        for task in Path(f"/proc/{current}/task").glob("*/children"):
            try:
                waiting.extend(int(child) for child in task.read_text().split())
            except OSError:
                continue
    return found


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):8.2f}  ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
