"""The read-only API: what it gives, what it refuses."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from service.trail_seed import HOSTILE_SUBJECT, LOST, REPO, sha
from starlette.testclient import TestClient

from auditor.service.api import create_api
from auditor.service.context import ServiceContext
from auditor.service.evidence import RepositoryEvidence
from auditor.store.database import open_database


def test_health(api: TestClient) -> None:
    assert api.get("/health").json()["status"] == "ok"


def test_summary_says_that_the_run_is_incomplete(api: TestClient) -> None:
    summary = api.get("/summary").json()
    assert summary["repositories"] == [REPO]
    assert summary["run"]["status"] == "incomplete"
    assert summary["run"]["counts"] == {"commits": 150, "blobs": 480, "documents": 700}
    assert summary["gaps"][0]["outcome"] == "error"
    assert summary["open"] + summary["fixed"] == 201
    changes = api.get("/findings", params={"source": "changes", "limit": 1000}).json()["items"]
    assert summary["open_changes_by_rule"] == Counter(item["rule_id"] for item in changes)
    assert sum(summary["open_by_severity"].values()) == summary["open"]
    assert sum(summary["drift_by_verdict"].values()) == summary["drift"] == 21
    assert len(summary["drift_by_verdict"]) == 7
    checks = {check["cluster"]: (check["compared"], check["unknown"]) for check in summary["cross_checks"]}
    assert checks == {"production-eu": (71, 2), "staging": (40, 0), "lab": (12, 0)}
    assert summary["commits"] == 150


def test_findings_are_paged_without_gap_or_repetition(api: TestClient) -> None:
    seen: list[tuple[str, int]] = []
    total = api.get("/findings").json()["total"]
    for offset in range(0, total + 60, 60):
        page = api.get("/findings", params={"limit": 60, "offset": offset}).json()
        assert page["total"] == total
        seen += [(item["id"], item["occurrence"]) for item in page["items"]]
    assert len(seen) == len(set(seen)) == total


def test_findings_of_changes_are_among_all_and_can_be_told_apart(api: TestClient) -> None:
    def of(**source: str) -> list[dict[str, object]]:
        items: list[dict[str, object]] = api.get("/findings", params={**source, "limit": 1000}).json()[
            "items"
        ]
        return items

    assert of() == of(source="all")
    assert {item["source"] for item in of(source="changes")} == {"change"}
    assert {item["source"] for item in of(source="resources")} == {"manifest", "rendered"}
    assert len(of(source="resources")) == 201
    assert len(of()) == 201 + len(of(source="changes"))
    assert api.get("/findings", params={"source": "change"}).status_code == 422
    described = api.get("/openapi.json").json()["paths"]["/findings"]["get"]["parameters"]
    (source,) = [parameter for parameter in described if parameter["name"] == "source"]
    assert "how a commit landed" in source["description"]
    assert source["schema"]["default"] == "all"


def test_a_commit_names_what_is_said_of_its_landing(api: TestClient) -> None:
    (forged,) = api.get("/findings", params={"rule": "AUD-CHG-0002"}).json()["items"]
    found = api.get(f"/commits/{forged['opened_sha']}").json()
    assert forged["id"] in {item["id"] for item in found["opened"]}


def test_findings_filters_hold_together(api: TestClient) -> None:
    everything = api.get("/findings", params={"limit": 1000}).json()["items"]
    wanted = {"severity": ["high", "low"], "state": "open", "environment": "production", "text": "PAYMENTS"}
    page = api.get("/findings", params={**wanted, "limit": 1000}).json()
    expected = [
        item
        for item in everything
        if item["severity"] in ("high", "low")
        and item["state"] == "open"
        and item["environment"] == "production"
    ]
    assert page["total"] == len(expected) > 0
    assert {item["id"] for item in page["items"]} == {item["id"] for item in expected}


def test_findings_of_a_period_include_both_days(api: TestClient) -> None:
    everything = api.get("/findings", params={"limit": 1000}).json()["items"]
    first = everything[5]["opened_at"][:10]
    page = api.get("/findings", params={"opened_from": first, "opened_to": first, "limit": 1000}).json()
    assert page["total"] == sum(item["opened_at"][:10] == first for item in everything) > 0


def test_text_is_never_a_pattern(api: TestClient) -> None:
    assert api.get("/findings", params={"text": "%"}).json()["total"] == 0
    assert api.get("/findings", params={"text": "'; DROP TABLE trail.finding; --"}).json()["total"] == 0


def test_one_finding_with_its_occurrences(api: TestClient) -> None:
    twice = [i for i in api.get("/findings", params={"limit": 1000}).json()["items"] if i["occurrence"] == 2]
    found = api.get(f"/findings/{twice[0]['id']}").json()
    assert [item["occurrence"] for item in found["occurrences"]] == [2, 1]
    assert found["remediation"].startswith("Set the field")


def test_a_commit_by_the_first_digits(api: TestClient) -> None:
    found = api.get(f"/commits/{sha('commit 148')[:9]}").json()
    assert found["commit"]["sha"] == sha("commit 148")
    assert found["commit"]["subject"] == HOSTILE_SUBJECT
    assert len(found["files"]) == len(found["resources"]) == 1


def test_a_change_with_its_request_reviews_and_fields(api: TestClient) -> None:
    found = api.get(f"/changes/{sha('commit 148')}").json()
    assert found["commit"]["subject"] == HOSTILE_SUBJECT
    assert {name: found["request"][name] for name in ("number", "confirmed", "approvers", "merged_by")} == {
        "number": 448,
        "confirmed": "confirmed",
        "approvers": ["mei"],
        "merged_by": "ana",
    }
    assert [review["state"] for review in found["reviews"]] == ["approved", "commented"]
    assert [check["state"] for check in found["checks"]] == ["failure"]
    assert [field["pointer"] for field in found["fields"]]


def test_a_change_without_a_forge_is_confirmed_by_nobody(api: TestClient) -> None:
    request = api.get(f"/changes/{sha('commit 144')}").json()["request"]
    assert request["confirmed"] == "not confirmed by a forge"
    assert request["approvers"] is None


def test_a_side_commit_leads_to_the_change_that_brought_it_in(api: TestClient) -> None:
    found = api.get(f"/changes/{sha('commit 3')}").json()
    assert found["commit"]["sha"] == sha("commit 4")
    assert found["side_commits"] == [sha("commit 3")]


def test_who_set_the_fields_of_a_resource(api: TestClient) -> None:
    address = "/resources/Deployment/web/fields"
    wanted = {"environment": "production", "pointer": "/spec/template/spec/containers[name=web]/image"}
    found = api.get(address, params=wanted).json()
    (now,) = found["fields"]
    assert now["value"] == found["values"][0]["value"]
    assert found["values"][0]["until"] is None
    assert [value["until"] for value in found["values"][1:]] == [
        value["since"] for value in found["values"][:-1]
    ]
    assert api.get(address).status_code == 409
    assert api.get("/resources/Deployment/nothing/fields").status_code == 404
    assert api.get(address, params={"environment": "production"}).json()["values"] == []


def test_the_state_of_the_trail(api: TestClient) -> None:
    found = api.get("/trail").json()
    assert found["size"] == 5000
    assert found["root"] == (bytes([5000 % 251]) * 32).hex()
    assert [(point["size"], point["newer"]) for point in found["checkpoints"]] == [(4200, 800)]
    assert [ref["move"] for ref in found["refs"]] == ["created", "rewritten", "moved"]
    assert found["lost_commits"] == [sha(f"commit {LOST}")]


@pytest.mark.parametrize("path", ["/changes/0000000", "/findings/F-none", "/commits/0000000", "/commits/abc"])
def test_what_is_not_there_is_404(api: TestClient, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    ["severity=enormous", "limit=0", "limit=1001", "offset=-1", "opened_from=yesterday", "text=" + "x" * 201],
)
def test_wrong_parameters_are_422(api: TestClient, query: str) -> None:
    assert api.get(f"/findings?{query}").status_code == 422


def test_drift_filters(api: TestClient) -> None:
    page = api.get("/drift", params={"verdict": ["stale", "deleted"], "cluster": "staging"}).json()
    assert page["total"] == len(page["items"]) > 0
    assert {item["verdict"] for item in page["items"]} <= {"stale", "deleted"}
    assert {item["cluster"] for item in page["items"]} == {"staging"}
    assert api.get("/drift", params={"verdict": "fine"}).status_code == 422


def test_runs_are_newest_first(api: TestClient) -> None:
    assert [run["id"] for run in api.get("/runs").json()] == ["R-2", "R-1"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(api: TestClient, method: str) -> None:
    assert getattr(api, method)("/findings").status_code == 405


def test_documentation_loads_nothing_from_elsewhere(api: TestClient) -> None:
    page = api.get("/docs").text
    assert "/api/findings/{finding_id}" in page
    assert "//" not in page.replace("<!doctype html>", "")
    assert "<script" not in page
    paths = api.get("/openapi.json").json()["paths"]
    assert {
        "/health",
        "/summary",
        "/runs",
        "/findings",
        "/findings/{finding_id}",
        "/commits/{sha}",
        "/changes/{sha}",
        "/resources/{kind}/{name}/fields",
        "/trail",
        "/drift",
    } == set(paths)


def test_parallel_requests_get_their_own_answers(api: TestClient, context: ServiceContext) -> None:
    def total(severity: str) -> int:
        return int(api.get("/findings", params={"severity": severity, "limit": 1}).json()["total"])

    words = ["critical", "high", "medium", "low"] * 8
    alone = {word: total(word) for word in set(words)}
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(total, words)) == [alone[word] for word in words]


def test_a_database_that_cannot_answer_says_so(tmp_path: Path) -> None:
    with open_database(tmp_path / "audit.duckdb", create=True) as database:
        database.connection.execute("DROP VIEW findings")
        broken = ServiceContext(database=database, evidence=RepositoryEvidence(database.path))
        answer = TestClient(create_api(broken)).get("/findings")
    assert answer.status_code == 503
    assert "scan again" in answer.json()["detail"]
