"""Manifests for hand-made histories: a pod that breaks no rule but the one that a test is about."""

from __future__ import annotations

import json
from typing import Any

PRIVILEGED = "AUD-POD-0001"
"""The one rule that `pod(privileged=True)` breaks and `pod()` does not."""

_IMAGE = "registry.example.org/shop/web:1.4.2@sha256:" + "0" * 64


def container(name: str = "web", *, privileged: bool = False, **more: Any) -> dict[str, Any]:
    """A container; `privileged` is its only fault."""
    security: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if privileged:
        security["privileged"] = True
    limits = {"cpu": "100m", "memory": "64Mi"}
    return {
        "name": name,
        "image": _IMAGE,
        "securityContext": security,
        "resources": {"requests": limits, "limits": limits},
        "livenessProbe": {"httpGet": {"path": "/live", "port": 80}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 80}},
        **more,
    }


def pod_object(
    name: str, *containers: dict[str, Any], namespace: str = "shop", privileged: bool = False
) -> dict[str, Any]:
    """A Pod as JSON values; a workload's, since one by itself is a fault."""
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "owner", "uid": "0"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            **({"namespace": namespace} if namespace else {}),
            "ownerReferences": [owner],
        },
        "spec": {
            "automountServiceAccountToken": False,
            "containers": list(containers) or [container(privileged=privileged)],
        },
    }


def pod(name: str = "web", *, namespace: str = "shop", privileged: bool = False) -> str:
    """A Pod's file."""
    return text(pod_object(name, namespace=namespace, privileged=privileged))


def text(*objects: dict[str, Any]) -> str:
    """A file of one or more documents."""
    return "---\n".join(json.dumps(value, indent=2) + "\n" for value in objects)


def kustomization(*, resources: tuple[str, ...] = (), patches: tuple[str, ...] = ()) -> str:
    """A kustomization's file."""
    return text(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": list(resources),
            "patches": [{"path": path} for path in patches],
        }
    )


BROKEN = "apiVersion: v1\nkind: Pod\nmetadata: {name: web\n"
"""A file that cannot be read, nor told what it declares."""


def half_broken(*objects: dict[str, Any]) -> str:
    """A file whose last document cannot be read, and the others can."""
    return text(*objects) + "---\n" + BROKEN


def unanswered(value: dict[str, Any]) -> dict[str, Any]:
    """The same resource in a version that no schema is known of, so that nobody says whether it fits."""
    group, slash, _ = value["apiVersion"].rpartition("/")
    return {**value, "apiVersion": f"{group}{slash}v9"}


def unfit(value: dict[str, Any]) -> dict[str, Any]:
    """The same resource with a field that its schema does not know."""
    return {**value, "spec": {**value["spec"], "nonesuch": 1}}
