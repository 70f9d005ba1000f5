"""Controls of a framework with their status and the evidence behind it."""

from __future__ import annotations

import duckdb

from auditor.store.pages.sql import STATUS_RANK, Row, rows

# A rule over several repositories: the worst of its statuses, where one repository that holds nothing for it to judge
# takes nothing from what another holds.
_RULES = f"""
    SELECT control, rule_id, any_value(title) AS title, min(position) AS position, max(manual) AS manual,
           arg_min(status, {STATUS_RANK}) AS status,
           sum(open_findings)::BIGINT AS open_findings, sum(waived_findings)::BIGINT AS waived_findings,
           sum(evaluated)::BIGINT AS evaluated
    FROM controls
    WHERE framework = $framework AND ($repo = '' OR repo = $repo)
    GROUP BY control, rule_id
"""  # noqa: S608 - a constant


def frameworks(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """The frameworks that the rule bundle maps, sorted."""
    found = rows(cursor, "SELECT DISTINCT framework FROM controls ORDER BY framework")
    return [row["framework"] for row in found]


def framework_controls(cursor: duckdb.DuckDBPyConnection, framework: str, repo: str = "") -> list[Row]:
    """The controls of a framework, one row each, in the framework's order; in one repository, '' for all together.

    A control is only as good as its worst rule: fail, error, not evaluated, pass. Rules that have nothing to judge are
    left out of that; where all of them are, the control is 'not applicable', or 'manual' where people have a part in
    it. 'manual' too is what no rule speaks for. `rules` counts its rules, `passing` those that pass, `not_applicable`
    those with nothing to judge, `evaluated` the answers behind it; `manual` says what people still have to do, '' if
    nothing.
    """
    return rows(
        cursor,
        f"""
        WITH of_rule AS ({_RULES})
        SELECT control, any_value(title) AS title,
               arg_min(status, {STATUS_RANK}) AS status,
               count(*) FILTER (rule_id <> '') AS rules,
               count(*) FILTER (status = 'pass') AS passing,
               count(*) FILTER (status = 'not applicable') AS not_applicable,
               sum(open_findings)::BIGINT AS open_findings, sum(waived_findings)::BIGINT AS waived_findings,
               sum(evaluated)::BIGINT AS evaluated,
               coalesce(string_agg(DISTINCT manual, '; ') FILTER (manual <> ''), '') AS manual
        FROM of_rule
        GROUP BY control ORDER BY min(position), control
        """,  # noqa: S608 - a constant
        {"framework": framework, "repo": repo},
    )


def control_rules(
    cursor: duckdb.DuckDBPyConnection, framework: str, control: str, repo: str = ""
) -> list[Row]:
    """The rules behind one control: rule_id, title, severity, category, status, open_findings, waived_findings, evaluated.

    In one repository, '' for all together.
    """
    return rows(
        cursor,
        f"""
        WITH of_rule AS ({_RULES})
        SELECT c.rule_id, coalesce(r.title, c.rule_id) AS title, coalesce(r.severity, '') AS severity,
               coalesce(r.category, '') AS category, c.status, c.open_findings, c.waived_findings,
               c.evaluated
        FROM of_rule c LEFT JOIN rules r ON r.rule_id = c.rule_id
        WHERE c.control = $control AND c.rule_id <> ''
        ORDER BY c.open_findings DESC, c.rule_id
        """,  # noqa: S608 - a constant
        {"framework": framework, "control": control, "repo": repo},
    )
