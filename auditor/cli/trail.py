"""`auditor trail`: the integrity of the trail."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.cli.options import DEFAULT_DATABASE, DatabaseOption, DataFormat, FormatOption
from auditor.cli.terminal import output, plain, print_json
from auditor.errors import ExitCode, NotAvailableError


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(no_args_is_help=True, help="Integrity of the trail: verify.", rich_markup_mode=None)
    group.command("verify")(verify)
    group.command("checkpoint", hidden=True)(checkpoint)
    group.command("export", hidden=True)(export)
    app.add_typer(group, name="trail")


def verify(
    database: DatabaseOption = DEFAULT_DATABASE,
    repo: Annotated[str, typer.Option("--repo", help="Only this repository of the trail.")] = "",
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Compare every recorded commit and file change with git itself, and say which record is wrong."""
    from auditor.pipeline.verify import verify_records

    results = verify_records(database, repo=repo)
    if output_format is DataFormat.JSON:
        print_json({"version": 1, "repositories": [result.as_dict() for result in results]})
    else:
        console = output()
        for result in results:
            console.print(f"{plain(result.repo)} at {result.tip[:12]}")
            console.print(
                f"  {result.commits:,} commits and {result.changes:,} file changes compared with git"
            )
            for difference in result.differences[:50]:
                console.print(f"  WRONG: {plain(difference)}", style="bold red")
            if len(result.differences) > 50:
                console.print(f"  … and {len(result.differences) - 50:,} more")
            console.print(
                "  every record equals git" if not result.differences else "  the trail and git DIFFER"
            )
    if any(result.differences for result in results):
        raise typer.Exit(ExitCode.FINDINGS)


def checkpoint() -> None:
    """Sign the trail's state."""
    raise NotAvailableError("checkpoints cannot be signed yet", hint="`auditor trail verify` works")


def export() -> None:
    """Export proofs."""
    raise NotAvailableError("proofs cannot be exported yet", hint="`auditor trail verify` works")
