"""The period that a report speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from auditor.errors import UsageError

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Half open, in UTC: `start` belongs to it, `end` does not. `label` is what the reader calls it."""

    label: str
    start: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        return (self.end - timedelta(microseconds=1)).date()


def parse_period(text: str) -> Period:
    """Reads `2026-Q3`, `2026`, `2026-08` or `2026-07-01..2026-09-30` (both days belong to it).

    Raises UsageError for anything else, for days that are not in the calendar, and for an end before
    the start.
    """
    try:
        return _parse(text.strip())
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is not a period",
            hint="write 2026-Q3, 2026, 2026-08 or 2026-07-01..2026-09-30 (days are UTC)",
        ) from error


def _parse(text: str) -> Period:
    if match := _RANGE.fullmatch(text):
        first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
        if last < first:
            raise ValueError("the end is before the start")
        return Period(label=text, start=_midnight(first), end=_midnight(last + timedelta(days=1)))
    if match := _QUARTER.fullmatch(text):
        year, quarter = int(match[1]), int(match[2])
        return _months(f"{match[1]}-Q{quarter}", year, 3 * quarter - 2, 3)
    if match := _MONTH.fullmatch(text):
        return _months(text, int(match[1]), int(match[2]), 1)
    if match := _YEAR.fullmatch(text):
        return _months(text, int(match[1]), 1, 12)
    raise ValueError("no known form")


def _months(label: str, year: int, month: int, count: int) -> Period:
    after = year * 12 + month - 1 + count
    return Period(
        label=label,
        start=_midnight(date(year, month, 1)),
        end=_midnight(date(after // 12, after % 12 + 1, 1)),
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
