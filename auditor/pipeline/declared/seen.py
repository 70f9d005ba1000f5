"""What the rules find in what is rendered, from landing to landing.

A violation that the same field of the same resource shows as it is written is not told again. One in a deployment
that cannot be rendered at a landing is neither there nor gone: it stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from auditor.findings.lifetimes import Lifetime, Sighting
from auditor.model import Resource, ResourceId
from auditor.pipeline.declared.landed_renderings import Key, RenderedLanding
from auditor.pipeline.declared.problems import broken_builds, sorted_problems
from auditor.pipeline.declared.rendered_sets import Answers, RenderedSets, rendered_together
from auditor.pipeline.declared.rendered_tip import RenderedTip
from auditor.pipeline.declared.window import Landed
from auditor.pipeline.mining.deployed import Deployed
from auditor.pipeline.mining.replay import Replay
from auditor.pipeline.mining.sets import Member, Slot, Step, slot_of
from auditor.policy.judge import Judge

_Field = tuple[str, str, str, str]
"""Rule, kind, name, pointer: what a violation is compared by. Namespaces are left out, as Kustomize sets them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenAt:
    """What one landing changed of the violations that are seen, against the landing before it (the first: all).

    `exact`: what changed came with it. `come` are new ones and those that look otherwise now, `gone` are ids.
    Nothing is said of resources in `held`, and of nothing that is not seen where it is not `complete`.
    """

    landed: Landed
    exact: bool
    complete: bool
    come: tuple[Sighting, ...]
    gone: tuple[str, ...]
    held: frozenset[Key]

    def holds(self, sighting: Sighting) -> bool:
        """True where a violation that is not seen at the landing may be there nevertheless."""
        return not self.complete or key_of(sighting) in self.held


def key_of(sighting: Sighting) -> Key:
    """The resource that a violation is about."""
    group = sighting.api_version.rpartition("/")[0]
    named = ResourceId(group=group, kind=sighting.kind, namespace=sighting.namespace, name=sighting.name)
    return sighting.environment, named


def seen_along(rendered: RenderedTip, replay: Replay, *, judge: Judge) -> tuple[list[SeenAt], RenderedSets]:
    """What is seen at each landing that was rendered, and what rules over environments say at the last of them, the
    tip. `replay` has replayed the same landings as they are written."""
    along = _Along(
        rendered=rendered,
        replay=replay,
        answers=Answers(judge),
        written=_Written((*replay.lifetimes.open.values(), *replay.lifetimes.closed)),
        members=_Members(replay.members, replay.steps),
    )
    return [along.look(landing) for landing in rendered.landings], along.together


@dataclass(kw_only=True)
class _Along:
    rendered: RenderedTip
    replay: Replay
    answers: Answers
    written: _Written
    members: _Members
    together: RenderedSets = field(default_factory=RenderedSets)
    _resources: dict[Key, Resource] = field(default_factory=dict)
    _found: dict[Key, tuple[Sighting, ...]] = field(default_factory=dict)
    _shown: dict[str, Sighting] = field(default_factory=dict)

    def look(self, landing: RenderedLanding) -> SeenAt:
        """One landing, those before it having been looked at."""
        position = landing.landed.position
        members_changed = self.members.land(position)
        self.written.land(position)
        for key in landing.gone:
            del self._resources[key]
            del self._found[key]
        for item in landing.come:
            key = (item.environment, item.id)
            self._resources[key] = item
            self._found[key] = tuple(self.rendered.sightings_of(item))
        if landing.come or landing.gone or members_changed:
            self.together = self._asked()
        shown: dict[str, Sighting] = {}
        for sighting in self._sightings(landing):
            if sighting.rule_id not in self.replay.disabled and not self.written.shows(sighting):
                shown.setdefault(sighting.id, sighting)
        seen = SeenAt(
            landed=landing.landed,
            exact=landing.exact,
            complete=landing.complete,
            come=tuple(one for one in shown.values() if self._shown.get(one.id) != one),
            gone=(),
            held=landing.held,
        )
        gone = []
        for name, sighting in self._shown.items():
            if name in shown:
                continue
            if seen.holds(sighting) and not self.written.shows(sighting):
                shown[name] = sighting
            else:
                gone.append(name)
        self._shown = shown
        return SeenAt(
            landed=seen.landed,
            exact=seen.exact,
            complete=seen.complete,
            come=seen.come,
            gone=tuple(gone),
            held=seen.held,
        )

    def _asked(self) -> RenderedSets:
        if not self._resources:
            return RenderedSets()
        resources = sorted(
            self._resources.values(), key=lambda item: (item.environment, item.path, str(item.id))
        )
        resources = [item for item in resources if not self.members.leaves_out(item)]
        return rendered_together(resources, self.rendered, self.members.now(), answers=self.answers)

    def _sightings(self, landing: RenderedLanding) -> Iterator[Sighting]:
        problems = sorted_problems(landing.problems, self.replay.environment_of)
        yield from broken_builds(problems.failures)
        for found in self._found.values():
            yield from found
        yield from self.together.sightings


class _Written:
    """Which violations are open as written, from landing to landing."""

    def __init__(self, lifetimes: Iterable[Lifetime]) -> None:
        events: list[tuple[int, int, _Field]] = []
        for one in lifetimes:
            events.append((one.opened.position, 1, _field(one.sighting)))
            if one.fixed is not None:
                events.append((one.fixed.position, -1, _field(one.sighting)))
        self._events = sorted(events, key=lambda event: event[0], reverse=True)
        self._open: dict[_Field, int] = {}

    def land(self, position: int) -> None:
        """Goes on to the landing at that position."""
        while self._events and self._events[-1][0] <= position:
            _, change, key = self._events.pop()
            count = self._open.get(key, 0) + change
            if count:
                self._open[key] = count
            else:
                self._open.pop(key, None)

    def shows(self, sighting: Sighting) -> bool:
        """True where the field shows it as it is written."""
        return _field(sighting) in self._open


def _field(sighting: Sighting) -> _Field:
    return sighting.rule_id, sighting.kind, sighting.name, sighting.pointer


class _Members:
    """What stands in the files for rules over environments, from landing to landing."""

    def __init__(self, start: Iterable[Member], steps: Sequence[Step]) -> None:
        self._deployed = Deployed()
        _, first = self._deployed.change((), start)
        self._members: dict[Slot, Member] = {slot_of(member): member for member in first}
        self._steps = list(reversed(steps))

    def land(self, position: int) -> bool:
        """Goes on to the landing at that position; True where that changes anything."""
        changed = False
        while self._steps and self._steps[-1].landing.position <= position:
            step = self._steps.pop()
            gone, come = self._deployed.change(step.gone, step.come)
            for member in gone:
                self._members.pop(slot_of(member), None)
            self._members.update((slot_of(member), member) for member in come)
            changed = True
        return changed

    def leaves_out(self, item: Resource) -> bool:
        """True for what is rendered of a folder for what is no longer used, which nothing in use leads to."""
        return self._deployed.leaves_out(item.environment, f"{item.rendered_from}/")

    def now(self) -> list[Member]:
        """All of them, by file."""
        return [self._members[slot] for slot in sorted(self._members)]
