"""What a forge says of changes: requests, reviews, checks. Without a forge, all of it is unknown, never absent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RequestState(StrEnum):
    """Where a request (pull or merge request) stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class ReviewState(StrEnum):
    """What a reviewer said last in one review. DISMISSED and COMMENTED approve nothing."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeUser:
    """An account. `email` is '' where the forge does not tell it; `is_bot` as the forge says."""

    login: str
    name: str = ""
    email: str = ""
    is_bot: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One review. `commit_sha` is the head that was reviewed ('' where the forge does not tell).

    `stale` as the forge says (None: it does not), `official` whether it counts for branch protection
    (None: the forge does not tell).
    """

    id: str
    reviewer: ForgeUser
    state: ReviewState
    commit_sha: str
    submitted_at: datetime | None
    stale: bool | None = None
    official: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check or commit status of a request's head. `state` is 'success', 'failure', 'pending' or 'neutral'."""

    name: str
    state: str
    completed_at: datetime | None
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestCommit:
    """A commit of a request with the accounts behind it (None: the forge knows no account for the address)."""

    sha: str
    author: ForgeUser | None
    committer: ForgeUser | None
    author_email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A pull or merge request as its forge told it at `fetched_at`.

    `merge_sha` is the commit that landed on the base ('' while it has not); `head_sha` the last commit of the
    request. `merged_by` is None where nobody merged it or the forge does not tell.
    """

    forge: str
    number: int
    url: str
    title: str
    body: str
    state: RequestState
    author: ForgeUser
    base_branch: str
    head_branch: str
    head_sha: str
    merge_sha: str
    created_at: datetime
    updated_at: datetime
    merged_at: datetime | None
    merged_by: ForgeUser | None
    fetched_at: datetime
    labels: tuple[str, ...] = ()
    commits: tuple[RequestCommit, ...] = ()
    reviews: tuple[Review, ...] = ()
    checks: tuple[Check, ...] = ()
