"""Which GitOps tool says that it put an object there, and what such tools were told to leave alone.

Labels and annotations: Flux' kustomize-controller and helm-controller, Argo CD's resource tracking, Helm.
Anybody may write them, so a claim is checked against what the tool itself reports where that is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.model import LiveObject, ResourceId, Snapshot

FLUX = "kustomize.toolkit.fluxcd.io"
FLUX_HELM = "helm.toolkit.fluxcd.io"
ARGO = "argocd.argoproj.io"
_HELM_NAME = "meta.helm.sh/release-name"
_HELM_NAMESPACE = "meta.helm.sh/release-namespace"
_REVISION = re.compile(r"(?:.*[@:/])?(?:sha1:)?([0-9a-f]{40}|[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Tracker:
    """The object that claims another: a Kustomization, HelmRelease, Application or a Helm release ('Helm')."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def texts(manifest: Mapping[str, Any], field: str) -> Mapping[str, str]:
    """`metadata.labels` or `metadata.annotations`; {} where they are missing or no mapping."""
    metadata = manifest.get("metadata")
    found = metadata.get(field) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def instruction(manifest: Mapping[str, Any], name: str) -> str:
    """Flux' word for one object (`ssa`, `prune`, `reconcile`), lower case; label or annotation, '' if none."""
    key = f"{FLUX}/{name}"
    return str(texts(manifest, "annotations").get(key) or texts(manifest, "labels").get(key) or "").lower()


def is_kept_on_purpose(manifest: Mapping[str, Any]) -> bool:
    """True where git told the tool not to delete the object when it leaves git."""
    annotations = texts(manifest, "annotations")
    options = re.split(r"\s*,\s*", str(annotations.get(f"{ARGO}/sync-options", "")))
    return (
        instruction(manifest, "prune") == "disabled"
        or annotations.get("helm.sh/resource-policy") == "keep"
        or "Prune=false" in options
    )


def is_short_lived(manifest: Mapping[str, Any]) -> bool:
    """True for what may be gone for good reason: hooks, and Jobs with a time to live after they end."""
    annotations = texts(manifest, "annotations")
    spec = manifest.get("spec")
    has_ttl = isinstance(spec, Mapping) and spec.get("ttlSecondsAfterFinished") is not None
    is_job = manifest.get("kind") == "Job" and str(manifest.get("apiVersion", "")).startswith("batch/")
    return (is_job and has_ttl) or "helm.sh/hook" in annotations or f"{ARGO}/hook" in annotations


class Trackers:
    """Answers who tracks an object, from one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._inventory: dict[ResourceId, Tracker] = {}
        self._revisions: dict[Tracker, frozenset[str]] = {}
        for live in snapshot.objects:
            if live.id.group in (FLUX, "argoproj.io"):
                self._learn(live)

    def _learn(self, live: LiveObject) -> None:
        status = live.manifest.get("status")
        if not isinstance(status, Mapping):
            return
        tracker = Tracker(live.id.kind, live.id.namespace, live.id.name)
        if live.id.kind == "Kustomization":
            self._revisions[tracker] = _shas([status.get("lastAppliedRevision")])
            inventory = status.get("inventory")
            for entry in inventory.get("entries") or () if isinstance(inventory, Mapping) else ():
                identity = _inventory_id(entry)
                if identity is not None:
                    self._inventory[identity] = tracker
        elif live.id.kind == "Application":
            sync = status.get("sync")
            found = sync if isinstance(sync, Mapping) else {}
            self._revisions[tracker] = _shas([found.get("revision"), *(found.get("revisions") or ())])

    def of(self, live: LiveObject) -> Tracker | None:
        """Who says that it put the object there; None where nobody does."""
        labels, annotations = texts(live.manifest, "labels"), texts(live.manifest, "annotations")
        for prefix, kind in ((FLUX, "Kustomization"), (FLUX_HELM, "HelmRelease")):
            if f"{prefix}/name" in labels:
                return Tracker(kind, labels.get(f"{prefix}/namespace", ""), labels[f"{prefix}/name"])
        listed = self._inventory.get(live.id)
        if listed is not None:
            return listed
        app = _argo_app(str(annotations.get(f"{ARGO}/tracking-id", "")), live.id)
        if app is None and f"{ARGO}/instance" in labels:
            app = labels[f"{ARGO}/instance"]
        if app is not None:
            return self._application(app)
        if _HELM_NAME in annotations:
            return Tracker("Helm", annotations.get(_HELM_NAMESPACE, ""), annotations[_HELM_NAME])
        return None

    def _application(self, name: str) -> Tracker:
        namespace, _, plain = name.rpartition("_")
        known = [
            tracker
            for tracker in self._revisions
            if tracker.kind == "Application" and tracker.name in (name, plain)
        ]
        return known[0] if len(known) == 1 else Tracker("Application", namespace, plain)

    def synced(self, live: LiveObject) -> frozenset[str]:
        """The commits that the object's tracker reports as applied; empty where it says nothing."""
        tracker = self.of(live)
        return self._revisions.get(tracker, frozenset()) if tracker else frozenset()


def _shas(revisions: Iterable[Any]) -> frozenset[str]:
    matches = (_REVISION.fullmatch(revision) for revision in revisions if isinstance(revision, str))
    return frozenset(match[1] for match in matches if match)


def _inventory_id(entry: Any) -> ResourceId | None:
    """`<namespace>_<name>_<group>_<kind>`, as Flux writes it; `:` in RBAC names is written `__`."""
    text = entry.get("id") if isinstance(entry, Mapping) else None
    if not isinstance(text, str) or text.count("_") < 3:
        return None
    namespace, _, rest = text.partition("_")
    name, group, kind = rest.rsplit("_", 2)
    return ResourceId(group=group, kind=kind, namespace=namespace, name=name.replace("__", ":"))


def _argo_app(tracking_id: str, identity: ResourceId) -> str | None:
    """The Application of `app:group/Kind:namespace/name`, only where that names the object itself.

    A copied annotation names another object, and Argo CD does not count it either.
    """
    app, _, rest = tracking_id.partition(":")
    kind, _, place = rest.partition(":")
    own = f"{identity.group}/{identity.kind}", f"{identity.namespace}/{identity.name}"
    return app if app and (kind, place) == own else None
