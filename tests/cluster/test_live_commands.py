"""The commands on a live cluster, against a stand-in of ours (api_standin.py): what they print and how they end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.command import runner
from cluster.api_standin import Standin, standin_server, status

MAPS, DEPLOYMENTS = "/api/v1/configmaps", "/apis/apps/v1/deployments"


def config_map(name: str, value: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop"}, "data": {"colour": value}}


@pytest.fixture
def api() -> Iterator[Standin]:
    with standin_server() as standin:
        standin.serve(MAPS, "ConfigMap", config_map("web", "blue"))
        standin.serve(DEPLOYMENTS, "Deployment")
        yield standin


@pytest.fixture
def work(tmp_path: Path) -> Path:
    declared = [
        {"apiVersion": "v1", "kind": "ConfigMap", **config_map("web", "green")},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gone", "namespace": "shop"}},
    ]
    (tmp_path / "declared").mkdir()
    (tmp_path / "declared" / "all.yaml").write_text(yaml.safe_dump_all(declared))
    return tmp_path


Command = Callable[..., tuple[str, str]]


@pytest.fixture
def auditor(work: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> Command:
    """Runs a command in the folder, holds its exit code against `code`, gives what it printed on both streams."""
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(work))
    monkeypatch.setenv("COLUMNS", "300")
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "AUDITOR_DB"):
        monkeypatch.delenv(name, raising=False)
    run = runner(monkeypatch, capfdbinary)

    def command(*arguments: object, code: int) -> tuple[str, str]:
        ran = run(*arguments)
        assert ran.code == code, ran
        return ran.out, ran.err

    return command


def test_a_kind_that_cannot_be_read_is_unknown_and_ends_with_3(
    api: Standin, work: Path, auditor: Command
) -> None:
    api.next(MAPS, status(503, "busy"), status(429, Retry_After="0"))
    api.always[DEPLOYMENTS] = status(403, "no")
    path = api.kubeconfig(work)
    told, said = auditor(
        "drift", "declared", "--context", "test", "--kubeconfig", path, "--format", "json", code=3
    )
    document = json.loads(told)
    assert "retry" not in said
    assert [(entry["name"], entry["pointer"]) for entry in document["drift"]] == [("web", "data.colour")]
    (about,) = (entry["reason"] for entry in document["unknown"] if entry["name"] == "gone")
    assert about == "its kind could not be read: 403 (no) to /apis/apps/v1/deployments"
    assert document["summary"]["incomplete"] == [
        "Deployment of apps could not be read: 403 (no) to /apis/apps/v1/deployments"
    ]


def test_what_is_left_out_on_purpose_is_told_and_no_failure(
    api: Standin, work: Path, auditor: Command
) -> None:
    path = api.kubeconfig(work)
    told, _ = auditor(
        "drift", "declared", "--context", "test", "--kubeconfig", path, "--without", "Deployment",
        "--format", "json", code=1,
    )  # fmt: skip
    document = json.loads(told)
    assert document["summary"]["incomplete"] == []
    assert any(entry["name"] == "gone" and "--without" in entry["reason"] for entry in document["unknown"])
    assert api.queries(DEPLOYMENTS) == []


def test_a_recording_keeps_what_could_not_be_read(api: Standin, work: Path, auditor: Command) -> None:
    api.always[DEPLOYMENTS] = status(403, "no")
    path = api.kubeconfig(work)
    told, said = auditor("snapshot", "--context", "test", "--kubeconfig", path, "-o", "s.json.gz", code=3)
    assert told == ""
    assert "INCOMPLETE: Deployment of apps: 403 (no)" in said
    told, _ = auditor("drift", "declared", "--snapshot", "s.json.gz", "--format", "json", code=3)
    document = json.loads(told)
    assert document["summary"]["cluster"] == "test"
    assert not [entry for entry in document["drift"] if entry["verdict"] == "deleted"]


def test_one_of_several_that_is_down_does_not_keep_the_others_from_it(
    api: Standin, work: Path, auditor: Command
) -> None:
    first = json.loads(api.kubeconfig(work, name="up").read_text())
    api_url, api.url = api.url, "http://127.0.0.1:9"
    second = json.loads(api.kubeconfig(work, name="down").read_text())
    api.url = api_url
    merged = {**first, **{key: first[key] + second[key] for key in ("clusters", "users", "contexts")}}
    (work / "both").write_text(json.dumps(merged))
    contexts = ("--context", "up", "--context", "down", "--kubeconfig", work / "both")
    _, said = auditor("snapshot", *contexts, "-o", "recorded", code=3)
    assert "NOT RECORDED: down" in said
    assert [path.name for path in (work / "recorded").iterdir()] == ["up.json.gz"]
    told, _ = auditor("drift", "declared", *contexts, "--format", "json", code=3)
    document = json.loads(told)
    assert {entry["cluster"] for entry in document["drift"]} == {"up"}
    assert any(reason.startswith("down: ") for reason in document["summary"]["incomplete"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("drift", "declared"), "nothing to hold git against"),
        (("drift", "declared", "--kubeconfig", "k"), "--kubeconfig alone names no cluster"),
        (("drift", "declared", "--context", "nope", "--kubeconfig", "test.kubeconfig"), "has no context 'nope'"),
        (("drift", "declared", "--context", "test", "--snapshot", "s"), "a recording and a live cluster at once"),
        (("drift", "declared", "--context", "test", "--context", "test"), "given twice"),
        (("drift", "declared", "--in-cluster", "--context", "test"), "takes the pod's own account"),
        (("drift", "declared", "--in-cluster"), "no pod with a service account"),
        (("drift", "declared", "--snapshot", "s", "--without", "Secret"), "--without is for live clusters"),
        (("drift", "declared", "--context", "x"), "there is no kubeconfig"),
        (("snapshot", "-o", "s.json"), "nothing to record"),
        (("snapshot", "-o", "no/where/s.json", "--context", "test", "--kubeconfig", "test.kubeconfig"), "cannot be written"),
        (("doctor", "--rbac"), "--rbac is about a cluster"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_wrong_usage_is_told_in_one_line(
    api: Standin, work: Path, auditor: Command, arguments: tuple[str, ...], message: str
) -> None:
    api.kubeconfig(work)
    told, said = auditor(*arguments, code=2)
    assert told == ""
    assert message in said.replace("\n", " ")


def test_a_kubeconfig_in_the_audited_folder_is_refused(
    api: Standin, work: Path, auditor: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = api.kubeconfig(work / "declared")
    for more in (("--kubeconfig", path), ()):
        monkeypatch.setenv("KUBECONFIG", str(path))
        _, said = auditor("drift", "declared", "--context", "test", *more, code=2)
        assert "lies inside the audited repository" in said
    assert api.asked == []


def test_a_scan_puts_what_differs_into_the_database(api: Standin, work: Path, auditor: Command) -> None:
    """What could not be read makes the scan incomplete, too."""
    api.serve("/apis/example.org/v1/teapots", "Teapot")
    api.always["/apis/example.org/v1/teapots"] = status(403, "no")
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "first"),
    ):
        subprocess.run(["git", "-C", str(work / "declared"), *words], check=True, capture_output=True)
    path = api.kubeconfig(work)
    told, _ = auditor(
        "scan",
        "declared",
        "--db",
        "a.duckdb",
        "--context",
        "test",
        "--kubeconfig",
        path,
        "--format",
        "json",
        code=3,
    )
    summary = json.loads(told)
    assert (summary["drift"]["unauthorised"], summary["drift"]["deleted"]) == (1, 1)
    assert summary["incomplete"] == [
        "cross-check of test: Teapot of example.org could not be read: 403 (no) to /apis/example.org/v1/teapots"
    ]
    told, _ = auditor(
        "query",
        "SELECT cluster, name, pointer FROM drift ORDER BY name",
        "--db",
        "a.duckdb",
        "--format",
        "json",
        code=0,
    )
    rows = json.loads(told)
    assert [(row["cluster"], row["name"], row["pointer"]) for row in rows] == [
        ("test", "gone", ""), ("test", "web", "data.colour"),
    ]  # fmt: skip
