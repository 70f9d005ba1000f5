"""Lists as CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import streamlit as st

MAX_ROWS = 50_000
"""Rows of one file."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# OWASP, "CSV Injection": a cell that begins so is a formula to a spreadsheet.


def neutral(value: Any) -> Any:
    """The cell as text that no spreadsheet takes for a formula: an apostrophe goes before those that look so."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        value = " ".join(str(item) for item in value)
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as CSV (RFC 4180) with a header, times in ISO 8601; '' where there is no row."""
    written = io.StringIO(newline="")
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(written, fieldnames=list(row))
            writer.writeheader()
        writer.writerow({field: neutral(value) for field, value in row.items()})
    return written.getvalue()


def csv_button(name: str, total: int, read: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
    """Offers everything that the filters keep as a file; it is read only when somebody asks for it.

    `read` gives at most MAX_ROWS rows.
    """
    label = "Download as CSV" if total <= MAX_ROWS else f"Download the first {MAX_ROWS:,} as CSV"
    st.download_button(
        label,
        data=lambda: to_csv(read()).encode(),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
