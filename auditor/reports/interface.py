"""What a report format is."""

from __future__ import annotations

from typing import Protocol

from auditor.reports.model import Report


class ReportFormat(Protocol):
    """Turns the one report model into one file's bytes."""

    extension: str
    """What a file of this format is called: 'html', without the dot."""

    def render(self, report: Report) -> bytes:
        """The whole report, in UTF-8 where it is text; equal reports give equal bytes."""
        ...
