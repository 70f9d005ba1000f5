"""What people do to the cluster, with kubectl."""

from __future__ import annotations

import json

import yaml

from cluster import PEOPLE, Cluster
from controllers import patch, raw_scale


def by_hand(cluster: Cluster) -> None:
    """What people (and one autoscaler) do to the cluster after Flux has applied the tip."""
    tomasz, priya, daniel, luis = (f"{p}@example.com" for p in PEOPLE)
    k = cluster.kubectl
    at = cluster.at
    at(
        "2026-10-30T15:02:11",
        lambda: patch(
            cluster,
            tomasz,
            "flux",
            "flux-system",
            "kustomization.kustomize.toolkit.fluxcd.io/apps",
            {"spec": {"suspend": True}},
        ),
    )
    at(
        "2026-10-30T15:06:48",
        lambda: k(tomasz, "rollout", "undo", "deployment/tracking-api", "-n", "tracking"),
    )
    at(
        "2026-10-30T15:40:05",
        lambda: k(
            priya,
            "set",
            "image",
            "deployment/slot-planner",
            "planner=ghcr.io/northwind-parcels/slot-planner:0.1.1-debug",
            "-n",
            "tracking",
        ),
    )
    at(
        "2026-10-30T16:12:37",
        lambda: k(
            priya,
            "edit",
            "deployment/checkout",
            "-n",
            "shop",
            editor="sed -i 's/value: enforce/value: \"off\"/'",
        ),
    )
    at("2026-10-30T16:30:20", lambda: k(tomasz, "delete", "pdb", "checkout", "-n", "shop"))
    at(
        "2026-10-30T17:05:59",
        lambda: k(daniel, "scale", "deployment/notifications", "--replicas=6", "-n", "tracking"),
    )
    sidecar = {
        "spec": {
            "template": {
                "spec": {
                    "containers": [
                        {
                            "name": "debug",
                            "image": "nicolaka/netshoot:latest",
                            "command": ["sleep", "infinity"],
                        }
                    ]
                }
            }
        }
    }
    at(
        "2026-10-30T17:20:14",
        lambda: k(daniel, "patch", "deployment/returns-portal", "-n", "shop", "-p", json.dumps(sidecar)),
    )
    at(
        "2026-10-30T18:01:30",
        lambda: k(tomasz, "label", "service/tracking-api", "team=carriers", "-n", "tracking"),
    )
    orphan = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "checkout-loadtest",
            "namespace": "shop",
            "labels": {
                "app": "checkout-loadtest",
                "kustomize.toolkit.fluxcd.io/name": "apps",
                "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
            },
        },
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "checkout-loadtest"}},
            "template": {
                "metadata": {"labels": {"app": "checkout-loadtest"}},
                "spec": {
                    "containers": [
                        {"name": "load", "image": "grafana/k6:1.3.0", "args": ["run", "/scripts/checkout.js"]}
                    ]
                },
            },
        },
    }
    at("2026-10-30T19:15:02", lambda: k(daniel, "apply", "-f", "-", text=yaml.safe_dump(orphan)))
    at(
        "2026-10-30T20:44:51",
        lambda: k(
            tomasz,
            "create",
            "deployment",
            "debug-shell",
            "--image=nicolaka/netshoot:v0.14",
            "-n",
            "platform",
            "--",
            "sleep",
            "infinity",
        ),
    )
    at(
        "2026-10-30T21:30:40",
        lambda: k(luis, "rollout", "restart", "deployment/label-printer", "-n", "tracking"),
    )
    scale = json.loads(
        k("kubernetes-admin", "get", "--raw", "/apis/apps/v1/namespaces/shop/deployments/checkout/scale")
    )
    scale["spec"]["replicas"] = 5
    at("2026-10-31T07:48:33", lambda: raw_scale(cluster, scale))
