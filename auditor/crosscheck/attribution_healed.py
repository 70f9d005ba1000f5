"""Changes that nothing live tells of any more: somebody changed a declared object, and it was put back.

A GitOps tool that applies again takes over the fields, so neither the live object nor managedFields remember. Only
an audit log (or a snapshot taken in between) shows that the change was there, and for how long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any

from auditor.crosscheck.attribution_actors import WriterKind, actor_of, described, writer_kind
from auditor.crosscheck.attribution_events import AuditedWrites, is_removal, path_of, pointer_of
from auditor.crosscheck.attribution_log import within
from auditor.crosscheck.listkeys import resolve
from auditor.crosscheck.schema import MISSING
from auditor.crosscheck.severity import severity_of
from auditor.crosscheck.text import as_json
from auditor.model import (
    AuditEvent,
    DeclaredHistory,
    DeclaredVersion,
    Drift,
    DriftVerdict,
    LiveObject,
    Resource,
    ResourceId,
    Severity,
    Unknown,
    WrittenField,
)

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Pair:
    """One declared resource and its live object, with the differences that are there now."""

    resource: Resource
    live: LiveObject
    drift: tuple[Drift, ...]
    versions: Callable[[], Sequence[DeclaredVersion]]

    def declared_at(self, at: datetime) -> Mapping[str, Any] | None:
        """What git declared at that time; None where it did not declare the object yet."""
        versions = self.versions()
        landed = [version for version in versions if version.at <= at]
        if not versions:
            return self.resource.document.manifest
        return landed[-1].manifest if landed else None

    def has_changed(self, after: datetime, until: datetime) -> bool:
        """True where another version landed in that time."""
        return any(after < version.at <= until for version in self.versions())


class HealedChanges:
    """Finds them. `unknown` is whole after `find` ended: writes of which the log does not tell what they changed."""

    def __init__(
        self,
        writes: AuditedWrites,
        matched: set[str],
        drift: Sequence[Drift],
        history: DeclaredHistory,
        digest: Callable[[str], str],
    ) -> None:
        """`matched` are the audit ids of events that explain a difference which is there now."""
        self._writes, self._matched, self._history, self._digest = writes, matched, history, digest
        self._drift: dict[ResourceId, list[Drift]] = {}
        for entry in drift:
            self._drift.setdefault(entry.id, []).append(entry)
        self.unknown: list[Unknown] = []

    def find(self, pairs: Mapping[ResourceId, tuple[Resource, LiveObject]]) -> Iterator[Drift]:
        """Every change of a declared object that was undone; the same change by the same actor once, with a count."""
        for identity, (resource, live) in pairs.items():
            versions = cache(partial(self._history.versions, resource))
            pair = _Pair(resource, live, tuple(self._drift.get(identity, ())), versions)
            yield from _counted(list(self._of(identity, pair)))

    def _of(self, identity: ResourceId, pair: _Pair) -> Iterator[Drift]:
        events = self._writes.of(identity)
        for number, event in enumerate(events):
            if event.audit_id in self._matched or not _is_outsiders(event):
                continue
            later = events[number + 1 :]
            if is_removal(event):
                found = self._deleted(event, later, pair)
            elif event.fields is None:
                found = self._blind(event, later, pair)
            else:
                found = self._changed(event, later, pair)
            if found is not None:
                yield found

    def _deleted(self, event: AuditEvent, later: list[AuditEvent], pair: _Pair) -> Drift | None:
        back = next((other for other in later if other.created), None)
        if back is None:
            return None
        text = f"deleted and made again after {_seconds(event, back)} by {described(back)}"
        return self._finding(
            pair, "", event, text, "high", severity_of(DriftVerdict.DELETED, pair.live.id, "")
        )

    def _blind(self, event: AuditEvent, later: list[AuditEvent], pair: _Pair) -> Drift | None:
        """The log keeps no body. A GitOps tool writes only where something differs, so its next write tells."""
        back = next((other for other in later if writer_kind(other) is WriterKind.GITOPS), None)
        if back is None:
            if not pair.drift and writer_kind(event) is WriterKind.PERSON and not event.created:
                self.unknown.append(
                    Unknown(
                        id=pair.live.id,
                        reason=f"written by {described(event)}; the log keeps no body of it, nothing differs from git now",
                    )
                )
            return None
        if pair.declared_at(event.completed_at) is None:
            return None
        text = (
            f"changed and healed after {_seconds(event, back)} by {described(back)}; what was changed is not in"
            f" the log, which keeps no body at level {event.level}"
        )
        confidence = "medium"
        if pair.has_changed(event.completed_at, back.completed_at):
            text += "; git changed in between, so the tool would have written anyway"
            confidence = "low"
        return self._finding(pair, "", event, text, confidence, Severity.MEDIUM)

    def _changed(self, event: AuditEvent, later: list[AuditEvent], pair: _Pair) -> Drift | None:
        fields = [field for field in event.fields or () if self._is_gone(field, event, pair)]
        past = pair.declared_at(event.completed_at) if fields else None
        if past is None:
            return None
        fields = [field for field in fields if self._is_past_git(field, past)]
        if not fields:
            return None
        back = next((other for other in later if self._undoes(other, fields, event)), None)
        if back is None:
            return None
        pointers = [pointer_of(field.path) for field in fields]
        shown = ", ".join(_shown(field) for field in fields[:_MOST_NAMED])
        more = f" and {len(fields) - _MOST_NAMED} more fields" if len(fields) > _MOST_NAMED else ""
        how = "healed" if writer_kind(back) is WriterKind.GITOPS else "overwritten"
        text = f"{shown}{more}: changed and {how} after {_seconds(event, back)} by {described(back)}"
        pointer = pointers[0] if len(pointers) == 1 else _common(pointers)
        severity = max(
            (severity_of(DriftVerdict.HEALED, pair.live.id, one) for one in pointers),
            key=lambda one: one.rank,
        )
        confidence = "high" if all(field.removed or field.digest for field in fields) else "medium"
        return self._finding(pair, pointer, event, text, confidence, severity)

    def _is_past_git(self, field: WrittenField, declared: Mapping[str, Any]) -> bool:
        """True where git declared something else at that time."""
        value = _value(declared, path_of(field.path))
        return value is not MISSING if field.removed else not self._holds(value, field)

    def _is_gone(self, field: WrittenField, event: AuditEvent, pair: _Pair) -> bool:
        """True where the field is neither as it was written, nor reported as drift now."""
        pointer = pointer_of(field.path)
        if any(not d.pointer or within(pointer, d.pointer) or within(d.pointer, pointer) for d in pair.drift):
            return False
        path = path_of(field.path)
        declared = _value(pair.resource.document.manifest, path)
        live = _value(pair.live.manifest, path)
        if field.removed:
            return live is not MISSING and declared is not MISSING
        if declared is MISSING:
            # Of a whole object nobody can say which undeclared fields were defaults.
            return live is MISSING and not event.whole
        return not self._holds(live, field)

    def _holds(self, value: Any, field: WrittenField) -> bool:
        return value is not MISSING and field.wrote(value, self._digest)

    def _undoes(self, other: AuditEvent, fields: list[WrittenField], event: AuditEvent) -> bool:
        """True for a GitOps tool's next write, and for one that sets one of the fields again, or takes it away."""
        if is_removal(other):
            return False
        if writer_kind(other) is WriterKind.GITOPS:
            return True
        if writer_kind(event) is not WriterKind.PERSON:
            return False
        written = {pointer_of(field.path) for field in other.fields or ()}
        return any(pointer_of(field.path) in written for field in fields)

    def _finding(
        self, pair: _Pair, pointer: str, event: AuditEvent, text: str, confidence: str, severity: Severity
    ) -> Drift:
        path = next(
            (path_of(field.path) for field in event.fields or () if pointer_of(field.path) == pointer), None
        )
        declared = _value(pair.resource.document.manifest, path) if path else MISSING
        live = _value(pair.live.manifest, path) if path else MISSING
        return Drift(
            cluster=pair.live.cluster,
            id=pair.live.id,
            api_version=pair.live.api_version,
            pointer=pointer,
            declared=as_json(declared),
            live=as_json(live),
            verdict=DriftVerdict.HEALED,
            severity=severity,
            manager=event.manager,
            changed_at=event.completed_at,
            actor=actor_of(event),
            evidence=f"{text}; audit log: {described(event)}; nothing of it is left in the live object",
            confidence=confidence,
            matches_commit="",
            declared_sha="",
            declared_by="",
            declared_at=None,
        )


def _is_outsiders(event: AuditEvent) -> bool:
    return writer_kind(event) in (WriterKind.PERSON, WriterKind.ACCOUNT) and not event.created


def _value(manifest: Mapping[str, Any], path: Any) -> Any:
    value = resolve(manifest, path)
    if value is MISSING and path[:1] == ("data",):
        return resolve(manifest, ("stringData", *path[1:]))
    return MISSING if value is None else value


def _seconds(event: AuditEvent, back: AuditEvent) -> str:
    return f"{max((back.completed_at - event.completed_at).total_seconds(), 0):.0f} s"


def _shown(field: WrittenField) -> str:
    pointer = pointer_of(field.path)
    if field.removed:
        return f"{pointer} taken away"
    return f"{pointer} set to {field.shown}" if field.shown else pointer


def _common(pointers: Sequence[str]) -> str:
    """The longest pointer that holds all of them."""
    first = pointers[0]
    for end in range(len(first), 0, -1):
        if all(within(pointer, first[:end]) for pointer in pointers):
            return first[:end]
    return ""


def _counted(found: list[Drift]) -> Iterator[Drift]:
    groups: dict[tuple[str, str, str], list[Drift]] = {}
    for entry in found:
        groups.setdefault((entry.actor, entry.pointer, entry.manager), []).append(entry)
    for entries in groups.values():
        last = entries[-1]
        if len(entries) > 1:
            first = entries[0].changed_at
            text = f"{last.evidence}; {len(entries)} times, first at {first:%Y-%m-%dT%H:%M:%SZ}"
            last = replace(last, evidence=text)
        yield last
