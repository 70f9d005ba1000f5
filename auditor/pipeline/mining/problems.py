"""Which rule a file breaks that cannot be read as kubectl would read it."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.policy.builtin import DUPLICATE_KEY, OVER_LIMIT, UNREADABLE_YAML

FILE_RULES = {
    "syntax": UNREADABLE_YAML,
    "null-key": UNREADABLE_YAML,
    "unsupported-value": UNREADABLE_YAML,
    "untyped": UNREADABLE_YAML,
    "duplicate-key": DUPLICATE_KEY,
    "limit": OVER_LIMIT,
    "not-utf8": OVER_LIMIT,
}
"""Rule by Problem code. 'template' is not here: a file made to be rendered is skipped, not wrong."""


def is_unreadable(codes: Iterable[str]) -> bool:
    """True where one of a file's problems hides what it holds: nobody knows what has gone from it and what is left.

    A key given twice hides nothing, and a template is no manifest.
    """
    return any(FILE_RULES.get(code, DUPLICATE_KEY) != DUPLICATE_KEY for code in codes)
