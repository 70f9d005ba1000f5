"""The cross-check: every declared resource against its live object, and every live object against git."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.crosscheck.allow import DEFAULT_ALLOW, AllowList
from auditor.crosscheck.attribution import attribute, stamp
from auditor.crosscheck.excuses import Excuses
from auditor.crosscheck.managedfields import ownership
from auditor.crosscheck.matching import Cluster, choose, is_for_the_cluster
from auditor.crosscheck.objects import Inventory, Undeclared
from auditor.crosscheck.resource import ResourceCheck, Setting
from auditor.crosscheck.schema import Schemas
from auditor.crosscheck.schema.crd import custom_types
from auditor.crosscheck.severity import severity_of
from auditor.crosscheck.text import as_json
from auditor.crosscheck.tracking import Trackers, is_short_lived
from auditor.model import (
    DeclaredHistory,
    DeclaredVersion,
    Drift,
    DriftVerdict,
    Resource,
    ResourceId,
    Snapshot,
    Unknown,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossCheckResult:
    """Everything that differs, everything that could not be compared, and how many resources were compared."""

    drift: tuple[Drift, ...]
    unknown: tuple[Unknown, ...]
    compared: int
    seen_at: datetime


def cross_check(
    declared: Sequence[Resource],
    snapshot: Snapshot,
    history: DeclaredHistory,
    *,
    allow: AllowList = DEFAULT_ALLOW,
    seen_at: datetime,
) -> CrossCheckResult:
    """Hold what git declares for one cluster against that cluster's recorded state.

    `declared` is the rendered set, Secrets redacted with the key that the snapshot was read with. `seen_at` is
    when this check ran (the snapshot knows itself when it was taken). Results are sorted by identity and pointer.
    """
    wanted = [resource for resource in declared if is_for_the_cluster(resource)]
    chosen, unknown = choose(wanted)
    cluster = Cluster(snapshot, chosen)
    setting = _setting(wanted, snapshot, history, allow)
    drift: list[Drift] = []
    compared = 0
    matched: set[ResourceId] = set()
    for resource in chosen:
        found = cluster.find(resource)
        if isinstance(found, Unknown):
            unknown.append(found)
            matched.update(cluster.same_name(resource))
            continue
        if found is None:
            if not is_short_lived(resource.document.manifest):
                drift.append(_deleted(resource, snapshot, history))
            compared += 1
            continue
        matched.add(found.id)
        result = ResourceCheck(resource, found, setting)
        drift += result.drift()
        unknown += result.unknown
        compared += result.compared
    matched.update(resource.id for resource in wanted)
    inventory = Inventory(snapshot, setting.trackers, wanted, allow)
    drift += _undeclared(inventory, snapshot, history, matched, setting)
    unknown += [*inventory.unknown(), *_about_the_snapshot(snapshot, setting)]
    return CrossCheckResult(
        drift=tuple(sorted(drift, key=lambda item: (str(item.id), item.pointer, item.verdict))),
        unknown=tuple(sorted(unknown, key=lambda item: (str(item.id or ""), item.reason))),
        compared=compared,
        seen_at=seen_at,
    )


def _setting(
    declared: Sequence[Resource], snapshot: Snapshot, history: DeclaredHistory, allow: AllowList
) -> Setting:
    definitions = [
        *(resource.document.manifest for resource in declared if _is_definition(resource.id)),
        *(live.manifest for live in snapshot.objects if _is_definition(live.id)),
    ]
    return Setting(
        schemas=Schemas(custom_types(definitions)),
        history=history,
        allow=allow,
        excuses=Excuses(snapshot, declared),
        trackers=Trackers(snapshot),
        definitions=tuple(definitions),
        has_owners=any(ownership(live.manifest).recorded for live in snapshot.objects),
    )


def _is_definition(identity: ResourceId) -> bool:
    return (identity.group, identity.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition")


def _deleted(resource: Resource, snapshot: Snapshot, history: DeclaredHistory) -> Drift:
    versions = history.versions(resource)
    last = versions[-1] if versions else None
    verdict = DriftVerdict.DELETED
    return Drift(
        cluster=snapshot.cluster,
        id=resource.id,
        api_version=resource.document.api_version,
        pointer="",
        declared=as_json(resource.document.manifest),
        live="",
        verdict=verdict,
        severity=severity_of(verdict, resource.id, ""),
        manager="",
        changed_at=None,
        actor="",
        evidence=f"git declares it, {_when(snapshot)} lists every {resource.id.kind}, and it is not among them; "
        "a deleted object leaves no owner, so only an audit log can name who did it",
        confidence="low",
        matches_commit="",
        **_declared_by(last),
    )


def _when(snapshot: Snapshot) -> str:
    return f"the snapshot of {stamp(snapshot.taken_at)}" if snapshot.taken_at else "the snapshot"


def _declared_by(version: DeclaredVersion | None) -> Mapping[str, Any]:
    if version is None:
        return {"declared_sha": "", "declared_by": "", "declared_at": None}
    return {"declared_sha": version.sha, "declared_by": str(version.by), "declared_at": version.at}


def _undeclared(
    inventory: Inventory,
    snapshot: Snapshot,
    history: DeclaredHistory,
    matched: set[ResourceId],
    setting: Setting,
) -> Iterator[Drift]:
    removed = {resource.id: (resource, version) for resource, version in history.removed()}
    for live in snapshot.objects:
        if live.id in matched:
            continue
        found = inventory.judge(live, removed)
        if found is not None:
            yield _whole_object(found, setting)


def _whole_object(found: Undeclared, setting: Setting) -> Drift:
    live = found.live
    owned = ownership(live.manifest)
    who = attribute(owned.owners, owned, setting.allow.is_gitops)
    evidence = found.evidence
    if found.removed is not None:
        evidence += f" and removed it in {found.removed.sha[:12]} ({stamp(found.removed.at)})"
    if owned.recorded and who.manager:
        written = f", {stamp(who.at)}" if who.at else ""
        evidence += f"; written by manager {who.manager}{written}; manager names are self-declared"
    elif not owned.recorded:
        evidence += f"; {who.evidence}"
    return Drift(
        cluster=live.cluster,
        id=live.id,
        api_version=live.api_version,
        pointer="",
        declared="",
        live=as_json(setting.normalised(live)),
        verdict=found.verdict,
        severity=severity_of(found.verdict, live.id, ""),
        manager=who.manager,
        changed_at=who.at,
        actor=who.manager,
        evidence=evidence,
        confidence=who.confidence,
        matches_commit="",
        **_declared_by(found.removed),
    )


def _about_the_snapshot(snapshot: Snapshot, setting: Setting) -> Iterator[Unknown]:
    if snapshot.objects and not setting.has_owners:
        yield Unknown(
            id=None,
            reason="the snapshot has no managedFields, so undeclared fields could not be told from defaults: "
            "record it with `kubectl get … -o json --show-managed-fields`",
        )
    for live, problem in setting.excuses.problems:
        yield Unknown(id=live.id, reason=problem)
