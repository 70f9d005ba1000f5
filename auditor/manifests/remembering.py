"""Lines that were looked at before: those of a repository's history repeat."""

from __future__ import annotations

from typing import Generic, TypeVar

_CHARACTERS_KEPT = 5 * 1024 * 1024
_PER_LINE = 100
"""Bytes that Python needs for a short text and its place in a table."""

_Facts = TypeVar("_Facts")


class Remembered(Generic[_Facts]):
    """What was found on lines; forgets everything when it has become large. `lines` is for reading only."""

    __slots__ = ("_size", "lines")

    def __init__(self) -> None:
        self.lines: dict[str, _Facts] = {}
        self._size = 0

    def add(self, line: str, facts: _Facts) -> None:
        """Remembers the line, until there are too many."""
        self._size += len(line) + _PER_LINE
        if self._size > _CHARACTERS_KEPT:
            self.lines.clear()
            self._size = len(line) + _PER_LINE
        self.lines[line] = facts
