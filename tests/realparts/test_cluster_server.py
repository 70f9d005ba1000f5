"""The cluster that other tests stand on: people have the rights that they are said to have, and leave traces."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from realparts.cluster_server import Cluster, needs_cluster, wait_until


def config_map(name: str, namespace: str, **data: str) -> dict[str, object]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@needs_cluster
def test_people_may_do_what_their_group_may(cluster: Cluster, namespace: Callable[[], str]) -> None:
    where = namespace()
    wanted = config_map("colours", where, web="blue")
    assert "Forbidden" in cluster.kubectl("create", "-f", "-", user="cem@example.com", given=wanted, ok=False)
    cluster.kubectl("create", "-f", "-", user="ann@example.com", given=wanted)
    seen = cluster.get(f"/api/v1/namespaces/{where}/configmaps/colours", user="cem@example.com")
    assert seen["data"] == {"web": "blue"}
    words = cluster.kubectl("get", "secrets", "-n", where, user="cem@example.com", ok=False)
    assert "Forbidden" in words


@needs_cluster
def test_the_audit_log_says_who_wrote_what(cluster: Cluster, namespace: Callable[[], str]) -> None:
    where = namespace()
    cluster.kubectl("create", "-f", "-", user="ann@example.com", given=config_map("x", where, a="1"))
    cluster.kubectl(
        "patch", "configmap", "x", "-n", where, "-p", '{"data": {"a": "2"}}', user="bob@example.com"
    )
    events = [json.loads(line) for line in cluster.audit_log.read_text().splitlines() if where in line]
    said = [
        (event["user"]["username"], event["verb"])
        for event in events
        if event["objectRef"].get("name") == "x" and event["objectRef"]["resource"] == "configmaps"
    ]
    assert said == [("ann@example.com", "create"), ("bob@example.com", "patch")]
    patched = next(event for event in events if event["verb"] == "patch")
    assert patched["requestObject"] == {"data": {"a": "2"}}
    managers = {
        entry["manager"]
        for entry in cluster.get(f"/api/v1/namespaces/{where}/configmaps/x")["metadata"]["managedFields"]
    }
    assert managers == {"kubectl-create", "kubectl-patch"}


@needs_cluster
@pytest.mark.usefixtures("controllers")
def test_what_a_deployment_brings_is_owned_by_it(cluster: Cluster, namespace: Callable[[], str]) -> None:
    where = namespace()
    labels = {"app": "web"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": where},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "web", "image": "ghcr.io/example/web:1"}]},
            },
        },
    }
    cluster.kubectl("create", "-f", "-", user="bob@example.com", given=deployment)

    def owners(kind: str, address: str) -> list[tuple[str, str, str]]:
        return [
            (kind, owner["kind"], owner["name"].partition("-")[0])
            for entry in cluster.get(address)["items"]
            for owner in entry["metadata"].get("ownerReferences", [])
        ]

    def found() -> list[tuple[str, str, str]]:
        sets = owners("ReplicaSet", f"/apis/apps/v1/namespaces/{where}/replicasets")
        return sets + owners("Pod", f"/api/v1/namespaces/{where}/pods")

    wanted = [("ReplicaSet", "Deployment", "web"), ("Pod", "ReplicaSet", "web")]
    wait_until(lambda: found() == wanted, lambda: str(found()), 90)
