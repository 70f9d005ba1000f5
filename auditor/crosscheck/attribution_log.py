"""Puts names to drift: joins each difference with the audit event that made it.

managedFields says which manager wrote a field and in which second; the audit log says whose request that was. What
the log does not hold was not necessarily nobody: its policy may leave requests out, so it is only said that the
event is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from auditor.crosscheck.attribution import stamp
from auditor.crosscheck.attribution_actors import actor_of, borrowed_name, described
from auditor.crosscheck.attribution_events import AuditedWrites, is_removal, pointer_of
from auditor.crosscheck.severity import severity_of
from auditor.model import AuditCoverage, AuditEvent, Drift, DriftVerdict, LiveObject, ResourceId, WrittenField

_SLACK = timedelta(seconds=1)
"""managedFields has whole seconds, and the clock is read while the request is worked on."""

_POSITION = re.compile(r"\[-?\d+\]")
_ELEMENT = re.compile(r"\[(?:-?\d+|[A-Za-z]+=[^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Match:
    """The event that made a difference, why it is that one, and how sure that is: 'high', 'medium' or 'low'."""

    event: AuditEvent
    why: str
    confidence: str
    instead: AuditEvent | None = None


class Attributor:
    """Names the writers of differences. `matched` holds the audit ids of the events that explain one."""

    def __init__(
        self,
        writes: AuditedWrites,
        coverage: AuditCoverage,
        live: Mapping[ResourceId, LiveObject],
        digest: Callable[[str], str],
    ) -> None:
        self._writes, self._coverage, self._live, self._digest = writes, coverage, live, digest
        self.matched: set[str] = set()

    def attribute(self, drift: Drift) -> Drift:
        """The difference with its actor, or with the reason why the log does not name one."""
        match = self._match(drift)
        if match is None:
            return replace(drift, evidence=f"{drift.evidence}; {not_found(drift.changed_at, self._coverage)}")
        event = match.event
        self.matched.add(event.audit_id)
        named = match.instead or event
        evidence = f"{drift.evidence}; audit log: {described(event)}; {match.why}"
        if match.instead is not None:
            evidence += f"; it followed {described(match.instead)}"
        verdict = drift.verdict
        if borrowed_name(event):
            evidence += f"; a person wrote under the GitOps manager's name {event.manager}"
            if verdict is DriftVerdict.STALE:
                verdict = DriftVerdict.UNAUTHORISED
        if event.webhooks:
            evidence += f"; changed on its way by the webhook {', '.join(event.webhooks)}"
        return replace(
            drift,
            verdict=verdict,
            severity=severity_of(verdict, drift.id, drift.pointer)
            if verdict is not drift.verdict
            else drift.severity,
            manager=drift.manager or event.manager,
            changed_at=event.completed_at,
            actor=actor_of(named),
            evidence=evidence,
            confidence=match.confidence,
        )

    def _match(self, drift: Drift) -> Match | None:
        if drift.verdict is DriftVerdict.DELETED:
            return self._deletion(drift.id)
        live = self._live.get(drift.id)
        events = _of_this_life(self._writes.of(drift.id), live)
        return self._creation(events) if not drift.pointer else self._field(drift, events, live)

    def _deletion(self, identity: ResourceId) -> Match | None:
        removal = self._writes.removal(identity)
        if removal is None:
            return None
        event, why = removal.event, "the deletion of this very object"
        if event.verb == "deletecollection":
            chosen = f", chosen by {event.selector}" if event.selector else ""
            confidence = "medium" if event.selector else "high"
            return Match(event, f"it deletes all of its kind{chosen}", confidence, removal.namespace)
        if event.subresource:
            why = "the eviction of this very Pod"
        return Match(event, why, "high", removal.namespace)

    def _creation(self, events: list[AuditEvent]) -> Match | None:
        created = [event for event in events if event.created or (event.verb == "create" and event.whole)]
        return Match(created[-1], "it created this very object", "high") if created else None

    def _field(self, drift: Drift, events: list[AuditEvent], live: LiveObject | None) -> Match | None:
        writes = [event for event in events if not is_removal(event)]
        if not drift.live:
            return self._taken_away(drift, writes)
        mine = [event for event in writes if event.manager == drift.manager] if drift.manager else writes
        setting = [event for event in mine if _sets(event, drift.pointer)]
        if setting:
            return self._setter(drift, self._first_of_value(drift, setting), mine, live)
        return self._blind(drift, [event for event in mine if event.fields is None], live)

    def _first_of_value(self, drift: Drift, setting: list[AuditEvent]) -> AuditEvent:
        """Who brought the value in: whole objects written later repeat it."""
        found = None
        for event in reversed(setting):
            if not self._wrote(event, drift):
                break
            found = event
        in_time = [event for event in setting if _is_at(event, drift.changed_at)]
        return found or (in_time or setting)[-1]

    def _setter(
        self,
        drift: Drift,
        event: AuditEvent,
        mine: list[AuditEvent],
        live: LiveObject | None,
    ) -> Match:
        reasons = ["its body sets this field"]
        in_time = _is_at(event, drift.changed_at)
        same_value = self._wrote(event, drift)
        if same_value:
            reasons.append("to this very value")
        if drift.manager:
            reasons.append(f"under the manager {drift.manager}")
        if in_time:
            reasons.append("in the second that managedFields names")
        if live is not None and event.resource_version and event.resource_version == _version_of(live):
            reasons.append("and the answer has the live object's resourceVersion")
        later = [other for other in mine if other.completed_at > event.completed_at and other.fields is None]
        if later:
            reasons.append(f"{len(later)} later writes of that manager are in the log without their bodies")
        sure = same_value or (in_time and not later)
        unsure = "medium" if drift.manager else "low"
        return Match(event, ", ".join(reasons), "high" if sure else unsure)

    def _wrote(self, event: AuditEvent, drift: Drift) -> bool:
        try:
            value = json.loads(drift.live)
        except ValueError:
            return False
        return any(
            pointer_of(field.path) == drift.pointer and field.wrote(value, self._digest)
            for field in event.fields or ()
        )

    def _blind(self, drift: Drift, events: list[AuditEvent], live: LiveObject | None) -> Match | None:
        """The log keeps no bodies of these: only the object, the manager and the second can agree."""
        in_time = [event for event in events if _is_at(event, drift.changed_at)]
        if not events or not drift.manager:
            return None
        event = (in_time or events)[-1]
        if not in_time:
            return Match(event, _BLIND + "the object and the manager agree, the second does not", "low")
        alone = len(events) == 1 and self._knows_whole_life(live)
        writers = {actor_of(other) for other in in_time}
        if len(writers) > 1:
            return Match(event, _BLIND + f"{len(in_time)} writes of that manager agree with it", "low")
        why = _BLIND + "the object, the manager and the second that managedFields names agree"
        if alone:
            why += ", and the manager wrote this object only once in its life"
        return Match(event, why, "high" if alone else "medium")

    def _knows_whole_life(self, live: LiveObject | None) -> bool:
        metadata = live.manifest.get("metadata") if live else None
        text = metadata.get("creationTimestamp") if isinstance(metadata, Mapping) else None
        try:
            born = datetime.fromisoformat(str(text))
        except ValueError:
            return False
        born = born if born.tzinfo else born.replace(tzinfo=UTC)
        first = self._coverage.first
        return first is not None and first <= born and self._coverage.is_whole

    def _taken_away(self, drift: Drift, writes: list[AuditEvent]) -> Match | None:
        """A field that is gone has no owner; only a body can tell who took it away."""
        removing = [event for event in writes if _removes(event, drift.pointer)]
        if removing:
            return Match(removing[-1], "its body takes this field away", "high")
        lacking = [
            event
            for event in writes
            if event.whole and event.fields is not None and not _sets(event, drift.pointer)
        ]
        if lacking:
            return Match(lacking[-1], "the object as it was written there does not have this field", "medium")
        blind = [event for event in writes if event.fields is None and event.manager == drift.manager]
        agreeing = [event for event in blind if _is_at(event, drift.changed_at)]
        if agreeing:
            return Match(agreeing[-1], _BLIND + "the last stranger's manager and second agree", "low")
        return None


_BLIND = "the log keeps no body of it; "


def not_found(at: datetime | None, coverage: AuditCoverage) -> str:
    """Why no event is named: never that nobody did it."""
    if coverage.first is None or coverage.last is None:
        return "not in the audit log, which holds no event"
    span = f"{stamp(coverage.first)} to {stamp(coverage.last)}"
    if at is None:
        return f"not in the audit log ({span})"
    if at < coverage.first - _SLACK:
        return f"not in the audit log, which begins only at {stamp(coverage.first)}"
    if at > coverage.last + _SLACK:
        return f"not in the audit log, which ends at {stamp(coverage.last)}"
    if not coverage.covers(at) and coverage.gaps:
        return f"not in the audit log, which has a gap at {stamp(at)}"
    return f"not in the audit log ({span}), whose policy may leave such requests out"


def _of_this_life(events: list[AuditEvent], live: LiveObject | None) -> list[AuditEvent]:
    """Without writes to an earlier object of the same name, as far as the log tells their uids."""
    metadata = live.manifest.get("metadata") if live else None
    uid = metadata.get("uid") if isinstance(metadata, Mapping) else None
    return [event for event in events if not uid or event.uid in ("", uid)]


def _version_of(live: LiveObject) -> str:
    metadata = live.manifest.get("metadata")
    return str(metadata.get("resourceVersion") or "") if isinstance(metadata, Mapping) else ""


def _is_at(event: AuditEvent, at: datetime | None) -> bool:
    """True where managedFields' second lies within the request."""
    if at is None:
        return False
    return event.received_at.replace(microsecond=0) - _SLACK <= at <= event.completed_at + _SLACK


def _sets(event: AuditEvent, pointer: str) -> bool:
    return any(not field.removed and _same_place(field, pointer) for field in event.fields or ())


def _removes(event: AuditEvent, pointer: str) -> bool:
    return any(field.removed and _same_place(field, pointer) for field in event.fields or ())


def _same_place(field: WrittenField, pointer: str) -> bool:
    """True where the field is at the pointer, in it, or holds it. A position may be any element of the list."""
    written = pointer_of(field.path)
    if _POSITION.search(written):
        written, pointer = _ELEMENT.sub("[]", written), _ELEMENT.sub("[]", pointer)
    return within(written, pointer) or within(pointer, written)


def within(inner: str, outer: str) -> bool:
    """True where the pointer `inner` is `outer` or lies beneath it."""
    return inner == outer or (inner.startswith(outer) and inner[len(outer)] in ".[")
