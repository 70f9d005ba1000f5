"""The played parts: what Flux, Flagger and the autoscaler write."""

from __future__ import annotations

import json
import ssl
import urllib.request
from typing import Any

import yaml

from cluster import FLAGGER, FLUX, HCM, Cluster
from declared import key

AUTOSCALER = (
    "kube-controller-manager/v1.37.2 (linux/amd64) "
    "kubernetes/system:serviceaccount:kube-system:horizontal-pod-autoscaler"
)


def flux_apply(cluster: Cluster, documents: list[dict[str, Any]]) -> None:
    cluster.kubectl(
        FLUX,
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=kustomize-controller",
        "-f",
        "-",
        text=yaml.safe_dump_all(documents),
    )


def patch(
    cluster: Cluster, user: str, manager: str, namespace: str, target: str, body: object, *more: str
) -> None:
    cluster.kubectl(
        user,
        "patch",
        target,
        "-n",
        namespace,
        "--type=merge",
        f"--field-manager={manager}",
        "-p",
        json.dumps(body),
        *more,
    )


def flux_status(
    cluster: Cluster,
    name: str,
    documents: list[dict[str, Any]],
    applied: str,
    attempted: str,
    failure: str,
    at: str,
) -> None:
    entries = [
        {"id": "_".join((k[2], k[3].replace(":", "__"), k[0], k[1])), "v": d["apiVersion"].rpartition("/")[2]}
        for d in documents
        for k in [key(d)]
    ]
    ready = {
        "type": "Ready",
        "status": "False" if failure else "True",
        "reason": "ReconciliationFailed" if failure else "ReconciliationSucceeded",
        "message": failure or f"Applied revision: {applied}",
        "lastTransitionTime": at,
        "observedGeneration": 1,
    }
    patch(
        cluster,
        FLUX,
        "gotk-kustomize-controller",
        "flux-system",
        f"kustomization.kustomize.toolkit.fluxcd.io/{name}",
        {"metadata": {"finalizers": ["finalizers.fluxcd.io"]}},
    )
    patch(
        cluster,
        FLUX,
        "gotk-kustomize-controller",
        "flux-system",
        f"kustomization.kustomize.toolkit.fluxcd.io/{name}",
        {
            "status": {
                "conditions": [ready],
                "inventory": {"entries": entries},
                "lastAppliedRevision": applied,
                "lastAttemptedRevision": attempted,
                "observedGeneration": 1,
            }
        },
        "--subresource=status",
    )


def flagger(cluster: Cluster) -> None:
    """What Flagger does to a target that has been promoted."""
    user = FLAGGER

    def get(what: list[str]) -> dict[str, Any]:
        read = cluster.kubectl("kubernetes-admin", "get", *what, "-n", "shop", "-o", "json")
        found: dict[str, Any] = json.loads(read)
        return found

    canary = get(["canary", "storefront"])
    owner = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "name": "storefront",
        "uid": canary["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }

    def make(kind: str, version: str, name: str, labels: dict[str, str], **rest: object) -> dict[str, Any]:
        return {
            "apiVersion": version,
            "kind": kind,
            "metadata": {"name": name, "namespace": "shop", "labels": labels, "ownerReferences": [owner]},
            **rest,
        }

    target = json.loads(
        json.dumps(get(["deployment", "storefront"])["spec"]).replace('"storefront"', '"storefront-primary"')
    )
    target["template"]["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"] = "storefront-primary"
    target["replicas"] = 2
    scaler = get(["hpa", "storefront"])["spec"]
    scaler["scaleTargetRef"]["name"] = "storefront-primary"
    port = [{"name": "http", "port": 80, "targetPort": "http"}]
    ingress = get(["ingress", "storefront"])["spec"]
    ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = "storefront-canary"
    made = [
        make("Deployment", "apps/v1", "storefront-primary", {"app": "storefront-primary"}, spec=target),
        make(
            "HorizontalPodAutoscaler",
            "autoscaling/v2",
            "storefront-primary",
            {"app": "storefront-primary"},
            spec=scaler,
        ),
        make(
            "ConfigMap",
            "v1",
            "storefront-primary",
            {"app": "storefront-primary"},
            data=get(["configmap", "storefront"])["data"],
        ),
        make(
            "Service",
            "v1",
            "storefront",
            {"app": "storefront"},
            spec={"selector": {"app": "storefront-primary"}, "ports": port},
        ),
        make(
            "Service",
            "v1",
            "storefront-primary",
            {"app": "storefront-primary"},
            spec={"selector": {"app": "storefront-primary"}, "ports": port},
        ),
        make(
            "Service",
            "v1",
            "storefront-canary",
            {"app": "storefront-canary"},
            spec={"selector": {"app": "storefront"}, "ports": port},
        ),
        make("Ingress", "networking.k8s.io/v1", "storefront-canary", {"app": "storefront"}, spec=ingress),
    ]
    cluster.kubectl(user, "create", "--field-manager=flagger", "-f", "-", text=yaml.safe_dump_all(made))
    patch(cluster, user, "flagger", "shop", "deployment/storefront", {"spec": {"replicas": 0}})
    patch(
        cluster,
        user,
        "flagger",
        "shop",
        "canary/storefront",
        {"status": {"phase": "Succeeded", "canaryWeight": 0, "failedChecks": 0, "iterations": 0}},
        "--subresource=status",
    )


def raw_scale(cluster: Cluster, scale: dict[str, Any]) -> None:
    """The autoscaler's own call: an update of the scale subresource."""
    config = json.loads(cluster.configs[HCM].read_text())
    url = (
        config["clusters"][0]["cluster"]["server"]
        + "/apis/apps/v1/namespaces/shop/deployments/checkout/scale?fieldManager=kube-controller-manager"
    )
    context = ssl._create_unverified_context()
    request = urllib.request.Request(
        url,
        json.dumps(scale).encode(),
        {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {config['users'][0]['user']['token']}",
            "User-Agent": AUTOSCALER,
        },
        method="PUT",
    )
    urllib.request.urlopen(request, context=context, timeout=10).read()
