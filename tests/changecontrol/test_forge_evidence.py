"""From what a forge told, through the trail, to findings: landings of one history, each with another request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from changecontrol.change_audit import FIRST_LOOK, ChangeAudit
from histories.builder import ANN, BEA, History, Person

from auditor.model import ForgeUser, Request, RequestCommit, RequestState, Review, ReviewState
from auditor.pipeline.evidence.forge import ForgeNews, record_news
from auditor.settings import Settings
from auditor.store.database import open_database
from auditor.store.previous import log_head
from auditor.store.writer import writing
from auditor.trail.log import Log

FORGE = {"kind": "github", "repository": "acme/fleet"}


def account(person: Person) -> ForgeUser:
    return ForgeUser(login=person.name.lower(), email=person.email)


class Told:
    """Requests as a forge would tell them of the history's landings."""

    def __init__(self, story: History) -> None:
        self.story = story
        self.requests: list[Request] = []

    def landed(
        self, merge_sha: str, head: str, author: Person, *approved: tuple[Person, str], **changes: Any
    ) -> None:
        number = len(self.requests) + 1
        at = datetime.fromtimestamp(self.story.clock, UTC)
        wrote = RequestCommit(
            sha=head,
            author=account(author),
            committer=account(author),
            author_email=author.email,
            authored_at=at,
        )
        reviews = tuple(
            Review(
                id=str(place), reviewer=account(who), state=ReviewState.APPROVED, commit_sha=sha,
                submitted_at=at - timedelta(minutes=5),
            )
            for place, (who, sha) in enumerate(approved)
        )  # fmt: skip
        facts: dict[str, Any] = {
            "forge": "github", "number": number, "url": f"https://github.com/acme/fleet/pull/{number}", "title": "change",
            "body": "why", "state": RequestState.MERGED, "author": account(author), "base_branch": "main",
            "head_branch": "x", "head_sha": head, "merge_sha": merge_sha, "created_at": at, "updated_at": at,
            "merged_at": at, "merged_by": account(author), "fetched_at": FIRST_LOOK, "commits": (wrote,),
            "reviews": reviews,
        }  # fmt: skip
        self.requests.append(Request(**{**facts, **changes}))


def test_from_the_forges_account_to_findings(story: History, audited: Callable[..., ChangeAudit]) -> None:
    root = story.commit("first", {"CODEOWNERS": "* @bea\n/secrets/ @cid\n", "a": "0"})
    told = Told(story)

    def landed(
        name: str, files: dict[str, str], *approvers: Person, author: Person = ANN, late: bool = False
    ) -> str:
        story.branch(name, story.tip("main"))
        head = approved = story.commit("work", files, branch=name, by=author)
        if late:
            head = story.commit("after the approval", {"late": name}, branch=name, by=author)
        merge = story.merge(
            name, message=f"Merge pull request #{len(told.requests) + 1} from {name}", by=author
        )
        told.landed(merge, head, author, *((who, approved) for who in approvers))
        return merge

    fine = landed("fine", {"a": "1"}, BEA)
    unapproved = landed("unapproved", {"a": "2"})
    self_approved = landed("self", {"a": "3"}, BEA, author=BEA)
    ownerless = landed("secrets", {"secrets/db": "x"}, BEA)
    stale = landed("stale", {"a": "4"}, BEA, late=True)
    pushed = story.commit("straight to main", {"a": "5"})
    claiming = story.commit("looks squashed (#1)", {"a": "6"})
    found = audited()
    settings = Settings(engine="embedded", forge=FORGE)
    news = ForgeNews(
        repo="repo", forge="github", source="https://api.github.com/acme/fleet", requests=tuple(told.requests),
        incomplete="", before=None, until=None, fetched_at=FIRST_LOOK,
    )  # fmt: skip
    with open_database(found.database) as opened:
        head = log_head(opened)
        with writing(opened) as writer:
            record_news(writer, Log(*head), news, run="r", redact=str, patch=lambda base, tip: None)
    verdicts = found.judged_again(settings)
    by_rule: dict[str, set[str]] = {}
    for one in verdicts.lifetimes:
        by_rule.setdefault(one.sighting.rule_id, set()).add(one.opened.sha)
    assert by_rule["AUD-CHG-0007"] == {unapproved, pushed, claiming}
    assert by_rule["AUD-CHG-0008"] == {self_approved}
    assert by_rule["AUD-CHG-0010"] == {unapproved, ownerless}
    assert by_rule["AUD-CHG-0001"] == {pushed, claiming}
    assert "AUD-CHG-0003" not in by_rule, "the forge confirms the merges"
    assert fine not in set().union(*(by_rule[rule] for rule in by_rule if rule != "AUD-CHG-0004"))
    assert root not in by_rule["AUD-CHG-0007"]
    results = verdicts.results()
    assert results["AUD-CHG-0001"][2] == 0, "nothing is left that only a claim covers"
    # Without a patch to compare, an approval of an earlier head cannot be told to be stale: no pass.
    stale_gaps = [gap for gap in verdicts.gaps if gap.rule_id == "AUD-CHG-0009" and gap.example == stale]
    assert [gap.outcome for gap in stale_gaps] == ["skipped"]
