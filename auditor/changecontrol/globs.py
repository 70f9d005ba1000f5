"""Globs over paths: `*` and `?` within one name, `**` across folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def matches(path: str, globs: Iterable[str]) -> bool:
    """True where one of the globs fits the whole path."""
    return any(_pattern(glob).fullmatch(path) for glob in globs)


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    special = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(special.get(part, re.escape(part)) for part in parts), re.DOTALL)
