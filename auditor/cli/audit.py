"""`auditor scan` and `auditor query`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.cli.live_options import (
    ContextOption,
    InClusterOption,
    KubeconfigOption,
    NoExecOption,
    WithoutOption,
    live_requests,
)
from auditor.cli.options import (
    DEFAULT_DATABASE,
    ConfigOption,
    DatabaseOption,
    DataFormat,
    EngineChoice,
    EngineOption,
    FailOnMissingOption,
    FailOnOption,
    FormatOption,
    OutOption,
    RenderedHistoryOption,
    RevisionOption,
    StrictOption,
    Threshold,
    with_rendered_history,
    with_schema_options,
)
from auditor.cli.progress import shown_progress
from auditor.cli.terminal import SEVERITY_MARKS, SEVERITY_STYLES, output, plain, print_json, remarks
from auditor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from auditor.pipeline.scan import ScanResult
    from auditor.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(short_help="Audit a repository's whole history.")(scan)
    app.command(short_help="Ask the audit trail, read-only.")(query)


def scan(
    repo: Annotated[str, typer.Argument(help="Path or address of the repository.")] = ".",
    revision: RevisionOption = "",
    database: DatabaseOption = DEFAULT_DATABASE,
    config: ConfigOption = None,
    engine: EngineOption = None,
    snapshot: Annotated[
        Path | None, typer.Option("--snapshot", help="Recorded cluster state to hold the tip against.")
    ] = None,
    cluster: Annotated[
        str, typer.Option("--cluster", help="The snapshot's cluster, where the recording does not name it.")
    ] = "",
    context: ContextOption = "",
    kubeconfig: KubeconfigOption = None,
    in_cluster: InClusterOption = False,
    no_exec: NoExecOption = False,
    without: WithoutOption = None,
    audit_log: Annotated[
        list[Path] | None,
        typer.Option(
            "--audit-log", help="Kubernetes audit log that belongs to --snapshot; once for each API server."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Processes; 0 takes one a core.")] = 0,
    output_format: FormatOption = DataFormat.TABLE,
    fail_on: FailOnOption = Threshold.LOW,
    strict: StrictOption = None,
    fail_on_missing_schema: FailOnMissingOption = False,
    rendered_history: RenderedHistoryOption = "",
) -> None:
    """Audit a repository's whole history into the database; the next call reads only what is new."""
    from auditor.pipeline.scan import ScanRequest
    from auditor.pipeline.scan import scan as run_scan

    lives = live_requests(
        [context] if context else [],
        kubeconfig=kubeconfig,
        in_cluster=in_cluster,
        no_exec=no_exec,
        without=without,
        cluster=cluster,
    )
    live = lives[0] if lives else None
    if snapshot is not None and live is not None:
        raise UsageError(
            "a recording and a live cluster at once", hint="give either --snapshot FILE or --context NAME"
        )
    if audit_log and snapshot is None and live is None:
        raise UsageError(
            "an audit log alone is held against nothing", hint="give the cluster's --snapshot, too"
        )
    settings = with_schema_options(
        with_rendered_history(settings_of(config, engine), rendered_history),
        strict=strict,
        fail_on_missing=fail_on_missing_schema,
    )
    with shown_progress() as progress:
        result = run_scan(
            ScanRequest(
                location=repo,
                database=database,
                settings=settings,
                revision=revision,
                jobs=jobs,
                now=lambda: datetime.now(UTC),
                progress=progress,
            )
        )
        drift = None
        if snapshot is not None or live is not None:
            from auditor.pipeline.drift import cross_check_recorded

            drift = cross_check_recorded(
                database,
                repo=result.repo,
                location=repo,
                revision=result.tip,
                snapshot=snapshot,
                live=live,
                cluster=cluster,
                settings=settings,
                now=datetime.now(UTC),
                run=result.run,
                audit_logs=tuple(audit_log or ()),
            )
    summary = _summary(database, result)
    if drift is not None:
        summary["drift"] = drift.summary()
        summary["incomplete"] += [f"cross-check of {drift.cluster}: {reason}" for reason in drift.incomplete]
    if output_format is DataFormat.JSON:
        print_json(summary)
    else:
        _print_summary(summary, result, database)
    raise typer.Exit(_exit_code(summary, fail_on))


def settings_of(config: Path | None, engine: EngineChoice | None = None, **changes: Any) -> Settings:
    """The configuration file with what the command line says over it."""
    from auditor.settings import load_settings

    settings = load_settings(config)
    changes = {key: value for key, value in changes.items() if value}
    if engine is not None:
        changes["engine"] = engine.value
    return settings.model_copy(update=changes) if changes else settings


def _summary(database: Path, result: ScanResult) -> dict[str, Any]:
    from auditor.store.database import open_database
    from auditor.store.pages.changes import change_rules
    from auditor.store.pages.overview import frequent_rules, headline, open_advisory, open_by_severity

    with open_database(database, read_only=True) as opened:
        cursor = opened.cursor()
        counted = headline(cursor, result.repo)
        severities = open_by_severity(cursor, result.repo)
        advisory = open_advisory(cursor, result.repo)
        rules = frequent_rules(cursor, result.repo, limit=10)
        changes = [row for row in change_rules(cursor, result.repo) if row["open"]]
    return {
        "version": 1,
        "repo": result.repo,
        "tip": result.tip,
        "revision": result.revision,
        "run": result.run,
        "incremental": result.incremental,
        "engine": f"{result.engine} {result.engine_version}",
        "counts": dict(result.counts),
        "commits": counted.get("commits", 0),
        "landed_commits": counted.get("landed", 0),
        "resources": counted.get("resources", 0),
        "open_findings": {name: severities.get(name, 0) for name in SEVERITY_MARKS},
        "advisory_findings": {name: advisory.get(name, 0) for name in SEVERITY_MARKS},
        "fixed_findings": counted.get("fixed", 0),
        "most_frequent_rules": rules,
        "change_control": [
            {name: row[name] for name in ("rule_id", "title", "open", *SEVERITY_MARKS)} for row in changes
        ],
        "incomplete": list(result.incomplete),
        "notes": list(result.notes),
    }


def _print_summary(summary: dict[str, Any], result: ScanResult, database: Path) -> None:
    console = output()
    for note in result.notes:
        remarks().print(f"note: {note}")
    counts = result.counts
    console.print(f"{result.repo} at {result.tip[:12]} ({plain(result.revision)})")
    new = f"{counts['new_commits']:,} new" if result.incremental else "all of it read"
    console.print(
        f"  {summary['commits']:,} commits, {summary['landed_commits']:,} of them landed ({new});"
        f" {summary['resources']:,} resources at the tip; judged by {summary['engine']}"
    )
    console.print("  open findings: ", end="")
    for name, mark in SEVERITY_MARKS.items():
        console.print(
            f"{mark} {summary['open_findings'][name]:,} {name}   ", style=SEVERITY_STYLES[name], end=""
        )
    console.print(f"fixed in its history: {summary['fixed_findings']:,}")
    if advisory := sum(summary["advisory_findings"].values()):
        console.print(f"    {advisory:,} of the open ones are advisory: they fail nothing")
    for rule in summary["most_frequent_rules"]:
        console.print(
            f"    {rule['open']:>6,} open  {rule['ever'] - rule['open']:>6,} fixed  {SEVERITY_MARKS[rule['severity']]}"
            f" {rule['rule_id']:<18} {plain(rule['title'] or '')}{' (advisory)' if rule['advisory'] else ''}"
        )
    if summary["change_control"]:
        console.print("  how changes landed:")
        for row in summary["change_control"]:
            console.print(f"    {row['open']:>6,} {'':20} {row['rule_id']:<20} {plain(row['title'] or '')}")
    if "drift" in summary:
        console.print("  drift: " + ", ".join(f"{n} {verdict}" for verdict, n in summary["drift"].items()))
    if summary["incomplete"]:
        remarks().print(
            "INCOMPLETE: no statement about the whole repository can be made, because", style="bold yellow"
        )
        for reason in summary["incomplete"]:
            remarks().print(f"  - {plain(reason)}")
    where = "" if database == DEFAULT_DATABASE else f" --db {database}"
    console.print(f"  next: auditor findings list{where} · auditor report soc2{where} · auditor serve{where}")


def _exit_code(summary: dict[str, Any], fail_on: Threshold) -> int:
    if summary["incomplete"]:
        return ExitCode.INCOMPLETE
    advisory = summary["advisory_findings"]
    counted = {name: count - advisory[name] for name, count in summary["open_findings"].items()}
    counts = [counted, *summary["change_control"]]
    found = any(entry[name] and fail_on.met_by(name) for entry in counts for name in SEVERITY_MARKS)
    return ExitCode.FINDINGS if found else ExitCode.OK


def query(
    sql: Annotated[str | None, typer.Argument(help="A SELECT over the views; see `--list`.")] = None,
    saved: Annotated[str, typer.Option("--saved", help="The name of a saved query instead.")] = "",
    param: Annotated[
        list[str] | None, typer.Option("--param", help="name=value, bound as a parameter; may be repeated.")
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    output_format: Annotated[str, typer.Option("--format", help="table, json, csv or parquet.")] = "table",
    out: OutOption = None,
    list_saved: Annotated[
        bool, typer.Option("--list", help="List the saved queries and their parameters.")
    ] = False,
) -> None:
    """Ask the audit trail, read-only: SQL on a copy, in a limited process."""
    from auditor.store.adhoc import run_query
    from auditor.store.output.formats import render, screen_of
    from auditor.store.saved import parse_parameters, run_saved

    if list_saved:
        _list_saved()
        return
    if bool(sql) == bool(saved):
        raise UsageError(
            "give either a SELECT or --saved NAME", hint="`auditor query --list` names the saved ones"
        )
    values = parse_parameters(param or [])
    result = (
        run_saved(database, saved, parameters=values)
        if saved
        else run_query(database, sql or "", parameters=values)
    )
    data = render(result, output_format, screen_of(sys.stdout) if out is None else None)
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        out.write_bytes(data)
    if result.note:
        remarks().print(result.note)


def _list_saved() -> None:
    from auditor.store.saved import grouped_queries

    console = output()
    for heading, queries in grouped_queries().items():
        console.print(f"{heading}\n")
        for entry in queries:
            wanted = "".join(
                f" --param {one.name}=…" if one.default is None else f" [--param {one.name}=…]"
                for one in entry.parameters
            )
            console.print(f"  {entry.name}{wanted}\n      {entry.title}", markup=False)
        console.print()
