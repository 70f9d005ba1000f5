"""What rules over several resources say along the landing line: an environment's set is judged when it changes.

The replay is walked twice. The first walk finds the sets that there ever were, each once by what the rules read of
it, and has them judged in batches; the second makes lifetimes of what was said. What is shared by several
environments (`base/`) is no set: nothing runs of it before an environment takes it up.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.manifests.environment import BASE_ENVIRONMENT
from auditor.model import Outcome, Verdict
from auditor.pipeline.mining.contents import DocumentRow
from auditor.pipeline.mining.resource_changes import resource_key
from auditor.policy.router import kind_of
from auditor.policy.sets import SetAnswer, SetQuestion, SetRules

SOURCE = "set"
"""`source` of a finding that a rule over several resources made."""

BATCH_BYTES = 1024 * 1024
"""Bytes of views that are asked about at a time."""

SIGHTINGS_KEPT = 50_000
"""Sightings that are kept: most of a set stays as it is from one landing to the next."""

_MODULUS = 1 << 128

Ask = Callable[[Iterable[Sequence[SetQuestion]]], Iterator[list[SetAnswer]]]
"""Answers to batches of questions, in their order; the next batches are taken while one is being answered."""

Place = tuple[int, str, str]
"""Where a set is: group, environment, and the identity that its members share where the group asks by identity."""

Slot = tuple[str, int, int]
"""Where a document stands: path, its number in the file, and its number in a List or -1."""

SetKey = tuple[int, str, str, int, int]
"""Place, number of members, and the sum of their hashes: what a set is known by."""


class Member(NamedTuple):
    """One document of a set: where it stands, and what the rules read of it."""

    environment: str
    path: str
    row: DocumentRow
    view: bytes


class Step(NamedTuple):
    """What one landing took out of the sets and put into them."""

    landing: Landing
    gone: tuple[Member, ...]
    come: tuple[Member, ...]


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


def members_of(
    environment: str, path: str, rows: Iterable[DocumentRow], view_of: Callable[[str], bytes]
) -> tuple[Member, ...]:
    """Those documents of a file that some rule over an environment looks at; `view_of` is by digest."""
    if environment == BASE_ENVIRONMENT:
        return ()
    found = ((row, view_of(row.digest)) for row in rows)
    return tuple(Member(environment, path, row, view) for row, view in found if view)


@dataclass(slots=True)
class _Set:
    """The members of one group in one environment, by what its rules read of them."""

    by_content: dict[bytes, list[Slot]] = field(default_factory=dict)
    count: int = 0
    total: int = 0
    subjects: int = 0

    def add(self, content: bytes, slot: Slot, *, subject: bool) -> None:
        insort(self.by_content.setdefault(content, []), slot)
        self.count += 1
        self.subjects += subject
        self.total = (self.total + _hash(content)) % _MODULUS

    def remove(self, content: bytes, slot: Slot, *, subject: bool) -> None:
        slots = self.by_content[content]
        slots.remove(slot)
        if not slots:
            del self.by_content[content]
        self.count -= 1
        self.subjects -= subject
        self.total = (self.total - _hash(content)) % _MODULUS

    def contents(self) -> list[bytes]:
        """What the rules read, in the one order in which this set is asked about."""
        return [content for content in sorted(self.by_content) for _ in self.by_content[content]]


class Sets:
    """The sets as they are at one moment."""

    def __init__(self, rules: SetRules) -> None:
        self._rules = rules
        self._sets: dict[Place, _Set] = {}
        self._members: dict[Slot, Member] = {}

    def change(self, gone: Iterable[Member], come: Iterable[Member]) -> tuple[list[Place], list[Slot]]:
        """Applies a landing; the sets that it touched, and where a document changed that says the same to all rules."""
        left = {_slot(member): member for member in gone}
        same: list[Slot] = []
        touched: dict[Place, None] = {}
        new: list[tuple[Slot, Member]] = []
        for member in come:
            slot = _slot(member)
            before = left.get(slot)
            if before is not None and before.view == member.view:
                del left[slot]
                self._members[slot] = member
                same.append(slot)
            else:
                new.append((slot, member))
        for slot, member in left.items():
            del self._members[slot]
            for place, content, subject in self._places_of(member):
                touched[place] = None
                self._sets[place].remove(content, slot, subject=subject)
        for slot, member in new:
            self._members[slot] = member
            for place, content, subject in self._places_of(member):
                touched[place] = None
                self._sets.setdefault(place, _Set()).add(content, slot, subject=subject)
        return list(touched), same

    def _places_of(self, member: Member) -> Iterator[tuple[Place, bytes, bool]]:
        """The sets that a member is in, what it says to each, and whether a finding can be about it."""
        kind = kind_of(member.row.api_version, member.row.kind)
        for group in self._rules.groups_of(kind):
            part = _identity(member) if self._rules.groups[group].by_identity else ""
            content = self._rules.cut(group, member.view)
            yield (group, member.environment, part), content, self._rules.is_subject(group, kind)

    def places(self) -> list[Place]:
        """Every set that there has been."""
        return list(self._sets)

    def subjects(self, place: Place) -> int:
        """How many members a finding can be about."""
        return self._sets[place].subjects

    def is_asked_about(self, place: Place) -> bool:
        """Whether the rules can find anything in the set as it is now."""
        found = self._sets[place]
        return found.subjects > 0 and (found.count > 1 or not place[2])

    def key(self, place: Place) -> SetKey:
        """What the set is known by: equal for sets whose members say the same to the rules."""
        found = self._sets[place]
        return (*place, found.count, found.total)

    def question(self, place: Place) -> SetQuestion:
        """The question about a set as it is now."""
        return SetQuestion(place[0], place[1], tuple(self._sets[place].contents()))

    def slot(self, place: Place, content: bytes, rank: int) -> Slot:
        """Where the member of that content and rank stands."""
        return self._sets[place].by_content[content][rank]

    def member(self, slot: Slot) -> Member:
        """What stands there now."""
        return self._members[slot]


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
        asked: deque[list[tuple[SetKey, SetQuestion]]] = deque()

        def questions() -> Iterator[list[SetQuestion]]:
            for batch in self._batches(start, steps):
                asked.append(batch)
                yield [question for _, question in batch]

        for answers in self._ask(questions()):
            for (key, question), answer in zip(asked.popleft(), answers, strict=True):
                told = _told(question, answer)
                # A violation stands in many sets, one after the other: it is kept once.
                violations = tuple(self._said.setdefault(said, said) for said in told.violations)
                self._told[key] = told._replace(violations=violations)

    def _batches(
        self, start: Iterable[Member], steps: Iterable[Step]
    ) -> Iterator[list[tuple[SetKey, SetQuestion]]]:
        """Every set once, by what is known of it; what needs no asking is told at once."""
        sets = Sets(self._rules)
        sets.change((), start)
        seen: set[SetKey] = set()
        batch: list[tuple[SetKey, SetQuestion]] = []
        size = 0
        for places in _each([sets.places()], (sets.change(step.gone, step.come)[0] for step in steps)):
            for place in places:
                key = sets.key(place)
                if key in seen:
                    continue
                seen.add(key)
                if not sets.is_asked_about(place):
                    self._told[key] = self._nothing_in(place[0])
                    continue
                question = sets.question(place)
                batch.append((key, question))
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


def _told(question: SetQuestion, answer: SetAnswer) -> _Told:
    ranks: list[int] = []
    for number, content in enumerate(question.views):
        same = number and question.views[number - 1] == content
        ranks.append(ranks[-1] + 1 if same else 0)
    return _Told(
        frozenset(answer.evaluated),
        tuple(
            _Said(question.views[number], ranks[number], verdict.rule_id, verdict.pointer, verdict.message)
            for number, verdict in answer.verdicts
            if verdict.outcome is Outcome.FAIL
        ),
        tuple(verdict for _, verdict in answer.verdicts if verdict.outcome is not Outcome.FAIL),
    )


def _slot(member: Member) -> Slot:
    item = member.row.item if member.row.item is not None else -1
    return (member.path, member.row.document, item)


def _identity(member: Member) -> str:
    row = member.row
    return _joined(
        row.api_version, row.kind, row.namespace, resource_key(member.environment, member.path, row).name
    )


def _joined(api_version: str, kind: str, namespace: str, name: str) -> str:
    return "/".join((api_version.rpartition("/")[0], kind, namespace, name))


def _hash(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=16).digest(), "big")


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
        if rules.groups[group].by_identity:
            part = _joined(seen.api_version, seen.kind, seen.namespace, seen.name)
        shown.setdefault((group, seen.environment, part), {})[name] = seen
    return shown
