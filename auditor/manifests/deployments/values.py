"""Reading fields of objects that nobody has checked: another type counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def text(value: Any) -> str:
    """The value where it is a text, else ''."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; nothing where it is none."""
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list; nothing where it is none."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
