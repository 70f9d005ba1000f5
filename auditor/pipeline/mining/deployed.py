"""Which documents are members of their environments' sets: those that something may deploy.

What is shared by several environments (`base/`) is no set: nothing runs of it before an environment takes it up. What
lies in an attic (`auditor.manifests.attics`) is in none as long as nothing that is in use leads there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import orjson

from auditor.manifests.attics import Attics, attic_in, counts
from auditor.manifests.environment import BASE_ENVIRONMENT
from auditor.pipeline.mining.sets import Member, Slot, Step, slot_of
from auditor.policy.deploying import DEPLOYING_READS
from auditor.policy.router import kind_of


class Deployed:
    """The members that count, while a tree changes."""

    def __init__(self) -> None:
        self._attics = Attics()
        self._stored: dict[Slot, tuple[Member, str]] = {}
        self._sizes: Counter[str] = Counter()
        self._counted: set[Slot] = set()
        self._reached: frozenset[str] = frozenset()
        self._known: dict[str, frozenset[str]] = {}

    def change(
        self, gone: Iterable[Member], come: Iterable[Member]
    ) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
        """What a change takes out of the sets and puts into them, given all that has gone and come."""
        left: list[Member] = []
        joined: list[Member] = []
        facts: dict[Slot, object] = {}
        new: list[Slot] = []
        attics = frozenset(self._sizes)
        for member in gone:
            slot = slot_of(member)
            facts[slot] = self._attics.take(slot)
            stored = self._stored.pop(slot, None)
            if stored is None:
                left += _in_use(member)
                continue
            self._sizes[stored[1]] -= 1
            if not self._sizes[stored[1]]:
                del self._sizes[stored[1]]
            if slot in self._counted:
                self._counted.remove(slot)
                left.append(member)
        is_stale = False
        for member in come:
            slot, attic = slot_of(member), attic_in(member.environment, member.path)
            is_stale |= self._put(slot, member, attic) != facts.pop(slot, None)
            if attic:
                self._stored[slot] = (member, attic)
                self._sizes[attic] += 1
                new.append(slot)
            else:
                joined += _in_use(member)
        is_stale |= any(facts.values())
        if is_stale:
            self._known.clear()
        if is_stale or not attics.issuperset(self._sizes):
            before, self._reached = self._reached, self._attics.reached(self._sizes)
            new = new if self._reached == before else list(self._stored)
        self._settle(new, left, joined)
        return tuple(left), tuple(joined)

    def leaves_out(self, environment: str, path: str) -> bool:
        """True for a path in an attic that nothing in use leads to."""
        attic = attic_in(environment, path)
        if not attic:
            return False
        if attic not in self._known:
            self._known[attic] = self._attics.reached([attic])
        return not counts(path, self._known[attic])

    def _put(self, slot: Slot, member: Member, attic: str) -> object:
        """What the object says of where it leads; None for what leads nowhere."""
        row = member.row
        if kind_of(row.api_version, row.kind) not in DEPLOYING_READS:
            return None
        group = row.api_version.rpartition("/")[0]
        return self._attics.put(slot, member.path, group, orjson.loads(member.view), attic=attic)

    def _settle(self, slots: Iterable[Slot], left: list[Member], joined: list[Member]) -> None:
        """Looks anew at what lies in attics."""
        for slot in slots:
            member, _ = self._stored[slot]
            is_counted = slot in self._counted
            if counts(member.path, self._reached) is is_counted or not _in_use(member):
                continue
            if is_counted:
                self._counted.remove(slot)
                left.append(member)
            else:
                self._counted.add(slot)
                joined.append(member)


def deployed_steps(start: Sequence[Member], steps: Iterable[Step]) -> tuple[list[Member], Iterator[Step]]:
    """The members before the first step and the steps, as far as they count; the steps are made while they are taken."""
    deployed = Deployed()
    _, first = deployed.change((), start)

    def each() -> Iterator[Step]:
        for step in steps:
            left, joined = deployed.change(step.gone, step.come)
            if left or joined:
                yield Step(step.landing, left, joined)

    return list(first), each()


def _in_use(member: Member) -> list[Member]:
    return [] if member.environment == BASE_ENVIRONMENT else [member]
