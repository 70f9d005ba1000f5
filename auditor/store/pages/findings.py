"""Findings: the filtered list, the choices for its filters, one finding with its occurrences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import duckdb

from auditor.store.pages.sql import SEVERITY_RANK, Conditions, Row, number, rows, table

if TYPE_CHECKING:
    import pyarrow as pa


class Source(StrEnum):
    """What findings are about: resources and files, how commits landed, or both."""

    RESOURCES = "resources"
    CHANGES = "changes"
    ALL = "all"


_OF_SOURCE = {Source.RESOURCES: "source <> 'change'", Source.CHANGES: "source = 'change'"}


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingFilter:
    """Which findings to show; what is empty does not narrow.

    `people` are matched against who opened or fixed it; `opened_from` and `opened_to` are days in UTC,
    both included; `text` is looked for in id, rule, title, message, resource name, path and pointer.
    """

    repo: str = ""
    source: Source = Source.ALL
    severities: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    text: str = ""
    opened_from: date | None = None
    opened_to: date | None = None


_TEXT_COLUMNS = ("id", "rule_id", "coalesce(title, '')", "message", "name", "namespace", "path", "pointer")


def _conditions(wanted: FindingFilter) -> Conditions:
    conditions = Conditions()
    if wanted.repo:
        conditions.add("repo = $repo", repo=wanted.repo)
    if wanted.source in _OF_SOURCE:
        conditions.add(_OF_SOURCE[wanted.source])
    conditions.one_of("severity", wanted.severities)
    conditions.one_of("state", wanted.states)
    conditions.one_of("environment", wanted.environments)
    conditions.one_of("kind", wanted.kinds)
    conditions.one_of("rule_id", wanted.rules)
    if wanted.people:
        conditions.add(
            "(list_contains($people, opened_by) OR list_contains($people, fixed_by))",
            people=list(wanted.people),
        )
    conditions.text_in(_TEXT_COLUMNS, wanted.text)
    conditions.period("opened_at", wanted.opened_from, wanted.opened_to)
    return conditions


def count_findings(cursor: duckdb.DuckDBPyConnection, wanted: FindingFilter) -> int:
    """How many findings (occurrences) the filter keeps."""
    conditions = _conditions(wanted)
    query = f"SELECT count(*) FROM findings {conditions.where}"  # noqa: S608 - values are bound
    return number(cursor, query, conditions.values)


def list_findings(
    cursor: duckdb.DuckDBPyConnection, wanted: FindingFilter, *, limit: int, offset: int = 0
) -> pa.Table:
    """One page of findings: open ones first, then worst first, then newest first.

    `opened_subject` is the message of the commit that opened it, '' where that is not known.
    """
    conditions = _conditions(wanted)
    order = f"state <> 'open', {SEVERITY_RANK} DESC, opened_at DESC NULLS FIRST, id, occurrence"
    return table(
        cursor,
        f"""
        WITH page AS (
            SELECT * FROM findings {conditions.where} ORDER BY {order} LIMIT $limit OFFSET $offset
        )
        SELECT page.*, coalesce(commits.subject, '') AS opened_subject
        FROM page LEFT JOIN commits ON commits.repo = page.repo AND commits.sha = page.opened_sha
        ORDER BY {order}
        """,  # noqa: S608
        {**conditions.values, "limit": limit, "offset": offset},
    )


def finding_choices(cursor: duckdb.DuckDBPyConnection, repo: str = "") -> dict[str, list[str]]:
    """What the filters can offer: environments, kinds, rules and people that occur, sorted."""
    found = rows(
        cursor,
        """
        WITH chosen AS (SELECT * FROM findings WHERE $repo = '' OR repo = $repo)
        SELECT 'environments' AS field, environment AS choice FROM chosen
        UNION SELECT 'kinds', kind FROM chosen
        UNION SELECT 'rules', rule_id FROM chosen
        UNION SELECT 'people', opened_by FROM chosen
        UNION SELECT 'people', fixed_by FROM chosen
        ORDER BY field, choice
        """,
        {"repo": repo},
    )
    choices: dict[str, list[str]] = {"environments": [], "kinds": [], "rules": [], "people": []}
    for row in found:
        if row["choice"]:
            choices[row["field"]].append(row["choice"])
    return choices


def finding_occurrences(cursor: duckdb.DuckDBPyConnection, finding_id: str, repo: str = "") -> list[Row]:
    """Every occurrence of one finding, newest first, with the rule's description and remediation.

    Empty where there is no such id. The same id may occur in several repositories: name one.
    """
    return rows(
        cursor,
        """
        SELECT f.*, r.description, r.remediation, r.category
        FROM findings f LEFT JOIN rules r ON r.rule_id = f.rule_id
        WHERE f.id = $id AND ($repo = '' OR f.repo = $repo) ORDER BY f.repo, f.occurrence DESC
        """,
        {"id": finding_id, "repo": repo},
    )


def findings_of_resource(
    cursor: duckdb.DuckDBPyConnection,
    *,
    repo: str,
    environment: str,
    kind: str,
    namespace: str,
    name: str,
    limit: int = 200,
) -> list[Row]:
    """What is open or waived in one resource, open ones first, worst first."""
    return rows(
        cursor,
        f"""
        SELECT * FROM findings
        WHERE repo = $repo AND environment = $environment AND kind = $kind AND namespace = $namespace AND name = $name
          AND source <> 'change' AND state <> 'fixed'
        ORDER BY state <> 'open', {SEVERITY_RANK} DESC, opened_at DESC NULLS FIRST, id LIMIT $limit
        """,  # noqa: S608 - a constant
        {
            "repo": repo,
            "environment": environment,
            "kind": kind,
            "namespace": namespace,
            "name": name,
            "limit": limit,
        },
    )


def waivers_of(cursor: duckdb.DuckDBPyConnection, finding_id: str, repo: str) -> list[Row]:
    """What the audited tip says to accept the finding, what holds first: state ('holds', 'expired'), source, reason,
    owner, granted, expires, ticket, path, line."""
    return rows(
        cursor,
        """
        SELECT state, source, reason, owner, granted, expires, ticket, path, line FROM waivers
        WHERE repo = $repo AND list_contains(findings, $id)
        ORDER BY state <> 'holds', expires DESC NULLS FIRST, path, line
        """,
        {"id": finding_id, "repo": repo},
    )


def trace_of(cursor: duckdb.DuckDBPyConnection, finding_id: str, repo: str) -> list[Row]:
    """Where the field of a finding on something rendered comes from, the source first: position, path, line (0 for a
    whole file), column, what, exact, and of the commit that last wrote the source's line sha, subject, author and
    committed_at, '' and None where it is not known. Empty for other findings."""
    return rows(
        cursor,
        """
        SELECT t.position, t.path, t.line, t."column", t.what, t.exact, t.sha,
               coalesce(c.subject, '') AS subject, coalesce(c.author_name, '') AS author, c.committed_at
        FROM traces t LEFT JOIN commits c ON c.repo = t.repo AND c.sha = t.sha
        WHERE t.finding = $id AND t.repo = $repo ORDER BY t.position
        """,
        {"id": finding_id, "repo": repo},
    )


def controls_of_rule(cursor: duckdb.DuckDBPyConnection, rule_id: str) -> list[Row]:
    """The controls that a rule is evidence for: framework, control, title."""
    return rows(
        cursor,
        "SELECT DISTINCT framework, control, title FROM controls WHERE rule_id = $rule ORDER BY ALL",
        {"rule": rule_id},
    )


def same_rule_open(cursor: duckdb.DuckDBPyConnection, rule_id: str, repo: str, *, limit: int) -> list[Row]:
    """Open findings of a rule, newest first; `opened_subject` is the opening commit's message, '' if not known."""
    return rows(
        cursor,
        """
        WITH newest AS (
            SELECT id, repo, severity, environment, kind, namespace, name, pointer, opened_at, opened_by, opened_sha
            FROM findings WHERE rule_id = $rule AND repo = $repo AND state = 'open'
            ORDER BY opened_at DESC NULLS FIRST, id LIMIT $limit
        )
        SELECT newest.*, coalesce(commits.subject, '') AS opened_subject
        FROM newest LEFT JOIN commits ON commits.repo = newest.repo AND commits.sha = newest.opened_sha
        ORDER BY opened_at DESC NULLS FIRST, id
        """,
        {"rule": rule_id, "repo": repo, "limit": limit},
    )
