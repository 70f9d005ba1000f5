"""CSV files: what a spreadsheet would run is text, everything else is unchanged."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.service.display import download


@pytest.mark.parametrize(
    "cell", ['=HYPERLINK("x")', "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "  =1"]
)
def test_what_looks_like_a_formula_becomes_text(cell: str) -> None:
    assert download.neutral(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["payments/api", "a=b", "", 0, -3, None, "'quoted'"])
def test_other_cells_stay(cell: object) -> None:
    assert download.neutral(cell) == cell


def test_times_and_lists() -> None:
    assert download.neutral(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2026-01-02T03:04:00+00:00"
    assert download.neutral(["a", "b"]) == "a b"
    assert download.neutral(["=a", "b"]) == "'=a b"


@given(st.lists(st.fixed_dictionaries({"name": st.text(), "message": st.text()}), min_size=1, max_size=5))
def test_reading_the_file_gives_the_rows_back_without_formulas(rows: list[dict[str, str]]) -> None:
    again = list(csv.DictReader(io.StringIO(download.to_csv(rows), newline="")))
    assert len(again) == len(rows)
    for row, read in zip(rows, again, strict=True):
        for field, value in row.items():
            assert read[field] in (value, f"'{value}")
            assert not read[field].lstrip(" ").startswith(("=", "+", "-", "@"))


def test_nothing_is_an_empty_file() -> None:
    assert download.to_csv([]) == ""
