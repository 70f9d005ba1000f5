"""Kubernetes' own API versions: their schemas, and what is to be said of those that a version does not serve.

What 1.25 and later serve is read from the installed schemas. What was removed before is transcribed from
https://kubernetes.io/docs/reference/using-api/deprecation-guide/ and from the lifecycle markers of k8s.io/api.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from auditor.policy.schemas.versions import known_versions, schema_folder

Gvk = tuple[str, str, str]
"""(group, version, kind)."""

_FILE = re.compile(r"[a-z0-9.-]{1,200}")
_STABILITY = re.compile(r"^v(\d+)(?:(alpha|beta)(\d+))?$")

_REMOVED_EARLIER: Mapping[str, str] = {
    # "group/version" → kind → removed in, replacement; one line a group version.
    "admissionregistration.k8s.io/v1beta1": "MutatingWebhookConfiguration,ValidatingWebhookConfiguration 1.22 admissionregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition 1.22 apiextensions.k8s.io/v1",
    "apiregistration.k8s.io/v1beta1": "APIService 1.22 apiregistration.k8s.io/v1",
    "apps/v1beta1": "ControllerRevision,Deployment,StatefulSet 1.16 apps/v1",
    "apps/v1beta2": "ControllerRevision,DaemonSet,Deployment,ReplicaSet,StatefulSet 1.16 apps/v1",
    "autoscaling/v2beta1": "HorizontalPodAutoscaler 1.25 autoscaling/v2",
    "batch/v1beta1": "CronJob 1.25 batch/v1",
    "batch/v2alpha1": "CronJob 1.21 batch/v1",
    "certificates.k8s.io/v1beta1": "CertificateSigningRequest 1.22 certificates.k8s.io/v1",
    "coordination.k8s.io/v1beta1": "Lease 1.22 coordination.k8s.io/v1",
    "discovery.k8s.io/v1beta1": "EndpointSlice 1.25 discovery.k8s.io/v1",
    "events.k8s.io/v1beta1": "Event 1.25 events.k8s.io/v1",
    "extensions/v1beta1": "DaemonSet,Deployment,ReplicaSet 1.16 apps/v1;Ingress 1.22 networking.k8s.io/v1;"
    "NetworkPolicy 1.16 networking.k8s.io/v1;PodSecurityPolicy 1.16 Pod-Security-Admission",
    "flowcontrol.apiserver.k8s.io/v1alpha1": "FlowSchema,PriorityLevelConfiguration 1.21 flowcontrol.apiserver.k8s.io/v1",
    "networking.k8s.io/v1beta1": "Ingress,IngressClass 1.22 networking.k8s.io/v1",
    "node.k8s.io/v1beta1": "RuntimeClass 1.25 node.k8s.io/v1",
    "policy/v1beta1": "PodDisruptionBudget 1.25 policy/v1;PodSecurityPolicy 1.25 Pod-Security-Admission",
    "rbac.authorization.k8s.io/v1beta1": "ClusterRole,ClusterRoleBinding,Role,RoleBinding 1.22 rbac.authorization.k8s.io/v1",
    "scheduling.k8s.io/v1beta1": "PriorityClass 1.22 scheduling.k8s.io/v1",
    "storage.k8s.io/v1alpha1": "CSIStorageCapacity,VolumeAttachment 1.24 storage.k8s.io/v1",
    "storage.k8s.io/v1beta1": "CSIDriver,CSINode,StorageClass,VolumeAttachment 1.22 storage.k8s.io/v1",
}


def builtin_schema(folder: Path, gvk: Gvk) -> dict[str, Any] | None:
    """The schema of one of Kubernetes' own kinds in a version's folder; None where it has none."""
    path = _path(folder, gvk)
    if path is None:
        return None
    schema: dict[str, Any] = orjson.loads(path.read_bytes())
    # A file's name holds only the first label of the group, so another "apps.example.org" would match.
    named = schema.get("x-kubernetes-group-version-kind", ())
    return schema if gvk in {(n["group"], n["version"], n["kind"]) for n in named} else None


def is_kubernetes_group(group: str) -> bool:
    """True for the groups that Kubernetes keeps for itself: nobody else may define a kind in them."""
    return "." not in group or group.endswith((".k8s.io", ".kubernetes.io"))


def why_not_served(version: str, gvk: Gvk) -> tuple[str, bool] | None:
    """What is to be said of a kind that Kubernetes `version` does not serve and another one did or does.

    The words, and True where it came later (a manifest that nothing can read); None where no version has it.
    """
    group, api, kind = gvk
    name = f"{group}/{api}" if group else api
    versions = known_versions()
    having = [one for one in versions if builtin_schema(schema_folder(one, strict=True), gvk) is not None]
    if having and _number(having[0]) > _number(version):
        return f"{name} {kind} is there from Kubernetes {having[0]} on, and the target is {version}", True
    if having:
        removed = versions[versions.index(having[-1]) + 1]
        use = _replacement(version, group, kind)
        return _removed(name, kind, removed, use), False
    for entry in _REMOVED_EARLIER.get(name, "").split(";"):
        kinds, _, told = entry.partition(" ")
        if told and kind in kinds.split(","):
            removed, _, use = told.partition(" ")
            return _removed(name, kind, removed, use.replace("-", " ")), False
    return None


def _removed(name: str, kind: str, removed: str, use: str) -> str:
    return f"{name} {kind} was removed in Kubernetes {removed}" + (f"; use {use}" if use else "")


def _replacement(version: str, group: str, kind: str) -> str:
    """The most stable version of the kind in its group that the target serves; '' for none."""
    prefix = f"{kind.lower()}-{group.split('.')[0]}-"
    folder = schema_folder(version, strict=True)
    found = [path.name[len(prefix) : -len(".json")] for path in folder.glob(f"{prefix}*.json")]
    served = [one for one in found if builtin_schema(folder, (group, one, kind)) is not None]
    return f"{group}/{max(served, key=_stability)}" if served else ""


def _stability(api: str) -> tuple[int, int, int]:
    match = _STABILITY.match(api)
    if match is None:
        return (0, 0, 0)
    return {None: 3, "beta": 2, "alpha": 1}[match[2]], int(match[1]), int(match[3] or 0)


def _number(version: str) -> int:
    return int(version.partition(".")[2])


def _path(folder: Path, gvk: Gvk) -> Path | None:
    group, version, kind = gvk
    prefix = f"{group.split('.')[0]}-" if group else ""
    name = f"{kind.lower()}-{prefix}{version}.json"
    path = folder / name
    return path if _FILE.fullmatch(name) and path.is_file() else None
