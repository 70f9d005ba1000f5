"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.model import Severity
from auditor.pipeline.state import DEFAULT_DATABASE

if TYPE_CHECKING:
    from auditor.settings import Settings

__all__ = ["DEFAULT_DATABASE"]


class EngineChoice(StrEnum):
    """Which engine evaluates the rules."""

    AUTO = "auto"
    OPA = "opa"
    EMBEDDED = "embedded"


class Threshold(StrEnum):
    """From which severity on findings fail the command."""

    NEVER = "never"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    def met_by(self, severity: str) -> bool:
        """True where a finding of that severity fails the command."""
        return self is not Threshold.NEVER and Severity(severity).at_least(Severity(self.value))


class DataFormat(StrEnum):
    """Table for people, JSON for programs."""

    TABLE = "table"
    JSON = "json"


DatabaseOption = Annotated[
    Path, typer.Option("--db", help="The audit database.", envvar="AUDITOR_DB", show_default=True)
]
MirrorDatabaseOption = Annotated[
    Path, typer.Option("--db", help="Its folder keeps the mirror and the key.", envvar="AUDITOR_DB")
]
RepositoryArgument = Annotated[
    str, typer.Argument(help="Path or address of the repository, or a folder that is none.")
]
RevisionOption = Annotated[
    str, typer.Option("--rev", help="Branch, tag or commit; what HEAD is on by default.")
]
PolicyOption = Annotated[
    list[Path] | None, typer.Option("--policy", help="A folder of further rules; may be repeated.")
]
OutOption = Annotated[Path | None, typer.Option("--out", help="A file instead of standard output.")]
AllowHttpOption = Annotated[
    bool, typer.Option("--allow-http", help="Ask servers without TLS too, registries among them.")
]
AllowPrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="Ask servers on addresses of your own network too.")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Configuration file; ./auditor.yaml where there is one.")
]
EngineOption = Annotated[
    EngineChoice | None,
    typer.Option("--engine", help="OPA, or the embedded engine; auto takes OPA where it is found."),
]
FormatOption = Annotated[DataFormat, typer.Option("--format", help="How to print.")]
StrictOption = Annotated[
    bool | None,
    typer.Option(
        "--strict/--no-strict",
        help="Whether a field that a schema does not know is a finding; it is by default.",
        show_default=False,
    ),
]
FailOnMissingOption = Annotated[
    bool,
    typer.Option("--fail-on-missing-schema", help="A kind without schema is a finding (AUD-SCHEMA-0002)."),
]
RenderedHistoryOption = Annotated[
    str,
    typer.Option(
        "--rendered-history",
        metavar="all|90d|new|tips",
        help="Which landings are rendered besides the tip; by default new, those since the last scan.",
        show_default=False,
    ),
]
FailOnOption = Annotated[
    Threshold,
    typer.Option("--fail-on", help="Exit with 1 where a finding of this severity or worse is open."),
]


def with_rendered_history(settings: Settings, history: str) -> Settings:
    """The settings with what the command line says of rendered landings ('' for nothing) over them."""
    from auditor.errors import UsageError
    from auditor.pipeline.declared.window import RenderedHistory

    if not history:
        return settings
    try:
        RenderedHistory.of(history)
    except ValueError as error:
        raise UsageError(f"--rendered-history {history}: {error}", hint="`auditor scan --help`") from error
    rendering = settings.rendering.model_copy(update={"history": history})
    return settings.model_copy(update={"rendering": rendering})


def with_schema_options(settings: Settings, *, strict: bool | None, fail_on_missing: bool) -> Settings:
    """The settings with what the command line says of schemas over them."""
    changes: dict[str, bool] = {}
    if strict is not None:
        changes["strict"] = strict
    if fail_on_missing:
        changes["fail_on_missing"] = True
    if not changes:
        return settings
    return settings.model_copy(update={"schemas": settings.schemas.model_copy(update=changes)})
