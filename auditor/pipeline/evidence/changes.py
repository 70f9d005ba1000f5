"""Change-control verdicts as findings: each is about one landed commit, or one move of a ref, and stays until people
look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from auditor.changecontrol.interface import ChangeVerdict, Known
from auditor.changecontrol.judge import (
    CHANGE_RULES,
    REF_RULES,
    RULE_IDS,
    judge_landings,
    judge_refs,
    unanswered,
)
from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.model import Commit, Outcome, RefObservation
from auditor.pipeline.evidence.change_evidence import ChangeEvidence, gather


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeGap:
    """What a rule could not answer: 'skipped' or 'error', how often for that reason, and one commit or ref."""

    outcome: str
    rule_id: str
    reason: str
    occurrences: int
    example: str


@dataclass(slots=True)
class ChangeFindings:
    """What the rules say: findings, and how often each answered, failed, skipped or broke.

    `judged` are the landed commits that were judged: what earlier runs said of them is replaced. `seen_at` tells for
    the findings about refs (by id) when the move was seen: no commit says so. `disabled` are rules that the operator
    has not asked; of them there is no result.
    """

    disabled: frozenset[str] = frozenset()

    lifetimes: list[Lifetime] = field(default_factory=list)
    judged: tuple[str, ...] = ()
    seen_at: dict[str, datetime] = field(default_factory=dict)
    gaps: list[ChangeGap] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def results(self) -> dict[str, tuple[int, int, int, int]]:
        """(evaluated, failed, skipped, errors) by rule. A change that a rule skipped was not evaluated by it."""
        found = {}
        for rule_id in RULE_IDS:
            if rule_id in self.disabled:
                continue
            unknown = self.skipped[rule_id] + self.errors[rule_id]
            found[rule_id] = (
                self.asked[rule_id] - unknown,
                self.failed[rule_id],
                self.skipped[rule_id],
                self.errors[rule_id],
            )
        return found

    def broken(self) -> tuple[str, ...]:
        """What a rule should have answered and could not, in words."""
        return tuple(
            f"{gap.rule_id}: {gap.reason} ({gap.occurrences}×, such as {gap.example})"
            for gap in self.gaps
            if gap.outcome == Outcome.ERROR
        )


def judge_changes(evidence: ChangeEvidence) -> ChangeFindings:
    """Every rule on every landed commit and move of a ref of the evidence, oldest first."""
    gathered = gather(evidence)
    try:
        return findings_of(
            evidence.chain,
            gathered.known,
            gathered.side,
            evidence.ref_moves,
            disabled=frozenset(evidence.settings.policies.disabled),
        )
    finally:
        gathered.close()


def findings_of(
    chain: Sequence[str],
    known: Known,
    side: Mapping[str, tuple[Commit, ...]],
    observations: Iterable[RefObservation] = (),
    *,
    disabled: frozenset[str] = frozenset(),
) -> ChangeFindings:
    """Every rule that is not disabled on every landed commit of the chain and every observation, oldest first."""
    found = ChangeFindings(disabled=disabled, judged=tuple(chain))
    change_rules = [rule for rule in CHANGE_RULES if rule.id not in disabled]
    ref_rules = [rule for rule in REF_RULES if rule.id not in disabled]
    tally = _Tally(found)
    if chain:
        for rule_id, reason in unanswered(known, change_rules).items():
            found.asked[rule_id] += len(chain)
            tally.unknown(rule_id, Outcome.SKIPPED, reason, len(chain), "")
        answering = [rule.id for rule in change_rules if not found.asked[rule.id]]
        found.asked.update(dict.fromkeys(answering, len(chain)))
    for answers in judge_landings(chain, known, side, change_rules):
        commit = answers.commit
        if answers.verdicts:
            failing = tally.count(answers.verdicts, commit.sha)
            found.lifetimes.extend(_commit_lifetime(rule_id, verdict, commit) for rule_id, verdict in failing)
    seen = tuple(observations)
    for rule in ref_rules:
        found.asked[rule.id] += len(seen)
    for observation, rule_id, verdict in judge_refs(seen, known, ref_rules):
        for _ in tally.count([(rule_id, verdict)], observation.ref):
            lifetime = _ref_lifetime(rule_id, verdict, observation)
            found.lifetimes.append(lifetime)
            found.seen_at[lifetime.sighting.id] = observation.seen_at
    found.gaps.extend(tally.gaps())
    return found


class _Tally:
    """Counts answers; a change counts once a rule and outcome, however many places of it are meant."""

    def __init__(self, found: ChangeFindings) -> None:
        self._found = found
        self._gaps: dict[tuple[Outcome, str, str], list[str]] = {}
        self._counts: Counter[tuple[Outcome, str, str]] = Counter()

    def unknown(self, rule_id: str, outcome: Outcome, reason: str, times: int, example: str) -> None:
        counter = self._found.errors if outcome is Outcome.ERROR else self._found.skipped
        counter[rule_id] += times
        key = (outcome, rule_id, reason)
        self._counts[key] += times
        self._gaps.setdefault(key, []).append(example) if key not in self._gaps else None

    def count(
        self, verdicts: Iterable[tuple[str, ChangeVerdict]], example: str
    ) -> list[tuple[str, ChangeVerdict]]:
        """Counts them; gives the failures."""
        failing = []
        failed_rules = set()
        for rule_id, verdict in verdicts:
            if verdict.outcome is Outcome.FAIL:
                failing.append((rule_id, verdict))
                failed_rules.add(rule_id)
            else:
                self.unknown(rule_id, verdict.outcome, verdict.message, 1, example)
        self._found.failed.update(failed_rules)
        return failing

    def gaps(self) -> list[ChangeGap]:
        """What was not answered, errors first, then by rule and reason."""
        return [
            ChangeGap(
                outcome=outcome.value, rule_id=rule_id, reason=reason,
                occurrences=self._counts[outcome, rule_id, reason], example=examples[0],
            )
            for (outcome, rule_id, reason), examples in sorted(self._gaps.items())
        ]  # fmt: skip


def _commit_lifetime(rule_id: str, verdict: ChangeVerdict, commit: Commit) -> Lifetime:
    place = (
        "#".join((verdict.path, verdict.pointer, verdict.about))
        if verdict.path or verdict.pointer or verdict.about
        else ""
    )
    identity = fingerprint(rule_id, verdict.environment, "", "Commit", "", commit.sha, place)
    opened = Landing(sha=commit.sha, position=commit.position or 0)
    return _lifetime(identity, rule_id, verdict, "Commit", commit.sha[:12], opened)


def _ref_lifetime(rule_id: str, verdict: ChangeVerdict, seen: RefObservation) -> Lifetime:
    """The same ref may go the same way again another day, so the moment belongs to the name."""
    move = f"{seen.old_sha}..{seen.new_sha}@{seen.seen_at.isoformat()}"
    identity = fingerprint(rule_id, "", "", "Ref", "", seen.ref, move)
    opened = Landing(sha=seen.new_sha or seen.old_sha, position=0)
    return _lifetime(identity, rule_id, verdict, "Ref", seen.ref, opened)


def _lifetime(
    identity: str, rule_id: str, verdict: ChangeVerdict, kind: str, name: str, opened: Landing
) -> Lifetime:
    sighting = Sighting(
        id=identity, rule_id=rule_id, source="change", environment=verdict.environment, api_version="", kind=kind,
        namespace="", name=name, path=verdict.path, line=0, pointer=verdict.pointer, message=verdict.message, digest="",
    )  # fmt: skip
    return Lifetime(occurrence=1, sighting=sighting, opened=opened, opened_path="")
