"""Differences that are the work of something that git itself asked for: autoscalers, Flagger, Argo CD's rules.

Each excuse is as narrow as the snapshot allows: an autoscaler excuses only counts within its own bounds, on the
object that it targets, and never what a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.crosscheck.flagger import Canaries
from auditor.crosscheck.listkeys import Path, resolve
from auditor.crosscheck.managedfields import Owner
from auditor.crosscheck.schema import MISSING
from auditor.model import LiveObject, Resource, Snapshot

_SCALERS = frozenset({"kube-controller-manager", "k3s", "kubelite", "keda-operator", "keda", "flagger"})
_AUTOSCALERS = (("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject"))
_KEDA_MAXIMUM = 100
"""KEDA's default for `maxReplicaCount`; that for `minReplicaCount` is 0."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is not as git says, or that git does not declare (`declared` MISSING), and who owns it.

    `manifest` is the whole that git declares.
    """

    target: LiveObject
    manifest: Mapping[str, Any]
    path: Path
    declared: Any
    live: Any
    owners: tuple[Owner, ...]


@dataclass(frozen=True, slots=True)
class _Bounds:
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class _ArgoRule:
    group: str
    kind: str
    namespace: str
    name: str
    pointers: tuple[str, ...]
    managers: frozenset[str]

    def covers(self, change: Change) -> bool:
        identity = change.target.id
        return (
            self.kind in (identity.kind, "*")
            and self.group in (identity.group, "*")
            and self.name in ("", identity.name)
            and self.namespace in ("", identity.namespace)
        )


Target = tuple[str, str, str]


class Excuses:
    """What a snapshot's autoscalers, canaries and Applications excuse."""

    def __init__(self, snapshot: Snapshot, declared: Sequence[Resource] = ()) -> None:
        """A Canary that git declares counts where the snapshot holds none of its kind."""
        self._scaled: dict[Target, list[_Bounds]] = {}
        self._canaries: set[Target] = set()
        self._apex: set[tuple[str, str]] = set()
        self._rules: list[_ArgoRule] = []
        self.problems: list[tuple[LiveObject, str]] = []
        self._unread = "; ".join(
            f"{kind} could not be read"
            for group, kind in _AUTOSCALERS
            if any(unread.group == group and unread.kind in (kind, "*") for unread in snapshot.unread)
        )
        readers: Mapping[tuple[str, str], Callable[[LiveObject, Mapping[str, Any]], None]] = {
            ("autoscaling", "HorizontalPodAutoscaler"): self._autoscaler,
            ("keda.sh", "ScaledObject"): self._scaled_object,
            ("flagger.app", "Canary"): self._canary,
            ("argoproj.io", "Application"): self._application,
        }
        for live in snapshot.objects:
            reader = readers.get((live.id.group, live.id.kind))
            spec = live.manifest.get("spec")
            if reader is not None and isinstance(spec, Mapping):
                reader(live, spec)
        for resource in Canaries(snapshot, declared).declared:
            spec = resource.document.manifest.get("spec")
            if isinstance(spec, Mapping):
                self._canary_of(resource.id.namespace, spec)

    def why_unknown(self, path: Path, owners: tuple[Owner, ...]) -> str:
        """Why a difference cannot be judged, '' where it can: a count that an autoscaler wrote, and none could be read."""
        is_count = path == ("spec", "replicas") and bool(owners)
        if not (is_count and self._unread and all(owner.manager in _SCALERS for owner in owners)):
            return ""
        return f"written by {owners[0].manager}, and {self._unread}: whether an autoscaler may is not known"

    def excuse(self, change: Change) -> bool:
        """True where the change is what something declared in git is there to do."""
        return any(
            rule(change)
            for rule in (self._by_autoscaler, self._by_canary, self._by_aggregation, self._by_argo)
        )

    def _autoscaler(self, live: LiveObject, spec: Mapping[str, Any]) -> None:
        least, most = spec.get("minReplicas", 1), spec.get("maxReplicas")
        self._bound(live, spec.get("scaleTargetRef"), least, most)

    def _scaled_object(self, live: LiveObject, spec: Mapping[str, Any]) -> None:
        least = min(spec.get("minReplicaCount") or 0, spec.get("idleReplicaCount") or 0)
        self._bound(live, spec.get("scaleTargetRef"), least, spec.get("maxReplicaCount", _KEDA_MAXIMUM))

    def _bound(self, live: LiveObject, reference: Any, least: Any, most: Any) -> None:
        if isinstance(reference, Mapping) and isinstance(least, int) and isinstance(most, int):
            target = live.id.namespace, str(reference.get("kind", "Deployment")), str(reference.get("name"))
            self._scaled.setdefault(target, []).append(_Bounds(least, most))

    def _canary(self, live: LiveObject, spec: Mapping[str, Any]) -> None:
        self._canary_of(live.id.namespace, spec)

    def _canary_of(self, namespace: str, spec: Mapping[str, Any]) -> None:
        reference, service, scaler = spec.get("targetRef"), spec.get("service"), spec.get("autoscalerRef")
        if isinstance(reference, Mapping):
            name = str(reference.get("name"))
            self._canaries.add((namespace, str(reference.get("kind", "Deployment")), name))
            apex = service.get("name") if isinstance(service, Mapping) else None
            self._apex.add((namespace, str(apex or name)))
        if isinstance(scaler, Mapping) and scaler.get("kind") == "ScaledObject":
            self._canaries.add((namespace, "ScaledObject", str(scaler.get("name"))))

    def _application(self, live: LiveObject, spec: Mapping[str, Any]) -> None:
        for rule in spec.get("ignoreDifferences") or ():
            if not isinstance(rule, Mapping):
                continue
            pointers = [str(text) for text in rule.get("jsonPointers") or ()]
            for expression in rule.get("jqPathExpressions") or ():
                simple = _simple_jq(str(expression))
                if simple is None:
                    self.problems.append(
                        (live, f"ignoreDifferences: the jq expression {expression!r} is not evaluated")
                    )
                else:
                    pointers.append(simple)
            self._rules.append(
                _ArgoRule(
                    group=str(rule.get("group", "")),
                    kind=str(rule.get("kind", "")),
                    namespace=str(rule.get("namespace", "")),
                    name=str(rule.get("name", "")),
                    pointers=tuple(pointers),
                    managers=frozenset(rule.get("managedFieldsManagers") or ()),
                )
            )

    def _by_autoscaler(self, change: Change) -> bool:
        identity = change.target.id
        bounds = self._scaled.get((identity.namespace, identity.kind, identity.name), ())
        return (
            change.path == ("spec", "replicas")
            and isinstance(change.live, int)
            and any(bound.least <= change.live <= bound.most for bound in bounds)
            and all(owner.manager in _SCALERS for owner in change.owners)
        )

    def _by_canary(self, change: Change) -> bool:
        identity = change.target.id
        by_flagger = all(owner.manager == "flagger" for owner in change.owners)
        if (identity.namespace, identity.kind, identity.name) in self._canaries and by_flagger:
            return _is_scaled_down(identity.kind, change)
        if identity.kind != "Service" or (identity.namespace, identity.name) not in self._apex:
            return False
        return (
            by_flagger and change.path == ("spec", "selector") and _is_primary(change.declared, change.live)
        )

    def _by_aggregation(self, change: Change) -> bool:
        """A controller writes the rules of a ClusterRole that git declares as aggregated, whatever stands there."""
        aggregated = change.target.id.kind == "ClusterRole" and bool(change.manifest.get("aggregationRule"))
        return aggregated and change.path[:1] == ("rules",)

    def _by_argo(self, change: Change) -> bool:
        rules = [rule for rule in self._rules if rule.covers(change)]
        if not rules:
            return False
        place = json_pointer(change.target.manifest, change.path)
        return any(
            any(_covers(text, place) for text in rule.pointers)
            or (
                bool(change.owners)
                and bool(rule.managers)
                and all(owner.manager in rule.managers for owner in change.owners)
            )
            for rule in rules
        )


_SCALED_DOWN = {"flagger.app/scale-to-zero": "true"}
_PAUSED = {"autoscaling.keda.sh/paused-replicas": "0"}


def _is_scaled_down(kind: str, change: Change) -> bool:
    """How Flagger takes a target out of service: a Deployment has no replicas, a DaemonSet chooses no node, and KEDA
    is paused."""
    if kind not in ("DaemonSet", "ScaledObject"):
        return change.path == ("spec", "replicas") and change.live == 0
    marks = _SCALED_DOWN if kind == "DaemonSet" else _PAUSED
    where: Path = (
        ("spec", "template", "spec", "nodeSelector") if kind == "DaemonSet" else ("metadata", "annotations")
    )
    if change.path == where:
        return change.declared is MISSING and change.live == marks
    return any(change.path == (*where, name) and change.live == value for name, value in marks.items())


def _is_primary(declared: Any, live: Any) -> bool:
    """Flagger points the apex Service at the primary by appending `-primary` to one of the selector's values."""
    if not isinstance(declared, Mapping) or not isinstance(live, Mapping) or declared.keys() != live.keys():
        return False
    changed = [name for name in declared if declared[name] != live[name]]
    return bool(changed) and all(live[name] == f"{declared[name]}-primary" for name in changed)


_JQ = re.compile(r"(?:\.[A-Za-z_][A-Za-z0-9_-]*|\.\"[^\"]+\"|\[\"[^\"]+\"\]|\[[0-9]*\]|\?)+")
_JQ_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\.?\[?\"([^\"]+)\"\]?|\[([0-9]*)\]")


def _simple_jq(expression: str) -> str | None:
    """A jq path of plain steps as a JSON pointer, `*` for `[]`; None for anything that has to be evaluated."""
    if not _JQ.fullmatch(expression):
        return None
    steps = []
    for match in _JQ_STEP.finditer(expression):
        name = match[1] or match[2]
        steps.append(_escaped(name) if name else (match[3] or "*"))
    return "/" + "/".join(steps)


def json_pointer(manifest: Mapping[str, Any], path: Path) -> str:
    """The path as a JSON pointer (RFC 6901), list keys turned into the positions that they have in the object."""
    steps: list[str] = []
    here: Path = ()
    for step in path:
        if isinstance(step, str):
            steps.append(_escaped(step))
        elif isinstance(step, int):
            steps.append(str(step))
        else:
            value, elements = resolve(manifest, (*here, step)), resolve(manifest, here)
            found = value is not MISSING and isinstance(elements, list)
            steps.append(str(elements.index(value)) if found else "-")
        here = (*here, step)
    return "/" + "/".join(steps)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _covers(rule: str, place: str) -> bool:
    wanted, steps = rule.split("/"), place.split("/")
    return len(wanted) <= len(steps) and all(
        ours in ("*", theirs) for ours, theirs in zip(wanted, steps, strict=False)
    )


def is_restart(path: Path) -> bool:
    """True for the annotation that `kubectl rollout restart` leaves: a change of no declared value."""
    return bool(path) and path[-1] == "kubectl.kubernetes.io/restartedAt"
