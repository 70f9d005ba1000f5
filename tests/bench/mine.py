"""One scan through the library, as `auditor scan` makes it, that tells where its time went. Prints JSON.

python tests/bench/mine.py SOURCE DATABASE [--judge] [--engine ENGINE]
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path

from auditor.pipeline.scan import ScanRequest, scan
from auditor.settings import Settings
from auditor.store.database import open_database


class Stages:
    """A progress that keeps how long each stage took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._label = ""
        self._since = time.monotonic()

    def stage(self, label: str, total: int | None, unit: str) -> None:
        """Ends the stage before."""
        now = time.monotonic()
        if self._label:
            self.seconds[self._label] = self.seconds.get(self._label, 0.0) + now - self._since
        self._label, self._since = label, now

    def advance(self, amount: int) -> None:
        """Nothing: only stages are timed."""


def main() -> None:
    """Scans, and prints stages, counts, rows by table and the database's size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("database", type=Path)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--engine", default="auto")
    options = parser.parse_args()
    stages = Stages()
    result = scan(
        ScanRequest(
            location=options.source,
            database=options.database,
            settings=Settings(engine=options.engine),
            judge=options.judge,
            judge_changes=options.judge,
            now=lambda: datetime.now(UTC),
            progress=stages,
        )
    )
    stages.stage("", None, "")
    with open_database(options.database, read_only=True) as opened:
        tables = opened.cursor().execute(
            "SELECT table_name, estimated_size FROM duckdb_tables() WHERE schema_name = 'trail' ORDER BY 1"
        )
        rows = {name: size for name, size in tables.fetchall() if size}
    answer = {
        "stages_s": stages.seconds,
        "counts": dict(result.counts),
        "rows": rows,
        "bytes": options.database.stat().st_size,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
