"""Which documents are members of their environments' sets: those that something may deploy.

What is shared by several environments (`base/`) is no set: nothing runs of it before an environment takes it up. What
lies in an attic (`auditor.manifests.attics`) is in none as long as nothing that is in use leads there.
"""

from __future__ import annotations

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
        self._stored: dict[Slot, Member] = {}
        self._counted: set[Slot] = set()
        self._known: dict[str, frozenset[str]] = {}

    def change(
        self, gone: Iterable[Member], come: Iterable[Member]
    ) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
        """What a change takes out of the sets and puts into them, given all that has gone and come."""
        left: list[Member] = []
        joined: list[Member] = []
        stale = False
        for member in gone:
            slot = slot_of(member)
            stale |= self._attics.take(slot)
            if self._stored.pop(slot, None) is None:
                left += _in_use(member)
            elif slot in self._counted:
                self._counted.remove(slot)
                left.append(member)
        for member in come:
            attic = attic_in(member.environment, member.path)
            stale |= self._put(member, attic)
            if attic:
                self._stored[slot_of(member)] = member
                stale = True
            else:
                joined += _in_use(member)
        if stale:
            self._known.clear()
            self._settle(left, joined)
        return tuple(left), tuple(joined)

    def leaves_out(self, environment: str, path: str) -> bool:
        """True for a path in an attic that nothing in use leads to."""
        attic = attic_in(environment, path)
        if not attic:
            return False
        if attic not in self._known:
            self._known[attic] = self._attics.reached([attic])
        return not counts(path, self._known[attic])

    def _put(self, member: Member, attic: str) -> bool:
        row = member.row
        if kind_of(row.api_version, row.kind) not in DEPLOYING_READS:
            return False
        group = row.api_version.rpartition("/")[0]
        return self._attics.put(slot_of(member), member.path, group, orjson.loads(member.view), attic=attic)

    def _settle(self, left: list[Member], joined: list[Member]) -> None:
        """Looks anew at what lies in attics."""
        if not self._stored:
            return
        attics = {attic_in(member.environment, member.path) for member in self._stored.values()}
        reached = self._attics.reached(attics)
        for slot, member in self._stored.items():
            is_counted = slot in self._counted
            if counts(member.path, reached) is is_counted or not _in_use(member):
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
