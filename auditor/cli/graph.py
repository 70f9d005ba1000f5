"""`auditor graph`: what deploys what."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import DEFAULT_DATABASE, ConfigOption
from auditor.cli.progress import shown_progress
from auditor.cli.terminal import plain, remarks
from auditor.errors import ExitCode


class GraphFormatChoice(StrEnum):
    """How the graph is written."""

    TREE = "tree"
    JSON = "json"
    MERMAID = "mermaid"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(short_help="Show what deploys what, from the entry points down.")(graph)


def graph(
    repo: Annotated[
        str, typer.Argument(help="Path or address of the repository, or a folder that is none.")
    ] = ".",
    revision: Annotated[
        str, typer.Option("--rev", help="Branch, tag or commit; what HEAD is on by default.")
    ] = "",
    environment: Annotated[str, typer.Option("--environment", help="Only this environment.")] = "",
    render: Annotated[
        bool, typer.Option("--render/--no-render", help="Without rendering only the structure is told.")
    ] = True,
    database: Annotated[
        Path, typer.Option("--db", help="Its folder keeps the mirror and the key.", envvar="AUDITOR_DB")
    ] = DEFAULT_DATABASE,
    config: ConfigOption = None,
    output_format: Annotated[
        GraphFormatChoice, typer.Option("--format", help="For people, for programs, or for Markdown.")
    ] = GraphFormatChoice.TREE,
) -> None:
    """Show what deploys what: every deployment from the entry points down, what it waits for and takes, what could
    not be rendered and why, and the files that nothing deploys.

    Exits with 3 where a file or a build is broken, so that something may be missing.
    """
    from auditor.cli.audit import settings_of
    from auditor.pipeline.graph import GraphRequest, deployment_graph
    from auditor.reports.graph.formats import GRAPH_FORMATS

    with shown_progress() as progress:
        found = deployment_graph(
            GraphRequest(
                location=repo,
                database=database,
                settings=settings_of(config),
                revision=revision,
                environment=environment,
                render=render,
                progress=progress,
            )
        )
    sys.stdout.buffer.write(GRAPH_FORMATS[output_format.value].render(found))
    sys.stdout.flush()
    for reason in found.incomplete:
        remarks().print(f"INCOMPLETE: {plain(reason)}", style="bold yellow")
    if found.incomplete:
        raise typer.Exit(ExitCode.INCOMPLETE)
