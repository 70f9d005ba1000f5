"""Values of an Arrow table as plain Python values, and as one line of text that is safe to show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from auditor.store.output.visible import visible

PlainValue = None | bool | int | float | str | list[Any] | dict[str, Any]


def rows(table: pa.Table) -> Iterator[list[PlainValue]]:
    """Each row's values in column order, as `plain` gives them."""
    columns = [_column(column) for column in table.columns]
    for values in zip(*columns, strict=True):
        yield [plain(value) for value in values]


def plain(value: Any) -> PlainValue:
    """A value that JSON can hold: times as ISO 8601 (with Z where a zone is known), bytes as hex digits,
    what is not finite by its name ('Infinity'), so that no value is lost silently."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return (
            int(value)
            if value == value.to_integral_value() and value.as_tuple().exponent == 0
            else float(value)
        )
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [plain(item) for item in value]
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return str(value)


def text(value: PlainValue) -> str:
    """A plain value as one visible line; None is ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{visible(key)}: {text(item)}" for key, item in value.items()) + "}"
    return visible(str(value))


def _column(column: pa.ChunkedArray) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist(maps_as_pydicts="strict")
        return values
    except (ValueError, OverflowError, KeyError):
        # Years beyond Python's calendar, maps with a key twice.
        try:
            cast: list[Any] = column.cast(pa.string()).to_pylist()
            return cast
        except pa.ArrowException:
            return [str(value) for value in column]


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
