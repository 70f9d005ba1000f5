"""Each rule with the case it is for and the case that looks like it and is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auditor.changecontrol.judge import CHANGE_RULES, judge_landings
from auditor.model import ActorKind, Commit, Identity
from auditor.policy.builtin import BUILTIN_RULES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def commit(sha: str, *parents: str, at: datetime = NOON, **changes: Any) -> Commit:
    person = Identity(name="Ana", email="ana@example.com", at=at)
    facts: dict[str, Any] = {
        "sha": sha, "tree": "t", "parents": parents, "author": person, "committer": person, "subject": "change",
        "body": "", "landed": True, "position": 0, "actor_kind": ActorKind.PERSON, "pull_request": "",
        "signature_format": "ssh", "signature_status": "unchecked", "signer": "",
    }  # fmt: skip
    return Commit(**{**facts, **changes})


ROOT = commit("root")


def failed(landed: Commit, *others: Commit) -> set[str]:
    commits = {entry.sha: entry for entry in (ROOT, *others, landed)}
    landed_in = {landed.sha: landed.sha, **{entry.sha: landed.sha for entry in others}}
    ((_, verdicts),) = list(judge_landings([landed.sha], commits, landed_in))
    return {verdict.rule_id for verdict in verdicts}


@pytest.mark.parametrize(
    ("landed", "rules"),
    [
        (commit("c", "root"), {"AUD-CHG-0001"}),
        (commit("c", "root", pull_request="#7", subject="change (#7)"), set()),
        (commit("c"), set()),
        (commit("c", "root", actor_kind=ActorKind.AUTOMATION), set()),
        (commit("c", "root", subject="Merge pull request #7 from ana/x", pull_request="#7"), {"AUD-CHG-0002"}),
        (commit("c", "root", pull_request="#7", body="Merge pull request #6 from ana/x"), set()),
        (commit("c", "root", "side", subject="Merge pull request #7 from ana/x", pull_request="#7"), set()),
        (commit("c", "root", "side", subject="Merge branch 'x'"), {"AUD-CHG-0003"}),
        (commit("c", "root", pull_request="#7", signature_format=""), {"AUD-CHG-0004"}),
        (commit("c", "root", pull_request="#7", at=NOON - timedelta(hours=2)), {"AUD-CHG-0005"}),
        (commit("c", "root", pull_request="#7", at=NOON - timedelta(minutes=9)), set()),
    ],
    ids=[
        "direct push", "squash merge", "root commit", "automation commits by design", "forged merge",
        "quoted in a squash body", "real merge", "merge without request", "unsigned", "older than its parent",
        "clock skew",
    ],
)  # fmt: skip
def test_rule(landed: Commit, rules: set[str]) -> None:
    assert failed(landed) == rules


def test_a_merge_counts_what_it_brings_in() -> None:
    merge = commit("m", "root", "s2", subject="Merge branch 'x'")
    side = (commit("s1", "root", landed=False), commit("s2", "s1", landed=False))
    commits = {entry.sha: entry for entry in (ROOT, *side, merge)}
    landed_in = {"m": "m", "s1": "m", "s2": "m"}
    ((_, verdicts),) = list(judge_landings(["m"], commits, landed_in))
    assert [verdict.message for verdict in verdicts] == [
        "Ana merged 2 commits as git merges a branch, and no pull request is named"
    ]


def test_every_rule_is_described_in_the_catalogue() -> None:
    known = {info.id for info in BUILTIN_RULES if info.category == "change-control"}
    assert {rule.id for rule in CHANGE_RULES} == known
