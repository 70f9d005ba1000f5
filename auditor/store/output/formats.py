"""The table of formats for query results."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import TextIO

from auditor.errors import UsageError
from auditor.store.adhoc import QueryResult
from auditor.store.output.csv_rows import CsvFormat
from auditor.store.output.interface import OutputFormat, Screen
from auditor.store.output.json_objects import JsonFormat
from auditor.store.output.parquet import ParquetFormat
from auditor.store.output.table import TableFormat

FORMATS: Mapping[str, OutputFormat] = MappingProxyType(
    {
        "table": TableFormat(),
        "json": JsonFormat(),
        "csv": CsvFormat(),
        "parquet": ParquetFormat(),
    }
)


def render(result: QueryResult, name: str, screen: Screen | None = None) -> bytes:
    """The result as bytes in the format `name`; only the table looks at the screen.

    Raises UsageError where there is no such format.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}", hint=f"choose one of {', '.join(FORMATS)}")
    return FORMATS[name].render(result, screen or Screen())


def screen_of(stream: TextIO) -> Screen:
    """What the stream is: a terminal of some width, in colour unless NO_COLOR is set, or a pipe."""
    terminal = stream.isatty()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(width=shutil.get_terminal_size().columns, terminal=terminal, colour=colour)
