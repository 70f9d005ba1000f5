"""What rules over several resources say along the landing line: an environment's set is judged when it changes.

The replay is walked twice. The first walk finds the sets that there ever were, each once by what the rules read of
it, and has them judged in batches; the second makes lifetimes of what was said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.model import Outcome, Verdict
from auditor.pipeline.mining.resource_changes import resource_key
from auditor.pipeline.mining.sets import Member, Place, SetKey, Sets, Slot, Step, identity_of
from auditor.policy.sets import SetAnswer, SetQuestion, SetRules

SOURCE = "set"
"""`source` of a finding that a rule over several resources made."""

BATCH_BYTES = 1024 * 1024
"""Bytes of views that are asked about at a time."""

SIGHTINGS_KEPT = 50_000
"""Sightings that are kept: most of a set stays as it is from one landing to the next."""

_Asked = tuple[SetQuestion, list[tuple[SetKey, int, int]]]
"""A question, and the sets that it is about (see `Sets.questions`)."""

Ask = Callable[[Iterable[Sequence[SetQuestion]]], Iterator[list[SetAnswer]]]
"""Answers to batches of questions, in their order; the next batches are taken while one is being answered."""


class _Said(NamedTuple):
    """One violation: of which member, by its content and its rank among members of equal content."""

    content: bytes
    rank: int
    rule_id: str
    pointer: str
    message: str


class _Told(NamedTuple):
    """What is said of a set."""

    evaluated: frozenset[str]
    violations: tuple[_Said, ...]
    unanswered: tuple[Verdict, ...]


class Together:
    """What rules over environments said of a history. `told` holds the answers by set."""

    def __init__(self, rules: SetRules, ask: Ask) -> None:
        self._rules = rules
        self._ask = ask
        self._told: dict[SetKey, _Told] = {}
        self._said: dict[_Said, _Said] = {}
        self.shown_at: dict[Slot, set[Place]] = {}
        """The sets that have shown something of what stands there."""
        self._sighting = lru_cache(maxsize=SIGHTINGS_KEPT)(_sighting)

    def survey(self, start: Iterable[Member], steps: Iterable[Step]) -> None:
        """Has every set judged that there was at the start or after a step."""
        asked: deque[list[_Asked]] = deque()

        def questions() -> Iterator[list[SetQuestion]]:
            for batch in self._batches(start, steps):
                asked.append(batch)
                yield [question for question, _ in batch]

        for answers in self._ask(questions()):
            for (question, about), answer in zip(asked.popleft(), answers, strict=True):
                for key, first, end in about:
                    told = _told(question, answer, first, end)
                    # A violation stands in many sets, one after the other: it is kept once.
                    violations = tuple(self._said.setdefault(said, said) for said in told.violations)
                    self._told[key] = told._replace(violations=violations)

    def _batches(self, start: Iterable[Member], steps: Iterable[Step]) -> Iterator[list[_Asked]]:
        """Every set once, by what is known of it; what needs no asking is told at once."""
        sets = Sets(self._rules)
        sets.change((), start)
        seen: set[SetKey] = set()
        batch: list[_Asked] = []
        size = 0
        for places in _each([sets.places()], (sets.change(step.gone, step.come)[0] for step in steps)):
            new: list[Place] = []
            for place in places:
                key = sets.key(place)
                if key in seen:
                    continue
                seen.add(key)
                if sets.is_asked_about(place):
                    new.append(place)
                else:
                    self._told[key] = self._nothing_in(place[0])
            for question, about in sets.questions(new):
                batch.append((question, about))
                size += sum(map(len, question.views))
                if size >= BATCH_BYTES:
                    yield batch
                    batch, size = [], 0
        if batch:
            yield batch

    def _nothing_in(self, group: int) -> _Told:
        return _Told(frozenset(rule.id for rule in self._rules.groups[group].rules), (), ())

    def sightings(self, sets: Sets, place: Place, before: Mapping[str, Sighting]) -> dict[str, Sighting]:
        """What a set shows now, by finding. A rule that gave no answer leaves what was shown `before`."""
        told = self._told[sets.key(place)]
        silent = {verdict.rule_id for verdict in told.unanswered}
        shown = {name: seen for name, seen in before.items() if seen.rule_id in silent}
        for said in told.violations:
            slot = sets.slot(place, said.content, said.rank)
            self.shown_at.setdefault(slot, set()).add(place)
            seen = self._sighting(sets.member(slot), said.rule_id, said.pointer, said.message)
            known = shown.get(seen.id)
            if known is None or seen.path < known.path:
                shown[seen.id] = seen
        return shown

    def unanswered(self, sets: Sets, place: Place) -> tuple[Verdict, ...]:
        """What was not evaluated on a set: errors, and what a rule skipped."""
        return self._told[sets.key(place)].unanswered

    def evaluated(self, sets: Sets, place: Place) -> frozenset[str]:
        """The rules that gave an answer on a set."""
        return self._told[sets.key(place)].evaluated


def _each(first: Iterable[list[Place]], rest: Iterable[list[Place]]) -> Iterator[list[Place]]:
    yield from first
    yield from rest


def _told(question: SetQuestion, answer: SetAnswer, first: int, end: int) -> _Told:
    """What an answer says of the members from `first` to before `end`."""
    ranks: list[int] = []
    views = question.views[first:end]
    for number, content in enumerate(views):
        same = number and views[number - 1] == content
        ranks.append(ranks[-1] + 1 if same else 0)
    return _Told(
        frozenset(answer.evaluated),
        tuple(
            _Said(
                views[number - first],
                ranks[number - first],
                verdict.rule_id,
                verdict.pointer,
                verdict.message,
            )
            for number, verdict in answer.verdicts
            if verdict.outcome is Outcome.FAIL and first <= number < end
        ),
        tuple(verdict for _, verdict in answer.verdicts if verdict.outcome is not Outcome.FAIL),
    )


def _sighting(member: Member, rule_id: str, pointer: str, message: str) -> Sighting:
    row = member.row
    key = resource_key(member.environment, member.path, row)
    return Sighting(
        id=fingerprint(rule_id, *key, pointer),
        rule_id=rule_id,
        source=SOURCE,
        environment=member.environment,
        api_version=row.api_version,
        kind=row.kind,
        namespace=row.namespace,
        name=key.name,
        path=member.path,
        line=row.line,
        pointer=pointer,
        message=message,
        digest=row.digest,
    )


@dataclass(slots=True)
class SetLifetimes:
    """Lifetimes of what rules over environments said. A finding is open while its set shows it."""

    open: dict[str, Lifetime] = field(default_factory=dict)
    closed: list[Lifetime] = field(default_factory=list)
    touched: set[tuple[str, int]] = field(default_factory=set)
    occurrences: dict[str, int] = field(default_factory=dict)

    def set_to(self, landing: Landing, before: Mapping[str, Sighting], now: Mapping[str, Sighting]) -> None:
        """A set showed `before` and shows `now`, from a landing on."""
        for name, seen in now.items():
            lifetime = self.open.get(name)
            if lifetime is None:
                occurrence = self.occurrences[name] = self.occurrences.get(name, 0) + 1
                self.open[name] = Lifetime(
                    occurrence=occurrence, sighting=seen, opened=landing, opened_path=seen.path
                )
                self.touched.add((name, occurrence))
            elif lifetime.sighting != seen:
                lifetime.sighting = seen
                self.touched.add((name, lifetime.occurrence))
        for name in before.keys() - now.keys():
            lifetime = self.open.pop(name)
            lifetime.fixed = landing
            lifetime.fixed_path = lifetime.sighting.path
            self.closed.append(lifetime)
            self.touched.add((name, lifetime.occurrence))


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldOfSets:
    """What came of it: lifetimes, the sets at the tip, and every rule that somewhere gave no answer.

    `results` is by rule: members at the tip that it looked at, and those of them with a finding. `unanswered` are
    (rule, outcome, reason, environment), each once; what was so only before the tip has 'in history' for the last.
    """

    lifetimes: SetLifetimes
    results: Mapping[str, tuple[int, int]]
    unanswered: tuple[tuple[str, str, str, str], ...]


IN_HISTORY = "in history"
NOTHING_TOLD = ToldOfSets(lifetimes=SetLifetimes(), results={}, unanswered=())


def judge_sets(
    rules: SetRules, ask: Ask, *, start: Sequence[Member], steps: Sequence[Step], lifetimes: SetLifetimes
) -> ToldOfSets:
    """Goes through the history. `lifetimes` holds the open ones of an earlier run, which are shown at the start."""
    together = Together(rules, ask)
    together.survey(start, steps)
    sets = Sets(rules)
    sets.change((), start)
    shown = _shown_at_start(rules, lifetimes)
    for place in sets.places():
        if place in shown:
            together.sightings(sets, place, shown[place])  # notes of which documents these are
    unanswered: dict[tuple[str, str, str, str], None] = {}
    for step in steps:
        touched, same = sets.change(step.gone, step.come)
        again = {place for slot in same for place in together.shown_at.get(slot, ())}
        for place in dict.fromkeys((*touched, *sorted(again))):
            before = shown.get(place, {})
            now = shown[place] = together.sightings(sets, place, before)
            lifetimes.set_to(step.landing, before, now)
            for verdict in together.unanswered(sets, place):
                if verdict.outcome is Outcome.ERROR:
                    unanswered[(*_gap(verdict), IN_HISTORY)] = None
    results: dict[str, tuple[int, int]] = {}
    for place in sets.places():
        subjects = sets.subjects(place)
        failing: dict[str, set[tuple[str, ...]]] = {}
        for seen in together.sightings(sets, place, shown.get(place, {})).values():
            failing.setdefault(seen.rule_id, set()).add(
                (seen.api_version, seen.kind, seen.namespace, seen.name)
            )
        for rule_id in together.evaluated(sets, place) if subjects else ():
            evaluated, failed = results.get(rule_id, (0, 0))
            results[rule_id] = (evaluated + subjects, failed + len(failing.get(rule_id, ())))
        for verdict in together.unanswered(sets, place):
            unanswered.pop((*_gap(verdict), IN_HISTORY), None)
            unanswered[(*_gap(verdict), place[1])] = None
    return ToldOfSets(lifetimes=lifetimes, results=results, unanswered=tuple(unanswered))


def _gap(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.rule_id, verdict.outcome.value, verdict.message


def _shown_at_start(rules: SetRules, lifetimes: SetLifetimes) -> dict[Place, dict[str, Sighting]]:
    group_of = {rule.id: number for number, group in enumerate(rules.groups) for rule in group.rules}
    shown: dict[Place, dict[str, Sighting]] = {}
    for name, lifetime in lifetimes.open.items():
        seen = lifetime.sighting
        group = group_of[seen.rule_id]
        part = ""
        if rules.groups[group].by_identity or rules.groups[group].shared:
            part = identity_of(seen.api_version, seen.kind, seen.namespace, seen.name)
        shown.setdefault((group, seen.environment, part), {})[name] = seen
    return shown
