"""What the page queries share: conditions with bound values, and rows as dictionaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from auditor.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

SEVERITY_RANK = "list_position(['low', 'medium', 'high', 'critical'], severity)"
"""SQL for 1 (low) to 4 (critical); NULL for any other word."""

OF_REPOSITORY = "($repo = '' OR repo = $repo)"
"""SQL condition: the repository `$repo`, or every one where it is ''."""

OF_RESOURCES = f"source <> 'change' AND {OF_REPOSITORY}"
"""SQL condition: a finding of that repository about a resource or file, not about how a commit landed.

The latter is an event and stays open for good; counted with states, events would drown them.
"""

STATUS_RANK = "list_position(['fail', 'error', 'not evaluated', 'pass', 'manual', 'not applicable'], status)"
"""SQL for how much a rule's status decides of its control's, the most first.

What has nothing to judge takes nothing from what passes; alone it is no pass, and people's part comes before it.
"""

CHANGE_CATEGORY = "change-control"
"""The category of the rules that judge how a change landed."""


class Conditions:
    """Collects SQL conditions and their values. Column names come from code, values are always bound."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: dict[str, Any] = {}

    def add(self, condition: str, **values: Any) -> None:
        """Adds a condition whose `$names` are bound to `values`."""
        self._parts.append(condition)
        self.values.update(values)

    def one_of(self, column: str, allowed: Sequence[str]) -> None:
        """Keeps rows whose column holds one of `allowed`; all of them where that is empty."""
        if allowed:
            self.add(f"list_contains(${column}_allowed, {column})", **{f"{column}_allowed": list(allowed)})

    def text_in(self, columns: Sequence[str], text: str) -> None:
        """Keeps rows where any column contains the text, whatever the case; nothing is a wildcard."""
        if text:
            parts = (f"contains(lower({column}), lower($text))" for column in columns)
            self.add("(" + " OR ".join(parts) + ")", text=text)

    def period(self, column: str, first: date | None, last: date | None) -> None:
        """Keeps rows whose time lies between two days (UTC), both included."""
        if first is not None:
            self.add(f"{column} >= $period_first", period_first=_midnight(first))
        if last is not None:
            self.add(f"{column} < $period_end", period_end=_midnight(last + timedelta(days=1)))

    @property
    def where(self) -> str:
        """The WHERE clause, '' where there is no condition."""
        return f"WHERE {' AND '.join(self._parts)}" if self._parts else ""


def table(cursor: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> pa.Table:
    """The query's result as an Arrow table.

    Raises StoreError where the database lacks what the query reads, or cannot answer.
    """
    with _answers():
        return cursor.sql(query, params=dict(values or {})).to_arrow_table()


def rows(cursor: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> list[Row]:
    """The query's result as dictionaries, times timezone-aware. Raises as `table`.

    Not by way of Arrow, which takes pandas and a second to import.
    """
    with _answers():
        result = cursor.execute(query, dict(values or {}))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@contextmanager
def _answers() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(
            f"the database cannot answer: {str(error).splitlines()[0]}",
            hint="another version of auditor may have written it; scan again, or serve it with that version",
        ) from error


def first_row(
    cursor: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None
) -> Row | None:
    """The first row of the result, None where there is none."""
    found = rows(cursor, query, values)
    return found[0] if found else None


def number(cursor: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> int:
    """The single number that a `SELECT count(*)` gives."""
    (found,) = rows(cursor, query, values)
    (value,) = found.values()
    return int(value)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
