"""What a forge told as rows of the trail: only what differs from what it told before.

Free texts are redacted like commit messages, and cut: a request's body to its first 10,000 characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from auditor.git.names import storable
from auditor.model import ChangeUnit, Check, Request

Row = tuple[Any, ...]
Redact = Callable[[str], str]

BODY_LIMIT = 10_000
TEXT_LIMIT = 1_000
"""Characters of a title, a subject, a name, a label or an address."""

_GONE: Mapping[str, int] = {"review": -1, "request_commit": -1, "check_result": -1}
"""Where `gone` stands among a table's told columns."""


def told_rows(table: str, requests: Iterable[Request], redact: Redact) -> dict[Row, Row]:
    """What the requests say in one of the tables of `auditor.store.forge.TOLD`: its told columns by its key."""
    made = _TABLES[table]

    def text(value: str, limit: int = TEXT_LIMIT) -> str:
        return redact(storable(value[:limit]))

    return {key: told for request in requests for key, told in made(request, text)}


def new_rows(
    table: str,
    told: Mapping[Row, Row],
    known: Mapping[Row, Row],
    *,
    repo: str,
    forge: str,
    heads: Mapping[int, str],
    fetched_at: datetime,
    run: str,
) -> Iterator[Row]:
    """The table's rows to add: what is new or says otherwise, and what is gone.

    `heads` gives each told request's last commit: checks of earlier heads are not asked for again, so they stay.
    """
    for key, columns in told.items():
        if known.get(key) != columns:
            yield (repo, forge, *key, *columns, fetched_at, run)
    if table not in _GONE:
        return
    for key, columns in known.items():
        if key in told or columns[-1]:
            continue
        if table == "check_result" and heads.get(key[0]) != key[1]:
            continue
        yield (repo, forge, *key, *columns[:-1], True, fetched_at, run)


def unit_row(unit: ChangeUnit, *, repo: str, decided_at: datetime, run: str) -> Row:
    """A unit as a row of trail.change_unit, without seq."""
    return (
        repo, unit.sha, unit.forge, unit.number, unit.url, unit.claimed, unit.confirmed.value, unit.method.value,
        unit.reason, list(unit.side), list(unit.same_patch), list(unit.other_patch), decided_at, run,
    )  # fmt: skip


def _request(request: Request, text: Callable[..., str]) -> Iterator[tuple[Row, Row]]:
    author = request.author
    yield (
        (request.number,),
        (
            request.url, text(request.title), bool(request.body.strip()), text(request.body, BODY_LIMIT),
            request.state.value, text(author.login), text(author.name), text(author.email), author.is_bot,
            text(request.base_branch), text(request.head_branch), request.head_sha, request.merge_sha,
            request.squash_sha, request.created_at, request.updated_at, request.merged_at,
            text(request.merged_by.login) if request.merged_by else None,
            [text(label) for label in request.labels], list(request.unknown),
        ),
    )  # fmt: skip


def _reviews(request: Request, text: Callable[..., str]) -> Iterator[tuple[Row, Row]]:
    for review in request.reviews:
        who = review.reviewer
        yield (
            (request.number, text(review.id)),
            (
                text(who.login), text(who.name), text(who.email), who.is_bot, review.state.value, review.commit_sha,
                review.submitted_at, review.stale, review.official, False,
            ),
        )  # fmt: skip


def _commits(request: Request, text: Callable[..., str]) -> Iterator[tuple[Row, Row]]:
    for position, commit in enumerate(request.commits):
        yield (
            (request.number, commit.sha),
            (
                position, text(commit.author.login) if commit.author else None,
                commit.author.is_bot if commit.author else False, text(commit.author_name),
                text(commit.author_email), text(commit.committer.login) if commit.committer else None,
                text(commit.committer_email), commit.authored_at, text(commit.subject), list(commit.parents),
                [text(address) for address in commit.co_authors], False,
            ),
        )  # fmt: skip


def _checks(request: Request, text: Callable[..., str]) -> Iterator[tuple[Row, Row]]:
    for name, check in _named(request.checks, text):
        yield (
            (request.number, request.head_sha, name),
            (check.state, check.completed_at, text(check.url), False),
        )


def _named(checks: Sequence[Check], text: Callable[..., str]) -> Iterator[tuple[str, Check]]:
    """Each check with a name of its own: two apps may call theirs the same."""
    seen: dict[str, int] = {}
    for check in checks:
        name = text(check.name)
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), check


_TABLES: Mapping[str, Callable[[Request, Callable[..., str]], Iterator[tuple[Row, Row]]]] = {
    "pull_request": _request,
    "review": _reviews,
    "request_commit": _commits,
    "check_result": _checks,
}
