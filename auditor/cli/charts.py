"""`auditor fetch-charts`: the charts that a repository needs, before it is audited without the network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import (
    DEFAULT_DATABASE,
    AllowHttpOption,
    AllowPrivateOption,
    ConfigOption,
    DataFormat,
    FormatOption,
    MirrorDatabaseOption,
    RepositoryArgument,
    RevisionOption,
)
from auditor.cli.progress import shown_progress
from auditor.cli.terminal import output, plain, print_json, remarks
from auditor.errors import ExitCode, MissingPartError


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("fetch-charts", short_help="Fetch the Helm charts that a repository's releases need.")(
        fetch_charts_command
    )


def fetch_charts_command(
    repo: RepositoryArgument = ".",
    revision: RevisionOption = "",
    folder: Annotated[
        Path | None, typer.Option("--charts", help="Where they go; the configured folder by default.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Also look for newer versions in ranges that have one already.")
    ] = False,
    allow_http: AllowHttpOption = False,
    allow_private: AllowPrivateOption = False,
    database: MirrorDatabaseOption = DEFAULT_DATABASE,
    config: ConfigOption = None,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Fetch the Helm charts that a repository's releases need from HTTPS repositories and OCI registries, checked by
    digest. Scans render from that folder alone and never go to the network.

    Exits with 3 where a chart could not be fetched.
    """
    from auditor.cli.audit import settings_of
    from auditor.pipeline.fetching.addresses import Allowed

    try:
        from auditor.pipeline.charts import FetchRequest, fetch_charts
    except ModuleNotFoundError as error:
        raise MissingPartError(
            f"fetching charts needs the package {error.name}", hint="pip install 'auditor[charts]' brings it"
        ) from error

    with shown_progress() as progress:
        found = fetch_charts(
            FetchRequest(
                location=repo,
                database=database,
                settings=settings_of(config),
                revision=revision,
                folder=folder,
                update=update,
                allowed=Allowed(plain_http=allow_http, private=allow_private),
                progress=progress,
            )
        )
    if output_format is DataFormat.JSON:
        rows = [{name: getattr(chart, name) for name in chart.__dataclass_fields__} for chart in found]
        print_json({"version": 1, "charts": rows})
    else:
        for chart in found:
            line = f"{chart.state:<7}  {chart.name} {chart.version or chart.asked}  {chart.repository}"
            output().print(plain(line))
            if chart.message:
                output().print(plain(f"         {chart.message}"))
    failed = sum(chart.state == "failed" for chart in found)
    remarks().print(
        f"{len(found)} charts: {sum(chart.state == 'fetched' for chart in found)} fetched, "
        f"{sum(chart.state == 'there' for chart in found)} there already, {failed} not fetched"
    )
    if failed:
        raise typer.Exit(ExitCode.INCOMPLETE)
