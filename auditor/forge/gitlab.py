"""GitLab, gitlab.com or self-managed: merge requests by the REST API, version 4.

What it cannot tell, and what follows:

- The commit that was approved. It is taken from the request's versions: the last one that was there when the
  approval was given. When an approval was given is told since GitLab 18; before that, its system note tells.
- Accounts of commits: only names and addresses. Who is who is the directory of people's to say.
- Approvals that a later push or their giver took back: they are not listed any more.
- Whether an approval counted for the branch (`official` stays None).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

from auditor.forge.answers import Part, Sha, When, parsed, utc, web
from auditor.forge.contributors import co_authors
from auditor.forge.http import ForgeHttp, NotToldError
from auditor.model import Check, ForgeUser, Request, RequestCommit, RequestState, Review, ReviewState

_STATES = {
    "opened": RequestState.OPEN,
    "locked": RequestState.OPEN,
    "closed": RequestState.CLOSED,
    "merged": RequestState.MERGED,
}
_PIPELINES = {
    "success": "success",
    "failed": "failure",
    "canceled": "failure",
    "skipped": "neutral",
    "manual": "neutral",
}
"""Every other status is on its way: created, waiting_for_resource, preparing, pending, running, scheduled."""
_APPROVED = "approved this merge request"
_TAKEN_BACK = "unapproved this merge request"

T = TypeVar("T")


class _User(Part):
    username: str
    name: str = ""


class _Request(Part):
    iid: int
    web_url: str
    title: str
    description: str | None = None
    state: str
    author: _User | None
    target_branch: str
    source_branch: str
    sha: Sha | None
    merge_commit_sha: Sha | None = None
    squash_commit_sha: Sha | None = None
    created_at: When
    updated_at: When
    merged_at: When | None = None
    merge_user: _User | None = None
    merged_by: _User | None = None
    labels: tuple[str, ...] = ()


class _Commit(Part):
    id: Sha
    title: str
    message: str
    author_name: str = ""
    author_email: str = ""
    authored_date: When | None = None
    committer_email: str = ""
    parent_ids: tuple[Sha, ...] = ()


class _ApprovedBy(Part):
    user: _User
    approved_at: When | None = None


class _Approvals(Part):
    approved_by: tuple[_ApprovedBy, ...]


class _Version(Part):
    head_commit_sha: Sha
    created_at: When


class _Note(Part):
    id: int
    system: bool
    body: str
    author: _User
    created_at: When


class _Pipeline(Part):
    id: int
    sha: Sha
    status: str
    updated_at: When | None = None
    web_url: str | None = None


class GitLab:
    """Merge requests of one project, `group/name` at any depth."""

    name = "gitlab"

    def __init__(self, http: ForgeHttp, repository: str, *, fetched_at: datetime) -> None:
        self._http = http
        self._project = f"/projects/{quote(repository, safe='')}"
        self._fetched_at = fetched_at

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def requests(self, since: datetime | None) -> Iterator[Request]:
        """See `Forge.requests`: four answers a merge request, and one for each hundred listed."""
        query: dict[str, str | int] = {
            "state": "all", "scope": "all", "order_by": "updated_at", "sort": "desc", "per_page": 100,
        }  # fmt: skip
        if since is not None:
            query["updated_after"] = utc(since).isoformat().replace("+00:00", "Z")
        listed: dict[int, _Request] = {}
        # Newest first, because whatever is updated meanwhile moves to pages that were read, never past them.
        for entry in self._all(list[_Request], f"{self._project}/merge_requests", "merge requests", query):
            listed.setdefault(entry.iid, entry)
        for entry in sorted(listed.values(), key=lambda one: (one.updated_at, one.iid)):
            yield self._request(entry)

    def patch(self, base: str, head: str) -> bytes | None:
        """See `Forge.patch`: GitLab's comparison is no whole patch (large files are left out), so None."""
        return None

    def _request(self, told: _Request) -> Request:
        path = f"{self._project}/merge_requests/{told.iid}"
        commits = self._all(list[_Commit], f"{path}/commits", "commits")
        reviews = self._reviews(path)
        merged = told.state == "merged"
        # A fast-forward makes no commit of its own: what landed is the squashed commit or the request's last.
        landed = told.merge_commit_sha or told.squash_commit_sha or told.sha if merged else None
        merged_by = told.merge_user or told.merged_by
        return Request(
            forge=self.name,
            number=told.iid,
            url=web(told.web_url),
            title=told.title,
            body=told.description or "",
            state=_STATES.get(told.state, RequestState.OPEN),
            author=_user(told.author),
            base_branch=told.target_branch,
            head_branch=told.source_branch,
            head_sha=told.sha or "",
            merge_sha=landed or "",
            squash_sha=told.squash_commit_sha or "",
            created_at=utc(told.created_at),
            updated_at=utc(told.updated_at),
            merged_at=utc(told.merged_at) if told.merged_at else None,
            merged_by=_user(merged_by) if merged_by else None,
            fetched_at=self._fetched_at,
            labels=told.labels,
            unknown=() if reviews is not None else ("reviews",),
            commits=tuple(_commit(commit) for commit in reversed(commits)),
            reviews=reviews or (),
            checks=self._checks(path, told.sha),
        )

    def _reviews(self, path: str) -> tuple[Review, ...] | None:
        """The approvals that stand; None where this GitLab does not tell them."""
        try:
            data = self._http.get(f"{path}/approvals").data
        except NotToldError:
            return None
        approvals = parsed(_Approvals, data, f"the approvals ({path})").approved_by
        if not approvals:
            return ()
        noted = {}
        if any(approval.approved_at is None for approval in approvals):
            noted = _noted(self._all(list[_Note], f"{path}/notes", "notes"))
        versions = self._all(list[_Version], f"{path}/versions", "versions")
        versions.sort(key=lambda version: version.created_at)
        reviews = []
        for approval in approvals:
            at = approval.approved_at or noted.get(approval.user.username)
            reviews.append(
                Review(
                    id=f"{approval.user.username}@{utc(at).isoformat() if at else ''}",
                    reviewer=_user(approval.user),
                    state=ReviewState.APPROVED,
                    commit_sha=_head_at(versions, at),
                    submitted_at=utc(at) if at else None,
                )
            )
        return tuple(reviews)

    def _checks(self, path: str, head: str | None) -> tuple[Check, ...]:
        """The newest pipeline of the request's head."""
        pipelines = self._all(list[_Pipeline], f"{path}/pipelines", "pipelines")
        ours = [pipeline for pipeline in pipelines if pipeline.sha == head]
        if not ours:
            return ()
        newest = max(ours, key=lambda pipeline: pipeline.id)
        state = _PIPELINES.get(newest.status, "pending")
        done = utc(newest.updated_at) if newest.updated_at and state != "pending" else None
        return (Check(name="pipeline", state=state, completed_at=done, url=web(newest.web_url)),)

    def _all(
        self, shape: type[list[T]], path: str, what: str, query: dict[str, str | int] | None = None
    ) -> list[T]:
        found: list[T] = []
        for page in self._http.pages(path, query or {"per_page": 100}):
            found += parsed(shape, page.data, f"the list of {what} ({path})")
        return found


def _noted(notes: Sequence[_Note]) -> dict[str, datetime]:
    """When each account last approved, by the system's notes; not whom it took the approval back."""
    approved: dict[str, datetime] = {}
    for note in sorted(notes, key=lambda one: (one.created_at, one.id)):
        if note.system and note.body == _APPROVED:
            approved[note.author.username] = note.created_at
        elif note.system and note.body == _TAKEN_BACK:
            approved.pop(note.author.username, None)
    return approved


def _head_at(versions: Sequence[_Version], at: datetime | None) -> str:
    """The head of the last version that was there at that time; '' where that cannot be told."""
    there = [version for version in versions if at is not None and version.created_at <= at]
    return there[-1].head_commit_sha if there else ""


def _user(user: _User | None) -> ForgeUser:
    if user is None:
        return ForgeUser(login="ghost")
    # docs.gitlab.com, "Project access tokens": their accounts are project_ID_bot_RANDOM, groups' likewise.
    is_bot = user.username.startswith(("project_", "group_")) and "_bot" in user.username
    return ForgeUser(login=user.username, name=user.name, is_bot=is_bot)


def _commit(commit: _Commit) -> RequestCommit:
    return RequestCommit(
        sha=commit.id,
        author=None,
        committer=None,
        author_email=commit.author_email,
        author_name=commit.author_name,
        committer_email=commit.committer_email,
        authored_at=utc(commit.authored_date) if commit.authored_date else None,
        subject=commit.title,
        parents=commit.parent_ids,
        co_authors=co_authors(commit.message),
    )
