"""Records `cluster-production.json.gz` and `audit-production.jsonl.gz` from a real API server.

    record-cluster.py BIN CRDS WORK

BIN holds etcd, kube-apiserver and kube-controller-manager (Kubernetes 1.37), CRDS the custom resource
definitions of Flux, Flagger and cert-manager, WORK is an empty folder for its state. kubectl and git are on
PATH. What is played and what is real is told in cluster-production.md.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from auditor.sample import build_sample_repository
from auditor.sample.repository import SampleRepository

HERE = Path(__file__).resolve().parent
TAKEN = datetime(2026, 10, 31, 10, 0, tzinfo=UTC)
TIP_APPLIED = "2026-10-30T14:21:40"
FLAGGER_SINCE = "2025-12-16T14:36:20Z"
FLUX = "system:serviceaccount:flux-system:kustomize-controller"
HCM = "system:kube-controller-manager"
PEOPLE = ("tomasz.zielinski", "priya.raman", "daniel.okafor", "luis.ferreira")
OVERLAYS = {
    "flux-system": (
        "clusters/production/flux-system",
        "clusters/production/apps.yaml",
        "clusters/production/infrastructure.yaml",
    ),
    "infrastructure-controllers": ("infrastructure/controllers",),
    "infrastructure-configs": ("infrastructure/configs",),
    "apps": ("apps/production",),
}
RECORDED = (
    "namespaces serviceaccounts services configmaps secrets resourcequotas limitranges deployments.apps replicasets.apps "
    "statefulsets.apps daemonsets.apps cronjobs.batch horizontalpodautoscalers.autoscaling poddisruptionbudgets.policy "
    "ingresses.networking.k8s.io networkpolicies.networking.k8s.io roles.rbac.authorization.k8s.io "
    "rolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io "
    "clusterrolebindings.rbac.authorization.k8s.io gitrepositories.source.toolkit.fluxcd.io "
    "helmrepositories.source.toolkit.fluxcd.io ocirepositories.source.toolkit.fluxcd.io "
    "kustomizations.kustomize.toolkit.fluxcd.io helmreleases.helm.toolkit.fluxcd.io canaries.flagger.app "
    "clusterissuers.cert-manager.io"
).split()
SECRETS = {
    "notifications-smtp": {"username": "notifications", "password": "not-a-real-password"},
    "checkout-payments": {"PAYMENT_KEY": "not-a-real-payment-key-but-as-long"},
}


def run(*command: str, text: str = "", env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=120, env={**os.environ, **(env or {})}
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Cluster:
    """etcd, an API server and the deployment and ReplicaSet controllers on loopback."""

    def __init__(self, bin_folder: Path, work: Path) -> None:
        self.work, self.processes = work, []
        self.log: list[tuple[datetime, datetime]] = []
        etcd, api = free_port(), free_port()
        users = [
            FLUX,
            "kubernetes-admin",
            HCM,
            "system:serviceaccount:flagger-system:flagger",
            *(f"{p}@example.com" for p in PEOPLE),
        ]
        (work / "tokens.csv").write_text(
            "".join(f'{i}-token,{u},{i},"system:masters"\n' for i, u in enumerate(users))
        )
        (work / "audit.yaml").write_text(
            json.dumps(
                {
                    "apiVersion": "audit.k8s.io/v1",
                    "kind": "Policy",
                    "omitStages": ["RequestReceived"],
                    "rules": [
                        {"level": "None", "verbs": ["get", "list", "watch"]},
                        {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]},
                        {
                            "level": "RequestResponse",
                            "users": [f"{p}@example.com" for p in PEOPLE],
                            "omitManagedFields": True,
                        },
                        {"level": "Metadata"},
                    ],
                }
            )
        )
        run("openssl", "genrsa", "-out", str(work / "sa.key"), "2048")
        self.start(
            bin_folder / "etcd",
            "--data-dir",
            work / "etcd",
            "--listen-client-urls",
            f"http://127.0.0.1:{etcd}",
            "--advertise-client-urls",
            f"http://127.0.0.1:{etcd}",
            "--listen-peer-urls",
            f"http://127.0.0.1:{free_port()}",
            "--unsafe-no-fsync",
        )
        self.start(
            bin_folder / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            f"--cert-dir={work}/certs",
            f"--secure-port={api}",
            "--bind-address=127.0.0.1",
            f"--token-auth-file={work}/tokens.csv",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://x",
            f"--service-account-key-file={work}/sa.key",
            f"--service-account-signing-key-file={work}/sa.key",
            "--service-cluster-ip-range=10.96.0.0/24",
            f"--audit-log-path={work}/audit.log",
            f"--audit-policy-file={work}/audit.yaml",
            "--disable-admission-plugins=ServiceAccount",
        )
        self.configs = {user: self.kubeconfig(user, f"{i}-token", api) for i, user in enumerate(users)}
        for _ in range(120):
            try:
                self.kubectl("kubernetes-admin", "get", "--raw", "/readyz")
                break
            except SystemExit:
                time.sleep(1)
        time.sleep(5)
        self.start(
            bin_folder / "kube-controller-manager",
            f"--kubeconfig={self.configs[HCM]}",
            "--leader-elect=false",
            f"--service-account-private-key-file={work}/sa.key",
            f"--secure-port={free_port()}",
            "--controllers=deployment-controller,replicaset-controller,serviceaccount-controller",
        )

    def start(self, *command: object) -> None:
        name = Path(str(command[0])).name
        self.processes.append(
            subprocess.Popen(
                [str(c) for c in command],
                stdout=(self.work / f"{name}.log").open("w"),
                stderr=subprocess.STDOUT,
            )
        )

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(30)

    def kubeconfig(self, user: str, token: str, port: int) -> Path:
        path = self.work / f"{re.sub('[^a-z]', '-', user)}.kubeconfig"
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "c",
                    "clusters": [
                        {
                            "name": "c",
                            "cluster": {
                                "server": f"https://127.0.0.1:{port}",
                                "insecure-skip-tls-verify": True,
                            },
                        }
                    ],
                    "users": [{"name": "u", "user": {"token": token}}],
                    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                }
            )
        )
        return path

    def kubectl(self, user: str, *arguments: str, text: str = "", editor: str = "") -> str:
        return run(
            "kubectl",
            *arguments,
            text=text,
            env={"KUBECONFIG": str(self.configs[user]), "KUBE_EDITOR": editor},
        )

    def at(self, story: str, action: Callable[[], object]) -> None:
        """Runs `action`; every time stamp that the server gives in the meantime becomes `story`."""
        time.sleep(2.2)
        begin = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
        action()
        time.sleep(2.2)
        self.log.append((begin, datetime.fromisoformat(story).replace(tzinfo=UTC)))

    def story_time(self, real: datetime) -> datetime | None:
        """The story's time of a real one; None before the first action."""
        for begin, story in reversed(self.log):
            if real >= begin:
                return story + (real - begin) if (real - begin) < timedelta(seconds=8) else story
        return None


def key(manifest: dict[str, Any]) -> tuple[str, str, str, str]:
    meta = manifest["metadata"]
    return (
        manifest["apiVersion"].rpartition("/")[0],
        manifest["kind"],
        meta.get("namespace", ""),
        meta["name"],
    )


def rendered(checkout: Path, overlay: str) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    for place in OVERLAYS[overlay]:
        path = checkout / place
        if path.is_file():
            documents += [d for d in yaml.safe_load_all(path.read_text()) if d]
        elif path.is_dir():
            done = subprocess.run(
                ["kubectl", "kustomize", str(path)],
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9"},
            )
            documents += [d for d in yaml.safe_load_all(done.stdout) if d] if done.returncode == 0 else []
    for document in documents:
        labels = document["metadata"].setdefault("labels", {})
        labels["kustomize.toolkit.fluxcd.io/name"] = overlay
        labels["kustomize.toolkit.fluxcd.io/namespace"] = "flux-system"
        if document.pop("sops", None):
            document.pop("stringData")
            values = SECRETS[document["metadata"]["name"]]
            document["data"] = {k: base64.b64encode(v.encode()).decode() for k, v in values.items()}
    return documents


Times = dict[tuple[str, str, str, str], list[datetime]]


def history(sample: SampleRepository, work: Path) -> tuple[Times, dict[str, dict[str, list[dict[str, Any]]]]]:
    """When each declared object came and changed (since it was last pruned); every landed rendering."""
    checkout = work / "checkout"
    run("git", "clone", "--quiet", str(sample.path), str(checkout))
    times: Times = {}
    last: dict[tuple[str, str, str, str], str] = {}
    kept: dict[str, dict[str, list[dict[str, Any]]]] = {}
    log = run("git", "-C", str(checkout), "log", "--first-parent", "--reverse", "--format=%H %ct", "main")
    prune_off = sample.changes["prune-off"].at
    for line in log.splitlines():
        sha, seconds = line.split()
        run("git", "-C", str(checkout), "checkout", "--quiet", sha)
        applied = datetime.fromtimestamp(int(seconds), UTC) + timedelta(seconds=70)
        kept[sha] = {overlay: rendered(checkout, overlay) for overlay in OVERLAYS}
        documents = [d for overlay in kept[sha].values() for d in overlay]
        if all(kept[sha].values()) and applied < prune_off:
            for gone in last.keys() - {key(d) for d in documents}:
                del last[gone], times[gone]
        for document in documents:
            text = json.dumps(document, sort_keys=True)
            if last.get(key(document)) != text:
                last[key(document)] = text
                times.setdefault(key(document), []).append(applied)
    return times, kept


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
    user, get = (
        "system:serviceaccount:flagger-system:flagger",
        lambda what: json.loads(
            cluster.kubectl("kubernetes-admin", "get", *what, "-n", "shop", "-o", "json")
        ),
    )
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
            "User-Agent": "kube-controller-manager/v1.37.2 (linux/amd64) kubernetes/system:serviceaccount:kube-system:horizontal-pod-autoscaler",
        },
        method="PUT",
    )
    urllib.request.urlopen(request, context=context, timeout=10).read()


def play(
    cluster: Cluster, sample: SampleRepository, crds: Path, kept: dict[str, dict[str, list[dict[str, Any]]]]
) -> None:
    tip, before = sample.tip, sample.changes["tracking-api-1.2.0-production"].sha
    previous = sample.changes["tracking-api-1.2.0-staging"].sha
    cluster.kubectl("kubernetes-admin", "apply", "--server-side", "-f", str(crds))
    time.sleep(4)
    now, old = kept[tip], kept[before]
    namespaces = [d for documents in now.values() for d in documents if d["kind"] == "Namespace"]
    flux_ns = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}}
    k = cluster.kubectl

    def by_kubectl_create(namespace: str, name: str, *literals: str) -> None:
        k(f"{PEOPLE[3]}@example.com", "create", "secret", "generic", name, "-n", namespace, *literals)

    cluster.at(
        "2025-05-05T07:10:00",
        lambda: k("kubernetes-admin", "create", "-f", "-", text=yaml.safe_dump(flux_ns)),
    )
    cluster.at("2025-05-05T07:15:10", lambda: flux_apply(cluster, namespaces))
    cluster.at(
        "2025-05-09T13:02:44",
        lambda: by_kubectl_create(
            "data", "postgres", "--from-literal=POSTGRES_PASSWORD=correct-horse-battery-staple"
        ),
    )
    cluster.at(
        "2026-06-23T07:58:21",
        lambda: by_kubectl_create(
            "tracking", "address-service", "--from-literal=password=not-a-real-password"
        ),
    )
    report = kept[sample.changes["prune-off"].sha]["apps"]
    cluster.at(
        "2026-08-04T14:42:10",
        lambda: flux_apply(cluster, [d for d in report if d["metadata"]["name"] == "returns-report"]),
    )
    cluster.at(
        "2026-09-07T07:30:50",
        lambda: flux_apply(
            cluster,
            [
                d
                for d in kept[previous]["apps"]
                if d["metadata"]["name"] == "tracking-api" and d["kind"] == "Deployment"
            ],
        ),
    )
    time.sleep(3)
    for overlay in ("infrastructure-controllers", "infrastructure-configs", "apps", "flux-system"):
        documents = (old if overlay == "infrastructure-configs" else now)[overlay]
        cluster.at(TIP_APPLIED, lambda documents=documents: flux_apply(cluster, documents))
    for kind, manager in (
        ("helmreleases", "helm-controller"),
        ("helmrepositories", "source-controller"),
        ("ocirepositories", "source-controller"),
        ("gitrepositories", "source-controller"),
    ):
        for item in json.loads(k(FLUX, "get", kind, "-A", "-o", "json"))["items"]:
            patch(
                cluster,
                FLUX,
                manager,
                item["metadata"]["namespace"],
                f"{kind}/{item['metadata']['name']}",
                {"metadata": {"finalizers": ["finalizers.fluxcd.io"]}},
            )
    cluster.at("2026-10-12T09:33:05", lambda: flagger(cluster))
    quota = 'ResourceQuota/shop/shop dry-run failed (Forbidden): resourcequotas "shop" is forbidden: User "system:serviceaccount:flux-system:kustomize-controller" cannot patch resource "resourcequotas" in API group "" in the namespace "shop"'

    def statuses() -> None:
        revision = f"main@sha1:{tip}"
        patch(
            cluster,
            FLUX,
            "gotk-source-controller",
            "flux-system",
            "gitrepository/flux-system",
            {
                "status": {
                    "artifact": {
                        "revision": revision,
                        "digest": "sha256:" + "0" * 64,
                        "lastUpdateTime": "2026-10-30T14:20:42Z",
                        "path": "gitrepository/flux-system/flux-system/latest.tar.gz",
                        "url": "http://source-controller.flux-system.svc/latest.tar.gz",
                    }
                }
            },
            "--subresource=status",
        )
        for name in OVERLAYS:
            stuck = name == "infrastructure-configs"
            flux_status(
                cluster,
                name,
                (old if stuck else now)[name],
                f"main@sha1:{before}" if stuck else revision,
                revision,
                quota if stuck else "",
                "2026-10-29T14:57:30Z" if stuck else "2026-10-30T14:21:40Z",
            )

    cluster.at("2026-10-30T14:21:52", statuses)
    by_hand(cluster)


STAMP = re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def shifted(cluster: Cluster, value: Any) -> Any:
    """A copy in which every time stamp of the recording is one of the story."""
    if isinstance(value, dict):
        return {k: shifted(cluster, v) for k, v in value.items()}
    if isinstance(value, list):
        return [shifted(cluster, v) for v in value]
    if isinstance(value, str) and STAMP.match(value):
        real = datetime.fromisoformat(value)
        if real < cluster.log[0][0]:
            return value
        story = cluster.story_time(real)
        return (
            story.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if "." in value else "%Y-%m-%dT%H:%M:%SZ")
            if story
            else value
        )
    return value


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def declared_times(item: dict[str, Any], times: Times, stuck_since: datetime) -> dict[str, Any]:
    """Declared objects came and changed when their commits landed, not in one night."""
    applied = [
        entry
        for entry in item["metadata"].get("managedFields", [])
        if entry["manager"] == "kustomize-controller"
    ]
    changes = times.get(key(item), [])
    if not applied or not changes:
        return item
    if item["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] == "infrastructure-configs":
        changes = [at for at in changes if at <= stuck_since]
    item["metadata"]["creationTimestamp"] = stamp(changes[0])
    applied[0]["time"] = stamp(changes[-1])
    for entry in item["metadata"]["managedFields"]:
        if (
            entry["manager"] in ("helm-controller", "source-controller", "gotk-kustomize-controller")
            and "subresource" not in entry
        ):
            entry["time"] = stamp(changes[0] + timedelta(seconds=5))
    return item


def made_times(items: list[dict[str, Any]]) -> None:
    """Flagger's objects are as old as the Canary; ReplicaSets of the tip as their Deployment's last change."""
    deployments = {item["metadata"]["uid"]: item for item in items if item["kind"] == "Deployment"}
    for item in items:
        meta = item["metadata"]
        owner = (meta.get("ownerReferences") or [{}])[0]
        if owner.get("kind") == "Canary":
            meta["creationTimestamp"] = FLAGGER_SINCE
        elif owner.get("uid") in deployments and meta["creationTimestamp"].startswith(TIP_APPLIED[:18]):
            fields = deployments[owner["uid"]]["metadata"]["managedFields"]
            changed = next(entry["time"] for entry in fields if entry["manager"] == "kustomize-controller")
            meta["creationTimestamp"] = changed
            for entry in meta["managedFields"]:
                entry["time"] = changed if entry["time"].startswith(TIP_APPLIED[:18]) else entry["time"]


def wanted(item: dict[str, Any]) -> bool:
    """Not what Kubernetes itself brings along."""
    meta = item["metadata"]
    system = meta.get("namespace", meta["name"] if item["kind"] == "Namespace" else "") in (
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "default",
    )
    ours = "kustomize.toolkit.fluxcd.io/name" in meta.get("labels", {})
    bootstrap = meta.get("labels", {}).get("kubernetes.io/bootstrapping") == "rbac-defaults" or meta[
        "name"
    ].startswith("system:")
    return not bootstrap and (ours or not system)


def record(cluster: Cluster, times: Times, stuck_since: datetime) -> None:
    listed = json.loads(
        cluster.kubectl(
            "kubernetes-admin", "get", ",".join(RECORDED), "-A", "-o", "json", "--show-managed-fields"
        )
    )
    items = [
        declared_times(shifted(cluster, item), times, stuck_since) for item in listed["items"] if wanted(item)
    ]
    made_times(items)
    resources = [
        line.split()
        for line in cluster.kubectl("kubernetes-admin", "api-resources", "--no-headers").splitlines()
    ]
    kinds = []
    for name in RECORDED:
        plural, _, group = name.partition(".")
        kinds += [
            {"group": group, "kind": line[-1]}
            for line in resources
            if line[0] == plural and line[-3].rpartition("/")[0] == group
        ]
    assert len(kinds) == len(RECORDED), kinds
    snapshot = {
        "format": "auditor-snapshot/v1",
        "cluster": "production",
        "taken_at": TAKEN.isoformat(),
        "kubernetes_version": "v1.37.2",
        "kinds": kinds,
        "items": items,
    }
    (HERE / "cluster-production.json.gz").write_bytes(
        gzip.compress(json.dumps(snapshot, indent=1, sort_keys=True).encode(), 9, mtime=0)
    )
    events = [json.loads(line) for line in (cluster.work / "audit.log").read_text().splitlines()]
    people = [
        shifted(cluster, e)
        for e in events
        if e["user"]["username"].endswith("@example.com")
        and e["objectRef"].get("resource") not in ("selfsubjectaccessreviews",)
    ]
    (HERE / "audit-production.jsonl.gz").write_bytes(
        gzip.compress("".join(json.dumps(e, sort_keys=True) + "\n" for e in people).encode(), 9, mtime=0)
    )
    print(len(items), "objects,", len(people), "audit events")


def main() -> None:
    bin_folder, crds, work = (Path(a).resolve() for a in sys.argv[1:4])
    work.mkdir(parents=True, exist_ok=True)
    sample = build_sample_repository(work / "repository")
    times, kept = history(sample, work)
    cluster = Cluster(bin_folder, work)
    try:
        play(cluster, sample, crds, kept)
        record(cluster, times, sample.changes["quota-raised"].at)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
