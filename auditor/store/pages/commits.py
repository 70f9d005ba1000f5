"""The audit trail: the filtered list of commits, and one commit with all that it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from auditor.store.pages.sql import SEVERITY_RANK, Conditions, Row, first_row, number, rows, table

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitFilter:
    """Which commits to show; what is empty does not narrow.

    `people` are author names; `path` is looked for in the paths a commit changed; the period is that
    of the committer's clock, in UTC days, both included.
    """

    repo: str = ""
    people: tuple[str, ...] = ()
    actor_kinds: tuple[str, ...] = ()
    landed_only: bool = False
    text: str = ""
    path: str = ""
    committed_from: date | None = None
    committed_to: date | None = None


def _conditions(wanted: CommitFilter) -> Conditions:
    conditions = Conditions()
    if wanted.repo:
        conditions.add("repo = $repo", repo=wanted.repo)
    conditions.one_of("author_name", wanted.people)
    conditions.one_of("actor_kind", wanted.actor_kinds)
    if wanted.landed_only:
        conditions.add("landed")
    conditions.text_in(("subject", "body", "sha", "pull_request"), wanted.text)
    if wanted.path:
        conditions.add(
            "(repo, sha) IN (SELECT (repo, sha) FROM file_changes"
            " WHERE contains(lower(path), lower($path)) OR contains(lower(old_path), lower($path)))",
            path=wanted.path,
        )
    conditions.period("committed_at", wanted.committed_from, wanted.committed_to)
    return conditions


def count_commits(cursor: duckdb.DuckDBPyConnection, wanted: CommitFilter) -> int:
    """How many commits the filter keeps."""
    conditions = _conditions(wanted)
    query = f"SELECT count(*) FROM commits {conditions.where}"  # noqa: S608 - values are bound
    return number(cursor, query, conditions.values)


def list_commits(
    cursor: duckdb.DuckDBPyConnection, wanted: CommitFilter, *, limit: int, offset: int = 0
) -> pa.Table:
    """One page of commits, newest first, with how many findings about resources and files each opened and fixed."""
    conditions = _conditions(wanted)
    return table(
        cursor,
        f"""
        WITH page AS (
            SELECT * FROM commits {conditions.where}
            ORDER BY committed_at DESC, position DESC NULLS LAST, sha LIMIT $limit OFFSET $offset
        ), opened AS (
            SELECT repo, opened_sha AS sha, count(*) AS n FROM findings SEMI JOIN page
            ON findings.repo = page.repo AND findings.opened_sha = page.sha WHERE findings.source <> 'change' GROUP BY ALL
        ), fixed AS (
            SELECT repo, fixed_sha AS sha, count(*) AS n FROM findings SEMI JOIN page
            ON findings.repo = page.repo AND findings.fixed_sha = page.sha GROUP BY ALL
        )
        SELECT page.*, coalesce(opened.n, 0)::BIGINT AS opened, coalesce(fixed.n, 0)::BIGINT AS fixed
        FROM page LEFT JOIN opened USING (repo, sha) LEFT JOIN fixed USING (repo, sha)
        ORDER BY committed_at DESC, position DESC NULLS LAST, sha
        """,  # noqa: S608
        {**conditions.values, "limit": limit, "offset": offset},
    )


def commit_people(cursor: duckdb.DuckDBPyConnection, repo: str = "", *, limit: int = 2000) -> list[str]:
    """Author names, those with most commits first."""
    found = rows(
        cursor,
        """SELECT author_name FROM commits WHERE $repo = '' OR repo = $repo
           GROUP BY author_name ORDER BY count(*) DESC, author_name LIMIT $limit""",
        {"repo": repo, "limit": limit},
    )
    return [row["author_name"] for row in found]


def find_commits(cursor: duckdb.DuckDBPyConnection, sha: str, repo: str = "") -> list[Row]:
    """The commits whose id is `sha` or begins with it (at least 7 digits), at most two."""
    if len(sha) < 7:
        return []
    return rows(
        cursor,
        "SELECT * FROM commits WHERE starts_with(sha, $sha) AND ($repo = '' OR repo = $repo) ORDER BY sha LIMIT 2",
        {"sha": sha.lower(), "repo": repo},
    )


def commit_files(cursor: duckdb.DuckDBPyConnection, repo: str, sha: str, *, limit: int = 500) -> pa.Table:
    """The files a commit changed: path, old_path, change, modes; in path order."""
    return table(
        cursor,
        """SELECT path, old_path, change, old_mode, new_mode FROM file_changes
           WHERE repo = $repo AND sha = $sha ORDER BY path LIMIT $limit""",
        {"repo": repo, "sha": sha, "limit": limit},
    )


def commit_resources(cursor: duckdb.DuckDBPyConnection, repo: str, sha: str, *, limit: int = 500) -> pa.Table:
    """The resources a commit changed: change, environment, api_version, kind, namespace, name, path."""
    return table(
        cursor,
        """SELECT change, environment, api_version, kind, namespace, name, path FROM resource_changes
           WHERE repo = $repo AND sha = $sha ORDER BY environment, kind, namespace, name, path LIMIT $limit""",
        {"repo": repo, "sha": sha, "limit": limit},
    )


def commit_fields(cursor: duckdb.DuckDBPyConnection, repo: str, sha: str, *, limit: int = 500) -> pa.Table:
    """The fields a commit changed: resource, pointer, old and new value (redacted where secret)."""
    return table(
        cursor,
        """SELECT environment, api_version, kind, namespace, name, pointer, old_value, new_value FROM field_changes
           WHERE repo = $repo AND sha = $sha ORDER BY environment, kind, namespace, name, pointer LIMIT $limit""",
        {"repo": repo, "sha": sha, "limit": limit},
    )


def commit_findings(cursor: duckdb.DuckDBPyConnection, repo: str, sha: str, *, limit: int = 500) -> list[Row]:
    """What the rules say of a commit, worst first; `event` is 'landed' (about how it landed), 'opened' or 'fixed'."""
    return rows(
        cursor,
        f"""
        SELECT if(source = 'change', 'landed', 'opened') AS event, * FROM findings
        WHERE repo = $repo AND opened_sha = $sha
        UNION ALL
        SELECT 'fixed', * FROM findings WHERE repo = $repo AND fixed_sha = $sha
        ORDER BY event DESC, {SEVERITY_RANK} DESC, id LIMIT $limit
        """,  # noqa: S608 - a constant
        {"repo": repo, "sha": sha, "limit": limit},
    )


def commit_signature(cursor: duckdb.DuckDBPyConnection, repo: str, sha: str) -> Row | None:
    """The last check of a commit's signature: status, signer, key (fingerprint), reason, checked_at; None where none."""
    return first_row(
        cursor,
        """SELECT status, signer, key, reason, checked_at FROM trail.signature_check
           WHERE repo = $repo AND sha = $sha ORDER BY seq DESC LIMIT 1""",
        {"repo": repo, "sha": sha},
    )


def commit_change(cursor: duckdb.DuckDBPyConnection, repo: str, sha: str) -> Row | None:
    """What a forge told of a landed commit: the request (number, url, title), whether it is confirmed, author,
    approvers (None where that is not known), merged_by and the reason in words. None for what did not land."""
    return first_row(
        cursor,
        """
        SELECT u.number, u.url, u.claimed, u.confirmed, u.method, u.reason, u.author, u.approvers, u.merged_by,
               u.landed_at, p.title, p.merged_at, p.forge
        FROM (SELECT * FROM change_units WHERE repo = $repo AND sha = $sha) u
        LEFT JOIN pull_requests p ON p.repo = u.repo AND p.number = u.number AND p.url = u.url
        LIMIT 1
        """,
        {"repo": repo, "sha": sha},
    )


def request_reviews(
    cursor: duckdb.DuckDBPyConnection, repo: str, forge: str, number: int, *, limit: int = 200
) -> list[Row]:
    """The reviews of a request in the order in which they were given: reviewer, state, commit_sha, submitted_at."""
    return rows(
        cursor,
        """SELECT reviewer, state, commit_sha, submitted_at, stale, official FROM reviews
           WHERE repo = $repo AND forge = $forge AND number = $number
           ORDER BY submitted_at NULLS FIRST, id LIMIT $limit""",
        {"repo": repo, "forge": forge, "number": number, "limit": limit},
    )


def request_checks(
    cursor: duckdb.DuckDBPyConnection, repo: str, forge: str, number: int, *, limit: int = 200
) -> list[Row]:
    """The checks of a request's heads: name, state, sha, completed_at, url; those that failed first."""
    return rows(
        cursor,
        """SELECT name, state, sha, completed_at, url FROM checks
           WHERE repo = $repo AND forge = $forge AND number = $number
           ORDER BY state <> 'failure', name, completed_at LIMIT $limit""",
        {"repo": repo, "forge": forge, "number": number, "limit": limit},
    )


def commits_landed_in(
    cursor: duckdb.DuckDBPyConnection, repo: str, sha: str, *, limit: int = 200
) -> pa.Table:
    """The side-branch commits that a landing commit brought in, newest first."""
    return table(
        cursor,
        """SELECT sha, committed_at, author_name, actor_kind, subject FROM commits
           WHERE repo = $repo AND landed_in = $sha AND sha <> $sha ORDER BY committed_at DESC, sha LIMIT $limit""",
        {"repo": repo, "sha": sha, "limit": limit},
    )
