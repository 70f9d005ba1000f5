"""Prints the demo for somebody who has never seen the product."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.cli.progress import shown_progress
from auditor.cli.terminal import SEVERITY_MARKS, SEVERITY_STYLES, output, plain

if TYPE_CHECKING:
    from rich.console import Console

    from auditor.demo import Demo
    from auditor.model import Drift


def run_demo(folder: Path) -> Path:
    """Builds, audits and tells; the database's path."""
    from auditor.demo import build_demo

    with shown_progress() as progress:
        demo = build_demo(folder, now=lambda: datetime.now(UTC), progress=progress)
    tell(demo, output())
    return demo.database


def tell(demo: Demo, console: Console) -> None:
    """The summary. Nothing in it depends on when it is told."""
    population = demo.facts["population"][0]
    console.print("The sample: Northwind Parcels, a fictional company that runs on GitOps", style="bold")
    console.print(
        f"  {population['commits']} commits from {population['first_at']:%B %Y} to {population['last_at']:%B %Y}"
        f" by {population['people']} people, {population['by_bots']} of them by bots and automation"
    )
    console.print(
        f"  every version of every manifest was judged ({demo.scan.counts['new_documents_judged']} distinct"
        f" ones) by the {demo.scan.engine} engine\n"
        if demo.scan.counts.get("new_documents_judged")
        else "  nothing new since the last demo; this is what is on record\n"
    )
    _tell_policies(demo, console)
    _tell_changes(demo, console)
    _tell_drift(demo, console)
    _tell_next(demo, console)


def _tell_policies(demo: Demo, console: Console) -> None:
    console.print("1. Did the manifests keep the policies, and from when until when?", style="bold")
    counted = {row["severity"]: row["n"] for row in demo.facts["open"]}
    console.print("  open now:  ", end="")
    for name, mark in SEVERITY_MARKS.items():
        console.print(f"{mark} {counted.get(name, 0)} {name}  ", style=SEVERITY_STYLES[name], end="")
    console.print()
    for row in demo.facts["worst_open"]:
        _tell_finding(row, console)
    fixed = demo.facts["fixed"][0]
    console.print(
        f"  fixed in its history:  {fixed['n']}, half of them within {fixed['median_days']:.0f} days, such as"
    )
    for row in demo.facts["longest_fixed"]:
        _tell_finding(row, console)
    console.print()


def _tell_finding(row: dict[str, Any], console: Console) -> None:
    severity = row["severity"]
    console.print(f"    {SEVERITY_MARKS[severity]} {severity:<8} ", style=SEVERITY_STYLES[severity], end="")
    where = f" ({row['environment']})" if row["environment"] else ""
    console.print(plain(f"{row['title']}: {row['kind']} {row['name']}{where}"))
    who = plain(row["opened_by"].partition(" <")[0])
    line = f"      {row['id']}  opened {row['opened_at']:%Y-%m-%d} by {who}"
    if row.get("fixed_at"):
        line += f", fixed {row['fixed_at']:%Y-%m-%d} by {plain(row['fixed_by'].partition(' <')[0])} after {row['days_open']} days"
    console.print(line, style="dim")


def _tell_changes(demo: Demo, console: Console) -> None:
    console.print("2. How did changes land?", style="bold")
    landed = demo.facts["population"][0]["landed"]
    direct, unsigned = demo.facts["direct_pushes"][0]["n"], demo.facts["unsigned"][0]["n"]
    console.print(
        f"  {direct} of {landed} landed changes came from a person without a pull request in their message"
    )
    console.print(f"  {unsigned} of them carry no signature")
    for row in demo.facts["worst_landings"]:
        _tell_finding(row, console)
    console.print()


def _tell_drift(demo: Demo, console: Console) -> None:
    console.print(
        "3. Does the production cluster hold what git declares, and who went around it?", style="bold"
    )
    counted = ", ".join(f"{count} {verdict}" for verdict, count in demo.drift.summary().items() if count)
    console.print(
        f"  {demo.drift.compared} resources compared with the recording: {counted}; of each, such as"
    )
    for entry in _telling(demo.drift.drift):
        severity = entry.severity.value
        console.print(
            f"    {SEVERITY_MARKS[severity]} {entry.verdict.value:<12} ",
            style=SEVERITY_STYLES[severity],
            end="",
        )
        console.print(plain(f"{entry.id} {entry.pointer}"))
        if entry.actor != entry.manager and entry.changed_at:
            console.print(
                f"      done by {plain(entry.actor)} on {entry.changed_at:%Y-%m-%d}, says the cluster's audit log",
                style="dim",
            )
        if entry.declared_sha:
            by = plain(entry.declared_by.partition(" <")[0])
            console.print(
                f"      git {plain(_short(entry.declared))} · cluster {plain(_short(entry.live))} · git's value set by"
                f" {by} in {entry.declared_sha[:12]}",
                style="dim",
            )
    console.print()


def _short(value: str) -> str:
    return (value if len(value) <= 60 else value[:59] + "…") or "nothing"


def _telling(entries: tuple[Drift, ...]) -> list[Drift]:
    """The worst of each verdict."""
    best: dict[str, Drift] = {}
    for entry in sorted(entries, key=lambda entry: (-entry.severity.rank, str(entry.id), entry.pointer)):
        best.setdefault(entry.verdict.value, entry)
    return list(best.values())


def _program() -> str:
    """How the reader can call this program: by name where it is on PATH, else by where it lies."""
    if shutil.which("auditor"):
        return "auditor"
    here = Path(sys.argv[0])
    return os.path.relpath(here) if here.name == "auditor" and here.is_file() else "auditor"


def _tell_next(demo: Demo, console: Console) -> None:
    where = f"--db {demo.database}"
    worst = demo.facts["worst_open"][0]["id"] if demo.facts["worst_open"] else "ID"
    program = _program()
    console.print("Try next:", style="bold")
    console.print(f"  {program} findings show {worst} {where}")
    console.print(f"  {program} query --saved time-to-fix {where}")
    console.print(f"  {program} report soc2 {where} --out soc2.html")
    console.print(f"The dashboard:  {program} serve {where}   then open http://127.0.0.1:8501")
