"""GitHub's answers, written by hand from the schemas of docs.github.com/en/rest (API version 2022-11-28):

pulls/pulls ("List pull requests", "Get a pull request", "List commits on a pull request"), pulls/reviews ("List
reviews for a pull request"), checks/runs ("List check runs for a Git reference"), commits/statuses ("Get the
combined status for a specific reference"), commits/commits ("Compare two commits").
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from forge.http_server import Asked, Reply, Server, pages, serving

from auditor.errors import ForgeError
from auditor.forge.github import GitHub
from auditor.forge.http import ForgeHttp
from auditor.model import RequestState, ReviewState

FETCHED = datetime(2026, 6, 1, tzinfo=UTC)
REPO = "/repos/acme/fleet"
HEAD, MERGE, BASE, OLD = "a" * 40, "b" * 40, "c" * 40, "d" * 40


def user(login: str, kind: str = "User") -> dict[str, Any]:
    return {
        "login": login, "id": 1, "node_id": "MDQ6VXNlcjE=", "type": kind, "site_admin": False,
        "url": f"https://api.github.com/users/{login}", "html_url": f"https://github.com/{login}",
    }  # fmt: skip


def pull(number: int, updated: str, **more: Any) -> dict[str, Any]:
    return {
        "url": f"https://api.github.com/repos/acme/fleet/pulls/{number}", "id": number, "number": number,
        "html_url": f"https://github.com/acme/fleet/pull/{number}", "state": "closed", "locked": False,
        "title": "Scale the shop", "user": user("ann"), "body": "For the sale.",
        "labels": [{"id": 1, "name": "sale", "color": "f29513", "default": False}],
        "created_at": "2026-05-01T10:00:00Z", "updated_at": updated, "closed_at": "2026-05-02T10:00:00Z",
        "merged_at": "2026-05-02T10:00:00Z", "merge_commit_sha": MERGE, "draft": False,
        "head": {"label": "acme:scale", "ref": "scale", "sha": HEAD, "user": user("ann"), "repo": None},
        "base": {"label": "acme:main", "ref": "main", "sha": BASE, "user": user("acme"), "repo": None},
        "author_association": "MEMBER", "auto_merge": None,
        **more,
    }  # fmt: skip


def detail(number: int, updated: str, **more: Any) -> dict[str, Any]:
    """What "Get a pull request" has beyond the list."""
    full = {"merged": True, "mergeable": None, "merged_by": user("bob"), "commits": 2, "changed_files": 1}
    return pull(number, updated, **{**full, **more})


def commit(sha: str, message: str, author: Any, *, parents: tuple[str, ...] = (BASE,)) -> dict[str, Any]:
    return {
        "sha": sha, "node_id": "x", "url": f"https://api.github.com/repos/acme/fleet/commits/{sha}",
        "commit": {
            "author": {"name": "Ann", "email": "ann@example.com", "date": "2026-05-01T09:00:00Z"},
            "committer": {"name": "GitHub", "email": "noreply@github.com", "date": "2026-05-01T09:00:00Z"},
            "message": message, "tree": {"sha": "e" * 40}, "comment_count": 0,
            "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None},
        },
        "author": author, "committer": user("web-flow"),
        "parents": [{"sha": parent, "url": "x", "html_url": "x"} for parent in parents],
    }  # fmt: skip


def review(
    number: int, login: str, state: str, *, sha: str | None = HEAD, at: str = "2026-05-01T12:00:00Z"
) -> dict[str, Any]:
    return {
        "id": number, "node_id": "x", "user": user(login) if login else None, "body": "", "state": state,
        "html_url": "x", "pull_request_url": "x", "author_association": "COLLABORATOR", "_links": {},
        "commit_id": sha, **({"submitted_at": at} if state != "PENDING" else {}),
    }  # fmt: skip


RUNS = {
    "total_count": 3,
    "check_runs": [
        {"id": 1, "name": "validate", "head_sha": HEAD, "status": "completed", "conclusion": "success", "started_at": "2026-05-01T10:00:00Z", "completed_at": "2026-05-01T10:01:00Z", "html_url": "https://github.com/acme/fleet/runs/1"},
        {"id": 2, "name": "policy", "head_sha": HEAD, "status": "completed", "conclusion": "timed_out", "started_at": None, "completed_at": "2026-05-01T10:02:00Z", "html_url": "javascript:alert(1)"},
        {"id": 3, "name": "slow", "head_sha": HEAD, "status": "in_progress", "conclusion": None, "started_at": None, "completed_at": None, "html_url": None},
    ],
}  # fmt: skip
STATUS = {
    "state": "success", "sha": HEAD, "total_count": 1, "repository": {}, "commit_url": "x", "url": "x",
    "statuses": [{"id": 1, "context": "ci/build", "state": "success", "target_url": None, "created_at": "2026-05-01T10:00:00Z", "updated_at": "2026-05-01T10:03:00Z"}],
}  # fmt: skip


class Hub:
    """The repository's answers by path; a test changes what it is about."""

    def __init__(self, listed: list[dict[str, Any]]) -> None:
        self.listed = listed
        self.answers: dict[str, Any] = {
            f"{REPO}/commits/{HEAD}/check-runs": RUNS,
            f"{REPO}/commits/{HEAD}/status": STATUS,
        }
        for one in listed:
            path = f"{REPO}/pulls/{one['number']}"
            self.answers[path] = detail(one["number"], one["updated_at"])
            self.answers[f"{path}/commits"] = [
                commit(OLD, "Scale\n\nCo-authored-by: Cem <Cem@Example.com>", user("ann")),
                commit(HEAD, "Once more", None, parents=(OLD,)),
            ]
            self.answers[f"{path}/reviews"] = [
                review(1, "bob", "APPROVED", sha=OLD, at="2026-05-01T11:00:00Z"),
                review(2, "bob", "COMMENTED"),
                review(3, "", "DISMISSED"),
                review(4, "cem", "PENDING"),
                review(5, "cem", "CHANGES_REQUESTED", sha=None),
            ]
        self.url = ""

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == f"{REPO}/pulls":
            assert (asked.query["state"], asked.query["sort"], asked.query["direction"]) == (
                "all",
                "updated",
                "desc",
            )
            newest = sorted(self.listed, key=lambda one: str(one["updated_at"]), reverse=True)
            return pages(newest, asked, self.url, size=2)
        answer = self.answers.get(asked.path, Reply({"message": "Not Found"}, status=404))
        return answer if isinstance(answer, Reply) else Reply(answer)


def asking(hub: Hub, run: Callable[[GitHub, Server], Any]) -> Any:
    with serving(hub) as server:
        hub.url = server.url
        http = ForgeHttp(server.url, {}, now=lambda: FETCHED, retry_wait_s=0.0)
        with http:
            return run(GitHub(http, "acme/fleet", fetched_at=FETCHED), server)


def only(hub: Hub) -> Any:
    (request,) = asking(hub, lambda forge, _: list(forge.requests(None)))
    return request


def test_a_merged_request_is_told_completely() -> None:
    request = only(Hub([pull(7, "2026-05-02T10:00:00Z")]))
    assert (request.number, request.state, request.url) == (
        7,
        RequestState.MERGED,
        "https://github.com/acme/fleet/pull/7",
    )
    assert (request.head_sha, request.merge_sha, request.base_branch, request.head_branch) == (
        HEAD,
        MERGE,
        "main",
        "scale",
    )
    assert (request.author.login, request.merged_by.login) == ("ann", "bob")
    assert request.merged_at == datetime(2026, 5, 2, 10, tzinfo=UTC)
    assert (request.labels, request.unknown, request.fetched_at) == (("sale",), (), FETCHED)
    first, last = request.commits
    assert (first.sha, first.author.login, first.co_authors, first.subject) == (
        OLD,
        "ann",
        ("cem@example.com",),
        "Scale",
    )
    assert (last.author, last.author_email, last.parents) == (None, "ann@example.com", (OLD,))
    assert [(one.reviewer.login, one.state, one.commit_sha) for one in request.reviews] == [
        ("bob", ReviewState.APPROVED, OLD), ("bob", ReviewState.COMMENTED, HEAD),
        ("ghost", ReviewState.DISMISSED, HEAD), ("cem", ReviewState.CHANGES_REQUESTED, ""),
    ]  # fmt: skip
    assert all(one.stale is None and one.official is None for one in request.reviews)
    assert [(one.name, one.state, one.url) for one in request.checks] == [
        ("validate", "success", "https://github.com/acme/fleet/runs/1"), ("policy", "failure", ""),
        ("slow", "pending", ""), ("ci/build", "success", ""),
    ]  # fmt: skip


def test_the_trial_merge_of_an_open_request_never_landed() -> None:
    hub = Hub([pull(7, "2026-05-02T10:00:00Z")])
    hub.answers[f"{REPO}/pulls/7"] = detail(
        7, "2026-05-02T10:00:00Z", state="open", merged=False, merged_at=None, merged_by=None
    )
    request = only(hub)
    assert (request.state, request.merge_sha, request.merged_by) == (RequestState.OPEN, "", None)


def test_a_deleted_account_and_a_bot() -> None:
    hub = Hub([pull(7, "2026-05-02T10:00:00Z")])
    hub.answers[f"{REPO}/pulls/7"] = detail(
        7, "2026-05-02T10:00:00Z", user=None, merged_by=user("renovate[bot]", "Bot"), body=None
    )
    request = only(hub)
    assert (request.author.login, request.body) == ("ghost", "")
    assert request.merged_by.is_bot


def test_the_longest_untouched_comes_first_and_since_is_kept_to() -> None:
    stamps = {
        1: "2026-05-05T00:00:00Z",
        2: "2026-05-01T00:00:00Z",
        3: "2026-05-03T00:00:00Z",
        4: "2026-05-02T00:00:00Z",
    }
    hub = Hub([pull(number, stamp) for number, stamp in stamps.items()])
    every = asking(hub, lambda forge, _: [one.number for one in forge.requests(None)])
    assert every == [2, 4, 3, 1]

    def later(forge: GitHub, server: Server) -> Any:
        found = [one.number for one in forge.requests(datetime(2026, 5, 3, tzinfo=UTC))]
        return found, [asked.path for asked in server.asked if asked.path == f"{REPO}/pulls/2"]

    assert asking(hub, later) == ([3, 1], [])


def test_the_cursor_is_the_time_in_the_list() -> None:
    """A request updated between the list and its own answer must be asked for again."""
    hub = Hub([pull(7, "2026-05-02T10:00:00Z")])
    hub.answers[f"{REPO}/pulls/7"] = detail(7, "2026-05-09T10:00:00Z")
    assert only(hub).updated_at == datetime(2026, 5, 2, 10, tzinfo=UTC)


def test_checks_that_the_token_may_not_see_are_unknown_and_not_none() -> None:
    hub = Hub([pull(7, "2026-05-02T10:00:00Z")])
    hub.answers[f"{REPO}/commits/{HEAD}/check-runs"] = Reply(
        {"message": "Resource not accessible by integration"}, status=403
    )
    request = only(hub)
    assert (request.unknown, request.checks) == (("checks",), ())


def test_fewer_check_runs_than_counted_are_unknown() -> None:
    hub = Hub([pull(7, "2026-05-02T10:00:00Z")])
    hub.answers[f"{REPO}/commits/{HEAD}/check-runs"] = {**RUNS, "total_count": 1001}
    assert only(hub).unknown == ("checks",)


def test_more_than_250_commits_are_not_all_told() -> None:
    hub = Hub([pull(7, "2026-05-02T10:00:00Z")])
    hub.answers[f"{REPO}/pulls/7"] = detail(7, "2026-05-02T10:00:00Z", commits=300)
    hub.answers[f"{REPO}/pulls/7/commits"] = [commit(f"{at:040x}", "x", None) for at in range(250)]
    assert only(hub).unknown == ("commits",)


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/pulls/7/commits", [commit(HEAD, "x", None)], "has 2 commits, and only 1 were listed"),
        ("/pulls/7", detail(8, "2026-05-02T10:00:00Z"), "asked for pull request 7"),
        ("/pulls/7", {**detail(7, "2026-05-02T10:00:00Z"), "merged_at": "yesterday"}, "merged_at"),
        (
            "/pulls/7",
            {**detail(7, "2026-05-02T10:00:00Z"), "merge_commit_sha": "--output=/etc/x"},
            "merge_commit_sha",
        ),
        ("/pulls/7/reviews", {"message": "hello"}, "the list of reviews"),
        ("/pulls/7/reviews", Reply({"message": "Not Found"}, status=404), "answered 404"),
    ],
)
def test_an_answer_that_does_not_fit_is_an_error_and_never_a_part(path: str, answer: Any, said: str) -> None:
    hub = Hub([pull(7, "2026-05-02T10:00:00Z")])
    hub.answers[f"{REPO}{path}"] = answer
    with pytest.raises(ForgeError, match=said):
        only(hub)


def test_the_diff_of_two_commits() -> None:
    hub = Hub([])
    hub.answers[f"{REPO}/compare/{BASE}...{HEAD}"] = Reply(body=b"diff --git a/x b/x\n")

    def both(forge: GitHub, server: Server) -> Any:
        return forge.patch(BASE, HEAD), server.asked[-1].headers["accept"], forge.patch(BASE, OLD)

    assert asking(hub, both) == (b"diff --git a/x b/x\n", "application/vnd.github.diff", None)
