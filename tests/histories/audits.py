"""Scans hand-made histories with the real pipeline and reads what it recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.pipeline.scan import ScanRequest, ScanResult, scan
from auditor.policy.judge import EngineSession, Judge, JudgeSpec
from auditor.settings import Settings
from auditor.store.database import open_database
from auditor.store.results import results_digest

DETECTED = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first scan runs; each further one a day later."""

RUN_COLUMNS = frozenset(
    {
        "detected_at", "detected_run", "first_seen_at", "location", "revision", "run", "seq", "seen_at", "checked_at",
        "fetched_at",
    }
)  # fmt: skip
"""Columns that say which run recorded a row and where in the log, and not what is true of the repository."""

RUN_TABLES = frozenset(
    {"run", "checkpoint", "leaf", "tree_head", "ref_observation", "result_bucket"}
    | {"image_file", "image_reference"}
)
"""Tables that tell of runs: of two short ones and a long one they tell different things. The last two hold what was
read of the tips that there were, for the view `images`, which is compared instead."""


_UNTIMED = "CASE WHEN rule_id = 'AUD-CHG-0005' THEN '' ELSE message END AS message"
"""A date in the future is told by how far it was ahead when a run first saw it: a matter of when runs were."""


def _column(name: str) -> str:
    """A column's name in quotes, as some are words of SQL; an expression as it is."""
    return name if name == _UNTIMED else f'"{name}"'


_ON_REFS = ("AUD-CHG-0014", "AUD-CHG-0015", "AUD-CHG-0016")
"""Rules on moves of refs: who looks more often sees more moves."""


@dataclass
class Audit:
    """A database and the repository it is about."""

    repository: Path
    database: Path
    settings: Settings = field(default_factory=lambda: Settings(engine="embedded"))
    runs: int = 0

    def scan(
        self, *, revision: str = "", render: bool = False, settings: Settings | None = None
    ) -> ScanResult:
        """One run, a day after the one before. What its record says of its results is held against the results."""
        now = DETECTED + timedelta(days=self.runs)
        self.runs += 1
        result = scan(
            ScanRequest(
                location=str(self.repository),
                database=self.database,
                settings=settings or self.settings,
                revision=revision,
                jobs=1,
                render=render,
                now=lambda: now,
            )
        )
        with open_database(self.database, read_only=True) as opened:
            cursor = opened.cursor()
            question = "SELECT results_digest FROM trail.run WHERE id = ?"
            [(recorded,)] = cursor.execute(question, [result.run]).fetchall()
            told = set(json.loads(recorded).items())
            found = set(json.loads(results_digest(cursor, result.repo, result.run)).items())
            assert told == found, told ^ found
        return result

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the database answers; `found` are the findings in files, without those on how commits landed, those on
        several resources together, and those of a history that was rewritten away."""
        sql = f"WITH found AS (FROM findings WHERE source NOT IN ('change', 'set') AND NOT lost) {sql}"
        with open_database(self.database, read_only=True) as opened:
            return opened.cursor().execute(sql, list(parameters)).fetchall()

    def lives(self, rule: str) -> list[tuple[str, str, str, str]]:
        """(name, path, opened_sha, fixed_sha) of every lifetime of a rule's findings, oldest opening first."""
        return self.rows(
            "SELECT name, path, opened_sha, fixed_sha FROM found WHERE rule_id = ?"
            " ORDER BY opened_at, id, occurrence",
            rule,
        )

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every base table without what names the run; only the last run's gaps."""
        columns: dict[str, list[str]] = {}
        for table, column in self.rows(
            "SELECT table_name, column_name FROM duckdb_columns()"
            " WHERE schema_name = 'trail' AND table_name IN (SELECT table_name FROM duckdb_tables())"
            " ORDER BY table_name, column_index"
        ):
            if column not in RUN_COLUMNS and table not in RUN_TABLES:
                columns.setdefault(table, []).append(column)
        found = {}
        for table, names in columns.items():
            where = ""
            if table == "finding":
                names = [_UNTIMED if name == "message" else name for name in names]
                where = "WHERE kind <> 'Ref'"
            if table == "rule_result":
                where = f"WHERE rule_id NOT IN {_ON_REFS}"
            if table == "gap":
                where = "WHERE run = (SELECT id FROM trail.run ORDER BY rowid DESC LIMIT 1)"
            found[table] = sorted(
                self.rows(f"SELECT {', '.join(map(_column, names))} FROM trail.{table} {where}"), key=repr
            )
        found["images"] = sorted(self.rows("SELECT * FROM images"), key=repr)
        return found


class SharedJudges:
    """Judges by what they are made of, so that a hundred scans compile the rules once."""

    def __init__(self) -> None:
        self._judges: dict[str, Judge] = {}

    def __call__(self, spec: JudgeSpec, *, session: EngineSession | None = None) -> Any:
        """A judge of its own engine, whatever `session` has: that one ends with its scan."""
        key = repr(spec)
        if key not in self._judges:
            self._judges[key] = Judge(spec)
        return _Kept(self._judges[key])


class _Kept:
    """A judge that survives its closing."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def __getattr__(self, name: str) -> Any:
        return getattr(self._judge, name)

    def close(self) -> None:
        return None

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *exc: object) -> None:
        return None


_SHARED = SharedJudges()


def share_judges(patch: pytest.MonkeyPatch) -> Callable[[JudgeSpec], Any]:
    """Makes scans of this process use the same judges; gives the maker."""
    patch.setattr("auditor.pipeline.scan.opening.Judge", _SHARED)
    patch.setattr("auditor.pipeline.mining.worker.Judge", _SHARED)
    return _SHARED
