"""Kubernetes quantities and Go durations by value.

Grammar of quantities: the documentation of `k8s.io/apimachinery/pkg/api/resource.Quantity`
(a decimal number, then a binary suffix, a decimal suffix or a decimal exponent). Grammar of durations:
Go's `time.ParseDuration`.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Context, Decimal, InvalidOperation
from fractions import Fraction

_BINARY = {suffix: 2 ** (10 * power) for power, suffix in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:(?P<exponent>[eE][+-]?[0-9]{1,3})|(?P<suffix>[KMGTPE]i|[numkMGTPE]?))"
)
_CONTEXT = Context(prec=100)
_NANO = Decimal("1e-9")

_DURATION_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_DURATION = re.compile(rf"[+-]?(?:0|(?:{_DURATION_PART.pattern})+)")
_SECONDS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_LONGEST = 64
"""Neither a quantity nor a duration that means anything is longer; more would only cost time."""


def quantity(value: object) -> Decimal | None:
    """A quantity's value, None where it is none. The API server rounds up to nano, and so does this."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    try:
        number = Decimal(match["number"])
        suffix = match["suffix"] or ""
        if match["exponent"]:
            number = _CONTEXT.scaleb(number, int(match["exponent"][1:]))
        elif suffix in _BINARY:
            number = _CONTEXT.multiply(number, Decimal(_BINARY[suffix]))
        else:
            number = _CONTEXT.scaleb(number, _DECIMAL[suffix])
        if number != 0 and abs(number) < Decimal("1e18"):
            number = number.quantize(_NANO, rounding=ROUND_CEILING, context=_CONTEXT)
    except InvalidOperation:
        return None
    return number


def duration(value: object) -> Fraction | None:
    """A Go duration in seconds, exactly; None where it is none."""
    if not isinstance(value, str) or len(value) > _LONGEST or not _DURATION.fullmatch(value):
        return None
    sign = -1 if value.startswith("-") else 1
    return sign * sum(
        (Fraction(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(value)), Fraction(0)
    )
