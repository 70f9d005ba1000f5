"""The recorded cluster: it belongs to the sample repository and holds each change that was made to it."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.cluster.snapshot import read_snapshot
from auditor.sample import (
    ClusterBeat,
    SampleRepository,
    build_sample_repository,
    read_cluster_beats,
    sample_audit_log,
    sample_snapshot,
)

Live = dict[tuple[str, str, str], dict[str, Any]]
BEATS = {beat.id: beat for beat in read_cluster_beats()}
FLUX_NAME = "kustomize.toolkit.fluxcd.io/name"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleRepository:
    return build_sample_repository(tmp_path_factory.mktemp("sample") / "clusters")


@pytest.fixture(scope="module")
def recording() -> dict[str, Any]:
    with gzip.open(sample_snapshot()) as file:
        content: dict[str, Any] = json.load(file)
    return content


@pytest.fixture(scope="module")
def live(recording: dict[str, Any]) -> Live:
    return {
        (item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]): item
        for item in recording["items"]
    }


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    with gzip.open(sample_audit_log(), "rt") as file:
        return [json.loads(line) for line in file]


def rendered(sample: SampleRepository, place: str) -> list[dict[str, Any]]:
    kubectl = str(Path(sys.executable).with_name("kubectl"))
    built = subprocess.run([kubectl, "kustomize", str(sample.path / place)], capture_output=True, check=True)
    return [document for document in yaml.safe_load_all(built.stdout) if document]


def the(live: Live, beat: ClusterBeat) -> dict[str, Any]:
    return live[beat.kind, beat.namespace, beat.name]


def managers(item: dict[str, Any]) -> set[str]:
    return {entry["manager"] for entry in item["metadata"].get("managedFields", [])}


def container(item: dict[str, Any], name: str) -> dict[str, Any]:
    containers = item["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = next(entry for entry in containers if entry["name"] == name)
    return found


def test_the_product_reads_it() -> None:
    snapshot = read_snapshot(sample_snapshot(), digest=lambda text: f"{len(text):016x}")
    assert snapshot.cluster == "production"
    assert snapshot.kubernetes_version == "v1.37.2"
    assert snapshot.taken_at is not None
    assert snapshot.taken_at.isoformat() == "2026-10-31T10:00:00+00:00"
    assert 60 < len(snapshot.objects) < 130
    assert {(live.id.group, live.id.kind) for live in snapshot.objects} <= snapshot.kinds
    assert sample_snapshot().stat().st_size < 100_000


def test_flux_reports_the_samples_tip(sample: SampleRepository, live: Live) -> None:
    for name in ("apps", "flux-system", "infrastructure-controllers"):
        status = live["Kustomization", "flux-system", name]["status"]
        assert status["lastAppliedRevision"] == f"main@sha1:{sample.tip}", name
    stuck = live["Kustomization", "flux-system", "infrastructure-configs"]["status"]
    before = sample.changes["tracking-api-1.2.0-production"].sha
    assert stuck["lastAppliedRevision"] == f"main@sha1:{before}"
    assert stuck["conditions"][0]["status"] == "False"


@pytest.mark.parametrize(
    "place",
    [
        "apps/production",
        "infrastructure/controllers",
        "infrastructure/configs",
        "clusters/production/flux-system",
    ],
)
def test_what_git_declares_is_live_but_for_the_deleted_budget(
    sample: SampleRepository, live: Live, place: str
) -> None:
    documents = rendered(sample, place)
    assert documents
    missing = {
        (document["kind"], document["metadata"].get("namespace", ""), document["metadata"]["name"])
        for document in documents
    } - set(live)
    gone = BEATS["deleted"]
    assert missing == ({(gone.kind, gone.namespace, gone.name)} if place == "apps/production" else set())


def test_every_beat_is_there_with_its_manager(live: Live) -> None:
    for beat in BEATS.values():
        if beat.verdict == "deleted":
            assert (beat.kind, beat.namespace, beat.name) not in live
            continue
        assert beat.manager in managers(the(live, beat)), beat.id


def test_changes_by_hand(live: Live) -> None:
    assert the(live, BEATS["suspended"])["spec"]["suspend"] is True
    assert container(the(live, BEATS["rollback"]), "api")["image"].endswith(":1.1.0")
    assert container(the(live, BEATS["image"]), "planner")["image"].endswith(":0.1.1-debug")
    environment = container(the(live, BEATS["environment"]), "checkout")["env"]
    assert {"name": "FRAUD_CHECK", "value": "off"} in environment
    assert the(live, BEATS["scaled"])["spec"]["replicas"] == 6
    assert container(the(live, BEATS["sidecar"]), "debug")["image"] == "nicolaka/netshoot:latest"
    assert the(live, BEATS["label"])["metadata"]["labels"]["team"] == "carriers"
    annotations = the(live, BEATS["restarted"])["spec"]["template"]["metadata"]["annotations"]
    assert "kubectl.kubernetes.io/restartedAt" in annotations


def test_the_rollback_equals_what_was_declared_before(sample: SampleRepository, live: Live) -> None:
    promoted = sample.changes["tracking-api-1.2.0-production"].sha
    old = subprocess.run(
        ["git", "show", f"{promoted}^:apps/production/kustomization.yaml"],
        cwd=sample.path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tags = {image["name"]: image["newTag"] for image in yaml.safe_load(old)["images"]}
    name, _, tag = container(the(live, BEATS["rollback"]), "api")["image"].rpartition(":")
    assert tags[name] == tag


def test_the_autoscaler_stays_within_its_bounds(live: Live) -> None:
    checkout = the(live, BEATS["autoscaled"])
    scaler = live["HorizontalPodAutoscaler", "shop", "checkout"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == "checkout"
    assert scaler["minReplicas"] <= checkout["spec"]["replicas"] == 5 <= scaler["maxReplicas"]
    entries = [e for e in checkout["metadata"]["managedFields"] if e.get("subresource") == "scale"]
    assert [entry["manager"] for entry in entries] == ["kube-controller-manager"]


def test_stale_unpruned_orphan_and_unmanaged(sample: SampleRepository, live: Live) -> None:
    quota = the(live, BEATS["stale"])
    assert quota["spec"]["hard"]["requests.cpu"] == "12"
    assert managers(quota) == {"kustomize-controller"}
    declared = {document["metadata"]["name"] for document in rendered(sample, "apps/production")}
    for name in ("unpruned", "orphan"):
        item = the(live, BEATS[name])
        assert item["metadata"]["labels"][FLUX_NAME] == "apps"
        assert item["metadata"]["name"] not in declared
    inventory = live["Kustomization", "flux-system", "apps"]["status"]["inventory"]["entries"]
    assert inventory
    assert not any("checkout-loadtest" in entry["id"] for entry in inventory)
    for name in ("unmanaged", "secret-by-hand"):
        assert FLUX_NAME not in the(live, BEATS[name])["metadata"].get("labels", {})
        assert "ownerReferences" not in the(live, BEATS[name])["metadata"]


def test_flaggers_objects_belong_to_the_canary(live: Live) -> None:
    canary = live["Canary", "shop", "storefront"]["metadata"]["uid"]
    owned = {
        key
        for key, item in live.items()
        if any(
            owner["uid"] == canary and owner["controller"]
            for owner in item["metadata"].get("ownerReferences", [])
        )
    }
    assert len(owned) == 7
    assert ("Deployment", "shop", "storefront-primary") in owned
    assert ("Service", "shop", "storefront") in owned
    assert live["Deployment", "shop", "storefront"]["spec"]["replicas"] == 0
    assert live["Service", "shop", "storefront"]["spec"]["selector"] == {"app": "storefront-primary"}


def test_nothing_else_was_changed_by_hand(live: Live) -> None:
    by_hand = {
        key
        for key, item in live.items()
        for manager in managers(item)
        if manager.startswith("kubectl") or manager == "flux"
    }
    meant = {
        (b.kind, b.namespace, b.name) for b in BEATS.values() if b.manager.startswith(("kubectl", "flux"))
    }
    assert by_hand - meant == {("Secret", "tracking", "address-service"), ("Namespace", "", "flux-system")}


def test_secrets_hold_nothing_of_anybody(live: Live) -> None:
    values = {
        base64.b64decode(value).decode()
        for key, item in live.items()
        if key[0] == "Secret"
        for value in item["data"].values()
    }
    assert values == {
        "notifications",
        "not-a-real-password",
        "not-a-real-payment-key-but-as-long",
        "correct-horse-battery-staple",
    }


def test_times_are_the_storys(recording: dict[str, Any]) -> None:
    stamps = re.findall(r"\b(20\d\d-\d\d-\d\d)T\d\d:\d\d:\d\d", json.dumps(recording))
    assert len(stamps) > 200
    assert min(stamps) == "2025-05-05"
    assert max(stamps) == "2026-10-31"


def test_the_audit_log_names_who_did_it(live: Live, events: list[dict[str, Any]]) -> None:
    assert all(event["responseStatus"]["code"] in (200, 201) for event in events)
    assert all(event["stage"] == "ResponseComplete" for event in events)
    done = {
        (event["verb"], event["objectRef"]["name"]): event for event in events if "name" in event["objectRef"]
    }
    assert done["delete", "checkout"]["user"]["username"] == "tomasz.zielinski@example.com"
    edit = done["patch", "slot-planner"]
    assert edit["user"]["username"] == "priya.raman@example.com"
    entries = the(live, BEATS["image"])["metadata"]["managedFields"]
    at = next(entry["time"] for entry in entries if entry["manager"] == "kubectl-set")
    assert edit["requestReceivedTimestamp"][:19] <= at <= edit["stageTimestamp"][:19] + "Z"
    assert max(event["stageTimestamp"] for event in events) < "2026-10-31"
    secrets = [event for event in events if event["objectRef"]["resource"] == "secrets"]
    assert secrets
    assert not any("requestObject" in event for event in secrets)
