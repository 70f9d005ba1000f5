"""Audit events by the object that they wrote. Only those about objects of interest are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.crosscheck.attribution_actors import WriterKind, writer_kind
from auditor.crosscheck.listkeys import ListKey, Path, pointer
from auditor.model import AuditEvent, FieldPath, ResourceId

MOST_KEPT = 300_000
"""So many writes to objects of interest are kept; what comes after is counted and missing."""

_NAMESPACES = ("", "namespaces")
Address = tuple[str, str, str, str]
"""Group, plural, namespace, name."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A deletion, and for what a namespace's end takes along, the deletion of the namespace itself."""

    event: AuditEvent
    namespace: AuditEvent | None = None


class AuditedWrites:
    """The writes to some objects, in order of time."""

    def __init__(self, wanted: Iterable[ResourceId], plurals: Mapping[tuple[str, str], str]) -> None:
        """`plurals` are the resource names of custom kinds by group and kind; others follow Kubernetes' spelling."""
        self._plurals = plurals
        self._wanted = {address for identity in wanted for address in self._addresses(identity)}
        self._kinds = {address[:2] for address in self._wanted}
        self._by_object: dict[Address, list[AuditEvent]] = {}
        self._collections: list[AuditEvent] = []
        self._namespaces: dict[str, list[AuditEvent]] = {}
        self.dropped = self.kept = 0

    def concerns(self, group: str, resource: str, namespace: str, name: str) -> bool:
        """True where a write of the object, or of all of a kind (`name` is ''), may tell something of those wanted."""
        address = _address(group, resource, namespace, name)
        return (
            address in self._wanted or address[:2] == _NAMESPACES or (not name and address[:2] in self._kinds)
        )

    def take(self, events: Iterable[AuditEvent]) -> None:
        """Takes in the events, which may be in any order."""
        for event in events:
            self._keep(event)
        for found in (*self._by_object.values(), self._collections, *self._namespaces.values()):
            found.sort(key=lambda event: (event.completed_at, event.received_at, event.audit_id))

    def _keep(self, event: AuditEvent) -> None:
        address = _address(event.group, event.resource, event.namespace, event.name)
        collection = event.verb == "deletecollection" and address[:2] in self._kinds
        namespace = address[:2] == _NAMESPACES and event.verb == "delete"
        if not collection and not namespace and address not in self._wanted:
            return
        if self.kept >= MOST_KEPT:
            self.dropped += 1
            return
        self.kept += 1
        if collection:
            self._collections.append(event)
        elif namespace:
            self._namespaces.setdefault(event.name, []).append(event)
        if address in self._wanted:
            self._by_object.setdefault(address, []).append(event)

    def _addresses(self, identity: ResourceId) -> Iterator[Address]:
        for plural in self._names(identity):
            yield identity.group, plural, identity.namespace, identity.name

    def _names(self, identity: ResourceId) -> tuple[str, ...]:
        known = self._plurals.get((identity.group, identity.kind))
        return (known,) if known else _guessed_plurals(identity.kind)

    def of(self, identity: ResourceId) -> list[AuditEvent]:
        """The writes to the object, without those that changed nothing."""
        return [
            event
            for address in self._addresses(identity)
            for event in _without_no_ops(self._by_object.get(address, []))
        ]

    def removal(self, identity: ResourceId) -> Removal | None:
        """The last deletion of the object that no creation in the log follows."""
        events = self.of(identity)
        created = max((event.completed_at for event in events if event.created), default=None)
        for found in (events, self._collected(identity)):
            # What was deleted by its name and not made again was not there for a later deletion of many.
            last = next((event for event in reversed(found) if is_removal(event)), None)
            if last is not None and (created is None or created <= last.completed_at):
                return Removal(last, self._end_of_namespace(identity, last))
        return None

    def _collected(self, identity: ResourceId) -> list[AuditEvent]:
        names = self._names(identity)
        return [
            event
            for event in self._collections
            if event.group == identity.group
            and event.resource in names
            and event.namespace in ("", identity.namespace)
        ]

    def _end_of_namespace(self, identity: ResourceId, last: AuditEvent) -> AuditEvent | None:
        """What deletes the rest of a namespace is a controller; who ended the namespace is asked for."""
        if writer_kind(last) is not WriterKind.CONTROLLER:
            return None
        earlier = [
            event
            for event in self._namespaces.get(identity.namespace, [])
            if event.completed_at <= last.completed_at
        ]
        return earlier[-1] if earlier else None


def is_removal(event: AuditEvent) -> bool:
    """True for what ends an object: its deletion, that of a collection, the eviction of a Pod."""
    return (event.verb.startswith("delete") and not event.subresource) or event.subresource == "eviction"


def path_of(field: FieldPath) -> Path:
    """A field of an audit event as a path of the cross-check."""
    return tuple(ListKey(step) if isinstance(step, tuple) else step for step in field)


def pointer_of(field: FieldPath) -> str:
    """A field of an audit event as drift names it."""
    return pointer(path_of(field))


def _address(group: str, resource: str, namespace: str, name: str) -> Address:
    # The API server notes a Namespace as within itself.
    return group, resource, "" if (group, resource) == _NAMESPACES else namespace, name


def _without_no_ops(events: list[AuditEvent]) -> list[AuditEvent]:
    """Without writes after which the object was what it had been: its resourceVersion did not change."""
    kept: list[AuditEvent] = []
    last = ""
    for event in events:
        if not event.resource_version or event.resource_version != last or is_removal(event):
            kept.append(event)
        last = event.resource_version
    return kept


def _guessed_plurals(kind: str) -> tuple[str, ...]:
    """As `UnsafeGuessKindToResource` of k8s.io/apimachinery, and the plain ways."""
    name = kind.lower()
    guesses = [name, f"{name}s"]
    if name.endswith("s"):
        guesses.append(f"{name}es")
    if name.endswith("y"):
        guesses.append(f"{name[:-1]}ies")
    return tuple(guesses)


def custom_plurals(definitions: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Group and kind to plural, from CustomResourceDefinitions."""
    found = {}
    for definition in definitions:
        spec = definition.get("spec")
        names = spec.get("names") if isinstance(spec, Mapping) else None
        if isinstance(spec, Mapping) and isinstance(names, Mapping):
            found[str(spec.get("group")), str(names.get("kind"))] = str(names.get("plural"))
    return found
