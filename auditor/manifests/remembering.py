"""Lines that were looked at before: those of a repository's history repeat."""

from __future__ import annotations

_CHARACTERS_KEPT = 8 * 1024 * 1024


class Remembered:
    """A set of lines that forgets everything when it has become large. `lines` is for reading only."""

    __slots__ = ("_size", "lines")

    def __init__(self) -> None:
        self.lines: set[str] = set()
        self._size = 0

    def add(self, line: str) -> None:
        """Remembers the line, until there are too many."""
        self._size += len(line) + 64
        if self._size > _CHARACTERS_KEPT:
            self.lines.clear()
            self._size = len(line) + 64
        self.lines.add(line)
