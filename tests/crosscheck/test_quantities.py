"""Quantities and durations by value; the rows follow the documentation of resource.Quantity and ParseDuration."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.crosscheck.quantities import duration, quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"), ("1", "1"), ("0.2", "0.2"), ("200m", "0.2"), (".5", "0.5"), ("5.", "5"), ("+1", "1"),
        ("-1", "-1"), ("1Ki", "1024"), ("1Mi", "1048576"), ("1Gi", "1073741824"), ("1.5Gi", "1610612736"),
        ("1Ti", "1099511627776"), ("1Pi", "1125899906842624"), ("1Ei", "1152921504606846976"),
        ("1k", "1000"), ("1M", "1000000"), ("1.25G", "1250000000"), ("1250M", "1250000000"),
        ("1T", "1e12"), ("1P", "1e15"), ("1E", "1e18"), ("1n", "1e-9"), ("1u", "1e-6"),
        ("1e3", "1000"), ("1E3", "1000"), ("12e-1", "1.2"), ("1e+2", "100"), (1, "1"), (0.5, "0.5"),
        ("0.1n", "1e-9"),
    ],
)  # fmt: skip
def test_quantities(text: object, value: str) -> None:
    assert quantity(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m",
        "1 Gi",
        "1gi",
        "1K",
        "1KI",
        "1mi",
        "0x10",
        "1e",
        "1Gi1",
        "1,5",
        "nan",
        "inf",
        True,
        None,
        [],
        "9" * 80,
    ],
)
def test_what_is_no_quantity(text: object) -> None:
    assert quantity(text) is None


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_milli_and_plain_agree(number: int) -> None:
    assert quantity(f"{number}m") == quantity(str(Decimal(number) / 1000))
    assert quantity(f"{number}Ki") == quantity(str(number * 1024))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("8760h", 31536000), ("8760h0m0s", 31536000), ("1h30m", 5400), ("90m", 5400), ("1.5h", 5400),
        ("300ms", Fraction(3, 10)), ("1us", Fraction(1, 10**6)), ("1µs", Fraction(1, 10**6)), ("2ns", Fraction(2, 10**9)),
        ("-1m", -60), (".5s", Fraction(1, 2)),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: object) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "1d", "h", "1h 30m", "PT1H", "1H", 60, None])
def test_what_is_no_duration(text: object) -> None:
    assert duration(text) is None
