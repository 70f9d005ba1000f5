"""Requests, reviews and commits made by hand, with only what a test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from auditor.model import (
    ActorKind,
    Commit,
    ForgeUser,
    Identity,
    LandedCommit,
    Request,
    RequestCommit,
    RequestState,
    Review,
    ReviewState,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MERGED = START + timedelta(hours=10)


def sha(name: str) -> str:
    """A commit id that begins with the name in hex."""
    return name.encode().hex().ljust(40, "0")[:40]


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def review(
    login: str, *, of: str = "head", hours: float | None = 5, state: str = "approved", **more: Any
) -> Review:
    return Review(
        id=f"{login}-{hours}",
        reviewer=more.pop("user", ForgeUser(login=login)),
        state=ReviewState(state),
        commit_sha=sha(of) if of else "",
        submitted_at=None if hours is None else at(hours),
        **more,
    )


def part(name: str, login: str | None = "ann", *, email: str = "", **more: Any) -> RequestCommit:
    return RequestCommit(
        sha=sha(name),
        author=ForgeUser(login=login) if login else None,
        committer=None,
        author_email=email or f"{login}@example.com",
        authored_at=more.pop("authored_at", at(len(name))),
        **more,
    )


def request(number: int = 7, **more: Any) -> Request:
    values: dict[str, Any] = {
        "forge": "github", "number": number, "url": f"https://git.example.com/{number}", "title": "T", "body": "",
        "state": RequestState.MERGED, "author": ForgeUser(login="ann"), "base_branch": "main", "head_branch": "x",
        "head_sha": sha("head"), "merge_sha": sha("landed"), "created_at": START, "updated_at": MERGED,
        "merged_at": MERGED, "merged_by": ForgeUser(login="mia"), "fetched_at": MERGED, "commits": (part("head"),),
    }  # fmt: skip
    return Request(**{**values, **more})


def landed(name: str, *parents: str, claimed: str = "", hours: float = 10, **more: Any) -> LandedCommit:
    return LandedCommit(
        sha=sha(name),
        parents=tuple(sha(parent) for parent in parents),
        author_name=more.get("author", "ann"),
        author_email=f"{more.get('author', 'ann')}@example.com",
        authored_at=more.get("authored_at", at(hours)),
        committed_at=at(hours),
        subject="S",
        claimed=claimed,
        side=tuple(sha(one) for one in more.get("side", ())),
    )


def commit(
    name: str,
    author: str = "ann",
    *,
    body: str = "",
    committer: str = "",
    parents: tuple[str, ...] = ("base",),
) -> Commit:
    who = Identity(name=author, email=f"{author}@example.com", at=at(1))
    by = Identity(name=committer or author, email=f"{committer or author}@example.com", at=at(1))
    return Commit(
        sha=sha(name), tree=sha("tree"), parents=tuple(sha(parent) for parent in parents), author=who, committer=by,
        subject="S", body=body, landed=True, position=1, actor_kind=ActorKind.PERSON, pull_request="",
        signature_format="", signature_status="none", signer="",
    )  # fmt: skip
