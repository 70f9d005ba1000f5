"""Records `cluster-production.json.gz` and `audit-production.jsonl.gz` from a real API server.

    python data/sample/recording BIN CRDS WORK

BIN holds etcd, kube-apiserver and kube-controller-manager (Kubernetes 1.37), CRDS the custom resource
definitions of Flux, Flagger and cert-manager; WORK is a new folder for its state. kubectl, git and openssl
are on PATH. What is played and what is real is told in cluster-production.md.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from auditor.sample import build_sample_repository
from auditor.sample.repository import SampleRepository

from cluster import FLUX, PEOPLE, Cluster
from controllers import flagger, flux_apply, flux_status, patch
from declared import OVERLAYS, Times, history
from people import by_hand
from timestamps import TIP_APPLIED, declared_times, made_times, shifted

HERE = Path(__file__).resolve().parent.parent


TAKEN = datetime(2026, 10, 31, 10, 0, tzinfo=UTC)


RECORDED = (
    "namespaces",
    "serviceaccounts",
    "services",
    "configmaps",
    "secrets",
    "resourcequotas",
    "limitranges",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "cronjobs.batch",
    "horizontalpodautoscalers.autoscaling",
    "poddisruptionbudgets.policy",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "gitrepositories.source.toolkit.fluxcd.io",
    "helmrepositories.source.toolkit.fluxcd.io",
    "ocirepositories.source.toolkit.fluxcd.io",
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "helmreleases.helm.toolkit.fluxcd.io",
    "canaries.flagger.app",
    "clusterissuers.cert-manager.io",
)

QUOTA_FORBIDDEN = (
    'ResourceQuota/shop/shop dry-run failed (Forbidden): resourcequotas "shop" is forbidden: User '
    '"system:serviceaccount:flux-system:kustomize-controller" cannot patch resource "resourcequotas" in API '
    'group "" in the namespace "shop"'
)


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
                QUOTA_FORBIDDEN if stuck else "",
                "2026-10-29T14:57:30Z" if stuck else "2026-10-30T14:21:40Z",
            )

    cluster.at("2026-10-30T14:21:52", statuses)
    by_hand(cluster)


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
