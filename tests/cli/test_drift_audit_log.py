"""`auditor drift --audit-log`: names in the output, and exit codes that do not say more than was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.command import Run

STAMP = "2026-09-01T12:00:05Z"


def manifest(mode: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"mode": mode},
    }


def event(body: Any = None) -> dict[str, Any]:
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Request",
        "auditID": "0c1e",
        "stage": "ResponseComplete",
        "verb": "patch",
        "requestURI": "/api/v1/namespaces/shop/configmaps/settings?fieldManager=kubectl-patch",
        "user": {"username": "ann@example.com", "groups": ["developers"]},
        "sourceIPs": ["10.0.0.7"],
        "userAgent": "kubectl/v1.37.1",
        "objectRef": {
            "resource": "configmaps",
            "namespace": "shop",
            "name": "settings",
            "apiVersion": "v1",
        },
        "responseStatus": {"code": 200},
        "requestObject": body or {"data": {"mode": "off"}},
        "requestReceivedTimestamp": STAMP,
        "stageTimestamp": STAMP,
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a manifest, a recording in which somebody changed it, and the audit log of that."""
    (tmp_path / "git").mkdir()
    (tmp_path / "git" / "settings.yaml").write_text(json.dumps(manifest("live")))
    live = manifest("off")
    entry = {
        "manager": "kubectl-patch",
        "operation": "Update",
        "apiVersion": "v1",
        "time": STAMP,
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:data": {"f:mode": {}}},
    }
    live["metadata"]["managedFields"] = [entry]
    recorded = {"apiVersion": "v1", "kind": "List", "items": [live]}
    (tmp_path / "cluster.json").write_text(json.dumps(recorded))
    (tmp_path / "audit.log").write_text(json.dumps(event()) + "\n")
    return tmp_path


def drift(run: Run, place: Path, *more: object) -> Any:
    return run(
        "drift", place / "git", "--snapshot", place / "cluster.json", "--cluster", "prod", "--db", place / "x" / "a.duckdb",
        *more,
    )  # fmt: skip


def test_the_actor_is_a_person_and_the_log_is_told_of(run: Run, place: Path) -> None:
    result = drift(run, place, "--audit-log", place / "audit.log", "--format", "json")
    assert result.code == 1
    document = json.loads(result.out)
    (entry,) = document["drift"]
    assert (entry["actor"], entry["manager"], entry["confidence"]) == (
        "ann@example.com",
        "kubectl-patch",
        "high",
    )
    assert entry["changed_at"] == STAMP
    told = document["summary"]["audit_log"]
    assert (told["files"], told["lines"], told["writes"], told["unreadable_lines"]) == (1, 1, 1, 0)
    assert (told["first"], told["last"]) == (STAMP, STAMP)


def test_people_read_it_too(run: Run, place: Path) -> None:
    result = drift(run, place, "--audit-log", place / "audit.log")
    assert "done by ann@example.com at 2026-09-01 12:00:05 UTC, confidence high" in result.out
    assert "audit log: writes 1, lines 1, 2026-09-01 12:00:05 to" in result.err


def test_a_line_that_cannot_be_read_makes_it_incomplete(run: Run, place: Path) -> None:
    with (place / "audit.log").open("a") as file:
        file.write("{cut\n")
    result = drift(run, place, "--audit-log", place / "audit.log")
    assert result.code == 3
    assert "INCOMPLETE: 1 line of the audit log could not be read: audit.log:2: no JSON" in result.err
    assert "done by ann@example.com" in result.out


def test_without_a_log_it_is_as_before(run: Run, place: Path) -> None:
    result = drift(run, place, "--format", "json")
    document = json.loads(result.out)
    assert [entry["actor"] for entry in document["drift"]] == ["kubectl-patch"]
    assert "audit_log" not in document["summary"]


def test_several_servers_logs_are_given_one_by_one(run: Run, place: Path) -> None:
    other = {**event({"data": {"else": "x"}}), "auditID": "2", "user": {"username": "bob@example.com"}}
    (place / "other.log").write_text(json.dumps(other) + "\n")
    result = drift(
        run, place, "--audit-log", place / "audit.log", "--audit-log", place / "other.log", "--format", "json"
    )
    assert result.code == 1, result.err
    document = json.loads(result.out)
    assert [entry["actor"] for entry in document["drift"]] == ["ann@example.com"]
    assert document["summary"]["audit_log"]["files"] == 2


def test_a_log_that_is_not_there_is_wrong_usage(run: Run, place: Path) -> None:
    result = drift(run, place, "--audit-log", place / "missing.log")
    assert result.code == 2
    assert "there is no audit log" in result.err


def test_a_scan_takes_a_log_only_with_the_recording_that_it_belongs_to(run: Run, place: Path) -> None:
    result = run("scan", place / "git", "--audit-log", place / "audit.log", "--db", place / "x" / "a.duckdb")
    assert result.code == 2
    assert "give the cluster's --snapshot, too" in result.err


def test_no_value_of_a_body_reaches_the_screen(run: Run, place: Path) -> None:
    canary = "canary-9d1"
    body = {"data": {"mode": "off", "token": canary}, "stringData": {"x": canary}}
    (place / "audit.log").write_text(json.dumps(event(body)) + f'\n{{"cut": "{canary}\n')
    for form in ("json", "table"):
        result = drift(run, place, "--audit-log", place / "audit.log", "--format", form)
        assert result.code == 3
        assert canary not in result.out + result.err
    assert not any(
        canary.encode() in path.read_bytes() for path in (place / "x").rglob("*") if path.is_file()
    )


def test_the_samples_log_names_everybody_who_went_around_git(demo_folder: Path, run: Run) -> None:
    sql = (
        "SELECT verdict, kind, name, pointer, split_part(actor, '@', 1) AS actor, confidence FROM drift"
        " WHERE actor LIKE '%@%' ORDER BY kind, name, pointer"
    )
    rows = json.loads(run("query", sql, "--db", demo_folder / "audit.duckdb", "--format", "json").out)
    container = "spec.template.spec.containers"
    restarted = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'
    assert [tuple(row.values()) for row in rows] == [
        ("unauthorised", "Deployment", "checkout", f"{container}[name=checkout].env[name=FRAUD_CHECK].value",
         "priya.raman", "high"),
        ("orphan", "Deployment", "checkout-loadtest", "", "daniel.okafor", "high"),
        ("unmanaged", "Deployment", "debug-shell", "", "tomasz.zielinski", "high"),
        ("added", "Deployment", "label-printer", restarted, "luis.ferreira", "high"),
        ("unauthorised", "Deployment", "notifications", "spec.replicas", "daniel.okafor", "high"),
        ("added", "Deployment", "returns-portal", f"{container}[name=debug]", "daniel.okafor", "high"),
        ("unauthorised", "Deployment", "slot-planner", f"{container}[name=planner].image", "priya.raman", "high"),
        ("unauthorised", "Deployment", "tracking-api", f"{container}[name=api].image", "tomasz.zielinski", "high"),
        ("added", "Kustomization", "apps", "spec.suspend", "tomasz.zielinski", "high"),
        ("deleted", "PodDisruptionBudget", "checkout", "", "tomasz.zielinski", "high"),
        ("unmanaged", "Secret", "address-service", "", "luis.ferreira", "high"),
        ("unmanaged", "Secret", "postgres", "", "luis.ferreira", "high"),
        ("added", "Service", "tracking-api", "metadata.labels.team", "tomasz.zielinski", "high"),
    ]  # fmt: skip
