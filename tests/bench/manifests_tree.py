"""Writes a folder of Kubernetes manifests as large repositories have them: the same bytes for the same number.

    python tests/bench/manifests_tree.py FOLDER [--manifests 5000] [--per-file 1] [--kinds built-in|all]

Nine kinds in the proportions of GitOps repositories, of realistic size (a Deployment has 60 lines). One in a hundred
has a mistake that its schema knows; `--mistakes 0` leaves them out. With `--kinds all` every tenth manifest is a custom
resource, whose definition is written into FOLDER/crds and, as JSON Schema for validators that want it so, into
FOLDER-schemas.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

SEED = 20_260_901


def metadata(name: str, namespace: str) -> dict[str, Any]:
    """What every manifest has."""
    return {
        "name": name,
        "namespace": namespace,
        "labels": {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/part-of": namespace,
            "app.kubernetes.io/managed-by": "flux",
        },
    }


def pod_template(name: str, rng: random.Random) -> dict[str, Any]:
    """A pod with one container, probes, resources, a volume and a security context."""
    port = rng.choice([8080, 3000, 9090])
    probe = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 3}
    return {
        "metadata": {"labels": {"app.kubernetes.io/name": name}},
        "spec": {
            "serviceAccountName": name,
            "automountServiceAccountToken": False,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": name,
                    "image": f"registry.example.com/{name}:1.{rng.randrange(40)}.{rng.randrange(20)}",
                    "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}],
                    "env": [
                        {"name": "LOG_LEVEL", "value": rng.choice(["info", "debug"])},
                        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": name, "key": "token"}}},
                    ],
                    "resources": {
                        "requests": {"cpu": f"{rng.randrange(1, 9)}00m", "memory": "128Mi"},
                        "limits": {"memory": f"{rng.randrange(1, 5) * 256}Mi"},
                    },
                    "livenessProbe": probe,
                    "readinessProbe": probe,
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                }
            ],
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def workload(kind: str) -> Callable[[str, random.Random], dict[str, Any]]:
    """Makes the specs of a Deployment or a StatefulSet."""

    def spec(name: str, rng: random.Random) -> dict[str, Any]:
        more = {"serviceName": name} if kind == "StatefulSet" else {"revisionHistoryLimit": 3}
        selector = {"matchLabels": {"app.kubernetes.io/name": name}}
        found = {"replicas": rng.randrange(1, 5), "selector": selector, "template": pod_template(name, rng)}
        return {"spec": {**found, **more}}

    return spec


def cron_job(name: str, rng: random.Random) -> dict[str, Any]:
    """A CronJob's spec."""
    template = pod_template(name, rng)
    template["spec"]["restartPolicy"] = "Never"
    job = {"spec": {"backoffLimit": 2, "template": template}}
    return {
        "spec": {
            "schedule": f"{rng.randrange(60)} 3 * * *",
            "concurrencyPolicy": "Forbid",
            "jobTemplate": job,
        }
    }


def service(name: str, rng: random.Random) -> dict[str, Any]:
    """A Service's spec."""
    ports = [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    return {"spec": {"type": "ClusterIP", "selector": {"app.kubernetes.io/name": name}, "ports": ports}}


def config_map(name: str, rng: random.Random) -> dict[str, Any]:
    """A ConfigMap's data: some keys and a file."""
    lines = "\n".join(f"setting_{n} = {rng.randrange(1000)}" for n in range(30))
    return {"data": {"mode": rng.choice(["a", "b"]), "config.ini": lines + "\n"}}


def ingress(name: str, rng: random.Random) -> dict[str, Any]:
    """An Ingress' spec."""
    host = f"{name}.example.com"
    backend = {"service": {"name": name, "port": {"name": "http"}}}
    rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    return {
        "spec": {"ingressClassName": "nginx", "tls": [{"hosts": [host], "secretName": name}], "rules": [rule]}
    }


def network_policy(name: str, rng: random.Random) -> dict[str, Any]:
    """A NetworkPolicy's spec."""
    selector = {"matchLabels": {"app.kubernetes.io/name": name}}
    allowed = [{"from": [{"podSelector": {}}], "ports": [{"port": 8080, "protocol": "TCP"}]}]
    return {"spec": {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": allowed}}


def service_account(name: str, rng: random.Random) -> dict[str, Any]:
    """A ServiceAccount's fields."""
    return {"automountServiceAccountToken": False}


def role(name: str, rng: random.Random) -> dict[str, Any]:
    """A Role's rules."""
    return {"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}]}


def shop(name: str, rng: random.Random) -> dict[str, Any]:
    """A custom resource's spec."""
    return {"spec": {"size": rng.randrange(1, 9), "interval": f"{rng.randrange(1, 60)}m", "suspend": False,
                     "owners": [{"name": f"team-{n}", "email": f"team-{n}@example.com"} for n in range(3)]}}  # fmt: skip


KINDS: tuple[tuple[int, str, str, Callable[[str, random.Random], dict[str, Any]]], ...] = (
    (30, "apps/v1", "Deployment", workload("Deployment")),
    (6, "apps/v1", "StatefulSet", workload("StatefulSet")),
    (6, "batch/v1", "CronJob", cron_job),
    (20, "v1", "Service", service),
    (14, "v1", "ConfigMap", config_map),
    (8, "networking.k8s.io/v1", "Ingress", ingress),
    (6, "networking.k8s.io/v1", "NetworkPolicy", network_policy),
    (6, "v1", "ServiceAccount", service_account),
    (4, "rbac.authorization.k8s.io/v1", "Role", role),
)
"""(of a hundred manifests, apiVersion, kind, what it holds)."""

SPEC_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["size"],
    "properties": {
        "size": {"type": "integer"},
        "interval": {"type": "string", "pattern": "^([0-9]+(s|m|h))+$"},
        "suspend": {"type": "boolean"},
        "owners": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "email": {"type": "string"}},
            },
        },
    },
}
DEFINITION: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "shops.example.org"},
    "spec": {
        "group": "example.org",
        "names": {"kind": "Shop", "listKind": "ShopList", "plural": "shops", "singular": "shop"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC_SCHEMA}}},
            }
        ],
    },
}


def manifest(number: int, rng: random.Random, *, custom: bool, mistakes: int) -> dict[str, Any]:
    """The manifest of that number; `mistakes` of a hundred have one."""
    name, namespace = f"app-{number}", f"team-{number % 40}"
    if custom and number % 10 == 9:
        api_version, kind, content = "example.org/v1", "Shop", shop
    else:
        _, api_version, kind, content = rng.choices(KINDS, [weight for weight, *_ in KINDS])[0]
    made = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": metadata(name, namespace),
        **content(name, rng),
    }
    if rng.randrange(100) < mistakes:
        made["metadata"]["lables"] = made["metadata"].pop("labels")
    return made


class _Plain(yaml.CSafeDumper):
    """Equal parts are written out, as people do."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write_tree(
    folder: Path, manifests: int, *, per_file: int = 1, custom: bool = False, mistakes: int = 1
) -> int:
    """Writes the files; gives how many."""
    rng = random.Random(SEED)
    written = 0
    for start in range(0, manifests, per_file):
        group = [
            manifest(number, rng, custom=custom, mistakes=mistakes)
            for number in range(start, min(start + per_file, manifests))
        ]
        file = folder / f"team-{start % 40}" / f"part-{start // 4000}" / f"app-{start}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "---\n".join(yaml.dump(one, Dumper=_Plain, sort_keys=False) for one in group)
        file.write_text(text, encoding="utf-8")
        written += 1
    if custom:
        (folder / "crds").mkdir(parents=True, exist_ok=True)
        (folder / "crds" / "shop.yaml").write_text(yaml.dump(DEFINITION, Dumper=_Plain, sort_keys=False))
        schemas = folder.with_name(folder.name + "-schemas") / "example.org"
        schemas.mkdir(parents=True, exist_ok=True)
        (schemas / "shop_v1.json").write_text(json.dumps(_json_schema()))
    return written


def _json_schema() -> dict[str, Any]:
    text = {"type": "string"}
    properties = {
        "apiVersion": text,
        "kind": text,
        "metadata": {"type": "object"},
        "spec": _closed(SPEC_SCHEMA),
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _closed(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return {**{name: _closed(value) for name, value in schema.items()}, **closed}


def main() -> None:
    """Writes the tree that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--manifests", type=int, default=5_000)
    parser.add_argument("--per-file", type=int, default=1)
    parser.add_argument("--mistakes", type=int, default=1, help="of a hundred manifests")
    parser.add_argument("--kinds", choices=("built-in", "all"), default="built-in")
    options = parser.parse_args()
    files = write_tree(
        options.folder,
        options.manifests,
        per_file=options.per_file,
        custom=options.kinds == "all",
        mistakes=options.mistakes,
    )
    print(f"{options.manifests} manifests in {files} files")


if __name__ == "__main__":
    main()
