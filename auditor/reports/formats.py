"""The table of report formats."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from auditor.reports.html import HtmlFormat
from auditor.reports.interface import ReportFormat
from auditor.reports.markdown import MarkdownFormat

FORMATS: Mapping[str, ReportFormat] = MappingProxyType(
    {
        "html": HtmlFormat(),
        "markdown": MarkdownFormat(),
    }
)
