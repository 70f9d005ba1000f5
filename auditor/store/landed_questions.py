"""How questions about landed changes are asked: one statement over all of those that are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import duckdb

Execute = Callable[[str, Any], duckdb.DuckDBPyConnection]
"""Runs a statement with its parameters, in the writing transaction."""


class Questions:
    """What the questions share. `shas` None means every landed commit of the generation."""

    def __init__(self, execute: Execute, repo: str, generation: int, shas: Iterable[str] | None) -> None:
        self._execute = execute
        self._repo = repo
        self._of_reading = [repo, generation]
        everything = shas is None
        execute(
            """
            CREATE OR REPLACE TEMP TABLE judged_landing AS
            SELECT l.sha, l.position FROM trail.landing l
            WHERE l.repo = ? AND l.generation = ? AND l.landed AND (? OR l.sha IN (SELECT unnest(?::VARCHAR[])))
            """,
            [*self._of_reading, everything, list(shas or ())],
        )

    def close(self) -> None:
        """Drops what it had made for itself."""
        self._execute("DROP TABLE IF EXISTS temp.judged_landing", [])

    def rows(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any], *, drop: int = 0
    ) -> Iterator[tuple[Any, ...]]:
        """Rows without their first `drop` columns, which only order them; all are fetched before the first is given,
        since the next question runs on the same cursor."""
        rows = self._execute(sql, parameters).fetchall()
        return (row[drop:] for row in rows) if drop else iter(rows)
