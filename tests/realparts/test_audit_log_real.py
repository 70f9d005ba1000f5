"""Names from the audit log that a real API server wrote of what people really did with kubectl."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from realparts.cluster_server import (
    ADMIN,
    CONTROLLERS,
    FLUX,
    KUBECTL,
    Cluster,
    needs_cluster,
    wait_until,
)
from realparts.flux_controller import KUSTOMIZATIONS, Artifacts, needs_flux, suspend

from auditor.cluster.auditlog import AuditLogReader, FollowedLog
from auditor.model import AuditEvent, Drift
from auditor.pipeline.drift import DriftReport, DriftRequest, cross_check_repository
from auditor.settings import Settings

ANN, BOB = "ann@example.com", "bob@example.com"
CANARY = "canary-in-a-body-51c7"


def digest(text: str) -> str:
    return f"{hash(text) & (2**64 - 1):016x}"


def deployment(name: str, namespace: str, replicas: int = 2) -> dict[str, Any]:
    labels = {"app": name}
    container = {
        "name": "web",
        "image": "ghcr.io/example/web:1",
        "env": [{"name": "MODE", "value": "live"}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def config_map(name: str, namespace: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data or {"mode": "live"},
    }


def apply(cluster: Cluster, *manifests: dict[str, Any]) -> None:
    """As Flux applies: its account, its field manager, server-side."""
    cluster.kubectl(
        "apply", "--server-side", "--force-conflicts", "--field-manager=kustomize-controller", "-f", "-",
        user=FLUX, given={"apiVersion": "v1", "kind": "List", "items": list(manifests)},
    )  # fmt: skip


def edit(cluster: Cluster, user: str, command: str, *arguments: str) -> None:
    """`kubectl edit` with a program for an editor."""
    environment = {"HOME": str(cluster.folder), "PATH": os.environ["PATH"], "KUBE_EDITOR": command}
    whole = [str(KUBECTL), "--kubeconfig", str(cluster.kubeconfig(user)), "edit", *arguments]
    subprocess.run(whole, env=environment, check=True, capture_output=True, timeout=60)


def events(cluster: Cluster, namespace: str) -> list[AuditEvent]:
    """What others than Kubernetes' own controllers wrote in the namespace, from the API server's log."""
    reader = AuditLogReader([cluster.audit_log], digest=digest)
    written = [event for event in reader.events() if event.namespace == namespace]
    # They run when another test of the session wants them, and write into every namespace.
    found = [event for event in written if event.user != CONTROLLERS]
    assert reader.coverage().unreadable == 0
    return found


def cross_check(
    cluster: Cluster, namespace: str, folder: Path, *declared: dict[str, Any], also: str = ""
) -> DriftReport:
    """Records one or two namespaces as a user would, and holds them against a folder with the manifests."""
    git, recording = folder / "git", folder / "cluster.json"
    git.mkdir()
    for number, manifest in enumerate(declared):
        (git / f"{number}.yaml").write_text(json.dumps(manifest))
    kinds = "deployments,configmaps,services"
    recording.write_text(
        "".join(
            cluster.kubectl("get", kinds, "-n", one, "-o", "json", "--show-managed-fields")
            for one in (namespace, also)
            if one
        )
    )
    return cross_check_repository(
        DriftRequest(
            location=str(git),
            snapshot=recording,
            database=folder / "state" / "audit.duckdb",
            settings=Settings(),
            cluster="test",
            audit_logs=(cluster.audit_log,),
            now=datetime.now(UTC),
        )
    )


def told(drift: Drift) -> tuple[str, str, str, str]:
    """verdict, pointer, actor, confidence"""
    return str(drift.verdict), drift.pointer, drift.actor, drift.confidence


@needs_cluster
def test_everybody_who_changed_something_is_named(
    cluster: Cluster, namespace: Callable[[], str], tmp_path: Path
) -> None:
    where = namespace()
    names = ("scaled", "imaged", "edited", "restarted", "acted")
    declared = [deployment(name, where) for name in names]
    declared += [config_map(name, where) for name in ("patched", "replaced", "doomed", "swept", "taken")]
    apply(cluster, *declared)
    time.sleep(1.1)  # managedFields count seconds

    def kubectl(user: str, *arguments: str, given: Any = None) -> None:
        cluster.kubectl(*arguments, "-n", where, user=user, given=given)

    kubectl(ANN, "scale", "deployment/scaled", "--replicas=6")
    kubectl(BOB, "set", "image", "deployment/imaged", "web=ghcr.io/evil/web:2")
    edit(cluster, ANN, "sed -i s/live/debug/", "deployment/edited", "-n", where)
    kubectl(BOB, "rollout", "restart", "deployment/restarted")
    kubectl(ADMIN, "set", "env", "deployment/acted", "MODE=off", "--as", ANN, "--as-group", "developers")
    kubectl(ANN, "patch", "configmap", "patched", "--type=json",
            "-p", '[{"op": "replace", "path": "/data/mode", "value": "off"}]')  # fmt: skip
    kubectl(BOB, "replace", "-f", "-", given=config_map("replaced", where, mode="off"))
    kubectl(ANN, "delete", "configmap", "doomed")
    kubectl(
        BOB,
        "apply",
        "--server-side",
        "--force-conflicts",
        "-f",
        "-",
        given=config_map("taken", where, mode="off", more="x"),
    )
    kubectl(ANN, "create", "configmap", "stray", "--from-literal=a=b")
    kubectl(ADMIN, "label", "configmap", "swept", "sweep=yes")
    path = f"/api/v1/namespaces/{where}/configmaps?labelSelector=sweep%3Dyes"
    assert cluster.request("DELETE", path, BOB).status_code == 200

    report = cross_check(cluster, where, tmp_path, *declared)
    assert report.incomplete == ()
    web = "spec.template.spec.containers[name=web]"
    restarted = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'
    found: dict[str, set[tuple[str, str, str, str]]] = {}
    for drift in report.drift:
        found.setdefault(drift.id.name, set()).add(told(drift))
    assert found == {
        "scaled": {("unauthorised", "spec.replicas", ANN, "high")},
        "imaged": {("unauthorised", f"{web}.image", BOB, "high")},
        "edited": {("unauthorised", f"{web}.env[name=MODE].value", ANN, "high")},
        "restarted": {("added", restarted, BOB, "high")},
        # Only people's own requests are logged with their bodies; this one was the administrator's.
        "acted": {("unauthorised", f"{web}.env[name=MODE].value", f"{ADMIN} as {ANN}", "high")},
        "patched": {("unauthorised", "data.mode", ANN, "high")},
        "replaced": {("unauthorised", "data.mode", BOB, "high")},
        "doomed": {("deleted", "", ANN, "high")},
        "swept": {("deleted", "", BOB, "medium")},
        "taken": {("unauthorised", "data.mode", BOB, "high"), ("added", "data.more", BOB, "high")},
        "stray": {("unmanaged", "", ANN, "high")},
    }
    evidence = {drift.id.name: drift.evidence for drift in report.drift}
    assert "the log keeps no body of it" in evidence["acted"]
    assert "chosen by labelSelector=sweep=yes" in evidence["swept"]


@needs_cluster
def test_a_change_that_was_put_right_within_seconds_is_found(
    cluster: Cluster, namespace: Callable[[], str], tmp_path: Path
) -> None:
    where = namespace()
    declared = [deployment("web", where), config_map("settings", where), config_map("gone", where)]
    apply(cluster, *declared)
    cluster.kubectl("scale", "deployment/web", "--replicas=9", "-n", where, user=ANN)
    cluster.kubectl(
        "patch", "configmap", "settings", "-n", where, "-p", '{"data": {"mode": "off"}}', user=BOB
    )
    cluster.kubectl("delete", "configmap", "gone", "-n", where, user=BOB)
    apply(cluster, *declared)
    report = cross_check(cluster, where, tmp_path, *declared)
    assert sorted((drift.id.name, *told(drift)) for drift in report.drift) == [
        ("gone", "healed", "", BOB, "high"),
        ("settings", "healed", "data.mode", BOB, "high"),
        ("web", "healed", "spec.replicas", ANN, "high"),
    ]
    (scaled,) = [drift for drift in report.drift if drift.id.name == "web"]
    assert "spec.replicas set to 9: changed and healed after" in scaled.evidence
    assert (scaled.declared, scaled.live) == ("2", "2")


@needs_cluster
def test_dry_runs_reads_refusals_and_statuses_are_no_writes(
    cluster: Cluster, namespace: Callable[[], str]
) -> None:
    where = namespace()
    apply(cluster, config_map("settings", where), deployment("web", where))
    before = events(cluster, where)
    patch = ("patch", "configmap", "settings", "-n", where, "-p", '{"data": {"mode": "off"}}')
    cluster.kubectl(*patch, "--dry-run=server", user=ANN)
    cluster.kubectl("delete", "configmap", "settings", "-n", where, "--dry-run=server", user=ANN)
    cluster.kubectl("get", "configmaps", "-n", where, user=ANN)
    cluster.kubectl(*patch, user="cem@example.com", ok=False)
    status = f"/apis/apps/v1/namespaces/{where}/deployments/web/status"
    answer = cluster.request("PATCH", status, ADMIN, content='{"status": {"collisionCount": 0}}')
    assert answer.status_code == 200
    assert events(cluster, where) == before
    said = [(event.verb, event.resource, event.user, event.created) for event in before]
    assert said == [("patch", "configmaps", FLUX, True), ("patch", "deployments", FLUX, True)]


@needs_cluster
def test_managers_are_named_as_managed_fields_name_them(
    cluster: Cluster, namespace: Callable[[], str]
) -> None:
    where = namespace()
    cluster.kubectl("create", "-f", "-", user=ANN, given=config_map("a", where))
    cluster.kubectl("label", "configmap", "a", "x=y", "-n", where, user=ANN)
    path = f"/api/v1/namespaces/{where}/configmaps/a"
    cluster.request("PATCH", path, ANN, content='{"data": {"from": "no kubectl"}}')
    cluster.request("PATCH", f"{path}?fieldManager=of-my-own", BOB, content='{"data": {"b": "c"}}')
    there = {entry["manager"] for entry in cluster.get(path)["metadata"]["managedFields"]}
    written = events(cluster, where)
    assert {event.manager for event in written} == there
    assert [event.user for event in written] == [ANN, ANN, ANN, BOB]
    assert [event.resource_version for event in written][-1] == cluster.get(path)["metadata"][
        "resourceVersion"
    ]


@needs_cluster
def test_yaml_applied_server_side_is_read_or_said_to_be_unknown(
    cluster: Cluster, namespace: Callable[[], str]
) -> None:
    where = namespace()
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: written}\ndata: {a: b}\n"
    headers = {
        "Authorization": f"Bearer {cluster.tokens[ANN]}",
        "Content-Type": "application/apply-patch+yaml",
    }
    url = f"{cluster.url}/api/v1/namespaces/{where}/configmaps/written?fieldManager=mine"
    answer = httpx2.patch(url, content=body, headers=headers, verify=False)
    assert answer.status_code == 201, answer.text
    (event,) = events(cluster, where)
    assert (event.user, event.manager, event.created, event.kind) == (ANN, "mine", True, "ConfigMap")
    assert event.fields is None or {field.path for field in event.fields} == {("data", "a")}


@needs_cluster
def test_no_value_of_a_body_leaves_the_reader(cluster: Cluster, namespace: Callable[[], str]) -> None:
    where = namespace()
    cluster.kubectl("apply", "-f", "-", user=ANN, given=config_map("a", where, key=CANARY))
    cluster.kubectl("apply", "-f", "-", user=ANN, given=config_map("a", where, key=CANARY, more=CANARY))
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": where}}
    cluster.kubectl("create", "-f", "-", given={**secret, "stringData": {"key": CANARY}})
    assert CANARY in cluster.audit_log.read_text()
    read = events(cluster, where)
    assert {event.resource for event in read} == {"configmaps", "secrets"}
    assert CANARY not in repr(read)


@needs_cluster
def test_a_log_that_is_being_written_is_followed(cluster: Cluster, namespace: Callable[[], str]) -> None:
    where = namespace()
    followed = FollowedLog(cluster.audit_log, digest=digest)
    try:
        list(followed.read())
        cluster.kubectl("create", "-f", "-", user=BOB, given=config_map("a", where))
        found: list[AuditEvent] = []

        def is_told() -> bool:
            read = (event for event in followed.read() if event.namespace == where)
            found.extend(event for event in read if event.user != CONTROLLERS)
            return bool(found)

        wait_until(is_told, lambda: "the write did not come", 20)
        assert [(event.user, event.verb, event.name) for event in found] == [(BOB, "create", "a")]
        assert followed.problems == ()
    finally:
        followed.close()


@needs_cluster
@pytest.mark.usefixtures("controllers")
def test_what_a_namespace_takes_along_names_who_ended_it(
    cluster: Cluster, namespace: Callable[[], str], tmp_path: Path
) -> None:
    where = namespace()
    declared = config_map("settings", where)
    apply(cluster, declared)
    cluster.kubectl("delete", "namespace", where, "--timeout=90s")
    others = [config_map("other", namespace()) for _ in range(2)]
    apply(cluster, *others)
    one, two = (other["metadata"]["namespace"] for other in others)
    report = cross_check(cluster, one, tmp_path, declared, *others, also=two)
    (drift,) = [drift for drift in report.drift if drift.id.namespace == where]
    assert told(drift) == ("deleted", "", ADMIN, "high")
    assert f"audit log: {CONTROLLERS} (controller), deletecollection of configmaps" in drift.evidence


@pytest.fixture
def own(cluster: Cluster, flux: Artifacts, namespace: Callable[[], str]) -> Iterator[tuple[str, Artifacts]]:
    where = namespace()
    yield where, flux
    suspend(cluster, where)


@needs_flux
def test_what_flux_put_right_is_known_from_the_log_alone(
    cluster: Cluster, own: tuple[str, Artifacts], tmp_path: Path
) -> None:
    where, served = own
    web = deployment("web", where)
    source = {
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
        "metadata": {"name": "fleet", "namespace": where},
        "spec": {"interval": "1h", "url": "https://git.example.com/fleet.git"},
    }  # fmt: skip
    applier = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": where},
        "spec": {
            "interval": "3s", "path": "./", "prune": True, "sourceRef": {"kind": "GitRepository", "name": "fleet"},
        },
    }  # fmt: skip
    for manifest in (source, applier):
        cluster.kubectl("create", "-f", "-", given=manifest)
    served.publish(cluster, where, "fleet", {"web.yaml": json.dumps(web)})
    path = f"/apis/apps/v1/namespaces/{where}/deployments/web"
    wait_until(
        lambda: cluster.request("GET", path, ADMIN).status_code == 200,
        lambda: json.dumps(cluster.get(f"{KUSTOMIZATIONS.format(namespace=where)}/apps")["status"]),
    )
    cluster.kubectl("scale", "deployment/web", "--replicas=7", "-n", where, user=ANN)
    wait_until(lambda: cluster.get(path)["spec"]["replicas"] == 2, lambda: "Flux did not put it right")
    report = cross_check(cluster, where, tmp_path, web)
    (healed,) = report.drift
    assert told(healed) == ("healed", "spec.replicas", ANN, "high")
    assert "spec.replicas set to 7: changed and healed after" in healed.evidence
    assert f"by {FLUX} (GitOps tool)" in healed.evidence
    managers = {entry["manager"] for entry in cluster.get(path)["metadata"]["managedFields"]}
    assert "kubectl" not in managers  # nothing live tells of it
