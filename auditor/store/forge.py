"""Every SQL about forges: what they told last, what landed, and where to go on asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from auditor.model import (
    ChangeUnit,
    Check,
    Confirmation,
    ForgeUser,
    LandedCommit,
    LandingMethod,
    Request,
    RequestCommit,
    RequestState,
    Review,
    ReviewState,
)

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeCursor:
    """How far a forge was asked. `source` is the server and repository that were.

    `joined` is the line of landings that its requests were held against (see `landing_line`); '' where it had not
    told everything by then.
    """

    source: str
    updated_at: datetime | None
    complete_at: datetime | None
    joined: str = ""


@dataclass(frozen=True, slots=True)
class _Told:
    """A table of what forges told: `key` tells its rows apart, `told` is what a later row may say differently."""

    key: tuple[str, ...]
    told: tuple[str, ...]


def _told(key: str, told: str) -> _Told:
    return _Told(tuple(key.split()), tuple(told.split()))


TOLD: Mapping[str, _Told] = {
    "pull_request": _told(
        "number",
        "url title has_body body state author author_name author_email author_is_bot base_branch head_branch"
        " head_sha merge_sha squash_sha created_at updated_at merged_at merged_by labels unknown",
    ),
    "review": _told(
        "number id",
        "reviewer reviewer_name reviewer_email reviewer_is_bot state commit_sha submitted_at stale official gone",
    ),
    "request_commit": _told(
        "number sha",
        "position author author_is_bot author_name author_email committer committer_email authored_at subject"
        " parents co_authors gone",
    ),
    "check_result": _told("number sha name", "state completed_at url gone"),
}
"""Each table is (repo, forge, *key, *told, fetched_at, run, seq)."""


def forge_cursor(cursor: duckdb.DuckDBPyConnection, repo: str, forge: str) -> ForgeCursor | None:
    """How far this forge was asked about the repository; None where it never was."""
    row = cursor.execute(
        "SELECT source, updated_at, complete_at, joined FROM trail.forge_cursor WHERE repo = ? AND forge = ?",
        [repo, forge],
    ).fetchone()
    if row is None:
        return None
    return ForgeCursor(source=row[0], updated_at=row[1], complete_at=row[2], joined=row[3])


def save_cursor(cursor: duckdb.DuckDBPyConnection, repo: str, forge: str, at: ForgeCursor) -> None:
    """Remembers how far the forge was asked."""
    cursor.execute("DELETE FROM trail.forge_cursor WHERE repo = ? AND forge = ?", [repo, forge])
    cursor.execute(
        "INSERT INTO trail.forge_cursor VALUES (?, ?, ?, ?, ?, ?)",
        [repo, forge, at.source, at.updated_at, at.complete_at, at.joined],
    )


def last_told(
    cursor: duckdb.DuckDBPyConnection, table: str, repo: str, forge: str, numbers: Sequence[int]
) -> dict[Row, Row]:
    """What was recorded last of these requests in one of the tables of `TOLD`: its told columns by its key."""
    shape = TOLD[table]
    keys, told = ", ".join(shape.key), ", ".join(f"t.{name}" for name in shape.told)
    rows = cursor.execute(
        f"SELECT {keys}, {told} FROM"  # noqa: S608 - the names are ours
        f" (SELECT {keys}, arg_max(r, r.seq) AS t FROM trail.{table} r"
        f" WHERE repo = ? AND forge = ? AND list_contains(?::BIGINT[], number) GROUP BY {keys})",
        [repo, forge, list(numbers)],
    ).fetchall()
    width = len(shape.key)
    return {row[:width]: row[width:] for row in rows}


def recorded_requests(
    cursor: duckdb.DuckDBPyConnection, repo: str, numbers: Sequence[int] | None = None
) -> list[Request]:
    """Requests as they were told last, by number: all of the repository, or those `numbers`.

    Bodies are cut to what is recorded. Checks are those of each request's last head.
    """
    parameters = [repo, numbers is None, list(numbers or ())]
    commits = _grouped(cursor.execute(_COMMITS, parameters).fetchall(), _commit)
    reviews = _grouped(cursor.execute(_REVIEWS, parameters).fetchall(), _review)
    checks = _grouped(cursor.execute(_CHECKS, parameters).fetchall(), _check)
    rows = cursor.execute(_REQUESTS, parameters).fetchall()
    return [
        Request(
            forge=row[0], number=row[1], url=row[2], title=row[3], body=row[4], state=RequestState(row[5]),
            author=ForgeUser(login=row[6], name=row[7], email=row[8], is_bot=row[9]),
            base_branch=row[10], head_branch=row[11], head_sha=row[12], merge_sha=row[13], squash_sha=row[14],
            created_at=row[15], updated_at=row[16], merged_at=row[17],
            merged_by=ForgeUser(login=row[18]) if row[18] is not None else None,
            labels=tuple(row[19]), unknown=tuple(row[20]), fetched_at=row[21],
            commits=tuple(commits.get(row[:2], ())),
            reviews=tuple(reviews.get(row[:2], ())),
            checks=tuple(check for sha, check in checks.get(row[:2], ()) if sha == row[12]),
        )
        for row in rows
    ]  # fmt: skip


def recorded_units(cursor: duckdb.DuckDBPyConnection, repo: str) -> dict[str, ChangeUnit]:
    """By landed commit, what was decided last of the request that it came by."""
    rows = cursor.execute(
        "SELECT sha, u.forge, u.number, u.url, u.claimed, u.confirmed, u.method, u.reason, u.side, u.same_patch,"
        " u.other_patch FROM (SELECT sha, arg_max(r, r.seq) AS u FROM trail.change_unit r WHERE repo = ? GROUP BY sha)",
        [repo],
    ).fetchall()
    return {
        row[0]: ChangeUnit(
            sha=row[0], forge=row[1], number=row[2], url=row[3], claimed=row[4], confirmed=Confirmation(row[5]),
            method=LandingMethod(row[6]), reason=row[7], side=tuple(row[8]), same_patch=tuple(row[9]),
            other_patch=tuple(row[10]),
        )
        for row in rows
    }  # fmt: skip


def landing_line(cursor: duckdb.DuckDBPyConnection, repo: str) -> str:
    """A text that changes whenever the line of landings does: its generation, length and last commit."""
    row = cursor.execute(
        "SELECT max(l.generation), count(*), arg_max(l.sha, l.position) FROM trail.landing l"
        " JOIN trail.current_generation g ON g.repo = l.repo AND g.generation = l.generation"
        " WHERE l.repo = ? AND l.landed",
        [repo],
    ).fetchone()
    return " ".join(str(part) for part in row) if row else ""


def landed_commits(cursor: duckdb.DuckDBPyConnection, repo: str) -> list[LandedCommit]:
    """The landed commits of the current generation, oldest first, with the side commits that each brought in."""
    rows = cursor.execute(
        """
        WITH here AS (
            SELECT l.* FROM trail.landing l
            JOIN trail.current_generation g ON g.repo = l.repo AND g.generation = l.generation
            WHERE l.repo = ?
        ), side AS (
            SELECT landed_in, list(sha ORDER BY sha) AS side FROM here WHERE NOT landed GROUP BY landed_in
        )
        SELECT c.sha, c.parents, c.author_name, c.author_email, c.authored_at, c.committed_at, c.subject,
               h.pull_request, s.side
        FROM here h
        JOIN trail.commit_record c ON c.repo = h.repo AND c.sha = h.sha
        LEFT JOIN side s ON s.landed_in = h.sha
        WHERE h.landed ORDER BY h.position
        """,
        [repo],
    ).fetchall()
    return [
        LandedCommit(
            sha=row[0], parents=tuple(row[1]), author_name=row[2], author_email=row[3], authored_at=row[4],
            committed_at=row[5], subject=row[6], claimed=row[7], side=tuple(row[8] or ()),
        )
        for row in rows
    ]  # fmt: skip


def side_origins(
    cursor: duckdb.DuckDBPyConnection, repo: str, shas: Iterable[str]
) -> dict[str, tuple[str, datetime]]:
    """Author's address (lower case) and time of commits, by sha: what a rebase keeps."""
    rows = cursor.execute(
        "SELECT sha, author_email, authored_at FROM trail.commit_record"
        " WHERE repo = ? AND sha IN (SELECT unnest(?::VARCHAR[]))",
        [repo, list(shas)],
    ).fetchall()
    return {row[0]: (row[1].casefold(), row[2]) for row in rows}


_CHOSEN = "repo = ? AND (? OR list_contains(?::BIGINT[], number))"
_COMMITS = f"""
SELECT forge, number, sha, c.author, c.author_is_bot, c.author_name, c.author_email, c.committer, c.committer_email,
       c.authored_at, c.subject, c.parents, c.co_authors
FROM (SELECT forge, number, sha, arg_max(r, r.seq) AS c FROM trail.request_commit r WHERE {_CHOSEN}
      GROUP BY forge, number, sha)
WHERE NOT c.gone ORDER BY c.position
"""  # noqa: S608 - the names are ours
_REVIEWS = f"""
SELECT forge, number, id, reviewer, reviewer_name, reviewer_email, reviewer_is_bot, state, commit_sha, submitted_at,
       stale, official
FROM trail.current_review WHERE {_CHOSEN} ORDER BY submitted_at NULLS FIRST, length(id), id
"""  # noqa: S608
_CHECKS = f"""
SELECT forge, number, sha, name, state, completed_at, url FROM checks WHERE {_CHOSEN} ORDER BY name
"""  # noqa: S608
_REQUESTS = f"""
SELECT forge, number, url, title, body, state, author, author_name, author_email, author_is_bot, base_branch,
       head_branch, head_sha, merge_sha, squash_sha, created_at, updated_at, merged_at, merged_by, labels, unknown,
       fetched_at
FROM trail.current_request WHERE {_CHOSEN} ORDER BY forge, number
"""  # noqa: S608


def _check(row: Row) -> tuple[str, Check]:
    return row[0], Check(name=row[1], state=row[2], completed_at=row[3], url=row[4])


def _grouped(rows: Sequence[Row], made: Any) -> dict[Row, list[Any]]:
    groups: dict[Row, list[Any]] = {}
    for row in rows:
        groups.setdefault(row[:2], []).append(made(row[2:]))
    return groups


def _commit(row: Row) -> RequestCommit:
    (
        sha,
        author,
        is_bot,
        author_name,
        author_email,
        committer,
        committer_email,
        authored_at,
        subject,
        parents,
        co,
    ) = row
    return RequestCommit(
        sha=sha,
        author=ForgeUser(login=author, is_bot=is_bot) if author is not None else None,
        committer=ForgeUser(login=committer) if committer is not None else None,
        author_email=author_email,
        author_name=author_name,
        committer_email=committer_email,
        authored_at=authored_at,
        subject=subject,
        parents=tuple(parents),
        co_authors=tuple(co),
    )


def _review(row: Row) -> Review:
    return Review(
        id=row[0],
        reviewer=ForgeUser(login=row[1], name=row[2], email=row[3], is_bot=row[4]),
        state=ReviewState(row[5]),
        commit_sha=row[6],
        submitted_at=row[7],
        stale=row[8],
        official=row[9],
    )
