"""The demo: builds the sample repository, audits it with its recorded cluster, gathers what was found."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from auditor.errors import UsageError
from auditor.pipeline.drift import cross_check_recorded
from auditor.pipeline.drift_report import DriftReport
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.scan import ScanRequest, ScanResult, scan
from auditor.sample import SampleRepository, build_sample_repository, sample_audit_log, sample_snapshot
from auditor.settings import Settings
from auditor.store.database import Database, open_database


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The audited sample: where it is, what the scan and the cross-check said, and chosen facts by name."""

    repository: SampleRepository
    database: Path
    scan: ScanResult
    drift: DriftReport
    facts: dict[str, Any]


def build_demo(
    folder: Path,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    engine: Literal["auto", "opa", "embedded"] = "auto",
) -> Demo:
    """Builds everything below `folder`: the repository and its audit database.

    A folder that an earlier demo made is used again; raises UsageError for one that holds anything else.
    """
    target, database = folder / "northwind-gitops", folder / "audit.duckdb"
    if folder.exists() and any(folder.iterdir()) and not (folder / "audit.duckdb").exists():
        raise UsageError(f"{folder} holds other things", hint="name an empty folder with --folder")
    progress = progress or Silent()
    progress.stage("building the sample repository", None, "")
    if target.exists():
        shutil.rmtree(target)
    repository = build_sample_repository(target)
    settings = Settings(engine=engine)
    result = scan(
        ScanRequest(location=str(target), database=database, settings=settings, now=now, progress=progress)
    )
    progress.stage("holding the cluster against git", None, "")
    drift = cross_check_recorded(
        database,
        repo=result.repo,
        location=str(target),
        revision="",
        snapshot=sample_snapshot(),
        cluster="",
        settings=settings,
        now=now(),
        run=result.run,
        audit_logs=(sample_audit_log(),),
    )
    with open_database(database, read_only=True) as opened:
        facts = _facts(opened, result.repo)
    return Demo(repository=repository, database=database, scan=result, drift=drift, facts=facts)


_FACTS = {
    "population": """
        SELECT count(*) AS commits, count(*) FILTER (landed) AS landed,
               count(DISTINCT author_email) FILTER (actor_kind = 'person') AS people,
               count(*) FILTER (actor_kind <> 'person') AS by_bots,
               min(committed_at) FILTER (landed) AS first_at, max(committed_at) FILTER (landed) AS last_at
        FROM commits WHERE repo = $repo""",
    "open": "SELECT severity, count(*) AS n FROM findings WHERE repo = $repo AND state = 'open' AND source <> 'change' GROUP BY severity",
    "fixed": """
        SELECT count(*) AS n, median(days_open) AS median_days FROM findings
        WHERE repo = $repo AND state = 'fixed'""",
    "worst_open": """
        SELECT id, rule_id, severity, kind, name, environment, title, opened_at, opened_by FROM findings
        WHERE repo = $repo AND state = 'open' AND source <> 'change' AND opened_at IS NOT NULL
        ORDER BY list_position(['critical', 'high', 'medium', 'low'], severity), opened_at, id LIMIT 3""",
    "longest_fixed": """
        SELECT id, rule_id, severity, kind, name, environment, title, opened_at, opened_by, fixed_at, fixed_by,
               days_open
        FROM findings WHERE repo = $repo AND state = 'fixed' AND severity IN ('critical', 'high')
        ORDER BY list_position(['critical', 'high'], severity), days_open DESC, id LIMIT 3""",
    "worst_landings": """
        SELECT id, rule_id, severity, kind, name, environment, title, opened_at, opened_by FROM findings
        WHERE repo = $repo AND state = 'open' AND source = 'change' AND severity <> 'low'
        ORDER BY opened_at, id LIMIT 3""",
    "direct_pushes": "SELECT count(*) AS n FROM findings WHERE repo = $repo AND rule_id = 'AUD-CHG-0001'",
    "unsigned": "SELECT count(*) AS n FROM findings WHERE repo = $repo AND rule_id = 'AUD-CHG-0004'",
}


def _facts(database: Database, repo: str) -> dict[str, Any]:
    cursor = database.cursor()
    facts: dict[str, Any] = {}
    for name, sql in _FACTS.items():
        cursor.execute(sql, {"repo": repo})
        columns = [column[0] for column in cursor.description or ()]
        facts[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return facts
