"""GitHub, github.com or Enterprise Server: pull requests by the REST API, version 2022-11-28.

What it cannot tell: whether a reviewer could write at the time of a review, and for which branch's protection
an approval counted (`official` stays None); when a dismissed review was dismissed; commits beyond 250 of a pull
request (docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request).
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
    "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED,
    "COMMENTED": ReviewState.COMMENTED,
    "DISMISSED": ReviewState.DISMISSED,
}
_CONCLUSIONS = {"success": "success", "neutral": "neutral", "skipped": "neutral"}
"""Check runs; every other conclusion (failure, timed_out, cancelled, action_required, …) is no success."""
_STATUSES = {"success": "success", "pending": "pending"}
MAX_LISTED_COMMITS = 250

T = TypeVar("T")


class _User(Part):
    login: str
    type: str = "User"


class _Branch(Part):
    ref: str
    sha: Sha


class _Label(Part):
    name: str


class _Listed(Part):
    number: int
    updated_at: When


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
    merge_commit_sha: Sha | None
    created_at: When
    merged_at: When | None
    merged_by: _User | None
    labels: tuple[_Label, ...] = ()
    commits: int


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


class _Account(Part):
    """The account of a commit's address: an empty object where there is none, in some versions."""

    login: str = ""
    type: str = "User"


class _Commit(Part):
    sha: Sha
    commit: _GitCommit
    author: _Account | None
    committer: _Account | None
    parents: list[_Parent]


class _Review(Part):
    id: int
    user: _User | None
    state: str
    commit_id: Sha | None = None
    submitted_at: When | None = None


class _Run(Part):
    name: str
    status: str
    conclusion: str | None
    completed_at: When | None
    html_url: str | None = None


class _Runs(Part):
    total_count: int
    check_runs: list[_Run]


class _Status(Part):
    context: str
    state: str
    updated_at: When | None = None
    target_url: str | None = None


class _Combined(Part):
    total_count: int
    statuses: list[_Status]


class GitHub:
    """Pull requests of one repository, `owner/name`."""

    name = "github"

    def __init__(self, http: ForgeHttp, repository: str, *, fetched_at: datetime) -> None:
        self._http = http
        self._repository = f"/repos/{repository}"
        self._fetched_at = fetched_at

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def requests(self, since: datetime | None) -> Iterator[Request]:
        """See `Forge.requests`: five answers a pull request, and one for each hundred listed."""
        listed: dict[int, _Listed] = {}
        for page in self._newest_first():
            fresh = [entry for entry in page if since is None or entry.updated_at >= since]
            for entry in fresh:
                listed.setdefault(entry.number, entry)
            if len(fresh) < len(page):
                break
        for entry in sorted(listed.values(), key=lambda one: (one.updated_at, one.number)):
            yield self._request(entry)

    def patch(self, base: str, head: str) -> bytes | None:
        """See `Forge.patch`; GitHub gives no diff of more than 20,000 lines."""
        try:
            answer = self._http.get(
                f"{self._repository}/compare/{base}...{head}", accept="application/vnd.github.diff"
            )
        except NotToldError:
            return None
        data: bytes = answer.data
        return data

    def _newest_first(self) -> Iterator[list[_Listed]]:
        # Newest first, because whatever is updated meanwhile moves to pages that were read, never past them.
        query: dict[str, str | int] = {
            "state": "all",
            "sort": "updated",
            "direction": "desc",
            "per_page": 100,
        }
        for page in self._http.pages(f"{self._repository}/pulls", query):
            yield parsed(list[_Listed], page.data, "the list of pull requests")

    def _request(self, listed: _Listed) -> Request:
        path = f"{self._repository}/pulls/{listed.number}"
        pull = parsed(_Pull, self._http.get(path).data, f"pull request {listed.number}")
        if pull.number != listed.number:
            raise ForgeError(f"asked for pull request {listed.number}, {self._http.host} gave {pull.number}")
        commits = self._all(list[_Commit], f"{path}/commits", "commits")
        reviews = self._all(list[_Review], f"{path}/reviews", "reviews")
        checks = self._checks(pull.head.sha)
        unknown = []
        if len(commits) < pull.commits:
            if len(commits) < MAX_LISTED_COMMITS:
                raise ForgeError(
                    f"pull request {pull.number} has {pull.commits} commits, and only {len(commits)} were listed",
                    hint="it may have changed meanwhile; scan again",
                )
            unknown.append("commits")
        if checks is None:
            unknown.append("checks")
        merged = pull.merged or pull.merged_at is not None
        return Request(
            forge=self.name,
            number=pull.number,
            url=web(pull.html_url),
            title=pull.title,
            body=pull.body or "",
            state=RequestState.MERGED if merged else RequestState(pull.state),
            author=_user(pull.user),
            base_branch=pull.base.ref,
            head_branch=pull.head.ref,
            head_sha=pull.head.sha,
            # Of an open pull request it is a trial merge, which never lands.
            merge_sha=(pull.merge_commit_sha or "") if merged else "",
            created_at=utc(pull.created_at),
            updated_at=utc(listed.updated_at),
            merged_at=utc(pull.merged_at) if pull.merged_at else None,
            merged_by=_user(pull.merged_by) if pull.merged_by else None,
            fetched_at=self._fetched_at,
            labels=tuple(label.name for label in pull.labels),
            unknown=tuple(unknown),
            commits=tuple(_commit(commit) for commit in commits),
            reviews=tuple(_review(review) for review in reviews if review.state in _STATES),
            checks=checks or (),
        )

    def _all(self, shape: type[list[T]], path: str, what: str) -> list[T]:
        found: list[T] = []
        for page in self._http.pages(path, {"per_page": 100}):
            found += parsed(shape, page.data, f"the list of {what} ({path})")
        return found

    def _checks(self, sha: str) -> tuple[Check, ...] | None:
        """Check runs and commit statuses of a commit; None where the token may not see them, or not all came."""
        runs: list[_Run] = []
        statuses: list[_Status] = []
        path = f"{self._repository}/commits/{sha}"
        try:
            for page in self._http.pages(f"{path}/check-runs", {"per_page": 100}):
                told = parsed(_Runs, page.data, f"the check runs of {sha}")
                runs += told.check_runs
            for page in self._http.pages(f"{path}/status", {"per_page": 100}):
                combined = parsed(_Combined, page.data, f"the statuses of {sha}")
                statuses += combined.statuses
        except NotToldError:
            return None
        if len(runs) < told.total_count or len(statuses) < combined.total_count:
            return None
        return (*map(_run, runs), *map(_status, statuses))


def _user(user: _User | None) -> ForgeUser:
    if user is None:  # an account that was deleted
        return ForgeUser(login="ghost")
    return ForgeUser(login=user.login, is_bot=user.type == "Bot" or user.login.endswith("[bot]"))


def _account(account: _Account | None) -> ForgeUser | None:
    if account is None or not account.login:
        return None
    return ForgeUser(login=account.login, is_bot=account.type == "Bot" or account.login.endswith("[bot]"))


def _commit(commit: _Commit) -> RequestCommit:
    author, committer = commit.commit.author or _Signature(), commit.commit.committer or _Signature()
    return RequestCommit(
        sha=commit.sha,
        author=_account(commit.author),
        committer=_account(commit.committer),
        author_email=author.email,
        author_name=author.name,
        committer_email=committer.email,
        authored_at=utc(author.date) if author.date else None,
        subject=commit.commit.message.split("\n", 1)[0],
        parents=tuple(parent.sha for parent in commit.parents),
        co_authors=co_authors(commit.commit.message),
    )


def _review(review: _Review) -> Review:
    return Review(
        id=str(review.id),
        reviewer=_user(review.user),
        state=_STATES[review.state],
        commit_sha=review.commit_id or "",
        submitted_at=utc(review.submitted_at) if review.submitted_at else None,
    )


def _run(run: _Run) -> Check:
    state = "pending" if run.status != "completed" else _CONCLUSIONS.get(run.conclusion or "", "failure")
    done = utc(run.completed_at) if run.completed_at else None
    return Check(name=run.name, state=state, completed_at=done, url=web(run.html_url))


def _status(status: _Status) -> Check:
    state = _STATUSES.get(status.state, "failure")
    done = utc(status.updated_at) if status.updated_at and state != "pending" else None
    return Check(name=status.context, state=state, completed_at=done, url=web(status.target_url))
