"""How changes landed: requests, automation, and what the change-control rules object to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from auditor.store.pages.sql import CHANGE_CATEGORY, OF_REPOSITORY, Row, rows, table

if TYPE_CHECKING:
    import pyarrow as pa

WAYS = ("request", "automation", "none")
"""How a commit landed: its message names a pull request; it names none and is a program's; neither."""


def landings_by_month(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> pa.Table:
    """Landed commits a calendar month (UTC, the committer's clock) and way: columns month, way, commits.

    'none' holds people's commits and what a forge committed in its own name.
    """
    return table(
        cursor,
        f"""
        SELECT date_trunc('month', committed_at) AS month,
               CASE WHEN pull_request <> '' THEN 'request'
                    WHEN actor_kind IN ('bot', 'automation') THEN 'automation'
                    ELSE 'none' END AS way,
               count(*) AS commits
        FROM commits WHERE landed AND {OF_REPOSITORY} GROUP BY ALL ORDER BY month, way
        """,  # noqa: S608 - constants only, values are bound
        {"repo": repo},
    )


def change_rules(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> list[Row]:
    """Every change-control rule, those with most open findings first.

    rule_id, title, `open` in all and by severity (critical, high, medium, low), and `judged`, whether
    the rule has ever answered: without that, no finding says nothing.
    """
    return rows(
        cursor,
        f"""
        WITH counted AS (
            SELECT rule_id, count(*) AS open,
                   count(*) FILTER (severity = 'critical') AS critical, count(*) FILTER (severity = 'high') AS high,
                   count(*) FILTER (severity = 'medium') AS medium, count(*) FILTER (severity = 'low') AS low
            FROM findings WHERE source = 'change' AND state = 'open' AND {OF_REPOSITORY} GROUP BY rule_id
        ), answered AS (
            SELECT DISTINCT rule_id FROM trail.rule_result WHERE evaluated > 0 AND {OF_REPOSITORY}
        ), known AS (
            SELECT rule_id FROM rules WHERE category = '{CHANGE_CATEGORY}' UNION SELECT rule_id FROM counted
        )
        SELECT rule_id, coalesce(rules.title, rule_id) AS title, coalesce(counted.open, 0)::BIGINT AS open,
               coalesce(critical, 0)::BIGINT AS critical, coalesce(high, 0)::BIGINT AS high,
               coalesce(medium, 0)::BIGINT AS medium, coalesce(low, 0)::BIGINT AS low,
               (counted.rule_id IS NOT NULL OR answered.rule_id IS NOT NULL) AS judged
        FROM known LEFT JOIN rules USING (rule_id) LEFT JOIN counted USING (rule_id)
        LEFT JOIN answered USING (rule_id)
        ORDER BY open DESC, rule_id
        """,  # noqa: S608
        {"repo": repo},
    )
