"""GitLab's answers, written by hand from docs.gitlab.com/api: merge_requests ("List project merge requests", "Get
single merge request commits", "Get merge request diff versions", "List merge request pipelines"),
merge_request_approvals ("Retrieve approval state"), notes ("List all merge request notes").
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from forge.http_server import Asked, Reply, pages, serving

from auditor.errors import ForgeError
from auditor.forge.gitlab import GitLab
from auditor.forge.http import ForgeHttp
from auditor.model import RequestState

FETCHED = datetime(2026, 6, 1, tzinfo=UTC)
PROJECT = "/projects/acme%2Fteam%2Ffleet"
HEAD, MERGE, SQUASH, OLD = "a" * 40, "b" * 40, "c" * 40, "d" * 40


def user(username: str) -> dict[str, Any]:
    return {"id": 1, "username": username, "name": username.title(), "state": "active", "locked": False, "web_url": f"https://gitlab.com/{username}"}  # fmt: skip


def request(iid: int, updated: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 1000 + iid, "iid": iid, "project_id": 3, "title": "Scale the shop", "description": "For the sale.",
        "state": "merged", "created_at": "2026-05-01T10:00:00.000Z", "updated_at": updated,
        "merged_by": user("root"), "merge_user": user("bob"), "merged_at": "2026-05-02T10:00:00.000Z",
        "target_branch": "main", "source_branch": "scale", "author": user("ann"), "labels": ["sale"],
        "sha": HEAD, "merge_commit_sha": MERGE, "squash_commit_sha": None, "draft": False,
        "web_url": f"https://gitlab.com/acme/team/fleet/-/merge_requests/{iid}", "squash": False,
        **more,
    }  # fmt: skip


COMMITS = [
    {"id": HEAD, "short_id": HEAD[:8], "title": "Once more", "message": "Once more\n", "author_name": "Ann", "author_email": "ann@example.com", "authored_date": "2026-05-01T12:00:00.000+02:00", "committer_name": "Ann", "committer_email": "ann@example.com", "parent_ids": [OLD]},
    {"id": OLD, "short_id": OLD[:8], "title": "Scale", "message": "Scale\n\nCo-authored-by: Cem <cem@example.com>\n", "author_name": "Ann", "author_email": "ann@example.com", "authored_date": "2026-05-01T11:00:00.000+02:00", "committer_name": "Ann", "committer_email": "ann@example.com", "parent_ids": []},
]  # fmt: skip
VERSIONS = [
    {"id": 110, "head_commit_sha": HEAD, "base_commit_sha": "e" * 40, "start_commit_sha": "e" * 40, "created_at": "2026-05-01T12:00:00.000Z", "merge_request_id": 1, "state": "collected", "real_size": "1"},
    {"id": 108, "head_commit_sha": OLD, "base_commit_sha": "e" * 40, "start_commit_sha": "e" * 40, "created_at": "2026-05-01T10:00:00.000Z", "merge_request_id": 1, "state": "collected", "real_size": "1"},
]  # fmt: skip


def approvals(*by: dict[str, Any]) -> dict[str, Any]:
    return {"id": 5, "iid": 5, "project_id": 1, "approvals_required": 1, "approvals_left": 0, "approved": True, "approved_by": list(by)}  # fmt: skip


class Lab:
    def __init__(self, *listed: dict[str, Any]) -> None:
        self.listed = list(listed)
        self.url = ""
        self.answers: dict[str, Any] = {}
        for one in listed:
            path = f"{PROJECT}/merge_requests/{one['iid']}"
            self.answers |= {
                f"{path}/commits": COMMITS,
                f"{path}/versions": VERSIONS,
                f"{path}/approvals": approvals({"user": user("bob"), "approved_at": "2026-05-01T13:00:00.000Z"}),
                f"{path}/notes": [],
                f"{path}/pipelines": [
                    {"id": 77, "sha": HEAD, "ref": "refs/merge-requests/1/head", "status": "success", "web_url": "https://gitlab.com/p/77"},
                    {"id": 70, "sha": HEAD, "ref": "scale", "status": "failed", "web_url": "https://gitlab.com/p/70"},
                    {"id": 60, "sha": OLD, "ref": "scale", "status": "failed"},
                ],
            }  # fmt: skip

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == f"{PROJECT}/merge_requests":
            assert (asked.query["scope"], asked.query["order_by"], asked.query["sort"]) == (
                "all",
                "updated_at",
                "desc",
            )
            after = asked.query.get("updated_after", "")
            newest = sorted(self.listed, key=lambda one: str(one["updated_at"]), reverse=True)
            return pages([one for one in newest if one["updated_at"] >= after], asked, self.url, size=2)
        answer = self.answers.get(asked.path, Reply({"message": "404 Not found"}, status=404))
        return answer if isinstance(answer, Reply) else Reply(answer)

    def requests(self, since: datetime | None = None) -> list[Any]:
        with serving(self) as server:
            self.url = server.url
            with ForgeHttp(server.url, {}, now=lambda: FETCHED, retry_wait_s=0.0) as http:
                return list(GitLab(http, "acme/team/fleet", fetched_at=FETCHED).requests(since))


def test_a_merged_request_is_told_completely() -> None:
    (found,) = Lab(request(5, "2026-05-02T10:00:00.000Z")).requests()
    assert (found.number, found.state, found.author.login, found.merged_by.login) == (
        5,
        RequestState.MERGED,
        "ann",
        "bob",
    )
    assert (found.head_sha, found.merge_sha, found.base_branch) == (HEAD, MERGE, "main")
    assert [(one.sha, one.author, one.author_email) for one in found.commits] == [
        (OLD, None, "ann@example.com"), (HEAD, None, "ann@example.com"),
    ]  # fmt: skip
    assert found.commits[0].co_authors == ("cem@example.com",)
    assert found.commits[0].authored_at == datetime(2026, 5, 1, 9, tzinfo=UTC)
    assert [(one.reviewer.login, one.commit_sha, one.stale, one.official) for one in found.reviews] == [
        ("bob", HEAD, None, None)
    ]
    assert [(one.name, one.state) for one in found.checks] == [("pipeline", "success")]


@pytest.mark.parametrize(
    ("more", "landed"),
    [
        ({}, MERGE),
        ({"squash_commit_sha": SQUASH}, MERGE),
        ({"merge_commit_sha": None, "squash_commit_sha": SQUASH}, SQUASH),
        ({"merge_commit_sha": None}, HEAD),  # a fast-forward
        ({"state": "opened", "merge_commit_sha": None, "merged_at": None}, ""),
        ({"state": "closed", "merge_commit_sha": None, "merged_at": None}, ""),
    ],
)
def test_what_landed(more: dict[str, Any], landed: str) -> None:
    (found,) = Lab(request(5, "2026-05-02T10:00:00.000Z", **more)).requests()
    assert found.merge_sha == landed
    assert found.squash_sha == (more.get("squash_commit_sha") or "")


def test_an_approval_is_of_the_version_that_was_there() -> None:
    lab = Lab(request(5, "2026-05-02T10:00:00.000Z"))
    lab.answers[f"{PROJECT}/merge_requests/5/approvals"] = approvals(
        {"user": user("bob"), "approved_at": "2026-05-01T11:59:00.000Z"}
    )
    (found,) = lab.requests()
    assert found.reviews[0].commit_sha == OLD


def test_without_times_of_approvals_their_notes_tell() -> None:
    lab = Lab(request(5, "2026-05-02T10:00:00.000Z"))
    lab.answers[f"{PROJECT}/merge_requests/5/approvals"] = approvals(
        {"user": user("bob")}, {"user": user("cem")}
    )
    lab.answers[f"{PROJECT}/merge_requests/5/notes"] = [
        {"id": 3, "system": True, "body": "approved this merge request", "author": user("bob"), "created_at": "2026-05-01T12:30:00Z"},
        {"id": 2, "system": True, "body": "unapproved this merge request", "author": user("bob"), "created_at": "2026-05-01T11:30:00Z"},
        {"id": 1, "system": True, "body": "approved this merge request", "author": user("bob"), "created_at": "2026-05-01T11:00:00Z"},
        {"id": 4, "system": False, "body": "approved this merge request", "author": user("cem"), "created_at": "2026-05-01T11:00:00Z"},
    ]  # fmt: skip
    (found,) = lab.requests()
    told = {one.reviewer.login: (one.submitted_at, one.commit_sha) for one in found.reviews}
    assert told == {"bob": (datetime(2026, 5, 1, 12, 30, tzinfo=UTC), HEAD), "cem": (None, "")}


def test_approvals_that_are_not_shown_are_unknown() -> None:
    lab = Lab(request(5, "2026-05-02T10:00:00.000Z"))
    lab.answers[f"{PROJECT}/merge_requests/5/approvals"] = Reply({"message": "403 Forbidden"}, status=403)
    (found,) = lab.requests()
    assert (found.unknown, found.reviews) == (("reviews",), ())


def test_order_and_since() -> None:
    lab = Lab(*(request(iid, f"2026-05-0{10 - iid}T10:00:00.000Z") for iid in range(3, 8)))
    assert [one.number for one in lab.requests()] == [7, 6, 5, 4, 3]
    assert [one.number for one in lab.requests(datetime(2026, 5, 6, tzinfo=UTC))] == [4, 3]


def test_a_broken_list_of_commits_is_an_error() -> None:
    lab = Lab(request(5, "2026-05-02T10:00:00.000Z"))
    lab.answers[f"{PROJECT}/merge_requests/5/commits"] = Reply({"message": "404"}, status=404)
    with pytest.raises(ForgeError, match="answered 404"):
        lab.requests()
