"""The cross-check's result with the audit log joined in: actors, deletions, and what was changed and healed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from auditor.crosscheck.attribution_events import MOST_KEPT, AuditedWrites, custom_plurals
from auditor.crosscheck.attribution_healed import HealedChanges
from auditor.crosscheck.attribution_log import Attributor
from auditor.crosscheck.check import CrossCheckResult
from auditor.model import (
    AuditCoverage,
    AuditEvent,
    DeclaredHistory,
    LiveObject,
    Resource,
    ResourceId,
    Snapshot,
    Unknown,
)

_TAKEN_WITHIN = timedelta(minutes=15)
"""How long taking a snapshot may last; `taken_at` is when it began."""

Concerns = Callable[[str, str, str, str], bool]
"""Whether a write of the group, resource, namespace and name matters."""

_DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")


def with_audit_log(
    result: CrossCheckResult,
    declared: Sequence[Resource],
    snapshot: Snapshot,
    history: DeclaredHistory,
    *,
    events: Callable[[Concerns], Iterable[AuditEvent]],
    coverage: Callable[[], AuditCoverage],
    digest: Callable[[str], str],
) -> tuple[CrossCheckResult, tuple[str, ...]]:
    """The result as the audit log completes it, and why attribution is not whole (() where it is).

    `events` reads those that concern an object, once, then `coverage` is asked. `digest` is the one under which both the snapshot and the
    events were redacted.
    """
    live = {entry.id: entry for entry in snapshot.objects}
    wanted = {resource.id for resource in declared} | {entry.id for entry in result.drift}
    writes = AuditedWrites(wanted, _plurals(declared, snapshot))
    earlier = _Earlier(events(writes.concerns), snapshot)
    writes.take(earlier)
    covered = coverage()
    attributor = Attributor(writes, covered, live, digest)
    drift = [attributor.attribute(entry) for entry in result.drift]
    healed = HealedChanges(writes, attributor.matched, drift, history, digest)
    found = list(healed.find(_pairs(declared, live)))
    unknown = [*result.unknown, *healed.unknown, *earlier.unknown(), *_about_the_log(covered)]
    return (
        replace(
            result,
            drift=tuple(
                sorted([*drift, *found], key=lambda entry: (str(entry.id), entry.pointer, entry.verdict))
            ),
            unknown=tuple(sorted(unknown, key=lambda entry: (str(entry.id or ""), entry.reason))),
        ),
        tuple(_not_whole(covered, writes)),
    )


class _Earlier:
    """The events that the snapshot can show something of: those from before it, or while it was being taken."""

    def __init__(self, events: Iterable[AuditEvent], snapshot: Snapshot) -> None:
        self._events = events
        self._until = snapshot.taken_at + _TAKEN_WITHIN if snapshot.taken_at else None
        self._later = 0

    def __iter__(self) -> Iterator[AuditEvent]:
        for event in self._events:
            if self._until is None or event.received_at <= self._until:
                yield event
            else:
                self._later += 1

    def unknown(self) -> list[Unknown]:
        if not self._later:
            return []
        many = f"{self._later:,} writes are from after the snapshot was taken and were left out"
        one = "1 write is from after the snapshot was taken and was left out"
        text = f"audit log: {one if self._later == 1 else many}"
        return [Unknown(id=None, reason=text)]


def _plurals(declared: Sequence[Resource], snapshot: Snapshot) -> dict[tuple[str, str], str]:
    manifests = [
        *(resource.document.manifest for resource in declared if _is_definition(resource.id)),
        *(entry.manifest for entry in snapshot.objects if _is_definition(entry.id)),
    ]
    return custom_plurals(manifests)


def _is_definition(identity: ResourceId) -> bool:
    return (identity.group, identity.kind) == _DEFINITION


def _pairs(
    declared: Sequence[Resource], live: dict[ResourceId, LiveObject]
) -> dict[ResourceId, tuple[Resource, LiveObject]]:
    return {resource.id: (resource, live[resource.id]) for resource in declared if resource.id in live}


def _about_the_log(coverage: AuditCoverage) -> list[Unknown]:
    found = [
        Unknown(id=None, reason=f"audit log: a write began and its end is not in the log: {text}")
        for text in coverage.unfinished
    ]
    if coverage.open_end:
        found.append(Unknown(id=None, reason="audit log: its last line was still being written"))
    return found + [Unknown(id=None, reason=f"audit log: {text}") for text in coverage.problems]


def _not_whole(coverage: AuditCoverage, writes: AuditedWrites) -> list[str]:
    """Every name given, and every silence, rests on all lines having been read."""
    reasons = []
    if coverage.first is None:
        reasons.append("the audit log holds no event")
    if coverage.unreadable:
        lines = "1 line" if coverage.unreadable == 1 else f"{coverage.unreadable:,} lines"
        reasons.append(f"{lines} of the audit log could not be read: {coverage.problems[0]}")
    elif coverage.problems:
        reasons.append(f"a part of the audit log could not be read: {coverage.problems[0]}")
    reasons += [f"the audit log has a gap: {gap.why}" for gap in coverage.gaps if "rotated file" in gap.why]
    if writes.dropped:
        reasons.append(
            f"{writes.dropped:,} writes of the audit log were left out: more than {MOST_KEPT:,} of them are about"
            " what git declares; give a shorter log"
        )
    return reasons
