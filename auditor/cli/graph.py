"""`auditor graph`: what deploys what."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from auditor.cli.options import (
    DEFAULT_DATABASE,
    ConfigOption,
    MirrorDatabaseOption,
    RepositoryArgument,
    RevisionOption,
)
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
    repo: RepositoryArgument = ".",
    revision: RevisionOption = "",
    environment: Annotated[str, typer.Option("--environment", help="Only this environment.")] = "",
    render: Annotated[
        bool, typer.Option("--render/--no-render", help="Without rendering only the structure is told.")
    ] = True,
    database: MirrorDatabaseOption = DEFAULT_DATABASE,
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
        # On one line: a folder's name may hold a line break, and what follows it would look like ours.
        line = " ".join(plain(reason).splitlines())
        remarks().print(f"INCOMPLETE: {line}", style="bold yellow")
    if found.incomplete:
        raise typer.Exit(ExitCode.INCOMPLETE)
