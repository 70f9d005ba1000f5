"""Times the product and what it is measured against, in turn, in one run.

Absolute times say something about the machine; the ratio of two measurements of the same minutes says something
about the product. Prints a table and writes every figure as JSON. Usage:

    python tests/bench/bench.py REPO [--other CHECKOUT] [--rounds 3] [--engine auto] [--json FILE] [--growth]

REPO is any git repository; it is read, never written. --other names another checkout of auditor (with its .venv),
whose scan is timed in the same turns. --growth also scans the first quarter and the first half of the history.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measure import git, landed, measured, source_at

MINE = Path(__file__).with_name("mine.py")
RENDER = Path(__file__).with_name("render_tip.py")
SAMPLED_COMMITS = 300
GOALS = {
    "mining ÷ git log -p": "≤ 3",
    "whole scan ÷ git log -p": "≤ 8",
    "pydriller modified_files ÷ mining": "≥ 10",
    "rendering the tip ÷ its builds one by one": "< 1",
    "rendering the tip ÷ plain kubectl kustomize": "< 1",
}


def main() -> None:
    """Runs the rounds, prints the ratios, writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--other", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--json", type=Path, default=Path(".auditor/bench.json"))
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    repo = options.repo.resolve()
    chain = landed(repo)
    if len(chain) < 2:
        sys.exit(f"{repo} has fewer than two landed commits: nothing to measure")
    rounds = []
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        rounds.append(_round(repo, chain, options.engine, options.other))
    figures: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commits": int(git(repo, "rev-list", "--count", "HEAD")),
        "landed_commits": len(chain),
        "engine": options.engine,
        "rounds": rounds,
        "ratios": _ratios(rounds),
    }
    if options.growth:
        figures["growth"] = _growth(repo, chain, options.engine)
    _show(figures)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    print(f"\nevery figure: {options.json}")


def _round(repo: Path, chain: Sequence[str], engine: str, other: Path | None) -> dict[str, Any]:
    """Everything once. The source ends one landed commit before the tip, which is then the one new commit."""
    with source_at(repo, chain[-2]) as source, tempfile.TemporaryDirectory(prefix="auditor-bench-") as folder:
        log_p = measured(["git", "-C", str(source), "log", "-p", "main"])
        mining = measured(
            [sys.executable, str(MINE), str(source), str(Path(folder) / "mined" / "audit.duckdb")], keep=True
        )
        found = {"log_p_s": log_p.wall_s, "mining_s": mining.wall_s, "mining_mb": mining.peak_mb}
        found |= {"mining": json.loads(mining.output)}
        found["modified_files_s"], found["sampled"] = _modified_files(source)
        rendered = measured(
            [sys.executable, str(RENDER), str(source), str(Path(folder) / "rendered")], keep=True
        )
        found["rendering"] = json.loads(rendered.output)
        if other is not None:
            theirs = measured(
                _scan(other / ".venv" / "bin" / "python", source, Path(folder) / "other", engine)
            )
            found |= {"other_s": theirs.wall_s, "other_mb": theirs.peak_mb}
        ours = _scan(Path(sys.executable), source, Path(folder) / "whole", engine)
        whole = measured(ours)
        again = measured(["git", "-C", str(source), "log", "-p", "main"])
        refspec = f"{chain[-1]}:refs/heads/main"
        git(source, "fetch", "--quiet", "--no-tags", str(repo), refspec)
        one, none = measured(ours), measured(ours)
        return found | {
            "log_p_again_s": again.wall_s,
            "scan_s": whole.wall_s,
            "scan_mb": whole.peak_mb,
            "one_commit_s": one.wall_s,
            "no_commit_s": none.wall_s,
            "bytes": (Path(folder) / "whole" / "audit.duckdb").stat().st_size,
        }


def _scan(python: Path, source: Path, folder: Path, engine: str) -> list[str]:
    database = str(folder / "audit.duckdb")
    return [str(python), "-m", "auditor", "scan", str(source), "--db", database, "--engine", engine,
            "--fail-on", "never", "--format", "json"]  # fmt: skip


def _modified_files(source: Path) -> tuple[float, int]:
    """Seconds that pydriller's `modified_files` would take over every commit, and the commits that were timed.

    Some commits by chance (the same ones each time), extrapolated to all of them.
    """
    from pydriller.git import Git

    shas = git(source, "rev-list", "main").split()
    some = random.Random(20260101).sample(shas, min(SAMPLED_COMMITS, len(shas)))
    driller = Git(str(source))
    started = time.monotonic()
    for sha in some:
        len(driller.get_commit(sha).modified_files)
    elapsed = time.monotonic() - started
    driller.clear()
    return elapsed / len(some) * len(shas), len(some)


def _ratios(rounds: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    def over(name: str, baseline: str) -> list[float]:
        return [entry[name] / entry[baseline] for entry in rounds]

    ratios = {
        "mining ÷ git log -p": over("mining_s", "log_p_s"),
        # Against the one that ran right after it.
        "whole scan ÷ git log -p": over("scan_s", "log_p_again_s"),
        "scan of 1 new commit ÷ git log -p": over("one_commit_s", "log_p_again_s"),
        "scan of nothing new ÷ git log -p": over("no_commit_s", "log_p_again_s"),
        "pydriller modified_files ÷ mining": over("modified_files_s", "mining_s"),
    }
    built = [entry["rendering"] for entry in rounds if entry["rendering"]["folders"]]
    if built:
        ratios |= {
            "rendering the tip ÷ its builds one by one": [one["tip_s"] / one["builds_s"] for one in built],
            "rendering the tip ÷ plain kubectl kustomize": [
                one["tip_s"] / one["kustomize_s"] for one in built
            ],
            "rendering the tip ÷ plain kubectl kustomize, processor time": [
                one["tip_cpu_s"] / one["kustomize_cpu_s"] for one in built
            ],
            "rendering it again ÷ the first time": [one["again_s"] / one["tip_s"] for one in built],
            "rendering one landing ÷ rendering the tip": [one["landing_s"] / one["tip_s"] for one in built],
        }
    if "other_s" in rounds[0]:
        ratios["whole scan ÷ the other's"] = over("scan_s", "other_s")
    return ratios


def _growth(repo: Path, chain: Sequence[str], engine: str) -> list[dict[str, float]]:
    """The first quarter, the first half and the whole of the landing line."""
    parts = []
    for part in (0.25, 0.5, 1.0):
        tip = chain[max(1, round(len(chain) * part)) - 1]
        with (
            source_at(repo, tip) as source,
            tempfile.TemporaryDirectory(prefix="auditor-bench-") as folder,
        ):
            log_p = measured(["git", "-C", str(source), "log", "-p", "main"])
            database = str(Path(folder) / "audit.duckdb")
            command = [sys.executable, str(MINE), str(source), database, "--judge", "--engine", engine]
            whole = measured(command, keep=True)
            answer = json.loads(whole.output)
            parts.append(
                {
                    "part": part,
                    "commits": answer["counts"]["new_commits"],
                    "blobs": answer["counts"]["new_blobs"],
                    "log_p_s": log_p.wall_s,
                    "scan_s": whole.wall_s,
                    "scan_mb": whole.peak_mb,
                    "bytes": answer["bytes"],
                }
            )
    return parts


def _show(figures: dict[str, Any]) -> None:
    print(f"{figures['commits']:,} commits, {figures['landed_commits']:,} of them on the landing line\n")
    for name, values in figures["ratios"].items():
        print(f"{name:<40} {_spread(values)}   {GOALS.get(name, '')}")
    print()
    named = {
        "git log -p": ("log_p_s", "s"), "mining": ("mining_s", "s"), "whole scan": ("scan_s", "s"),
        "1 new commit": ("one_commit_s", "s"), "nothing new": ("no_commit_s", "s"),
        f"pydriller modified_files (extrapolated from {figures['rounds'][0]['sampled']})": ("modified_files_s", "s"),
        "peak memory, mining": ("mining_mb", "MB"), "peak memory, whole scan": ("scan_mb", "MB"),
        "database": ("bytes", "bytes"),
    }  # fmt: skip
    for name, (key, unit) in named.items():
        print(f"{name:<56} {_spread([entry[key] for entry in figures['rounds']])} {unit}")
    for key, label in (
        ("tip_s", "rendering the tip"),
        ("again_s", "rendering it again"),
        ("landing_s", "rendering one landing"),
    ):
        print(f"{label:<56} {_spread([entry['rendering'][key] for entry in figures['rounds']])} s")
    print("\nwhere the time of mining goes")
    for stage, seconds in figures["rounds"][0]["mining"]["stages_s"].items():
        print(f"  {stage:<54} {seconds:8.2f} s")
    rows = sum(figures["rounds"][0]["mining"]["rows"].values())
    print(f"  {'rows stored':<54} {rows:8,}")
    for part in figures.get("growth", ()):
        print(
            f"{part['part']:4.0%} of the history: {part['commits']:,} commits, {part['blobs']:,} blobs,"
            f" {part['scan_s']:.1f} s ({part['scan_s'] / part['log_p_s']:.1f} × git log -p,"
            f" {part['scan_s'] / part['blobs'] * 1000:.2f} s a thousand blobs), {part['scan_mb']:.0f} MB"
        )


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):12,.2f}  ({min(values):,.2f} to {max(values):,.2f})"


if __name__ == "__main__":
    main()
