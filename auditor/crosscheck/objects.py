"""Whole objects: declared and gone, or there and not declared.

What is no finding: what Kubernetes and its controllers make by themselves (see `noise`), children of a controller
that is there, what a chart or another tool that git declares has put there, and, in the namespaces that belong to
the cluster itself, what no GitOps tool claims.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.crosscheck.allow import AllowList
from auditor.crosscheck.flagger import Canaries
from auditor.crosscheck.noise import is_made_by_kubernetes
from auditor.crosscheck.tracking import FLUX_HELM, Tracker, Trackers, is_kept_on_purpose
from auditor.model import DeclaredVersion, DriftVerdict, LiveObject, Resource, ResourceId, Snapshot, Unknown


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A live object that git does not declare. `removed` is the version that took it out of git, if one did."""

    live: LiveObject
    verdict: DriftVerdict
    evidence: str
    removed: DeclaredVersion | None = None


Removed = Mapping[ResourceId, tuple[Resource, DeclaredVersion]]


class Inventory:
    """Judges the live objects that git does not declare."""

    def __init__(
        self, snapshot: Snapshot, trackers: Trackers, declared: Sequence[Resource], allow: AllowList
    ) -> None:
        self._snapshot, self._trackers, self._allow = snapshot, trackers, allow
        self._uids = {_uid(live) for live in snapshot.objects} - {""}
        self._helm_releases = {
            (resource.id.namespace, resource.id.name)
            for resource in declared
            if resource.id.group == FLUX_HELM and resource.id.kind == "HelmRelease"
        }
        self._releases = {
            name
            for resource in declared
            if resource.id.kind in ("HelmRelease", "Application")
            for name in _release_names(resource)
        }
        self._canaries = Canaries(snapshot, declared)
        self._unrendered: Counter[str] = Counter()
        self._unresolved: Counter[tuple[str, str]] = Counter()

    def judge(self, live: LiveObject, removed: Removed) -> Undeclared | None:
        """What the undeclared object is; None where it is as it should be, or cannot be judged (see `unknown`)."""
        if is_made_by_kubernetes(live):
            return None
        owner = controller_of(live)
        if owner is not None and owner.get("uid") in self._uids:
            return None
        if owner is not None and self._canaries.made(live, owner):
            return None
        once = removed.get(live.id)
        if once is not None:
            if is_kept_on_purpose(once[0].document.manifest):
                return None
            return Undeclared(live, DriftVerdict.UNPRUNED, "git declared this object once", once[1])
        tracker = self._trackers.of(live)
        if tracker is not None:
            return self._tracked(live, tracker)
        if owner is not None and not self._is_recorded(owner):
            self._unresolved[live.id.kind, str(owner.get("kind", ""))] += 1
            return None
        if live.id.namespace in self._allow.system_namespaces:
            return None
        return Undeclared(live, DriftVerdict.UNMANAGED, _unmanaged(owner))

    def _tracked(self, live: LiveObject, tracker: Tracker) -> Undeclared | None:
        is_declared_chart = (
            tracker.kind == "HelmRelease" and (tracker.namespace, tracker.name) in self._helm_releases
        ) or (tracker.kind == "Helm" and tracker.name in self._releases)
        if is_declared_chart or (tracker.kind == "Application" and tracker.name in self._releases):
            self._unrendered[str(tracker)] += 1
            return None
        evidence = f"tracked by {tracker}, and git never declared it"
        return Undeclared(live, DriftVerdict.ORPHAN, evidence)

    def _is_recorded(self, owner: Mapping[str, Any]) -> bool:
        group = str(owner.get("apiVersion", "")).rpartition("/")[0]
        return (group, str(owner.get("kind", ""))) in self._snapshot.kinds

    def unknown(self) -> Iterator[Unknown]:
        """What `judge` could not judge, gathered: charts that were not rendered, owners that were not recorded."""
        for tracker, count in sorted(self._unrendered.items()):
            yield Unknown(
                id=None,
                reason=f"{count} live objects come from {tracker}, which is not rendered here: "
                "they were compared with nothing",
            )
        for (kind, owner), count in sorted(self._unresolved.items()):
            yield Unknown(
                id=None,
                reason=f"{count} objects of kind {kind} are owned by a {owner}, a kind that the snapshot "
                "does not hold: whether the owner exists is unknown",
            )


def controller_of(live: LiveObject) -> Mapping[str, Any] | None:
    """The owner reference of the controller that made the object; None where it has none."""
    metadata = live.manifest.get("metadata")
    references = metadata.get("ownerReferences") if isinstance(metadata, Mapping) else None
    for reference in references or ():
        if isinstance(reference, Mapping) and reference.get("controller") is True:
            return reference
    return None


def _unmanaged(owner: Mapping[str, Any] | None) -> str:
    evidence = "neither in git nor tracked by Flux, Argo CD or Helm"
    if owner is None:
        return evidence
    return (
        f"{evidence}; it names {owner.get('kind')} {owner.get('name')} with uid {owner.get('uid')} "
        "as its controller, and no such object exists"
    )


def _release_names(resource: Resource) -> Iterator[str]:
    spec = resource.document.manifest.get("spec")
    found = spec if isinstance(spec, Mapping) else {}
    yield resource.id.name
    target = found.get("targetNamespace")
    if target:
        yield f"{target}-{resource.id.name}"
    if found.get("releaseName"):
        yield str(found["releaseName"])


def _uid(live: LiveObject) -> str:
    metadata = live.manifest.get("metadata")
    return str(metadata.get("uid") or "") if isinstance(metadata, Mapping) else ""
