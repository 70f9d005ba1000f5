"""What a format of query results is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from auditor.store.adhoc import QueryResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """Where a table is to be read: `width` in characters, on a terminal or not, in colour or not."""

    width: int = 80
    terminal: bool = False
    colour: bool = False


class OutputFormat(Protocol):
    """Turns a result into bytes for standard output or a file."""

    def render(self, result: QueryResult, screen: Screen) -> bytes:
        """All rows, in their order; QueryError where the format cannot hold a value."""
        ...
