"""CSV as RFC 4180 has it, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

from auditor.store.adhoc import QueryResult
from auditor.store.output.cells import PlainValue, rows
from auditor.store.output.interface import Screen

FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is run as a formula by spreadsheets (OWASP, CSV injection)."""


class CsvFormat:
    """A header line, CRLF line ends, UTF-8 without a mark; a null is an empty field.

    A *text* that a spreadsheet would run as a formula gets a `'` in front; numbers stay as they are.
    """

    def render(self, result: QueryResult, screen: Screen) -> bytes:
        """All rows; lists and structures as JSON text."""
        sink = io.StringIO(newline="")
        writer = csv.writer(sink, lineterminator="\r\n")
        writer.writerow([guard(name) for name in result.columns])
        writer.writerows([_field(value) for value in row] for row in rows(result.table))
        return sink.getvalue().encode("utf-8", errors="replace")


def guard(text: str) -> str:
    """The text, quoted where a spreadsheet would take it for a formula."""
    return "'" + text if text.startswith(FORMULA_START) else text


def _field(value: PlainValue) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, list | dict):
        return json.dumps(value)
    return value
