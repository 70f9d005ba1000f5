"""Declared and live objects as a real cluster has them: defaults, status, managedFields, allocated values."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from auditor.crosscheck import CrossCheckResult, cross_check
from auditor.model import (
    Actor,
    DeclaredVersion,
    Document,
    Drift,
    LiveObject,
    Resource,
    ResourceId,
    Snapshot,
)

SEEN = datetime(2026, 9, 1, 12, tzinfo=UTC)
FLUX = "kustomize-controller"
_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "imagePullSecrets": ("name",),
}


def resource(manifest: dict[str, Any], *, path: str = "apps/web.yaml", rendered_from: str = "") -> Resource:
    """A declared resource, as the manifests stage hands it over."""
    metadata = manifest.get("metadata", {})
    text = json.dumps(manifest, sort_keys=True)
    document = Document(
        index=0,
        item=None,
        line=1,
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        namespace=metadata.get("namespace", ""),
        name=metadata.get("name", ""),
        manifest=manifest,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    return Resource(environment="production", path=path, document=document, rendered_from=rendered_from)


def live(manifest: dict[str, Any]) -> LiveObject:
    """A live object, as the cluster stage hands it over."""
    group = manifest["apiVersion"].rpartition("/")[0]
    metadata = manifest["metadata"]
    identity = ResourceId(
        group=group, kind=manifest["kind"], namespace=metadata.get("namespace", ""), name=metadata["name"]
    )
    return LiveObject(cluster="prod", id=identity, api_version=manifest["apiVersion"], manifest=manifest)


def snapshot(*manifests: dict[str, Any], kinds: Sequence[tuple[str, str]] = ()) -> Snapshot:
    """A snapshot that lists every kind that occurs, and `kinds`."""
    objects = tuple(live(manifest) for manifest in manifests)
    return Snapshot(
        cluster="prod",
        taken_at=SEEN,
        kubernetes_version="v1.37.2",
        kinds=frozenset({(item.id.group, item.id.kind) for item in objects} | set(kinds)),
        objects=objects,
    )


class History:
    """A history given as lists of manifests, oldest first; commit n of a resource is `sha(n)`."""

    def __init__(self, *versions: dict[str, Any] | None, removed: Sequence[dict[str, Any]] = ()) -> None:
        self._versions = [version(number, manifest) for number, manifest in enumerate(versions)]
        self._removed = removed

    def versions(self, _resource: Resource) -> Sequence[DeclaredVersion]:
        return self._versions

    def removed(self) -> Iterator[tuple[Resource, DeclaredVersion]]:
        for number, manifest in enumerate(self._removed, start=90):
            yield resource(manifest), version(number, None)


def sha(number: int) -> str:
    """The commit id of version `number`."""
    return f"{number:040x}"


def version(number: int, manifest: dict[str, Any] | None) -> DeclaredVersion:
    """Version `number`, landed on day `number` + 1 of June."""
    at = datetime(2026, 6, number % 28 + 1, 9, tzinfo=UTC)
    return DeclaredVersion(sha=sha(number), at=at, by=Actor(name=f"dev{number}"), manifest=manifest)


def check(
    declared: dict[str, Any] | Sequence[dict[str, Any]],
    found: dict[str, Any] | Sequence[dict[str, Any]],
    history: History | None = None,
    kinds: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> CrossCheckResult:
    """The cross-check of one or more manifests; the history is that of the first, by default what is declared."""
    wanted = [declared] if isinstance(declared, dict) else list(declared)
    there = [found] if isinstance(found, dict) else list(found)
    past = history or History(*wanted[:1])
    return cross_check(
        [resource(manifest) for manifest in wanted],
        snapshot(*there, kinds=kinds),
        past,
        seen_at=SEEN,
        **more,
    )


def brief(result: CrossCheckResult) -> list[tuple[str, str, str]]:
    """(verdict, kind/name, pointer) of every drift."""
    return [(str(item.verdict), f"{item.id.kind}/{item.id.name}", item.pointer) for item in result.drift]


def only(result: CrossCheckResult) -> Drift:
    """The one drift that the case is about."""
    assert len(result.drift) == 1, brief(result)
    return result.drift[0]


def fields(value: Any, name: str = "") -> dict[str, Any]:
    """The FieldsV1 trie of somebody who wrote exactly this value."""
    if isinstance(value, dict) and value and name not in {"selector", "matchLabels", "nodeSelector"}:
        return {f"f:{key}": fields(inner, key) for key, inner in value.items()}
    keys = _KEYS.get(name)
    if name == "ports" and isinstance(value, list):
        keys = ("containerPort", "protocol") if "containerPort" in value[0] else ("port", "protocol")
    if keys and isinstance(value, list):
        trie = {}
        for element in value:
            pairs = {key: element.get(key, "TCP") for key in keys}
            trie["k:" + json.dumps(pairs, separators=(",", ":"))] = {".": {}, **fields(element)}
        return trie
    return {}


def owned(manager: str, value: dict[str, Any], operation: str = "Update", **more: Any) -> dict[str, Any]:
    """A managedFields entry for the value (a piece of the object, from its root)."""
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "v1",
        "time": "2026-08-30T10:15:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields(value),
        **more,
    }


def applied(manifest: dict[str, Any], *entries: dict[str, Any]) -> dict[str, Any]:
    """The live object right after the GitOps manager applied `manifest`, without the API server's defaults."""
    result = copy.deepcopy(manifest)
    metadata = result.setdefault("metadata", {})
    pieces = {key: value for key, value in manifest.items() if key not in {"apiVersion", "kind", "metadata"}}
    kept = {key: metadata[key] for key in ("labels", "annotations") if metadata.get(key)}
    metadata |= {
        "uid": f"uid-{manifest['kind']}-{metadata['name']}",
        "resourceVersion": "4711",
        "generation": 3,
        "creationTimestamp": "2026-06-01T09:00:00Z",
        "managedFields": [owned(FLUX, {"metadata": kept, **pieces}, "Apply"), *entries],
    }
    return result


def deployment(image: str = "ghcr.io/example/web:1.2.0", replicas: int = 2) -> dict[str, Any]:
    """A Deployment as somebody writes it."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "hostNetwork": False,
                    "containers": [
                        {
                            "name": "web",
                            "image": image,
                            "ports": [{"containerPort": 8080}],
                            "env": [{"name": "MODE", "value": "live"}, {"name": "EMPTY", "value": ""}],
                            "resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}},
                            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                        }
                    ],
                },
            },
        },
    }


def live_deployment(manifest: dict[str, Any] | None = None, *entries: dict[str, Any]) -> dict[str, Any]:
    """That Deployment in a cluster: defaulted, canonical quantities, status, the controller's own fields."""
    manifest = manifest or deployment()
    result = applied(manifest, *entries)
    result["metadata"]["annotations"] = {
        **manifest["metadata"].get("annotations", {}),
        "deployment.kubernetes.io/revision": "7",
    }
    result["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] = "apps"
    result["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/namespace"] = "flux-system"
    flux = result["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"]["f:labels"]
    flux |= {"f:kustomize.toolkit.fluxcd.io/name": {}, "f:kustomize.toolkit.fluxcd.io/namespace": {}}
    result["metadata"]["managedFields"] += [
        owned(
            "kube-controller-manager",
            {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "7"}}},
        ),
        owned("kube-controller-manager", {"status": {"replicas": 2}}, subresource="status"),
    ]
    spec = result["spec"]
    spec |= {
        "progressDeadlineSeconds": 600,
        "revisionHistoryLimit": 10,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
    }
    template = spec["template"]
    template["metadata"]["creationTimestamp"] = None
    pod = template["spec"]
    pod.pop("hostNetwork", None)
    pod |= {
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }
    for container in pod["containers"]:
        container |= {
            "imagePullPolicy": "IfNotPresent",
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
        for port in container.get("ports", ()):
            port.setdefault("protocol", "TCP")
        for variable in container.get("env", ()):
            if variable.get("value") == "":
                del variable["value"]
        limits = container.get("resources", {}).get("limits")
        if limits:
            limits |= {"cpu": "500m", "memory": "1Gi"}
        probe = container.get("readinessProbe")
        if probe:
            probe |= {"failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1}
            probe["httpGet"]["scheme"] = "HTTP"
    result["status"] = {"replicas": 2, "readyReplicas": 2, "observedGeneration": 3}
    return result


def container_of(manifest: dict[str, Any], index: int = 0) -> dict[str, Any]:
    """A container of a workload's template."""
    found: dict[str, Any] = manifest["spec"]["template"]["spec"]["containers"][index]
    return found


def edited_image(image: str, manager: str = "kubectl-edit", **more: Any) -> dict[str, Any]:
    """The entry of somebody who changed the image of the container `web`."""
    return owned(
        manager, {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}, **more
    )


def config_map(data: dict[str, str] | None = None, name: str = "settings") -> dict[str, Any]:
    """A ConfigMap as somebody writes it."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop"},
        "data": data if data is not None else {"mode": "live"},
    }


def canary(**spec: Any) -> dict[str, Any]:
    """A Canary of the Deployment `web`; `spec` adds to its specification or replaces what is in it."""
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "service": {"port": 80},
            **spec,
        },
    }
