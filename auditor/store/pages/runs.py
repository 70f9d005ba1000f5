"""Runs, and what they could not evaluate."""

from __future__ import annotations

import duckdb

from auditor.store.pages.sql import OF_REPOSITORY, Row, rows


def list_runs(cursor: duckdb.DuckDBPyConnection, repo: str = "", *, limit: int = 200) -> list[Row]:
    """Runs, newest first; `counts` is a dictionary."""
    found = rows(
        cursor,
        f"SELECT * FROM runs WHERE {OF_REPOSITORY} ORDER BY finished_at DESC, started_at DESC LIMIT $limit",  # noqa: S608
        {"repo": repo, "limit": limit},
    )
    for row in found:
        row["counts"] = dict(row["counts"])
    return found


def run_gaps(cursor: duckdb.DuckDBPyConnection, run: str, *, limit: int = 1000) -> list[Row]:
    """What a run could not evaluate, errors first, then the most frequent."""
    return rows(
        cursor,
        """SELECT outcome, subject, reason, occurrences, example FROM gaps WHERE run = $run
           ORDER BY outcome <> 'error', occurrences DESC, subject LIMIT $limit""",
        {"run": run, "limit": limit},
    )


def run_remarks(cursor: duckdb.DuckDBPyConnection, run: str) -> list[str]:
    """What a reader of the run's verdicts should know of the rules that were asked, in the order in which it said so."""
    found = rows(cursor, "SELECT remark FROM remarks WHERE run = $run ORDER BY position", {"run": run})
    return [row["remark"] for row in found]


def rule_results(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> list[Row]:
    """How often each rule gave which answer at the audited tip: rule_id, title, severity and counts."""
    return rows(
        cursor,
        f"""
        SELECT t.rule_id, coalesce(any_value(r.title), t.rule_id) AS title,
               coalesce(any_value(r.severity), '') AS severity,
               sum(t.evaluated)::BIGINT AS evaluated, sum(t.failed)::BIGINT AS failed,
               sum(t.skipped)::BIGINT AS skipped, sum(t.errors)::BIGINT AS errors
        FROM (SELECT * FROM trail.rule_result WHERE {OF_REPOSITORY}) t
        LEFT JOIN rules r ON r.rule_id = t.rule_id
        GROUP BY t.rule_id ORDER BY errors DESC, failed DESC, t.rule_id
        """,  # noqa: S608
        {"repo": repo},
    )
