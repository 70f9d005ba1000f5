"""Every rule on every landed change. Evidence is git alone: messages are claims, never proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.changecontrol.interface import ChangeRule, LandedChange
from auditor.changecontrol.rules.direct_push import DirectPush
from auditor.changecontrol.rules.forged_merge import ForgedMergeMessage
from auditor.changecontrol.rules.merge_without_request import MergeWithoutRequest
from auditor.changecontrol.rules.time_anomaly import TimeAnomaly
from auditor.changecontrol.rules.unsigned_commit import UnsignedCommit
from auditor.model import Commit, Outcome, Verdict

CHANGE_RULES: tuple[ChangeRule, ...] = (
    DirectPush(),
    ForgedMergeMessage(),
    MergeWithoutRequest(),
    UnsignedCommit(),
    TimeAnomaly(),
)
"""Every rule, in the order of its id."""


def judge_landings(
    chain: Sequence[str], commits: Mapping[str, Commit], landed_in: Mapping[str, str]
) -> Iterator[tuple[Commit, tuple[Verdict, ...]]]:
    """(landed commit, its failures) in landing order.

    `landed_in` names for each commit the landing that brought it in.
    """
    side: dict[str, list[Commit]] = {}
    for sha, landing in landed_in.items():
        if sha != landing and sha in commits:
            side.setdefault(landing, []).append(commits[sha])
    for sha in chain:
        change = LandedChange(commit=commits[sha], side=tuple(side.get(sha, ())), commits=commits)
        yield change.commit, tuple(_failures(change, CHANGE_RULES))


def _failures(change: LandedChange, rules: Iterable[ChangeRule]) -> Iterator[Verdict]:
    for rule in rules:
        message = rule.objection(change)
        if message:
            yield Verdict(rule_id=rule.id, outcome=Outcome.FAIL, pointer="", message=message)
