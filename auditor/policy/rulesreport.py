"""What testing or linting the rules gives to whoever prints it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesReport:
    """`lines` say what was done, `failures` what is wrong, one a line; `checked` counts what was looked at."""

    lines: tuple[str, ...]
    failures: tuple[str, ...]
    checked: int
