"""Gitea and Forgejo: pull requests by the API, version 1.

Both say of a review whether it is stale (the patch has changed since; bringing the base in does not count) and
official (the reviewer's approvals count for the branch). An earlier review of somebody who reviews again is
official no more. A pull request that somebody marked as merged by hand names whatever commit they said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from auditor.errors import ForgeError
from auditor.forge.answers import Part, Sha, When, parsed, utc, web
from auditor.forge.contributors import co_authors
from auditor.forge.http import ForgeHttp, NotToldError
from auditor.model import Check, ForgeUser, Request, RequestCommit, RequestState, Review, ReviewState

_STATES = {
    "APPROVED": ReviewState.APPROVED,
    "REQUEST_CHANGES": ReviewState.CHANGES_REQUESTED,
    "COMMENT": ReviewState.COMMENTED,
}
"""PENDING (not sent yet) and REQUEST_REVIEW (somebody is asked) are no reviews."""
_STATUSES = {"success": "success", "pending": "pending", "warning": "neutral", "skipped": "neutral"}
PAGE = 50
"""The largest page that a server gives by its own default; it may give less."""
MAX_LIST_PAGES = 1000

T = TypeVar("T")


class _User(Part):
    login: str
    full_name: str = ""
    email: str = ""


class _Branch(Part):
    ref: str
    sha: str


class _Label(Part):
    name: str


class _Pull(Part):
    number: int
    html_url: str
    title: str
    body: str | None = None
    state: str
    merged: bool
    user: _User | None
    base: _Branch
    head: _Branch
    merge_commit_sha: Sha | None = None
    created_at: When
    updated_at: When
    merged_at: When | None = None
    labels: tuple[_Label, ...] | None = None


class _Merger(Part):
    merged_by: _User | None


class _Signature(Part):
    name: str = ""
    email: str = ""
    date: When | None = None


class _GitCommit(Part):
    message: str
    author: _Signature | None
    committer: _Signature | None


class _Parent(Part):
    sha: Sha


class _Commit(Part):
    sha: Sha
    commit: _GitCommit
    author: _User | None
    committer: _User | None
    parents: tuple[_Parent, ...] = ()


class _Review(Part):
    id: int
    user: _User | None
    state: str
    commit_id: str = ""
    stale: bool
    official: bool
    dismissed: bool
    submitted_at: When


class _Status(Part):
    context: str
    status: str
    updated_at: When | None = None
    target_url: str = ""


class Gitea:
    """Pull requests of one repository, `owner/name`."""

    name = "gitea"

    def __init__(self, http: ForgeHttp, repository: str, *, fetched_at: datetime) -> None:
        self._http = http
        self._repository = f"/repos/{repository}"
        self._fetched_at = fetched_at

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def requests(self, since: datetime | None) -> Iterator[Request]:
        """See `Forge.requests`: four answers a pull request, and one for each fifty listed."""
        listed: dict[int, _Pull] = {}
        # The list's head is the request's own ref, which stays; a single answer has the branch's, which moves on.
        # Newest first, because whatever is updated meanwhile moves to pages that were read, never past them.
        query: dict[str, str | int] = {"state": "all", "sort": "recentupdate", "limit": PAGE}
        for page in self._http.pages(f"{self._repository}/pulls", query):
            pulls = parsed(list[_Pull], page.data, "the list of pull requests")
            fresh = [pull for pull in pulls if since is None or pull.updated_at >= since]
            for pull in fresh:
                listed.setdefault(pull.number, pull)
            if len(fresh) < len(pulls):
                break
        for pull in sorted(listed.values(), key=lambda one: (one.updated_at, one.number)):
            yield self._request(pull)

    def patch(self, base: str, head: str) -> bytes | None:
        """See `Forge.patch`: the API gives no diff of two commits, and reviews say themselves that they are stale."""
        return None

    def _request(self, pull: _Pull) -> Request:
        path = f"{self._repository}/pulls/{pull.number}"
        commits = self._commits(path)
        reviews = self._counted(list[_Review], f"{path}/reviews", "reviews")
        checks = self._checks(pull.head.sha)
        # The list does not tell who merged.
        merger = (
            parsed(_Merger, self._http.get(path).data, f"pull request {pull.number}") if pull.merged else None
        )
        return Request(
            forge=self.name,
            number=pull.number,
            url=web(pull.html_url),
            title=pull.title,
            body=pull.body or "",
            state=RequestState.MERGED if pull.merged else RequestState(pull.state),
            author=_user(pull.user),
            base_branch=pull.base.ref,
            head_branch=pull.head.ref,
            head_sha=pull.head.sha,
            merge_sha=(pull.merge_commit_sha or "") if pull.merged else "",
            created_at=utc(pull.created_at),
            updated_at=utc(pull.updated_at),
            merged_at=utc(pull.merged_at) if pull.merged_at else None,
            merged_by=_user(merger.merged_by) if merger and merger.merged_by else None,
            fetched_at=self._fetched_at,
            labels=tuple(label.name for label in pull.labels or ()),
            unknown=tuple(name for name, part in (("commits", commits), ("checks", checks)) if part is None),
            commits=tuple(_commit(commit) for commit in reversed(commits or [])),
            reviews=tuple(_review(review) for review in reviews if review.state in _STATES),
            checks=checks or (),
        )

    def _commits(self, path: str) -> list[_Commit] | None:
        """The commits, newest first; None where the server has lost them (a deleted fork)."""
        query: dict[str, str | int] = {"limit": PAGE, "verification": "false", "files": "false"}
        found: list[_Commit] = []
        try:
            for page in self._http.pages(f"{path}/commits", query):
                found += parsed(list[_Commit], page.data, f"the list of commits ({path})")
        except NotToldError:
            return None
        return found

    def _checks(self, sha: str) -> tuple[Check, ...] | None:
        try:
            statuses = self._counted(list[_Status], f"{self._repository}/commits/{sha}/statuses", "statuses")
        except NotToldError:
            return None
        newest: dict[str, Check] = {}
        for status in sorted(
            statuses, key=lambda one: utc(one.updated_at).timestamp() if one.updated_at else 0.0
        ):
            newest[status.context] = _status(status)
        return tuple(newest[name] for name in sorted(newest))

    def _counted(self, shape: type[list[T]], path: str, what: str) -> list[T]:
        """A list without a `Link` header, to the count that the server gives or to its end.

        The count may be higher than what is listed: it has reviews that others have not sent yet.
        """
        found: list[T] = []
        for number in range(1, MAX_LIST_PAGES + 1):
            answer = self._http.get(path, {"limit": PAGE, "page": number})
            part = parsed(shape, answer.data, f"the list of {what} ({path})")
            found += part
            count = answer.headers.get("x-total-count", "")
            if not part or (count.isdigit() and len(found) >= int(count)):
                return found
        raise ForgeError(f"{self._http.host} lists {what} without end ({path})")


def _user(user: _User | None) -> ForgeUser:
    if user is None:
        return ForgeUser(login="ghost")
    # Addresses at noreply.… stand for an account that hides its own: they identify nobody further.
    return ForgeUser(
        login=user.login, name=user.full_name, email=user.email, is_bot=user.login.endswith("[bot]")
    )


def _commit(commit: _Commit) -> RequestCommit:
    author, committer = commit.commit.author or _Signature(), commit.commit.committer or _Signature()
    return RequestCommit(
        sha=commit.sha,
        author=_user(commit.author) if commit.author and commit.author.login else None,
        committer=_user(commit.committer) if commit.committer and commit.committer.login else None,
        author_email=author.email,
        author_name=author.name,
        committer_email=committer.email,
        authored_at=utc(author.date) if author.date else None,
        subject=commit.commit.message.split("\n", 1)[0],
        parents=tuple(parent.sha for parent in commit.parents),
        co_authors=co_authors(commit.commit.message),
    )


def _review(review: _Review) -> Review:
    state = _STATES[review.state]
    if review.dismissed and state in (ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED):
        state = ReviewState.DISMISSED
    return Review(
        id=str(review.id),
        reviewer=_user(review.user),
        state=state,
        commit_sha=review.commit_id,
        submitted_at=utc(review.submitted_at),
        stale=review.stale,
        official=review.official,
    )


def _status(status: _Status) -> Check:
    state = _STATUSES.get(status.status, "failure")
    done = utc(status.updated_at) if status.updated_at and state != "pending" else None
    return Check(name=status.context, state=state, completed_at=done, url=web(status.target_url))
