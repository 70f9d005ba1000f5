"""Globs over names and paths, as waivers write them."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def name_glob(glob: str) -> re.Pattern[str]:
    """For a whole name: `*` is any text, `?` any character; everything else is itself."""
    parts = re.split(r"(\*|\?)", glob)
    special = {"*": ".*", "?": "."}
    return re.compile("".join(special.get(part, re.escape(part)) for part in parts) + r"\Z", re.DOTALL)


@lru_cache(maxsize=4096)
def path_glob(glob: str) -> re.Pattern[str]:
    """For a whole path: `**` crosses folders, `*` and `?` stay within a name; a folder's name takes all below it."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob.strip("/"))
    special = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(special.get(part, re.escape(part)) for part in parts) + r"(?:/.*)?\Z", re.DOTALL
    )


def is_glob(text: str) -> bool:
    """True where the text may fit more than itself."""
    return "*" in text or "?" in text
