"""A whole scan that asks a GitHub played by hand: the wiring, where no Gitea was built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from forge.http_server import Asked, Reply, pages, serving
from forge.test_github import HEAD, RUNS, STATUS, commit, detail, pull, review
from histories.audits import Audit
from histories.builder import History

from auditor.pipeline.integrity.verify import VerifyRequest, verify
from auditor.settings import ForgeSetting, Settings

REPO = "/api/v3/repos/acme/fleet"


@dataclass
class Hub:
    """Pull request 7: by ann, approved by nobody; what it landed as is the test's to say."""

    landed: str = "f" * 40
    updated: str = "2026-05-02T10:00:00Z"
    reviews: tuple[dict[str, Any], ...] = ()
    url: str = ""
    lists: int = 0

    def __call__(self, asked: Asked) -> Reply:
        more = {"merge_commit_sha": self.landed}
        if asked.path == f"{REPO}/pulls":
            self.lists += 1
            return pages([pull(7, self.updated, **more)], asked, self.url, size=100)
        answers: dict[str, Any] = {
            f"{REPO}/pulls/7": detail(7, self.updated, commits=1, **more),
            f"{REPO}/pulls/7/commits": [commit(HEAD, "Scale", {"login": "ann", "type": "User"})],
            f"{REPO}/pulls/7/reviews": list(self.reviews),
            f"{REPO}/commits/{HEAD}/check-runs": RUNS,
            f"{REPO}/commits/{HEAD}/status": STATUS,
        }
        return Reply(answers[asked.path]) if asked.path in answers else Reply({"message": "?"}, status=404)


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    with serving(made) as server:
        made.url = server.url
        yield made


@pytest.fixture
def audit(tmp_path: Path, hub: Hub) -> Audit:
    history = History(tmp_path / "source")
    history.commit("Begin", {"a.yaml": "a: 1\n"})
    hub.landed = history.commit("Scale (#7)", {"a.yaml": "a: 2\n"})
    setting = ForgeSetting(kind="github", repository="acme/fleet", url=hub.url)
    return Audit(history.path, tmp_path / "audit.duckdb", Settings(engine="embedded", forge=setting))


def unapproved(audit: Audit) -> list[tuple[Any, ...]]:
    return audit.rows("SELECT opened_sha FROM findings WHERE rule_id = 'AUD-CHG-0007' AND state = 'open'")


def test_an_unapproved_change_and_a_review_that_comes_to_be_known(audit: Audit, hub: Hub) -> None:
    assert audit.scan().incomplete == ()
    assert unapproved(audit) == [(hub.landed,)]
    assert audit.rows("SELECT confirmed, number, merged_by FROM change_units WHERE sha = ?", hub.landed) == [
        ("confirmed", 7, "bob")
    ]
    # The forge tells of an approval that it did not tell before: nothing new has landed, and the answer is another.
    hub.reviews, hub.updated = (review(1, "cem", "APPROVED"),), "2026-05-03T10:00:00Z"
    assert audit.scan().incomplete == ()
    assert unapproved(audit) == []
    assert (
        verify(VerifyRequest(database=audit.database, settings=audit.settings, git=False)).everything_wrong
        == []
    )


def test_what_the_forge_told_cannot_be_changed_unseen(audit: Audit, hub: Hub) -> None:
    hub.reviews = (review(1, "cem", "CHANGES_REQUESTED"),)
    audit.scan()
    with duckdb.connect(str(audit.database)) as connection:
        connection.execute("UPDATE trail.review SET state = 'approved'")
    problem, *_ = verify(
        VerifyRequest(database=audit.database, settings=audit.settings, git=False)
    ).everything_wrong
    assert "review" in problem
