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
    """A commit of a request with the accounts behind it (None: the forge knows no account for the address).

    `co_authors` are the addresses of its Co-authored-by trailers, lower case. `parents` is () where the forge
    does not tell them.
    """

    sha: str
    author: ForgeUser | None
    committer: ForgeUser | None
    author_email: str = ""
    author_name: str = ""
    committer_email: str = ""
    authored_at: datetime | None = None
    subject: str = ""
    parents: tuple[str, ...] = ()
    co_authors: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A pull or merge request as its forge told it at `fetched_at`.

    `merge_sha` is the commit that landed on the base ('' while it has not); `head_sha` the last commit of the
    request. `merged_by` is None where nobody merged it or the forge does not tell. `squash_sha` is the squashed
    commit where that is not what landed itself (GitLab merges it). `updated_at` is as the forge listed it, so that
    it can serve as a cursor. `unknown` names what the forge did not tell, or not wholly: of 'commits', 'reviews',
    'checks'.
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
    squash_sha: str = ""
    unknown: tuple[str, ...] = ()
    commits: tuple[RequestCommit, ...] = ()
    reviews: tuple[Review, ...] = ()
    checks: tuple[Check, ...] = ()


class Confirmation(StrEnum):
    """What forges say of how a commit landed."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNCONFIRMED = "not confirmed by a forge"


class LandingMethod(StrEnum):
    """How a request became commits of the base, as far as git and the forge together show it."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"
    FAST_FORWARD = "fast-forward"
    NONE = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LandedCommit:
    """A landed commit as git has it, with what its message claims and the side commits that it brought in.

    `claimed` is the request's number or path as the message gives it ('' for none), such as '#12' or 'a/b!12'.
    """

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    authored_at: datetime
    committed_at: datetime
    subject: str
    claimed: str
    side: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeUnit:
    """A landed commit and the request that it came by. `number` is None where no request is known.

    `claimed` is what the message says, `reason` says in words why it is (not) confirmed. `same_patch` and
    `other_patch` are earlier heads of the request that somebody approved: those whose whole patch is the one that
    landed (only the base was brought up to date), and those of which it is not; a head in neither is not known.
    """

    sha: str
    forge: str
    number: int | None
    url: str
    claimed: str
    confirmed: Confirmation
    method: LandingMethod
    reason: str
    side: tuple[str, ...] = ()
    same_patch: tuple[str, ...] = ()
    other_patch: tuple[str, ...] = ()
