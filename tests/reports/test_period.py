from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.reports.period import parse_period


@pytest.mark.parametrize(
    ("text", "start", "last", "days"),
    [
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), 90),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30), 92),
        ("2026-q4", date(2026, 10, 1), date(2026, 12, 31), 92),
        ("2026Q2", date(2026, 4, 1), date(2026, 6, 30), 91),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), 365),
        ("2024", date(2024, 1, 1), date(2024, 12, 31), 366),
        ("2026-08", date(2026, 8, 1), date(2026, 8, 31), 31),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), 31),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), 29),
        ("2026-07-01..2026-09-30", date(2026, 7, 1), date(2026, 9, 30), 92),
        ("2026-07-01..2026-07-01", date(2026, 7, 1), date(2026, 7, 1), 1),
        (" 2026-08 ", date(2026, 8, 1), date(2026, 8, 31), 31),
    ],
)
def test_forms(text: str, start: date, last: date, days: int) -> None:
    period = parse_period(text)
    assert period.start == datetime(start.year, start.month, start.day, tzinfo=UTC)
    assert period.last_day == last
    assert (period.end - period.start).days == days


@pytest.mark.parametrize(
    "text",
    [
        "", "Q3", "2026-Q5", "2026-13", "2026-00", "26-08", "2026-8", "2026-02-30..2026-03-01", "0000", "9999-12",
        "2026-09-30..2026-07-01", "2026-07-01..", "last quarter", "2026-07-01", "2026-Q3; DROP TABLE runs",
    ],
)  # fmt: skip
def test_anything_else_is_named_with_the_forms_that_work(text: str) -> None:
    with pytest.raises(UsageError, match="is not a period") as caught:
        parse_period(text)
    assert "2026-Q3" in str(caught.value)


@given(st.integers(1, 9998))
def test_months_and_quarters_tile_the_year(year: int) -> None:
    months = [parse_period(f"{year:04}-{month:02}") for month in range(1, 13)]
    quarters = [parse_period(f"{year:04}-Q{quarter}") for quarter in range(1, 5)]
    whole = parse_period(f"{year:04}")
    assert [m.end for m in months[:-1]] == [m.start for m in months[1:]]
    assert [q.start for q in quarters] == [months[n].start for n in (0, 3, 6, 9)]
    assert (
        (quarters[0].start, quarters[3].end) == (months[0].start, months[11].end) == (whole.start, whole.end)
    )
