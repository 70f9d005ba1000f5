"""How values are written into results."""

from __future__ import annotations

from typing import Any

import orjson

from auditor.crosscheck.schema import MISSING

_LONGEST = 4096
"""A value longer than this many bytes is cut in results; the comparison itself is always in full."""


def as_json(value: Any) -> str:
    """The value as JSON with sorted keys, '' for MISSING; what is too long ends in '…' and is no JSON any more."""
    if value is MISSING:
        return ""
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    if len(data) <= _LONGEST:
        return data.decode()
    return data[:_LONGEST].decode("utf-8", "ignore") + "…"
