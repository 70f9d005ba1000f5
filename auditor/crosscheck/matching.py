"""Which live object a declared resource is, and when its absence means something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.crosscheck.noise import EXCLUDED_KINDS
from auditor.crosscheck.tracking import texts
from auditor.model import LiveObject, Resource, ResourceId, Snapshot, Unknown

_LOCAL_GROUPS = frozenset({"kustomize.config.k8s.io", "config.kubernetes.io"})


def is_for_the_cluster(resource: Resource) -> bool:
    """False for what is input to a tool on the way and never reaches the API server."""
    local = texts(resource.document.manifest, "annotations").get("config.kubernetes.io/local-config")
    return (
        resource.id.group not in _LOCAL_GROUPS
        and resource.document.kind != ""
        and str(local).lower() != "true"
        and (resource.id.group, resource.id.kind) not in EXCLUDED_KINDS
    )


def choose(declared: Sequence[Resource]) -> tuple[list[Resource], list[Unknown]]:
    """One declaration for each identity, and a note where git declares the same object in different ways.

    What was rendered stands for the raw file that it was rendered from.
    """
    by_id: dict[ResourceId, list[Resource]] = defaultdict(list)
    for resource in declared:
        by_id[resource.id].append(resource)
    chosen: list[Resource] = []
    unknown: list[Unknown] = []
    for identity, resources in by_id.items():
        rendered = [resource for resource in resources if resource.rendered_from] or resources
        if not identity.name:
            unknown += [
                Unknown(id=identity, reason=f"{resource.path}: has no name, so nothing live can be matched")
                for resource in rendered
            ]
        elif len({resource.document.digest for resource in rendered}) > 1:
            where = ", ".join(sorted({resource.path for resource in rendered}))
            unknown.append(
                Unknown(
                    id=identity, reason=f"git declares it differently in {where}: which is this cluster's?"
                )
            )
        else:
            chosen.append(rendered[0])
    return chosen, unknown


class Cluster:
    """Finds live objects by what git says of them."""

    def __init__(self, snapshot: Snapshot, declared: Sequence[Resource]) -> None:
        self._kinds = snapshot.kinds
        self._unread = {(unread.group, unread.kind): unread for unread in snapshot.unread}
        self._by_id: dict[ResourceId, list[LiveObject]] = defaultdict(list)
        self._by_name: dict[tuple[str, str, str], list[LiveObject]] = defaultdict(list)
        self._scoped: set[tuple[str, str]] = set()
        for live in snapshot.objects:
            self._by_id[live.id].append(live)
            self._by_name[live.id.group, live.id.kind, live.id.name].append(live)
            if live.id.namespace:
                self._scoped.add((live.id.group, live.id.kind))
        namespaces = {live.id.namespace for live in snapshot.objects} - {""}
        one = len(namespaces) == 1 and ("", "Namespace") not in snapshot.kinds
        self._only_namespace = next(iter(namespaces)) if one else ""
        self._declared = {resource.id for resource in declared}

    def find(self, resource: Resource) -> LiveObject | Unknown | None:
        """The live object; None where it is certain that there is none; Unknown where that cannot be said."""
        candidates = self._candidates(resource)
        if len({live.id for live in candidates}) > 1:
            places = ", ".join(sorted({live.id.namespace for live in candidates}))
            return Unknown(
                id=resource.id, reason=f"git names no namespace, and the cluster has it in {places}"
            )
        same = [live for live in candidates if live.api_version == resource.document.api_version]
        if candidates:
            return (same or candidates)[0]
        return self._absence(resource)

    def _candidates(self, resource: Resource) -> list[LiveObject]:
        identity = resource.id
        exact = self._by_id.get(identity, [])
        if exact:
            return exact
        named = self._by_name.get((identity.group, identity.kind, identity.name), [])
        if identity.namespace:
            # A transformer may have set a namespace on what has none.
            return [live for live in named if not live.id.namespace]
        in_default = [live for live in named if live.id.namespace == "default"]
        others = [live for live in named if live.id not in self._declared]
        return in_default or others

    def _absence(self, resource: Resource) -> Unknown | None:
        identity = resource.id
        if (identity.group, identity.kind) not in self._kinds:
            unread = self._unread.get((identity.group, identity.kind)) or self._unread.get(
                (identity.group, "*")
            )
            if unread is not None:
                return Unknown(id=identity, reason=f"its kind could not be read: {unread.reason}")
            return Unknown(
                id=identity,
                reason=f"the snapshot does not hold the kind {identity.kind}: it may or may not exist",
            )
        is_scoped = (identity.group, identity.kind) in self._scoped
        if is_scoped and self._only_namespace and identity.namespace not in ("", self._only_namespace):
            return Unknown(
                id=identity,
                reason=f"everything in the snapshot is in the namespace {self._only_namespace}, so it was "
                "probably recorded for that namespace alone: record it with -A",
            )
        return None

    def same_name(self, resource: Resource) -> set[ResourceId]:
        """Identities of live objects that may be the resource; no verdict on them is safe."""
        return {live.id for live in self._candidates(resource)}
