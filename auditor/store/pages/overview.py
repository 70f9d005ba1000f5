"""The first page: what was audited, what is open, how it developed.

Findings are counted where they are a state of a resource or file; `pages.changes` tells of the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from auditor.store.pages.sql import (
    CHANGE_CATEGORY,
    OF_REPOSITORY,
    OF_RESOURCES,
    SEVERITY_RANK,
    Row,
    first_row,
    rows,
    table,
)

if TYPE_CHECKING:
    import pyarrow as pa

TREND_POINTS = 400
"""The trend is drawn in days, weeks or months: the finest that needs no more points than this."""


def repositories(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all repositories that a run has read, sorted."""
    query = "SELECT repo FROM trail.repository UNION SELECT repo FROM runs ORDER BY repo"
    return [row["repo"] for row in rows(cursor, query)]


def latest_run(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> Row | None:
    """The newest run (of one repository, or of all for ''), with how many gaps it left; None before any."""
    return first_row(
        cursor,
        f"""
        SELECT r.*, coalesce(g.errors, 0)::BIGINT AS errors, coalesce(g.skipped, 0)::BIGINT AS skipped
        FROM runs r
        LEFT JOIN (
            SELECT run, sum(occurrences) FILTER (outcome = 'error') AS errors,
                   sum(occurrences) FILTER (outcome = 'skipped') AS skipped
            FROM gaps GROUP BY run
        ) g ON g.run = r.id
        WHERE {OF_REPOSITORY}
        ORDER BY finished_at DESC, started_at DESC LIMIT 1
        """,  # noqa: S608 - constants only, values are bound
        {"repo": repo},
    )


def headline(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> Row:
    """Counts of findings, commits, people, resources and drift; the first and last landed commit's time."""
    found = first_row(
        cursor,
        f"""
        SELECT
            (SELECT count(*) FROM findings WHERE state = 'open' AND {OF_RESOURCES}) AS open,
            (SELECT count(*) FROM findings WHERE state = 'fixed' AND {OF_RESOURCES}) AS fixed,
            (SELECT count(*) FROM findings WHERE state = 'waived' AND {OF_RESOURCES}) AS waived,
            (SELECT count(*) FROM findings WHERE opened_at IS NULL AND {OF_RESOURCES}) AS undated,
            (SELECT count(*) FROM drift WHERE {OF_REPOSITORY}) AS drift,
            (SELECT count(*) FROM resources WHERE {OF_REPOSITORY}) AS resources,
            c.commits, c.landed, c.people, c.first_at, c.last_at
        FROM (
            SELECT count(*) AS commits, count(*) FILTER (landed) AS landed,
                   count(DISTINCT author_email) FILTER (actor_kind = 'person') AS people,
                   min(committed_at) FILTER (landed) AS first_at,
                   max(committed_at) FILTER (landed) AS last_at
            FROM commits WHERE {OF_REPOSITORY}
        ) c
        """,  # noqa: S608
        {"repo": repo},
    )
    return found or {}


def open_by_severity(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> dict[str, int]:
    """Open findings a severity; a severity without any is absent."""
    query = f"""
        SELECT severity, count(*) AS n FROM findings WHERE state = 'open' AND {OF_RESOURCES} GROUP BY ALL
    """  # noqa: S608
    return {row["severity"]: row["n"] for row in rows(cursor, query, {"repo": repo})}


def open_advisory(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> dict[str, int]:
    """Those of `open_by_severity` that fail nothing, as whoever wrote their rules wants it."""
    query = f"""
        SELECT severity, count(*) AS n FROM findings WHERE state = 'open' AND advisory AND {OF_RESOURCES} GROUP BY ALL
    """  # noqa: S608
    return {row["severity"]: row["n"] for row in rows(cursor, query, {"repo": repo})}


def trend_step(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> str:
    """'day', 'week' or 'month': the finest step that draws the whole history in TREND_POINTS."""
    found = first_row(
        cursor,
        f"""SELECT date_diff('day', min(opened_at), max(greatest(opened_at, coalesce(fixed_at, opened_at))))
            AS days FROM findings WHERE {OF_RESOURCES}""",  # noqa: S608
        {"repo": repo},
    )
    days = (found or {}).get("days") or 0
    if days <= TREND_POINTS:
        return "day"
    return "week" if days <= TREND_POINTS * 7 else "month"


def open_trend(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> pa.Table:
    """How many findings were open at the end of each step, a severity: columns bucket, severity, open.

    Begins one step before the first finding, at zero. Findings whose opening commit is not known are
    left out (`headline()['undated']`).
    """
    step = trend_step(cursor, repo)
    return table(
        cursor,
        f"""
        WITH moves AS (
            SELECT date_trunc('{step}', opened_at) AS bucket, severity, 1 AS move
            FROM findings WHERE opened_at IS NOT NULL AND {OF_RESOURCES}
            UNION ALL
            SELECT date_trunc('{step}', fixed_at), severity, -1
            FROM findings WHERE opened_at IS NOT NULL AND fixed_at IS NOT NULL AND {OF_RESOURCES}
        ), span AS (
            SELECT min(bucket) AS oldest, greatest(max(bucket), (
                SELECT date_trunc('{step}', max(committed_at)) FROM commits WHERE landed AND {OF_REPOSITORY}
            )) AS newest FROM moves
        ), grid AS (
            SELECT bucket, severity
            FROM (SELECT unnest(generate_series(oldest - INTERVAL 1 {step}, newest, INTERVAL 1 {step})) AS bucket FROM span)
            CROSS JOIN (SELECT DISTINCT severity FROM moves)
        ), summed AS (
            SELECT bucket, severity, sum(move) AS move FROM moves GROUP BY ALL
        )
        SELECT grid.bucket, grid.severity,
               (sum(coalesce(summed.move, 0)) OVER (PARTITION BY grid.severity ORDER BY grid.bucket))::BIGINT AS open
        FROM grid LEFT JOIN summed USING (bucket, severity)
        ORDER BY grid.bucket, {SEVERITY_RANK}
        """,  # noqa: S608
        {"repo": repo},
    )


def monthly_flow(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> pa.Table:
    """Findings opened and fixed a calendar month (UTC): columns month, event ('opened'|'fixed'), findings."""
    return table(
        cursor,
        f"""
        SELECT date_trunc('month', opened_at) AS month, 'opened' AS event, count(*) AS findings
        FROM findings WHERE opened_at IS NOT NULL AND {OF_RESOURCES} GROUP BY ALL
        UNION ALL
        SELECT date_trunc('month', fixed_at), 'fixed', count(*)
        FROM findings WHERE fixed_at IS NOT NULL AND {OF_RESOURCES} GROUP BY ALL
        ORDER BY month, event
        """,  # noqa: S608
        {"repo": repo},
    )


_DAYS_TO_FIX = "date_diff('second', opened_at, fixed_at) / 86400.0"


def time_to_fix(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> list[Row]:
    """Per severity, worst first: fixed findings, median and 90th percentile of the days they were open."""
    return rows(
        cursor,
        f"""
        SELECT severity, count(*) AS fixed, median({_DAYS_TO_FIX}) AS median_days,
               quantile_cont({_DAYS_TO_FIX}, 0.9) AS p90_days
        FROM findings WHERE opened_at IS NOT NULL AND fixed_at IS NOT NULL AND {OF_RESOURCES}
        GROUP BY severity ORDER BY {SEVERITY_RANK} DESC
        """,  # noqa: S608
        {"repo": repo},
    )


FIX_TIME_BANDS = ("within a day", "1–7 days", "8–30 days", "31–90 days", "91–365 days", "over a year")


def fix_time_distribution(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> pa.Table:
    """Fixed findings by how long they were open: columns band (FIX_TIME_BANDS), severity, findings."""
    return table(
        cursor,
        f"""
        SELECT CASE
                 WHEN days < 1 THEN 'within a day' WHEN days <= 7 THEN '1–7 days'
                 WHEN days <= 30 THEN '8–30 days' WHEN days <= 90 THEN '31–90 days'
                 WHEN days <= 365 THEN '91–365 days' ELSE 'over a year'
               END AS band, severity, count(*) AS findings
        FROM (
            SELECT severity, {_DAYS_TO_FIX} AS days FROM findings
            WHERE opened_at IS NOT NULL AND fixed_at IS NOT NULL AND {OF_RESOURCES}
        ) GROUP BY ALL
        """,  # noqa: S608
        {"repo": repo},
    )


def frequent_rules(cursor: duckdb.DuckDBPyConnection, repo: str = "", *, limit: int = 10) -> list[Row]:
    """The rules with most open findings: rule_id, title, severity, open, all of its findings ever, and whether what it
    says is advisory."""
    return rows(
        cursor,
        f"""
        SELECT rule_id, coalesce(any_value(title), rule_id) AS title, any_value(severity) AS severity,
               count(*) FILTER (state = 'open') AS open, count(*) AS ever, bool_or(advisory) AS advisory
        FROM findings WHERE {OF_RESOURCES}
        GROUP BY rule_id ORDER BY open DESC, ever DESC, rule_id LIMIT $limit
        """,  # noqa: S608
        {"repo": repo, "limit": limit},
    )


def people(cursor: duckdb.DuckDBPyConnection, repo: str = "", *, limit: int = 10) -> list[Row]:
    """Who opened and who fixed most: person, opened, fixed, and how many of the opened are still open."""
    return rows(
        cursor,
        f"""
        SELECT person, sum(opened)::BIGINT AS opened, sum(fixed)::BIGINT AS fixed,
               sum(still_open)::BIGINT AS still_open
        FROM (
            SELECT opened_by AS person, count(*) AS opened, 0 AS fixed,
                   count(*) FILTER (state = 'open') AS still_open
            FROM findings WHERE opened_by <> '' AND {OF_RESOURCES} GROUP BY ALL
            UNION ALL
            SELECT fixed_by, 0, count(*), 0
            FROM findings WHERE fixed_by <> '' AND {OF_RESOURCES} GROUP BY ALL
        )
        GROUP BY person ORDER BY sum(opened + fixed) DESC, person LIMIT $limit
        """,  # noqa: S608
        {"repo": repo, "limit": limit},
    )


def commits_by_actor(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> list[Row]:
    """Commits and landed commits by actor_kind (person, bot, automation, forge)."""
    return rows(
        cursor,
        f"""
        SELECT actor_kind, count(*) AS commits, count(*) FILTER (landed) AS landed
        FROM commits WHERE {OF_REPOSITORY} GROUP BY ALL ORDER BY commits DESC
        """,  # noqa: S608
        {"repo": repo},
    )


def rule_coverage(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> Row:
    """What the rules answered at the audited tip: rules known and applied; documents by answer.

    Change-control rules answer about commits, not documents, and are left out.
    """
    found = first_row(
        cursor,
        f"""
        WITH about_documents AS (
            SELECT * FROM trail.rule_result WHERE {OF_REPOSITORY}
            AND rule_id NOT IN (SELECT rule_id FROM rules WHERE category = '{CHANGE_CATEGORY}')
        )
        SELECT (SELECT count(*) FROM rules WHERE category <> '{CHANGE_CATEGORY}') AS rules,
               count(DISTINCT rule_id) FILTER (evaluated > 0) AS applied,
               coalesce(sum(evaluated), 0)::BIGINT AS evaluated, coalesce(sum(failed), 0)::BIGINT AS failed,
               coalesce(sum(skipped), 0)::BIGINT AS skipped, coalesce(sum(errors), 0)::BIGINT AS errors
        FROM about_documents
        """,  # noqa: S608
        {"repo": repo},
    )
    return found or {}
