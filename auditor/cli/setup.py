"""`auditor demo`, `init`, `doctor`: from nothing to a first audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.live_options import (
    ContextOption,
    InClusterOption,
    KubeconfigOption,
    NoExecOption,
    WithoutOption,
    live_requests,
)
from auditor.cli.options import DataFormat, FormatOption
from auditor.cli.terminal import output, print_json, remarks
from auditor.errors import ExitCode, UsageError


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(short_help="Audit a sample repository, say what was found.")(demo)
    app.command()(init)
    app.command(short_help="Say what is installed, and what may be read.")(doctor)


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where the sample repository and its audit go.")
    ] = Path("auditor-demo"),
    serve: Annotated[bool, typer.Option("--serve", help="Open the dashboard on it afterwards.")] = False,
    port: Annotated[int, typer.Option("--port", help="The dashboard's port.")] = 8501,
) -> None:
    """Audit a sample repository with its recorded cluster, and say what was found."""
    from auditor.cli.demo import run_demo

    database = run_demo(folder)
    if serve:
        from auditor.cli.service import start

        start(database, port=port)


def init(
    file: Annotated[Path, typer.Option("--out", help="Where to write it.")] = Path("auditor.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented auditor.yaml."""
    from auditor.settings.template import TEMPLATE

    if file.exists() and not force:
        raise UsageError(f"{file} exists", hint="--force overwrites it, --out names another file")
    try:
        file.write_text(TEMPLATE, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    remarks().print(f"wrote {file}; every key in it is optional")


def doctor(
    context: ContextOption = "",
    kubeconfig: KubeconfigOption = None,
    in_cluster: InClusterOption = False,
    no_exec: NoExecOption = False,
    without: WithoutOption = None,
    rbac: Annotated[
        bool,
        typer.Option("--rbac", help="With a cluster: print the least roles that let it be read, as YAML."),
    ] = False,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Say what is installed, what is missing, and how to get it; of a live cluster, what may be read there."""
    requests = live_requests(
        [context] if context else [],
        kubeconfig=kubeconfig,
        in_cluster=in_cluster,
        no_exec=no_exec,
        without=without,
    )
    if requests:
        from auditor.cli.cluster_doctor import examine

        examine(requests[0], as_json=output_format is DataFormat.JSON, rbac=rbac)
        return
    if rbac:
        raise UsageError("--rbac is about a cluster", hint="name one with --context")
    _installation(output_format)


def _installation(output_format: DataFormat) -> None:
    from auditor.doctor import examine

    parts = examine()
    if output_format is DataFormat.JSON:
        print_json([part.as_dict() for part in parts])
    else:
        console = output()
        width = max(len(part.name) for part in parts)
        for part in parts:
            mark = "ok     " if part.present else ("MISSING" if part.required else "absent ")
            console.print(f"{mark}  {part.name:<{width}}  {part.version or '-':<14}  {part.purpose}")
            if not part.present:
                console.print(f"{'':9}{'':<{width}}  {part.remedy}")
    if any(part.required and not part.present for part in parts):
        raise typer.Exit(ExitCode.USAGE)
