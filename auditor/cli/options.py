"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from auditor.model import Severity
from auditor.pipeline.state import DEFAULT_DATABASE

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
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Configuration file; ./auditor.yaml where there is one.")
]
EngineOption = Annotated[
    EngineChoice | None,
    typer.Option("--engine", help="OPA, or the embedded engine; auto takes OPA where it is found."),
]
FormatOption = Annotated[DataFormat, typer.Option("--format", help="How to print.")]
FailOnOption = Annotated[
    Threshold,
    typer.Option("--fail-on", help="Exit with 1 where a finding of this severity or worse is open."),
]
