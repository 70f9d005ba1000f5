"""A trail of small runs, written as a scan writes it, without git."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.store.database import Database, open_database
from auditor.store.log import newest_head
from auditor.store.results import record_results
from auditor.store.writer import writing
from auditor.trail.log import Log
from auditor.trail.records import RECORD_KINDS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run_row(number: int, digest: str | None = None) -> tuple[Any, ...]:
    values: dict[str, Any] = {"id": f"run-{number}", "repo": "shop", "started_at": NOW, "finished_at": NOW}
    values |= {"parser_version": 1, "counts": {"n": 1}, "generation": 1, "results_digest": digest}
    return tuple(values.get(column, "x") for column in RECORD_KINDS["run"].columns)


def record_run(database: Database, number: int) -> None:
    """What a scan leaves, in little."""
    head = newest_head(database.cursor())
    log = Log(head.size, head.frontier) if head else Log()
    with writing(database) as writer:
        if not head:
            writer.append("repository", [("shop", "/nowhere/shop.git", "main", NOW)])
            writer.append("generation", log.numbered("generation", [("shop", 1, "run-0", "first")]))
        sha = f"{number:040x}"
        change = ("shop", sha, "apps/web.yaml", "", "modified", "a" * 40, "b" * 40, "100644", "100644")
        writer.append("file_change", log.numbered("file_change", [change]))
        fields = [
            ("shop", f"{number}" * 64, "f" * 64, "/spec/x", "1", None),
            ("shop", f"{number}" * 64, "f" * 64, "/a", None, "2"),
        ]
        writer.append("field_diff", log.numbered("field_diff", fields))
        writer.append("verdict", [("shop", "f" * 64, "AUD-X", "fail", "/spec", f"message {number}", "")])
        writer.append("gap", [(f"run-{number}", "shop", "skipped", "AUD-Y", "no schema", 1, "")])
        digest = record_results(writer.cursor, "shop", f"run-{number}")
        writer.append("run", log.numbered("run", [run_row(number, digest)]))
        writer.append("leaf", log.leaves())
        writer.append("tree_head", [(log.size, log.root(), log.frontier(), f"run-{number}", NOW)])


def make(path: Path) -> None:
    """Two runs: records 0 to 3, and 4 to 6."""
    with open_database(path, create=True) as database:
        record_run(database, 0)
        record_run(database, 1)
