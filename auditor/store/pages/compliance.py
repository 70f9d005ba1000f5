"""Controls of a framework with their status and the evidence behind it."""

from __future__ import annotations

import duckdb

from auditor.store.pages.sql import Row, rows


def frameworks(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """The frameworks that the rule bundle maps, sorted."""
    found = rows(cursor, "SELECT DISTINCT framework FROM controls ORDER BY framework")
    return [row["framework"] for row in found]


def framework_controls(cursor: duckdb.DuckDBPyConnection, framework: str) -> list[Row]:
    """The controls of a framework, one row each, in control order.

    A control is only as good as its worst rule: fail, error, not evaluated, pass; 'manual' where no
    rule speaks for it. `rules` counts its rules, `passing` those that pass, `evaluated` the answers
    behind it; `manual` says what people still have to do, '' if nothing.
    """
    return rows(
        cursor,
        """
        SELECT control, any_value(title) AS title,
               CASE
                   WHEN count(*) FILTER (rule_id <> '') = 0 THEN 'manual'
                   WHEN count(*) FILTER (status = 'fail') > 0 THEN 'fail'
                   WHEN count(*) FILTER (status = 'error') > 0 THEN 'error'
                   WHEN count(*) FILTER (status = 'not evaluated') > 0 THEN 'not evaluated'
                   ELSE 'pass'
               END AS status,
               count(*) FILTER (rule_id <> '') AS rules,
               count(*) FILTER (status = 'pass') AS passing,
               sum(open_findings)::BIGINT AS open_findings,
               sum(evaluated)::BIGINT AS evaluated,
               coalesce(string_agg(DISTINCT manual, '; ') FILTER (manual <> ''), '') AS manual
        FROM controls WHERE framework = $framework
        GROUP BY control ORDER BY control
        """,
        {"framework": framework},
    )


def control_rules(cursor: duckdb.DuckDBPyConnection, framework: str, control: str) -> list[Row]:
    """The rules behind one control: rule_id, title, severity, category, status, open_findings, evaluated."""
    return rows(
        cursor,
        """
        SELECT c.rule_id, coalesce(r.title, c.rule_id) AS title, coalesce(r.severity, '') AS severity,
               coalesce(r.category, '') AS category, c.status, c.open_findings, c.evaluated
        FROM controls c LEFT JOIN rules r ON r.rule_id = c.rule_id
        WHERE c.framework = $framework AND c.control = $control AND c.rule_id <> ''
        ORDER BY c.open_findings DESC, c.rule_id
        """,
        {"framework": framework, "control": control},
    )
