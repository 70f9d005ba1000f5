"""Change-control verdicts as findings: each is about one landed commit and stays until people look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.changecontrol.judge import CHANGE_RULES, judge_landings
from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.git.history import Skeleton
from auditor.model import Commit


@dataclass(slots=True)
class ChangeFindings:
    """What the rules say of the new landings: findings, and how many were judged and failed by rule."""

    lifetimes: list[Lifetime] = field(default_factory=list)
    judged: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def results(self) -> dict[str, tuple[int, int, int, int]]:
        """(evaluated, failed, skipped, errors) by rule, of the new landings."""
        return {rule.id: (self.judged, self.failed[rule.id], 0, 0) for rule in CHANGE_RULES}


def judge_changes(skeleton: Skeleton, commits: Mapping[str, Commit]) -> ChangeFindings:
    """Every rule on every new landing, oldest first."""
    found = ChangeFindings()
    for commit, verdicts in judge_landings(skeleton.chain, commits, skeleton.landed_in):
        found.judged += 1
        for verdict in verdicts:
            found.failed[verdict.rule_id] += 1
            sighting = Sighting(
                id=fingerprint(verdict.rule_id, "", "", "Commit", "", commit.sha, ""),
                rule_id=verdict.rule_id, source="change", environment="", api_version="", kind="Commit",
                namespace="", name=commit.sha[:12], path="", line=0, pointer="", message=verdict.message, digest="",
            )  # fmt: skip
            opened = Landing(sha=commit.sha, position=commit.position or 0)
            found.lifetimes.append(Lifetime(occurrence=1, sighting=sighting, opened=opened, opened_path=""))
    return found
