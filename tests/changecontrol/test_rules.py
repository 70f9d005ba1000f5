"""Rules whose evidence git does not hold: keys, people, forges, refs. Each with what only looks like a case of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from auditor.changecontrol.evidence import FirstSight
from auditor.changecontrol.interface import ChangeVerdict, Known
from auditor.changecontrol.judge import CHANGE_RULES, REF_RULES, RULE_IDS, judge_landings, judge_refs
from auditor.changecontrol.messages import co_authors, reverted, trailers, without_trailers
from auditor.changecontrol.options import ChangeOptions, Freeze
from auditor.forge.approval import assess
from auditor.model import (
    ActorKind,
    ChangeUnit,
    Commit,
    Confirmation,
    Directory,
    ForgeUser,
    Identity,
    LandingMethod,
    Outcome,
    Person,
    RefMove,
    RefObservation,
    Request,
    RequestCommit,
    RequestState,
    Review,
    ReviewState,
    SignatureCheck,
    SignatureStatus,
)
from auditor.pipeline.evidence.changes import findings_of
from auditor.policy.builtin import BUILTIN_RULES
from auditor.policy.library import load_library

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANA_KEY, BEN_KEY, BOT_KEY, FORGE_KEY = ("A" * 40, "B" * 40, "C" * 40, "D" * 40)
ANA = Person(name="Ana", emails=("ana@example.com",), logins=("ana",), keys=(ANA_KEY,))
BEN = Person(name="Ben", emails=("ben@example.com", "ben@home.example"), logins=("ben",), keys=(BEN_KEY,))
BOT = Person(
    name="deployer",
    kind=ActorKind.BOT,
    emails=("bot@example.com",),
    names=("deployer[bot]",),
    keys=(BOT_KEY,),
)
FORGE = Person(name="GitHub", kind=ActorKind.FORGE, emails=("noreply@github.com",), keys=(FORGE_KEY,))
DIRECTORY = Directory((ANA, BEN, BOT, FORGE))


def who(name: str, email: str, at: datetime = NOON) -> Identity:
    return Identity(name=name, email=email, at=at)


def commit(sha: str, *parents: str, at: datetime = NOON, **changes: Any) -> Commit:
    person = who("Ana", "ana@example.com", at)
    facts: dict[str, Any] = {
        "sha": sha, "tree": "t", "parents": parents, "author": person, "committer": person, "subject": "change",
        "body": "for a reason", "landed": True, "position": 0, "actor_kind": ActorKind.PERSON, "pull_request": "",
        "signature_format": "ssh", "signature_status": "unchecked", "signer": "",
    }  # fmt: skip
    return Commit(**{**facts, **changes})


ROOT = commit("root")


def judged(landed: Commit, *others: Commit, **known: Any) -> dict[str, list[ChangeVerdict]]:
    """Verdicts by rule on one landed commit that brought in the others."""
    told = Known(commits={one.sha: one for one in (ROOT, *others, landed)}, **known)
    (answers,) = judge_landings([landed.sha], told, {landed.sha: others})
    found: dict[str, list[ChangeVerdict]] = {}
    for rule_id, verdict in answers.verdicts:
        found.setdefault(rule_id, []).append(verdict)
    return found


def outcome(number: int, *what: Any, **known: Any) -> str:
    """'pass', or the outcomes of one rule's verdicts."""
    verdicts = judged(*what, **known).get(f"AUD-CHG-{number:04d}", [])
    return " ".join(verdict.outcome.value for verdict in verdicts) or "pass"


def signed(sha: str, status: SignatureStatus, key: str = "", signer: str = "") -> SignatureCheck:
    return SignatureCheck(sha=sha, status=status, signer=signer, key=key, trust="t", reason="")


GOOD = SignatureStatus.GOOD


def keys(*checks: SignatureCheck, directory: Directory = DIRECTORY) -> dict[str, Any]:
    by_sha: dict[str, list[SignatureCheck]] = {}
    for check in checks:
        by_sha.setdefault(check.sha, []).append(check)
    return {"signatures": by_sha, "trust_configured": True, "directory": directory}


# Keys and people --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["good"], "pass"), (["bad"], "fail"), (["untrusted"], "fail"), (["unknown-key"], "fail"), (["revoked"], "fail"),
        (["expired"], "pass"), (["good", "revoked"], "pass"), (["good", "untrusted"], "pass"), (["good", "bad"], "fail"),
        (["untrusted", "good"], "pass"), (["unchecked"], "skipped"), (["error"], "error"), ([], "skipped"),
    ],
)  # fmt: skip
def test_a_signature_is_held_to_what_was_trusted_when_it_was_seen(statuses: list[str], expected: str) -> None:
    checks = [signed("c", SignatureStatus(status)) for status in statuses]
    assert outcome(11, commit("c", "root"), **keys(*checks)) == expected


def test_an_unsigned_commit_is_no_untrusted_one_and_a_tampered_side_commit_is() -> None:
    unsigned = commit("c", "root", signature_format="")
    assert (outcome(4, unsigned), outcome(11, unsigned, **keys())) == ("fail", "pass")
    side = commit("s", "root", landed=False)
    assert (
        outcome(
            11, commit("m", "root", "s"), side, **keys(signed("m", GOOD), signed("s", SignatureStatus.BAD))
        )
        == "fail"
    )


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([signed("m", GOOD, FORGE_KEY)], "fail"),
        ([signed("m", GOOD, FORGE_KEY), signed("s", GOOD, FORGE_KEY)], "fail"),
        ([signed("m", GOOD, FORGE_KEY), signed("s", GOOD, ANA_KEY)], "pass"),
        ([signed("m", GOOD, ANA_KEY)], "pass"),
    ],
    ids=[
        "alone",
        "squashed and merged by the forge",
        "the author signed what it merges",
        "signed by a person",
    ],
)
def test_signed_by_the_platform_alone(checks: list[SignatureCheck], expected: str) -> None:
    merge, side = commit("m", "root", "s"), commit("s", "root", landed=False)
    assert outcome(12, merge, side, **keys(*checks)) == expected


def test_a_bot_that_commits_through_its_forge_has_the_forges_key() -> None:
    by_bot = commit("c", "root", author=who("deployer[bot]", "bot@example.com"), actor_kind=ActorKind.BOT)
    assert outcome(12, by_bot, **keys(signed("c", GOOD, FORGE_KEY))) == "pass"


@pytest.mark.parametrize(
    ("committer", "check", "expected"),
    [
        (who("Ana", "ana@example.com"), signed("c", GOOD, ANA_KEY), "pass"),
        (who("Ana", "ana@example.com"), signed("c", GOOD, BEN_KEY), "fail"),
        (who("Ben", "ben@home.example"), signed("c", GOOD, BEN_KEY, "ben@example.com"), "pass"),
        (who("Ana", "eve@evil.example"), signed("c", GOOD, ANA_KEY), "fail"),
        (who("GitHub", "noreply@github.com"), signed("c", GOOD, FORGE_KEY), "pass"),
        (who("Cyd", "cyd@example.com"), signed("c", GOOD, "E" * 40, "cyd@example.com"), "pass"),
        (who("Cyd", "cyd@example.com"), signed("c", GOOD, "E" * 40, "somebody"), "skipped"),
    ],
    ids=["their own key", "another's key", "another address of theirs", "an address that is nobody's", "the forge's",
         "not in the directory, and the principal agrees", "not in the directory"],
)  # fmt: skip
def test_signer_and_committer(committer: Identity, check: SignatureCheck, expected: str) -> None:
    assert outcome(13, commit("c", "root", committer=committer), **keys(check)) == expected


@pytest.mark.parametrize(
    ("author", "checks", "expected"),
    [
        (("deployer[bot]", "bot@example.com"), [signed("c", GOOD, BOT_KEY)], "pass"),
        (("deployer[bot]", "bot@example.com"), [signed("c", GOOD, ANA_KEY)], "fail"),
        (("deployer[bot]", "eve@evil.example"), [signed("c", GOOD, ANA_KEY)], "fail"),
        (("deployer[bot]", "bot@example.com"), [signed("c", SignatureStatus.BAD)], "fail"),
        (("deployer[bot]", "bot@example.com"), [signed("c", SignatureStatus.UNCHECKED)], "skipped"),
        (("deployer[bot]", "bot@example.com"), [], "skipped"),
        (("Ana", "ana@example.com"), [signed("c", GOOD, ANA_KEY)], "pass"),
    ],
    ids=["its key", "another's key", "its name at another address", "a bad signature", "unchecked", "not checked",
         "a person"],
)  # fmt: skip
def test_a_bots_name_and_its_key(
    author: tuple[str, str], checks: list[SignatureCheck], expected: str
) -> None:
    assert outcome(18, commit("c", "root", author=who(*author)), **keys(*checks)) == expected


def test_an_unsigned_bot_commit_and_a_bot_without_a_key() -> None:
    by_bot = commit("c", "root", author=who("deployer[bot]", "bot@example.com"), signature_format="")
    assert outcome(18, by_bot, **keys()) == "fail"
    keyless = Directory((replace(BOT, keys=()),))
    verdicts = judged(by_bot, **keys(directory=keyless))["AUD-CHG-0018"]
    assert [(one.outcome, one.message) for one in verdicts] == [
        (Outcome.SKIPPED, "no key is registered for deployer, so that nothing proves what bears its name")
    ]


# Forges -----------------------------------------------------------------------------------------------------


def user(login: str, *, bot: bool = False) -> ForgeUser:
    return ForgeUser(login=login, email=f"{login}@example.com", is_bot=bot)


def request(*reviews: Review, author: str = "ana", **changes: Any) -> Request:
    wrote = RequestCommit(
        sha="head", author=user(author), committer=user(author), author_email=f"{author}@example.com"
    )
    facts: dict[str, Any] = {
        "forge": "github", "number": 7, "url": "https://forge/7", "title": "change", "body": "", "author": user(author),
        "state": RequestState.MERGED, "base_branch": "main", "head_branch": "x", "head_sha": "head", "merge_sha": "c",
        "created_at": NOON, "updated_at": NOON, "merged_at": NOON, "merged_by": user(author), "fetched_at": NOON,
        "commits": (wrote,), "reviews": reviews,
    }  # fmt: skip
    return Request(**{**facts, **changes})


def review(
    login: str, *, head: str = "head", state: ReviewState = ReviewState.APPROVED, hours: float = -1
) -> Review:
    return Review(
        id=login,
        reviewer=user(login),
        state=state,
        commit_sha=head,
        submitted_at=NOON + timedelta(hours=hours),
    )


def unit(confirmed: Confirmation, number: int | None = 7) -> ChangeUnit:
    return ChangeUnit(
        sha="c", forge="github", number=number, url="", claimed="", confirmed=confirmed, method=LandingMethod.SQUASH,
        reason="the forge knows no request that landed as this commit",
    )  # fmt: skip


def told(one: Request) -> dict[str, Any]:
    landed = commit("c", "root")
    return {
        "forge": "github", "units": {"c": unit(Confirmation.CONFIRMED)}, "requests": {"c": one},
        "assessments": {"c": assess(one, landings=[landed])},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (request(review("ben")), ("pass", "pass", "pass")),
        (request(), ("fail", "pass", "pass")),
        (request(review("ana")), ("pass", "fail", "pass")),
        (request(review("ben", head="older")), ("pass", "pass", "skipped")),
        (request(review("ben", state=ReviewState.DISMISSED)), ("fail", "pass", "pass")),
        (request(review("ben", hours=1)), ("fail", "pass", "pass")),
        (request(unknown=("reviews",)), ("skipped", "skipped", "pass")),
    ],
    ids=["approved", "merging is not approving", "by the author", "an older head", "dismissed", "after the merge",
         "the forge did not tell"],
)  # fmt: skip
def test_approvals(one: Request, expected: tuple[str, str, str]) -> None:
    landed = commit("c", "root")
    assert tuple(outcome(number, landed, **told(one)) for number in (7, 8, 9)) == expected


def test_bringing_the_base_up_to_date_makes_no_approval_stale() -> None:
    landed, one = commit("c", "root"), request(review("ben", head="older"))
    for patches, expected in (
        ({"same_patch": frozenset({"older"})}, "pass"),
        ({"other_patch": frozenset({"older"})}, "fail"),
    ):
        evidence = {**told(one), "assessments": {"c": assess(one, landings=[landed], **patches)}}
        assert outcome(9, landed, **evidence) == expected


def test_confirmed_clears_contradicted_makes_certain_and_silence_is_no_pass() -> None:
    landed, claiming = commit("c", "root"), commit("c", "root", pull_request="#7")
    forge = {"forge": "github"}
    assert outcome(1, landed, **forge, units={"c": unit(Confirmation.CONFIRMED)}) == "pass"
    for one in (landed, claiming):
        (verdict,) = judged(one, **forge, units={"c": unit(Confirmation.CONTRADICTED, None)})["AUD-CHG-0001"]
        assert "the forge knows no request" in verdict.message
        assert "not confirmed" not in verdict.message
    assert outcome(1, claiming, **forge) == "skipped"
    (verdict,) = judged(landed, **forge)["AUD-CHG-0001"]
    assert verdict.message.endswith("not confirmed by a forge")
    assert [outcome(number, landed, **forge) for number in (7, 8, 9, 10)] == ["skipped"] * 4
    contradicted = {**forge, "units": {"c": unit(Confirmation.CONTRADICTED, None)}}
    assert [outcome(number, landed, **contradicted) for number in (7, 8, 9, 10)] == [
        "fail",
        "pass",
        "pass",
        "pass",
    ]


def test_a_merge_and_a_forged_message_as_the_forge_knows_them() -> None:
    merge, side = commit("c", "root", "s"), commit("s", "root", landed=False)
    assert outcome(3, merge, side, forge="github", units={"c": unit(Confirmation.CONFIRMED)}) == "pass"
    assert (
        outcome(3, merge, side, forge="github", units={"c": unit(Confirmation.CONTRADICTED, None)}) == "fail"
    )
    forged = commit("c", "root", subject="Merge pull request #7 from ana/x", pull_request="#7")
    assert outcome(2, forged) == "fail"
    assert outcome(2, forged, forge="github", units={"c": unit(Confirmation.CONFIRMED)}) == "pass"


def test_owners_who_did_not_approve() -> None:
    class Missing:
        certain = True
        why = "secrets/db.yaml (* @org/security): 0 of 1 approval(s) by @org/security"

    class Unsure(Missing):
        certain = False

    class Account:
        approved, self_approved, stale = True, False, False

        def __init__(self, *missing: Any) -> None:
            self.reasons: dict[str, str] = {}
            self.missing_owners: Sequence[Any] = missing

    def owners(*missing: Any) -> str:
        return outcome(10, commit("c", "root"), forge="github", assessments={"c": Account(*missing)})

    assert owners() == "pass"
    assert owners(Missing(), Unsure()) == "fail"
    assert owners(Unsure()) == "skipped"


def test_the_requests_text_is_a_reason() -> None:
    bare = commit("c", "root", body="", pull_request="#7")
    assert outcome(23, bare, **told(request(review("ben"), body="orders were lost"))) == "pass"
    assert outcome(23, bare, **told(request(review("ben"), title="SHOP-1 change"))) == "pass"
    assert outcome(23, bare, **told(request(review("ben")))) == "fail"
    assert outcome(23, bare) == "skipped"


# Refs -------------------------------------------------------------------------------------------------------


def moved(ref: str, move: RefMove, old: str = "1" * 40, new: str = "2" * 40) -> RefObservation:
    return RefObservation(ref=ref, old_sha=old, new_sha=new, move=move, seen_at=NOON)


@pytest.mark.parametrize(
    ("observation", "number"),
    [
        (moved("refs/heads/main", RefMove.REWRITTEN), 14),
        (moved("refs/heads/release-1", RefMove.REWRITTEN), 14),
        (moved("refs/heads/ana/rebased", RefMove.REWRITTEN), 0),
        (moved("refs/heads/main", RefMove.ADVANCED), 0),
        (moved("refs/heads/main", RefMove.CREATED, old=""), 0),
        (moved("refs/tags/v1.2.3", RefMove.MOVED), 15),
        (moved("refs/tags/latest", RefMove.MOVED), 0),
        (moved("refs/tags/v1", RefMove.MOVED), 0),
        (moved("refs/tags/v1.2.3", RefMove.DELETED, new=""), 16),
        (moved("refs/tags/v1", RefMove.DELETED, new=""), 0),
        (moved("refs/heads/main", RefMove.DELETED, new=""), 16),
        (moved("refs/heads/ana/merged", RefMove.DELETED, new=""), 0),
    ],
)  # fmt: skip
def test_moves_of_refs(observation: RefObservation, number: int) -> None:
    options = ChangeOptions(protected_branches=("release-*",), floating_tags=("latest", "v[0-9]"))
    known = Known(commits={}, options=options, audited_ref="refs/heads/main")
    assert [rule_id for _, rule_id, _ in judge_refs([observation], known)] == (
        [f"AUD-CHG-{number:04d}"] if number else []
    )


def test_findings_of_refs_hang_on_the_observation() -> None:
    first = moved("refs/heads/main", RefMove.REWRITTEN)
    again = replace(first, seen_at=NOON + timedelta(days=1))
    known = Known(commits={}, audited_ref="refs/heads/main")
    found = findings_of((), known, {}, [first, again])
    assert [(one.sighting.kind, one.sighting.name, one.opened.sha) for one in found.lifetimes] == [
        ("Ref", "refs/heads/main", "2" * 40)
    ] * 2
    assert list(found.seen_at.values()) == [NOON, NOON + timedelta(days=1)], (
        "two findings, each with its moment"
    )
    assert found.results()["AUD-CHG-0014"] == (2, 2, 0, 0)


# Freezes ----------------------------------------------------------------------------------------------------


def test_a_weekly_freeze_follows_the_clock_on_the_wall() -> None:
    freeze = Freeze(
        name="w", zone=ZoneInfo("Europe/Berlin"), start_day=4, start_time=NOON.time().replace(hour=18), end_day=0,
        end_time=NOON.time().replace(hour=6),
    )  # fmt: skip
    inside = {
        datetime(2026, 3, 27, 16, 59, tzinfo=UTC): False, datetime(2026, 3, 27, 17, 0, tzinfo=UTC): True,
        # Clocks go forward on the 29th: Monday 06:00 is 04:00 UTC from then on.
        datetime(2026, 3, 30, 3, 59, tzinfo=UTC): True, datetime(2026, 3, 30, 4, 0, tzinfo=UTC): False,
        datetime(2026, 3, 25, 12, 0, tzinfo=UTC): False,
    }  # fmt: skip
    assert {moment: freeze.around(moment) is not None for moment in inside} == inside


def test_a_freeze_breach_says_on_what_it_rests() -> None:
    freeze = Freeze(name="f", zone=ZoneInfo("UTC"), start=NOON, end=NOON + timedelta(days=2))

    def said(claimed: timedelta, after: timedelta | None, at: timedelta) -> str:
        sight = FirstSight(at=NOON + at, after=None if after is None else NOON + after)
        landed = commit("c", "root", at=NOON + claimed)
        options = ChangeOptions(freezes=(freeze,))
        verdicts = judged(landed, options=options, first_sights={"c": sight}).get("AUD-CHG-0024", [])
        return verdicts[0].message if verdicts else ""

    hour, day = timedelta(hours=1), timedelta(days=1)
    assert "it was not there" in said(-day, hour, 2 * hour), "a date before the freeze is only a claim"
    assert "before the freeze, and its committer date is" in said(-hour, -2 * hour, hour)
    assert "its committer date" in said(hour, -hour, 3 * day), "nobody claims to have broken a freeze"
    assert said(-hour, -2 * hour, -hour / 2) == ""
    assert said(hour, 3 * day, 4 * day) == "", "a date in the freeze of what was not there at its end"
    assert "before we first looked" in said(hour, None, 9 * day)
    assert said(-hour, None, hour) == "", "an old history is not from the moment at which it was first seen"


# Words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ('Revert "x"', "This reverts commit 0123456789abcdef.", ("0123456789abcdef",)),
        ("take it back", "This reverts commit 0123456789abcdef, reversing\nchanges", ("0123456789abcdef",)),
        ('Revert "Revert "x""', "This reverts commit 0123456789abcdef.", ()),
        ('Revert "Revert "Revert "x"""', "This reverts commit 0123456789abcdef.", ("0123456789abcdef",)),
        ('Reapply "x"', "This reverts commit 0123456789abcdef.", ()),
        ("x", "as said: This reverts commit 0123456789abcdef.", ()),
        ("This reverts commit 0123456789abcdef.", "", ()),
        ('Revert "' * 100_001, "This reverts commit 0123456789abcdef.", ("0123456789abcdef",)),
    ],
)
def test_what_a_message_takes_back(subject: str, body: str, expected: tuple[str, ...]) -> None:
    assert reverted(subject, body) == expected


def test_trailers_are_the_last_paragraph_and_no_other() -> None:
    body = "Note: this is text\n\nwhy\n\nSigned-off-by: A <a@b>\nCo-authored-by: C D <c@d>\n"
    assert list(trailers(body)) == [("Signed-off-by", "A <a@b>"), ("Co-authored-by", "C D <c@d>")]
    assert without_trailers(body) == "Note: this is text\n\nwhy"
    assert list(co_authors(body)) == [("C D", "c@d")]
    assert without_trailers("Signed-off-by: A <a@b>\n(cherry picked from commit 0123456)") == ""
    assert without_trailers("a text: with a colon\nand more") == "a text: with a colon\nand more"


# The catalogue ----------------------------------------------------------------------------------------------


def test_every_rule_is_described_numbered_once_and_mapped_to_the_common_controls() -> None:
    infos = {info.id: info for info in load_library().infos if info.category == "change-control"}
    assert set(RULE_IDS) == set(infos)
    assert len(set(RULE_IDS)) == len(RULE_IDS) == len(CHANGE_RULES) + len(REF_RULES)
    assert {info.id for info in BUILTIN_RULES if info.category == "change-control"} == set(infos)
    common = {("soc2", "CC8.1"), ("iso27001", "A.8.32"), ("pci-dss", "6.5.1"), ("nist-800-53", "CM-3")}
    assert {rule_id: common - set(info.controls) for rule_id, info in infos.items()} == {
        rule_id: set() for rule_id in infos
    }


def test_a_rule_that_was_not_told_says_so_once_and_counts_no_answer() -> None:
    chain = tuple(f"c{number}" for number in range(50))
    found = findings_of(chain, Known(commits={sha: commit(sha, "root") for sha in chain}), {})
    ((gap),) = [gap for gap in found.gaps if gap.rule_id == "AUD-CHG-0007"]
    assert (gap.outcome, gap.occurrences) == ("skipped", 50)
    assert found.results()["AUD-CHG-0007"] == (0, 0, 50, 0)
    assert found.results()["AUD-CHG-0001"] == (50, 50, 0, 0)
