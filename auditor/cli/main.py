"""The commands and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

import auditor
from auditor.cli import (
    audit,
    charts,
    check,
    drift,
    findings,
    graph,
    images,
    policy,
    report,
    service,
    setup,
    snapshot,
    trail,
)
from auditor.cli.terminal import plain, remarks
from auditor.errors import AuditorError, ExitCode

app = typer.Typer(
    name="auditor",
    help="Policy and audit for GitOps repositories: who changed what, was it allowed, does the cluster hold it.",
    epilog="Exit codes: 0 nothing at or over --fail-on, 1 findings, 2 wrong usage, 3 something could not be evaluated.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"auditor {auditor.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""


for _module in (
    setup,
    audit,
    check,
    charts,
    drift,
    snapshot,
    graph,
    images,
    findings,
    report,
    policy,
    trail,
    service,
):
    _module.add_to(app)


def main() -> None:
    """Entry point of `auditor`."""
    # Nobody's plugins run in our models, and looking for some in every installed package takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app(prog_name="auditor")
    except AuditorError as error:
        _complain(error.message, error.hint)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    except KeyboardInterrupt:
        _complain("interrupted; the database is as the last complete run left it", "")
        sys.exit(130)
    except Exception as error:
        if os.environ.get("AUDITOR_DEBUG"):
            raise
        _complain(
            f"auditor itself failed: {type(error).__name__}: {error}",
            "this is a defect; set AUDITOR_DEBUG=1 and run it again for the details to report",
        )
        sys.exit(ExitCode.INCOMPLETE)


def _complain(message: str, hint: str) -> None:
    console = remarks()
    console.print("error: ", style="bold red", end="")
    console.print(plain(message))
    if hint:
        console.print(f"  {plain(hint)}", style="dim")
