"""Live objects, what git declared for them over time, and the differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from auditor.model.base import Actor, JsonObject, Severity
from auditor.model.manifests import Resource, ResourceId


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveObject:
    """One object of a cluster, as the API gave it; Secret values already replaced by keyed digests."""

    cluster: str
    id: ResourceId
    api_version: str
    manifest: JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedKind:
    """A kind that was listed whole: in which version, how many, at which resourceVersion of the server."""

    group: str
    kind: str
    api_version: str
    resource_version: str
    objects: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadKind:
    """A kind that could not be read whole, and why: nothing of it was kept. `kind` '*' is every kind of the group.

    `left_out` where the operator did not want it read.
    """

    group: str
    kind: str
    reason: str
    left_out: bool = False

    def __str__(self) -> str:
        kind = "every kind" if self.kind == "*" else self.kind
        return f"{kind} of {self.group}" if self.group else kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The recorded state of one cluster.

    `kinds` are the group/kinds that were listed completely: only for them does absence mean deleted.
    `taken_at` is None where the recording does not say. `listed` and `unread` are there where it was read from the
    API itself, and `remarks` where a reader of the evidence should know something of the connection.
    """

    cluster: str
    taken_at: datetime | None
    kubernetes_version: str
    kinds: frozenset[tuple[str, str]]
    objects: tuple[LiveObject, ...]
    listed: tuple[ListedKind, ...] = ()
    unread: tuple[UnreadKind, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredVersion:
    """One version of a declared resource in landing order; `manifest` None where it was absent."""

    sha: str
    at: datetime
    by: Actor
    manifest: JsonObject | None


class DeclaredHistory(Protocol):
    """What git declared for a resource over time."""

    def versions(self, resource: Resource) -> Sequence[DeclaredVersion]:
        """Every distinct version, oldest first; the last is what is declared now."""
        ...

    def removed(self) -> Iterator[tuple[Resource, DeclaredVersion]]:
        """Resources that git once declared and declares no more, with the version that removed them."""
        ...


class DriftVerdict(StrEnum):
    """What a difference between git and the cluster means."""

    STALE = "stale"
    UNAUTHORISED = "unauthorised"
    ADDED = "added"
    UNPRUNED = "unpruned"
    DELETED = "deleted"
    ORPHAN = "orphan"
    UNMANAGED = "unmanaged"
    HEALED = "healed"
    """Changed by somebody and put back since: only an audit log tells."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One difference. `declared` and `live` are JSON texts ('' where there is no value).

    `pointer` is by list key, '' for a whole object. `matches_commit` is the landed commit whose
    version the live object equals. `confidence` is 'high' | 'medium' | 'low' for `actor`.
    `declared_sha` is the landed commit that last set the declared value, `declared_by` its author.
    """

    cluster: str
    id: ResourceId
    api_version: str
    pointer: str
    declared: str
    live: str
    verdict: DriftVerdict
    severity: Severity
    manager: str
    changed_at: datetime | None
    actor: str
    evidence: str
    confidence: str
    matches_commit: str
    declared_sha: str
    declared_by: str
    declared_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """Something that could not be compared, and why; never counted as equal."""

    id: ResourceId | None
    reason: str
