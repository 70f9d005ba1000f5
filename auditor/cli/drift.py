"""`auditor drift`: the cluster against git."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.cli.live_options import (
    ContextsOption,
    InClusterOption,
    KubeconfigOption,
    NoExecOption,
    WithoutOption,
    live_requests,
)
from auditor.cli.options import (
    DEFAULT_DATABASE,
    ConfigOption,
    DataFormat,
    FailOnOption,
    FormatOption,
    MirrorDatabaseOption,
    RevisionOption,
    Threshold,
)
from auditor.cli.progress import shown_progress
from auditor.cli.terminal import SEVERITY_MARKS, SEVERITY_STYLES, output, plain, print_json, remarks
from auditor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from auditor.model import Drift
    from auditor.pipeline.drift_report import DriftReport


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(short_help="Hold a cluster against git.")(drift)


def drift(
    repo: Annotated[
        str, typer.Argument(help="Path or address of the repository, or a folder of plain manifests.")
    ] = ".",
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", help="Recorded cluster state: auditor's own, or kubectl's JSON."),
    ] = None,
    context: ContextsOption = None,
    kubeconfig: KubeconfigOption = None,
    in_cluster: InClusterOption = False,
    no_exec: NoExecOption = False,
    without: WithoutOption = None,
    audit_log: Annotated[
        list[Path] | None,
        typer.Option(
            "--audit-log",
            help="Kubernetes audit log: a file, a folder with what was rotated, or -; once for each API server.",
        ),
    ] = None,
    cluster: Annotated[
        str,
        typer.Option("--cluster", help="The cluster, where neither its recording nor its context names it."),
    ] = "",
    environment: Annotated[
        str, typer.Option("--environment", help="The environment the cluster should hold; found by its name.")
    ] = "",
    revision: RevisionOption = "",
    database: MirrorDatabaseOption = DEFAULT_DATABASE,
    config: ConfigOption = None,
    output_format: FormatOption = DataFormat.TABLE,
    fail_on: FailOnOption = Threshold.LOW,
) -> None:
    """Hold a cluster against git: what differs, who did it, which commit last set it."""
    from auditor.cli.audit import settings_of
    from auditor.pipeline.drift import DriftRequest, cross_check_clusters, cross_check_repository
    from auditor.pipeline.drift_report import combined

    lives = live_requests(
        context or [],
        kubeconfig=kubeconfig,
        in_cluster=in_cluster,
        no_exec=no_exec,
        without=without,
        cluster=cluster,
    )
    if (snapshot is None) == (not lives):
        what = "nothing to hold git against" if snapshot is None else "a recording and a live cluster at once"
        raise UsageError(what, hint="give either --snapshot FILE or --context NAME")
    if len(lives) > 1 and (audit_log or environment):
        raise UsageError(
            "--audit-log and --environment belong to one cluster", hint="check the clusters one by one"
        )
    with shown_progress() as progress:
        request = DriftRequest(
            location=repo,
            snapshot=snapshot,
            live=lives[0] if len(lives) == 1 else None,
            database=database,
            settings=settings_of(config),
            cluster=cluster,
            environment=environment,
            revision=revision,
            audit_logs=tuple(audit_log or ()),
            now=datetime.now(UTC),
            progress=progress,
        )
        reports = (
            cross_check_clusters(request, lives) if len(lives) > 1 else [cross_check_repository(request)]
        )
    if output_format is DataFormat.JSON:
        print_json(reports[0].as_dict() if len(reports) == 1 else combined(reports))
    else:
        for report in reports:
            _print(report)
    if any(report.incomplete for report in reports):
        raise typer.Exit(ExitCode.INCOMPLETE)
    if any(fail_on.met_by(entry.severity) for report in reports for entry in report.drift):
        raise typer.Exit(ExitCode.FINDINGS)


def _print(report: DriftReport) -> None:
    console = output()
    for entry in sorted(report.drift, key=lambda entry: -entry.severity.rank):
        _print_entry(console, entry)
    for unknown in report.unknown[:20]:
        about = f"{unknown.id}: " if unknown.id else ""
        remarks().print(f"not compared: {plain(about + unknown.reason)}", style="dim")
    if len(report.unknown) > 20:
        remarks().print(
            f"not compared: {len(report.unknown) - 20} more; --format json lists them", style="dim"
        )
    if report.audit_log is not None and report.audit_log.first and report.audit_log.last:
        log = report.audit_log
        remarks().print(
            f"audit log: writes {log.writes:,}, lines {log.lines:,},"
            f" {log.first:%Y-%m-%d %H:%M:%S} to {log.last:%Y-%m-%d %H:%M:%S} UTC",
            style="dim",
        )
    for reason in report.incomplete:
        remarks().print(f"INCOMPLETE: {plain(reason)}", style="bold yellow")
    left = f"; {len(report.unknown)} not compared" if report.unknown else ""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in report.summary().items() if count)
    remarks().print(
        f"{report.compared} resources compared on {report.cluster or 'the cluster'}: {counts or 'no difference'}{left}"
    )


def _print_entry(console: Any, entry: Drift) -> None:
    severity = entry.severity.value
    console.print(
        f"{SEVERITY_MARKS[severity]} {entry.verdict.value:<12} ", style=SEVERITY_STYLES[severity], end=""
    )
    console.print(plain(f"{entry.id} {entry.pointer}"))
    if entry.pointer:
        console.print(f"    git {plain(_short(entry.declared))}  ·  cluster {plain(_short(entry.live))}")
    if entry.declared_sha:
        console.print(
            f"    set by {plain(entry.declared_by)} in {entry.declared_sha[:12]} ({entry.declared_at:%Y-%m-%d})"
        )
    if entry.actor and entry.actor != entry.manager:
        when = f" at {entry.changed_at:%Y-%m-%d %H:%M:%S} UTC" if entry.changed_at else ""
        console.print(f"    done by {plain(entry.actor)}{when}, confidence {entry.confidence}")
    console.print(f"    {plain(entry.evidence)}", style="dim")


def _short(value: str) -> str:
    return (value if len(value) <= 100 else value[:99] + "…") or "-"
