"""JSON: one list, one object a row."""

from __future__ import annotations

import json

from auditor.store.adhoc import QueryResult
from auditor.store.output.cells import rows
from auditor.store.output.interface import Screen


class JsonFormat:
    """A list of objects, one a line; times as ISO 8601 with Z, whole numbers whole."""

    def render(self, result: QueryResult, screen: Screen) -> bytes:
        """UTF-8 with every other character than ASCII escaped, so that a terminal shows it harmlessly."""
        lines = [
            json.dumps(dict(zip(result.columns, row, strict=True)), allow_nan=False)
            for row in rows(result.table)
        ]
        return ("[" + ",\n ".join(lines) + "]\n").encode("ascii")
