"""What Flagger makes for a Canary: copies of the target, Services, routes, autoscalers, configuration.

Names after flagger 1.36 (pkg/canary, pkg/router). Each object has the Canary as its controller; where the snapshot
does not hold Canaries, that is checked against the Canaries that git declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.model import LiveObject, Resource, Snapshot

GROUP = "flagger.app"
_COPIES = frozenset({"ConfigMap", "Secret"})
_ROUTES = frozenset(
    {
        ("networking.istio.io", "VirtualService"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("projectcontour.io", "HTTPProxy"),
        ("split.smi-spec.io", "TrafficSplit"),
        ("traefik.io", "TraefikService"),
        ("traefik.containo.us", "TraefikService"),
        ("kuma.io", "TrafficRoute"),
        ("gateway.solo.io", "RouteTable"),
    }
)
"""Routes that are named as the Canary's Service."""

Name = tuple[str, str, str]
"""group, kind, name."""


class Canaries:
    """The Canaries that git declares and a snapshot does not tell of, as it holds none of their kind."""

    def __init__(self, snapshot: Snapshot, declared: Iterable[Resource]) -> None:
        self._snapshot = snapshot
        is_recorded = (GROUP, "Canary") in snapshot.kinds
        self.declared = tuple(
            resource
            for resource in declared
            if not is_recorded and resource.id.group == GROUP and resource.id.kind == "Canary"
        )
        self._made = {
            (resource.id.namespace, resource.id.name): made_for(resource.document.manifest)
            for resource in self.declared
        }
        self._there = {(live.id.kind, live.id.namespace, live.id.name) for live in snapshot.objects}

    def made(self, live: LiveObject, owner: Mapping[str, Any]) -> bool:
        """True where the object's controller is one of these Canaries, and it is one that Flagger makes for it."""
        group = str(owner.get("apiVersion", "")).rpartition("/")[0]
        if (group, owner.get("kind")) != (GROUP, "Canary"):
            return False
        names = self._made.get((live.id.namespace, str(owner.get("name", ""))))
        if names is None:
            return False
        if live.id.kind in _COPIES and live.id.group == "":
            base = live.id.name.removesuffix("-primary")
            return base != live.id.name and (live.id.kind, live.id.namespace, base) in self._there
        return (live.id.group, live.id.kind, live.id.name) in names


def made_for(canary: Mapping[str, Any]) -> frozenset[Name]:
    """What Flagger makes for a Canary in its namespace, but copies of configuration."""
    spec = _mapping(canary.get("spec"))
    target, scaler = _mapping(spec.get("targetRef")), _mapping(spec.get("autoscalerRef"))
    name, kind = str(target.get("name", "")), str(target.get("kind", "Deployment"))
    apex = str(_mapping(spec.get("service")).get("name") or name)
    found: set[Name] = {("", "Service", service) for service in (apex, f"{apex}-primary", f"{apex}-canary")}
    if kind in ("Deployment", "DaemonSet"):
        found.add(("apps", kind, f"{name}-primary"))
    if scaler:
        group = "keda.sh" if scaler.get("kind") == "ScaledObject" else "autoscaling"
        found.add((group, str(scaler.get("kind", "")), f"{scaler.get('name')}-primary"))
    found |= {(group, kind, apex) for group, kind in _ROUTES}
    found |= {("networking.istio.io", "DestinationRule", f"{apex}-{half}") for half in ("primary", "canary")}
    ingress = str(_mapping(spec.get("ingressRef")).get("name", ""))
    if ingress:
        found.add(("networking.k8s.io", "Ingress", f"{ingress}-canary"))
    return frozenset(found)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
