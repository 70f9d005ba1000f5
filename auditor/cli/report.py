"""`auditor report`: compliance reports."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import DEFAULT_DATABASE, DatabaseOption, OutOption
from auditor.cli.terminal import remarks
from auditor.errors import NotAvailableError, UsageError

LATER_FORMATS = ("pdf", "oscal", "csv", "json")


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(short_help="Write a compliance report.")(report)


def report(
    framework: Annotated[
        str, typer.Argument(help="Such as soc2; `auditor policy list --framework` takes the same.")
    ],
    database: DatabaseOption = DEFAULT_DATABASE,
    period: Annotated[
        str,
        typer.Option("--period", help="2026, 2026-Q3, 2026-08 or 2026-07-01..2026-09-30; all by default."),
    ] = "",
    repo: Annotated[
        str,
        typer.Option("--repo", help="One repository of the database by its name; all together by default."),
    ] = "",
    output_format: Annotated[
        str, typer.Option("--format", help="html or markdown; by the ending of --out, else html.")
    ] = "",
    out: OutOption = None,
) -> None:
    """Write a compliance report: controls, their evidence, who and when, and what was not evaluated."""
    from auditor.reports.build import build_report
    from auditor.reports.formats import FORMATS
    from auditor.reports.period import parse_period
    from auditor.store.database import open_database

    output_format = output_format or _by_ending(out)
    if output_format in LATER_FORMATS:
        raise NotAvailableError(
            f"reports cannot be written as {output_format} yet", hint="use html or markdown"
        )
    if output_format not in FORMATS:
        raise UsageError(f"there is no format {output_format!r}", hint=f"one of {', '.join(FORMATS)}")
    with open_database(database, read_only=True) as opened:
        built = build_report(
            opened, framework, parse_period(period) if period else None, now=datetime.now(UTC), repo=repo
        )
    data = FORMATS[output_format].render(built)
    if out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from error
    remarks().print(f"wrote {out} ({len(data):,} bytes)")


def _by_ending(out: Path | None) -> str:
    """The format that the file's name asks for; HTML for a name without an ending."""
    ending = out.suffix.lstrip(".").lower() if out is not None else ""
    return {"": "html", "htm": "html", "md": "markdown"}.get(ending, ending)
