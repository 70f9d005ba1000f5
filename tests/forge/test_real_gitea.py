"""People at work on a real forge: what they do is told by its API, joined with git, and assessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from forge.gitea_server import GiteaRepository, GiteaServer, needs_gitea
from forge.mining import Mine

from auditor.model import ChangeUnit, Confirmation, LandingMethod, RequestState
from auditor.settings import ForgeSetting

Make = Callable[..., GiteaRepository]

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def fleet(repository: Make) -> GiteaRepository:
    return repository({"apps/web.yaml": "replicas: 1\n", "infra/dns.yaml": "zone: a\n"})


@pytest.fixture
def mine(tmp_path: Path, gitea: GiteaServer, fleet: GiteaRepository) -> Mine:
    return Mine(
        folder=tmp_path,
        location=fleet.location,
        setting=ForgeSetting(kind="gitea", repository=f"{fleet.owner}/{fleet.name}", url=gitea.url),
        environment={"AUDITOR_FORGE_TOKEN": gitea.token("root-admin")},
    )


def unit_of(mine: Mine, sha: str) -> ChangeUnit:
    news, recorded = mine.run()
    assert news.incomplete == ""
    return next(unit for unit in recorded.units if unit.sha == sha)


@needs_gitea
def test_approved_by_somebody_else(fleet: GiteaRepository, mine: Mine) -> None:
    head = fleet.write("ann", "main", {"apps/web.yaml": "replicas: 2\n"}, new="scale")
    number = fleet.open("ann", "scale", body="For the sale.")
    fleet.review("bob", number)
    fleet.server.api(
        "bob", "POST", f"{fleet.path}/statuses/{head}", {"state": "success", "context": "ci/validate"}
    )
    unit = unit_of(mine, fleet.merge("cem", number))
    assert (unit.number, unit.confirmed, unit.method) == (number, Confirmation.CONFIRMED, LandingMethod.MERGE)
    assert unit.side == (head,)
    found = mine.assessment(unit)
    assert (found.approved, found.self_approved, found.stale, found.missing_owners) == (
        True,
        False,
        False,
        (),
    )
    assert [person.name for person in found.contributors] == ["ann"]
    assert mine.rows(
        "SELECT number, state, author, base_branch, head_sha, merge_sha, merged_by, approvals, has_body FROM pull_requests"
    ) == [(number, "merged", "ann", "main", head, unit.sha, "cem", 1, True)]
    assert mine.rows("SELECT reviewer, state, commit_sha, stale, official FROM reviews") == [
        ("bob", "approved", head, False, True)
    ]
    assert mine.rows("SELECT name, sha, state FROM checks") == [("ci/validate", head, "success")]
    assert mine.rows(
        "SELECT number, confirmed, author, approvers, merged_by, side_commits FROM change_units WHERE sha = ?",
        unit.sha,
    ) == [(number, "confirmed", "ann", ["bob"], "cem", [head])]


@needs_gitea
def test_merging_is_not_approving(fleet: GiteaRepository, mine: Mine) -> None:
    fleet.write("ann", "main", {"apps/web.yaml": "replicas: 3\n"}, new="quick")
    number = fleet.open("ann", "quick")
    found = mine.assessment(unit_of(mine, fleet.merge("bob", number)))
    assert (found.approved, found.self_approved, found.stale) == (False, False, False)
    assert "merging it (bob) is not approving it" in found.reasons["approved"]


@needs_gitea
def test_a_comment_and_an_asked_for_change_are_no_approvals(fleet: GiteaRepository, mine: Mine) -> None:
    fleet.write("ann", "main", {"apps/web.yaml": "replicas: 3\n"}, new="talk")
    number = fleet.open("ann", "talk")
    fleet.review("bob", number, "COMMENT")
    fleet.review("cem", number, "APPROVED")
    time.sleep(1.1)  # the forge's times are whole seconds
    fleet.review("cem", number, "REQUEST_CHANGES")
    found = mine.assessment(unit_of(mine, fleet.merge("ann", number)))
    assert found.approved is False
    assert [one.why for one in found.approvals] == ["the review was dismissed"]  # the forge does so by itself


@needs_gitea
def test_nobody_approves_their_own_request_but_whoever_edits_anothers_may(
    fleet: GiteaRepository, mine: Mine
) -> None:
    """The trap: a bot's request, into which the one who approves it has pushed."""
    fleet.write("dora", "main", {"apps/web.yaml": "replicas: 4\n"}, new="update-image")
    number = fleet.open("dora", "update-image")
    assert fleet.review("dora", number, ok=False) == 422
    head = fleet.write("bob", "update-image", {"infra/dns.yaml": "zone: b\n"})
    fleet.settled(number, head=head)
    fleet.review("bob", number)
    found = mine.assessment(unit_of(mine, fleet.merge("bob", number)))
    assert (found.approved, found.self_approved, found.stale) == (True, True, False)
    assert found.reasons["self_approved"].startswith("bob contributed (author of a commit")


@needs_gitea
def test_a_push_after_the_approval_makes_it_stale(fleet: GiteaRepository, mine: Mine) -> None:
    first = fleet.write("ann", "main", {"apps/web.yaml": "replicas: 5\n"}, new="slip")
    number = fleet.open("ann", "slip")
    fleet.review("bob", number)
    head = fleet.write("ann", "slip", {"apps/web.yaml": "replicas: 50\n"})
    fleet.settled(number, head=head)
    unit = unit_of(mine, fleet.merge("bob", number))
    assert unit.other_patch == (first,)
    found = mine.assessment(unit)
    assert (found.approved, found.self_approved, found.stale) == (True, False, True)


@needs_gitea
def test_bringing_the_base_in_after_the_approval_does_not(fleet: GiteaRepository, mine: Mine) -> None:
    first = fleet.write("ann", "main", {"apps/web.yaml": "replicas: 6\n"}, new="behind")
    number = fleet.open("ann", "behind")
    fleet.review("bob", number)
    fleet.write("root-admin", "main", {"infra/dns.yaml": "zone: c\n"})
    fleet.server.api("ann", "POST", f"{fleet.path}/pulls/{number}/update?style=merge")
    head = fleet.server.api("ann", "GET", f"{fleet.path}/branches/behind")["commit"]["id"]
    assert head != first
    fleet.settled(number, head=head)
    unit = unit_of(mine, fleet.merge("bob", number))
    assert unit.same_patch == (first,)
    found = mine.assessment(unit)
    assert (found.approved, found.stale) == (True, False)
    assert "same patch on a newer base" in found.reasons["stale"]


@needs_gitea
def test_an_approval_after_the_merge_comes_too_late(fleet: GiteaRepository, mine: Mine) -> None:
    fleet.write("ann", "main", {"apps/web.yaml": "replicas: 7\n"}, new="late")
    number = fleet.open("ann", "late")
    sha = fleet.merge("ann", number)
    time.sleep(1.1)  # the forge's times are whole seconds
    # Gitea takes no review of a merged request; what a forge that does take one tells is in the tests of approvals.
    assert fleet.review("bob", number, ok=False) == 422
    found = mine.assessment(unit_of(mine, sha))
    assert found.approved is False
    assert found.approvals == ()


@needs_gitea
def test_a_missing_owner(repository: Make, tmp_path: Path, gitea: GiteaServer) -> None:
    fleet = repository(
        {"CODEOWNERS": "apps/.* @dora\n", "apps/web.yaml": "replicas: 1\n", "README.md": "fleet\n"}
    )
    mine = Mine(
        folder=tmp_path, location=fleet.location,
        setting=ForgeSetting(kind="gitea", repository=f"{fleet.owner}/{fleet.name}", url=gitea.url),
        environment={"GITEA_TOKEN": gitea.token("root-admin")},
    )  # fmt: skip
    landed = {}
    for branch, path, approver in (
        ("one", "apps/web.yaml", "bob"),
        ("two", "apps/web.yaml", "dora"),
        ("three", "README.md", "bob"),
    ):
        fleet.write("ann", "main", {path: f"{branch}\n"}, new=branch)
        number = fleet.open("ann", branch)
        fleet.review(approver, number)
        landed[branch] = fleet.merge("ann", number)
    _, recorded = mine.run()
    units = {unit.sha: unit for unit in recorded.units}
    (missing,) = mine.assessment(units[landed["one"]]).missing_owners or ()
    assert missing.certain
    assert missing.requirement.owners == ("@dora",)
    assert missing.requirement.paths == ("apps/web.yaml",)
    assert mine.assessment(units[landed["two"]]).missing_owners == ()
    assert mine.assessment(units[landed["three"]]).missing_owners == ()


@needs_gitea
@pytest.mark.parametrize(
    ("style", "method", "landings"),
    [
        ("squash", LandingMethod.SQUASH, 1),
        ("rebase", LandingMethod.REBASE, 2),
        ("rebase-merge", LandingMethod.MERGE, 1),
        ("fast-forward-only", LandingMethod.FAST_FORWARD, 2),
    ],
)
def test_ways_to_land(
    fleet: GiteaRepository, mine: Mine, style: str, method: LandingMethod, landings: int
) -> None:
    fleet.write("ann", "main", {"apps/web.yaml": "replicas: 8\n"}, new="way", message="First step")
    fleet.write("ann", "way", {"apps/web.yaml": "replicas: 9\n"}, message="Second step")
    if style != "fast-forward-only":
        fleet.write("root-admin", "main", {"infra/dns.yaml": "zone: d\n"}, message="Pushed")
    number = fleet.open("ann", "way")
    fleet.review("bob", number)
    sha = fleet.merge("bob", number, style)
    unit = unit_of(mine, sha)
    assert (unit.number, unit.confirmed, unit.method) == (number, Confirmation.CONFIRMED, method)
    of_request = mine.rows("SELECT sha FROM change_units WHERE number = ?", number)
    assert len(of_request) == landings
    found = mine.assessment(unit, codeowners=False)
    assert (found.approved, found.self_approved, found.stale) == (True, False, False)


@needs_gitea
def test_what_landed_past_the_forge_is_contradicted(fleet: GiteaRepository, mine: Mine) -> None:
    fleet.write("ann", "main", {"apps/web.yaml": "replicas: 2\n"}, new="fair")
    number = fleet.open("ann", "fair")
    fleet.review("bob", number)
    fair = fleet.merge("bob", number)
    direct = fleet.write("cem", "main", {"apps/web.yaml": "replicas: 20\n"}, message="Scale")
    forged = fleet.write(
        "cem",
        "main",
        {"apps/web.yaml": "replicas: 21\n"},
        message=f"Merge pull request #{number} from ann/fair",
    )
    _, recorded = mine.run()
    said = {unit.sha: (unit.confirmed, unit.number) for unit in recorded.units}
    assert said[fair] == (Confirmation.CONFIRMED, number)
    assert said[direct] == (Confirmation.CONTRADICTED, None)
    assert said[forged] == (Confirmation.CONTRADICTED, None)
    reasons = {unit.sha: unit.reason for unit in recorded.units}
    assert reasons[forged].endswith(f"request {number}, which its message names, landed as {fair[:12]}")
    # What came before the forge's first request may be older than the forge.
    first = mine.rows("SELECT sha FROM commits WHERE position = 0")[0][0]
    assert said[first] == (Confirmation.UNCONFIRMED, None)


@needs_gitea
def test_a_second_scan_asks_for_what_is_new_and_adds_what_differs(fleet: GiteaRepository, mine: Mine) -> None:
    fleet.write("ann", "main", {"apps/web.yaml": "replicas: 2\n"}, new="old")
    old = fleet.open("ann", "old")
    fleet.review("bob", old)
    fleet.merge("bob", old)
    time.sleep(1.1)  # the forge's times are whole seconds
    fleet.write("ann", "main", {"infra/dns.yaml": "zone: e\n"}, new="open")
    number = fleet.open("ann", "open")
    first, added = mine.run()
    assert [request.number for request in first.requests] == [old, number]
    assert (added.rows["pull_request"], added.rows["review"]) == (2, 1)
    again, nothing = mine.run()
    assert again.requests == ()
    assert (first.is_about_earlier_changes, again.is_about_earlier_changes) == (True, False)
    assert set(nothing.rows.values()) == {0}
    time.sleep(1.1)
    fleet.review("cem", number)
    fleet.merge("cem", number)
    last, more = mine.run()
    assert [(request.number, request.state) for request in last.requests] == [(number, RequestState.MERGED)]
    assert (more.rows["pull_request"], more.rows["review"], more.rows["change_unit"]) == (1, 1, 1)
    assert mine.rows("SELECT state FROM trail.pull_request WHERE number = ? ORDER BY seq", number) == [
        ("open",), ("merged",),
    ]  # fmt: skip


@needs_gitea
def test_a_wrong_token_is_named_and_nothing_is_lost(fleet: GiteaRepository, mine: Mine) -> None:
    fleet.write("ann", "main", {"apps/web.yaml": "replicas: 2\n"}, new="kept")
    fleet.merge("bob", fleet.open("ann", "kept"))
    mine.run()
    mine.environment = {"AUDITOR_FORGE_TOKEN": "0123456789abcdef0123456789abcdef01234567"}
    news, _ = mine.run()
    assert "answered 401" in news.incomplete
    assert "0123456789abcdef" not in news.incomplete
    assert mine.rows("SELECT confirmed FROM change_units WHERE number IS NOT NULL") == [("confirmed",)]
    assert mine.rows("SELECT count(*) FROM pull_requests") == [(1,)]
