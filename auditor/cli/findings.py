"""`auditor findings`: the review queue."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from auditor.cli.options import DEFAULT_DATABASE, DatabaseOption, DataFormat, FormatOption
from auditor.cli.terminal import SEVERITY_MARKS, SEVERITY_STYLES, output, plain, print_json, remarks
from auditor.errors import NotAvailableError, UsageError
from auditor.model import Severity


class FindingSource(StrEnum):
    """What a finding is about."""

    ALL = "all"
    RESOURCES = "resources"
    CHANGES = "changes"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(no_args_is_help=True, help="What was found: list, show.", rich_markup_mode=None)
    group.command("list")(list_findings)
    group.command("show")(show)
    group.command("review", hidden=True)(review)
    app.add_typer(group, name="findings")


def list_findings(
    database: DatabaseOption = DEFAULT_DATABASE,
    state: Annotated[str, typer.Option("--state", help="open, fixed, waived or all.")] = "open",
    severity: Annotated[
        list[Severity] | None, typer.Option("--severity", help="Only this severity; may be repeated.")
    ] = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="Only this rule; may be repeated.")] = None,
    environment: Annotated[
        list[str] | None, typer.Option("--environment", help="Only this environment; may be repeated.")
    ] = None,
    source: Annotated[
        FindingSource, typer.Option("--source", help="About resources and files, about changes, or all.")
    ] = FindingSource.ALL,
    repo: Annotated[str, typer.Option("--repo", help="Only this repository of the trail.")] = "",
    text: Annotated[
        str, typer.Option("--text", help="Found in id, rule, title, message, name or path.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """List findings, the worst and newest first."""
    from auditor.store.database import open_database
    from auditor.store.pages.findings import FindingFilter, Source, count_findings
    from auditor.store.pages.findings import list_findings as read_findings

    if state not in ("open", "fixed", "waived", "all"):
        raise UsageError(f"there is no state {state!r}", hint="open, fixed, waived or all")
    wanted = FindingFilter(
        repo=repo,
        severities=tuple(entry.value for entry in severity or ()),
        states=() if state == "all" else (state,),
        rules=tuple(rule or ()),
        environments=tuple(environment or ()),
        source=Source(source.value),
        text=text,
    )
    with open_database(database, read_only=True) as opened:
        cursor = opened.cursor()
        known = {row[0] for row in cursor.execute("SELECT rule_id FROM rules").fetchall()}
        if unknown := [name for name in wanted.rules if name not in known]:
            raise UsageError(f"there is no rule {unknown[0]!r}", hint="`auditor policy list` names them")
        total = count_findings(cursor, wanted)
        rows = read_findings(cursor, wanted, limit=limit).to_pylist()
    if output_format is DataFormat.JSON:
        print_json({"version": 1, "total": total, "findings": rows})
        return
    console = output()
    for row in rows:
        _print_line(console, row)
    if total > len(rows):
        remarks().print(f"{len(rows)} of {total:,} shown; --limit shows more")
    elif not total:
        remarks().print("no findings")


def _print_line(console: Any, row: dict[str, Any]) -> None:
    mark = SEVERITY_MARKS[row["severity"]]
    console.print(f"{row['id']} ", end="")
    console.print(f"{mark} {row['severity']:<8} ", style=SEVERITY_STYLES[row["severity"]], end="")
    since = f"{row['opened_at']:%Y-%m-%d}" if row["opened_at"] else "unknown   "
    until = f" … {row['fixed_at']:%Y-%m-%d}" if row["fixed_at"] else ""
    where = f"[{plain(row['environment'])}] " if row["environment"] else ""
    who = plain(row["opened_by"].partition(" <")[0])
    what = plain(_about(row))
    advisory = " (advisory)" if row["advisory"] else ""
    console.print(f"{row['rule_id']:<17} {since}{until} {who:<18} {where}{what}{advisory}")
    console.print(f"    {plain(row['message'])}", style="dim")


def show(
    finding: Annotated[str, typer.Argument(help="The finding's id, such as F-0123456789abcdef.")],
    database: DatabaseOption = DEFAULT_DATABASE,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Show one finding: what, where, since when, by whom, and how to mend it."""
    from auditor.store.database import open_database
    from auditor.store.pages.findings import finding_occurrences, trace_of

    with open_database(database, read_only=True) as opened:
        rows = finding_occurrences(opened.cursor(), finding)
        is_open = bool(rows) and rows[0]["state"] != "fixed"
        trace = trace_of(opened.cursor(), finding, rows[0]["repo"]) if is_open else []
    if not rows:
        raise UsageError(
            f"there is no finding {finding!r} in {database}", hint="`auditor findings list` names them"
        )
    if output_format is DataFormat.JSON:
        print_json({"version": 1, "id": finding, "occurrences": rows, "trace": trace})
        return
    first = rows[0]
    console = output()
    console.print(f"{first['id']}  ", style="bold", end="")
    console.print(f"{SEVERITY_MARKS[first['severity']]} {first['severity']}  {first['state']}",
                  style=SEVERITY_STYLES[first["severity"]])  # fmt: skip
    console.print(f"{first['rule_id']}  {plain(first['title'] or '')}")
    console.print(f"\n  {plain(first['message'])}\n")
    _print_facts(console, first)
    _print_trace(console, trace)
    for row in rows:
        console.print(f"  occurrence {row['occurrence']}")
        console.print(
            f"    opened    {_moment(row['opened_at'])} by {plain(row['opened_by']) or 'unknown'} in {row['opened_sha'][:12] or 'unknown'}"
        )
        if row["fixed_sha"]:
            console.print(
                f"    fixed     {_moment(row['fixed_at'])} by {plain(row['fixed_by']) or 'unknown'} in {row['fixed_sha'][:12]}"
            )
        console.print(f"    detected  {_moment(row['detected_at'])} by {row['engine']}")
        if row["days_open"] is not None:
            console.print(f"    open for  {row['days_open']} days")
    if first.get("remediation"):
        console.print(f"\n  how to mend it\n    {plain(first['remediation'])}")


def _place(row: dict[str, Any]) -> str:
    """The file, with a line where there is one: of what is rendered, the line that it comes from, if that is told."""
    return f"{row['path']}:{row['line']}" if row["line"] else row["path"] or "-"


def _about(row: dict[str, Any]) -> str:
    """The resource, commit or file that a finding is about."""
    if not row["kind"]:
        return str(row["path"])
    name = f"{row['namespace']}/{row['name']}" if row["namespace"] else row["name"]
    return f"{row['api_version']} {row['kind']} {name}".strip()


def _print_facts(console: Any, row: dict[str, Any]) -> None:
    facts = {
        "about": _about(row),
        "field": row["pointer"] or "-",
        "file": _place(row),
        "environment": row["environment"] or "-",
        "source": row["source"],
        "repository": row["repo"],
        **({"advisory": "it fails nothing, as whoever wrote the rule wants it"} if row["advisory"] else {}),
    }
    for name, value in facts.items():
        console.print(f"  {name:<12} {plain(value)}")
    console.print()


def _print_trace(console: Any, trace: list[dict[str, Any]]) -> None:
    """Where a rendered field comes from."""
    if not trace:
        return
    exact = "" if trace[0]["exact"] else " (the nearest place: nothing there says what the field says)"
    console.print(f"  comes from{exact}")
    for step in trace:
        console.print(f"    {plain(_place(step))}", end="")
        console.print(f"  {plain(step['what'])}", style="dim")
    if trace[0]["sha"]:
        console.print(
            f"    that line was last written by {plain(trace[0]['author']) or 'unknown'} in"
            f" {trace[0]['sha'][:12]}, {_moment(trace[0]['committed_at'])}"
        )
    console.print()


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "at an unknown time"


def review(
    finding: Annotated[str, typer.Argument()] = "", database: DatabaseOption = DEFAULT_DATABASE
) -> None:
    """Record a decision on a finding."""
    raise NotAvailableError("findings cannot be reviewed yet", hint="`auditor findings list` and `show` work")
