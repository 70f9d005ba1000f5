"""`auditor snapshot`: records live clusters for later, or for elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.live_options import (
    ContextsOption,
    InClusterOption,
    KubeconfigOption,
    NoExecOption,
    WithoutOption,
    live_requests,
)
from auditor.cli.options import DEFAULT_DATABASE
from auditor.cli.progress import shown_progress
from auditor.cli.terminal import plain, remarks
from auditor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from auditor.pipeline.live import Recording


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(short_help="Record a live cluster's state.")(snapshot)


def snapshot(
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The recording, gzipped as .gz; a folder for several contexts."),
    ],
    context: ContextsOption = None,
    kubeconfig: KubeconfigOption = None,
    in_cluster: InClusterOption = False,
    no_exec: NoExecOption = False,
    without: WithoutOption = None,
    cluster: Annotated[
        str, typer.Option("--cluster", help="What the cluster is called; by default as its context.")
    ] = "",
    database: Annotated[
        Path,
        typer.Option("--db", help="The key in its folder makes the digests of secrets.", envvar="AUDITOR_DB"),
    ] = DEFAULT_DATABASE,
) -> None:
    """Record a live cluster's state, secret values replaced by digests, for `auditor drift --snapshot`."""
    from auditor.pipeline.live import record_clusters

    requests = live_requests(
        context or [],
        kubeconfig=kubeconfig,
        in_cluster=in_cluster,
        no_exec=no_exec,
        without=without,
        cluster=cluster,
    )
    if not requests:
        raise UsageError("nothing to record", hint="name a live cluster with --context NAME")
    with shown_progress() as progress:
        recordings = record_clusters(
            requests, out, database=database, now=lambda: datetime.now(UTC), progress=progress
        )
    codes = [_say(recording) for recording in recordings]
    raise typer.Exit(max(codes))


def _say(recording: Recording) -> int:
    console = remarks()
    name = plain(recording.request.shown)
    if recording.failure is not None or recording.snapshot is None:
        failure = recording.failure
        console.print(f"NOT RECORDED: {name}: {plain(str(failure))}", style="bold yellow")
        return failure.exit_code if failure is not None else ExitCode.INCOMPLETE
    told = recording.snapshot
    for remark in told.remarks:
        console.print(f"note: {plain(remark)}")
    for unread in told.unread:
        label = "left out" if unread.left_out else "INCOMPLETE"
        console.print(
            f"{label}: {plain(str(unread))}: {plain(unread.reason)}",
            style="dim" if unread.left_out else "bold yellow",
        )
    count = sum(listed.objects for listed in told.listed)
    console.print(
        f"{plain(str(recording.path))}: {count:,} objects of {len(told.listed)} kinds on {name},"
        f" Kubernetes {plain(told.kubernetes_version) or 'of an unknown version'}"
    )
    return ExitCode.INCOMPLETE if any(not unread.left_out for unread in told.unread) else ExitCode.OK
