"""The sets of an environment's documents that rules look over, as they are at one moment of a history."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.findings.lifetimes import Landing
from auditor.pipeline.mining.contents import DocumentRow
from auditor.pipeline.mining.resource_changes import resource_key
from auditor.policy.router import kind_of
from auditor.policy.sets import SetQuestion, SetRules

_MODULUS = 1 << 128

Place = tuple[int, str, str]
"""Where a set is: group, environment, and the identity that its members share where the group asks by identity. Where
findings depend on one member and what others say of all, each identity is a set of its own, and what is said stands
where the identity is ''."""

Slot = tuple[str, int, int, str]
"""Where a document stands: path, its number in the file, its number in a List or -1, and its name in the file: what an
unreadable file held last may have had the number that one of its readable documents has now."""

SetKey = tuple[int, str, str, int, int, int, int]
"""Place, number of members, and the sum of their hashes, and both of what others say: what a set is known by."""


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


def members_of(
    environment: str, path: str, rows: Iterable[DocumentRow], view_of: Callable[[str], bytes]
) -> tuple[Member, ...]:
    """Those documents of a file that some rule over an environment looks at, or that tell what is deployed; `view_of`
    is by digest."""
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


_NOTHING = _Set()
"""Nobody says anything."""


class _Said:
    """What others said before a landing, of the places that it meets."""

    def __init__(self, sets: dict[Place, _Set]) -> None:
        self._sets = sets
        self._before: dict[Place, tuple[int, int]] = {}

    def note(self, place: Place) -> None:
        """Keeps what stands there now, the first time."""
        if not place[2] and place not in self._before:
            self._before[place] = self._now(place)

    def differs(self, place: Place) -> bool:
        """Whether something else stands there now."""
        return self._before[place] != self._now(place)

    def _now(self, place: Place) -> tuple[int, int]:
        found = self._sets.get(place, _NOTHING)
        return found.count, found.total


class Sets:
    """The sets as they are at one moment."""

    def __init__(self, rules: SetRules) -> None:
        self._rules = rules
        self._sets: dict[Place, _Set] = {}
        self._members: dict[Slot, Member] = {}
        self._parts: dict[Place, dict[Place, None]] = {}
        """The sets of one member's identity, by where it stands what others say of them."""

    def change(self, gone: Iterable[Member], come: Iterable[Member]) -> tuple[list[Place], list[Slot]]:
        """Applies a landing; the sets that it touched, and where a document changed that says the same to all rules."""
        left = {slot_of(member): member for member in gone}
        same: list[Slot] = []
        touched: dict[Place, None] = {}
        new: list[tuple[Slot, Member]] = []
        for member in come:
            slot = slot_of(member)
            before = left.get(slot)
            if before is not None and before.view == member.view:
                del left[slot]
                self._members[slot] = member
                same.append(slot)
            else:
                new.append((slot, member))
        said = _Said(self._sets)
        for slot, member in left.items():
            del self._members[slot]
            for place, content, subject in self._places_of(member):
                said.note(place)
                touched[place] = None
                self._sets[place].remove(content, slot, subject=subject)
        for slot, member in new:
            self._members[slot] = member
            for place, content, subject in self._places_of(member):
                said.note(place)
                touched[place] = None
                self._sets.setdefault(place, _Set()).add(content, slot, subject=subject)
        for place in [place for place in touched if self._is_said(place)]:
            del touched[place]
            if said.differs(place):
                touched.update(self._parts.get(place, {}))
        return list(touched), same

    def _places_of(self, member: Member) -> Iterator[tuple[Place, bytes, bool]]:
        """The sets that a member is in, what it says to each, and whether a finding can be about it."""
        kind = kind_of(member.row.api_version, member.row.kind)
        for number in self._rules.groups_of(kind):
            group = self._rules.groups[number]
            subject = self._rules.is_subject(number, kind)
            said: Place = (number, member.environment, "")
            if group.shared:
                content = self._rules.shared(number, member.view)
                if content:
                    yield said, content, False
                if not subject:
                    continue
            part = _identity(member) if group.by_identity or group.shared else ""
            place = (number, member.environment, part)
            if group.shared:
                self._parts.setdefault(said, {})[place] = None
            yield place, self._rules.cut(number, member.view), subject

    def _is_said(self, place: Place) -> bool:
        """Whether what stands there is no set of its own, and only what others say."""
        return not place[2] and bool(self._rules.groups[place[0]].shared)

    def places(self) -> list[Place]:
        """Every set that there has been."""
        return [place for place in self._sets if not self._is_said(place)]

    def subjects(self, place: Place) -> int:
        """How many members a finding can be about."""
        return self._sets[place].subjects

    def is_asked_about(self, place: Place) -> bool:
        """Whether the rules can find anything in the set as it is now."""
        found = self._sets[place]
        alone = self._rules.groups[place[0]].by_identity
        return found.subjects > 0 and (found.count > 1 or not alone)

    def key(self, place: Place) -> SetKey:
        """What the set is known by: equal for sets whose members say the same to the rules."""
        found, said = self._sets[place], self._said_of(place)
        return (*place, found.count, found.total, said.count, said.total)

    def _said_of(self, place: Place) -> _Set:
        if not self._rules.groups[place[0]].shared:
            return _NOTHING
        return self._sets.get((place[0], place[1], ""), _NOTHING)

    def questions(self, places: Iterable[Place]) -> list[tuple[SetQuestion, list[tuple[SetKey, int, int]]]]:
        """The questions about sets as they are now, each with the sets that it is about: what they are known by, and
        the first of their members in it and the one after their last."""
        asked: list[tuple[SetQuestion, list[tuple[SetKey, int, int]]]] = []
        together: dict[tuple[int, str], list[Place]] = {}
        for place in places:
            if self._rules.groups[place[0]].shared:
                together.setdefault(place[:2], []).append(place)
                continue
            views = tuple(self._sets[place].contents())
            asked.append((SetQuestion(place[0], place[1], views), [(self.key(place), 0, len(views))]))
        for (group, environment), parts in together.items():
            members = list(self._said_of(parts[0]).contents())
            shared = len(members)
            about = []
            for place in parts:
                first = len(members)
                members.extend(self._sets[place].contents())
                about.append((self.key(place), first, len(members)))
            asked.append((SetQuestion(group, environment, tuple(members), shared), about))
        return asked

    def slot(self, place: Place, content: bytes, rank: int) -> Slot:
        """Where the member of that content and rank stands."""
        return self._sets[place].by_content[content][rank]

    def member(self, slot: Slot) -> Member:
        """What stands there now."""
        return self._members[slot]


def slot_of(member: Member) -> Slot:
    """Where the member stands."""
    row = member.row
    name = identity_of(row.api_version, row.kind, row.namespace, row.name)
    return (member.path, row.document, row.item if row.item is not None else -1, name)


def _identity(member: Member) -> str:
    row = member.row
    return identity_of(
        row.api_version, row.kind, row.namespace, resource_key(member.environment, member.path, row).name
    )


def identity_of(api_version: str, kind: str, namespace: str, name: str) -> str:
    """A resource's identity within its environment as one text, without the version."""
    return "/".join((api_version.rpartition("/")[0], kind, namespace, name))


def _hash(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=16).digest(), "big")
