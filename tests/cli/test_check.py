"""`auditor check` as CI meets it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli.command import Run

GOOD = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: green}
"""
PRIVILEGED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata:
  name: printer
  namespace: shop
spec:
  containers:
    - name: main
      image: registry.example.com:5000/printer@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      securityContext:
        privileged: true
"""
BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n"


def test_nothing_to_say_exits_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    result = run("check", "good.yaml", "--engine", "embedded")
    assert (result.code, result.out) == (0, "")


def test_json_has_the_contract_and_names_the_field_s_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(PRIVILEGED)
    result = run("check", "pod.yaml", "--engine", "embedded", "--format", "json")
    document = json.loads(result.out)
    assert result.code == 1
    assert {"version", "findings", "errors", "skipped", "summary"} <= set(document)
    (privileged,) = [entry for entry in document["findings"] if entry["rule_id"] == "AUD-POD-0001"]
    assert privileged == {
        "id": "F-" + privileged["id"][2:],
        "rule_id": "AUD-POD-0001",
        "severity": "critical",
        "level": "fail",
        "path": "pod.yaml",
        "line": 15,
        "column": 9,
        "environment": "default",
        "resource": {"api_version": "v1", "kind": "Pod", "namespace": "shop", "name": "printer"},
        "pointer": "spec.containers[name=main].securityContext.privileged",
        "message": privileged["message"],
    }
    assert re.fullmatch(r"F-[0-9a-f]{16}", privileged["id"])
    assert "main" in privileged["message"]
    assert set(document["summary"]) == {
        "files", "resources", "findings", "waived", "errors", "skipped", "engine", "kubernetes_version",
    }  # fmt: skip
    assert document["summary"]["engine"].startswith("embedded ")
    assert document["summary"]["findings"]["critical"] >= 1


@pytest.mark.parametrize(("threshold", "code"), [("low", 1), ("critical", 1), ("never", 0)])
def test_fail_on_decides_between_0_and_1(run: Run, tmp_path: Path, threshold: str, code: int) -> None:
    (tmp_path / "pod.yaml").write_text(PRIVILEGED)
    assert run("check", "pod.yaml", "--engine", "embedded", "--fail-on", threshold).code == code


def test_fail_on_above_every_finding_exits_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(PRIVILEGED.replace("privileged: true", "privileged: false"))
    assert run("check", "pod.yaml", "--engine", "embedded", "--fail-on", "critical").code == 0
    assert run("check", "pod.yaml", "--engine", "embedded", "--fail-on", "low").code == 1


def test_a_broken_file_is_named_and_is_never_a_pass(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text(BROKEN)
    result = run("check", ".", "--engine", "embedded", "--format", "json", "--fail-on", "never")
    document = json.loads(result.out)
    assert result.code == 3
    assert [entry["path"] for entry in document["errors"]] == ["broken.yaml"]
    assert [entry["rule_id"] for entry in document["findings"]] == ["AUD-YAML-0001"]


@pytest.mark.parametrize(
    "way", ["overlays/prod/patch.yaml", "overlays/prod", "overlays/../overlays/prod", "absolute"]
)
def test_a_patch_is_recognised_by_the_kustomization_beside_it(run: Run, tmp_path: Path, way: str) -> None:
    (tmp_path / ".git").mkdir()
    overlay = tmp_path / "overlays" / "prod"
    overlay.mkdir(parents=True)
    (overlay / "kustomization.yaml").write_text("patches:\n  - path: patch.yaml\n")
    (overlay / "patch.yaml").write_text(PRIVILEGED)
    asked = overlay if way == "absolute" else way
    document = json.loads(run("check", asked, "--engine", "embedded", "--format", "json").out)
    assert document["findings"] == []
    (skipped,) = [entry for entry in document["skipped"] if entry["path"].endswith("patch.yaml")]
    assert "kustomization" in skipped["reason"]


def test_a_kind_without_a_schema_is_skipped_with_that_reason(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thing.yaml").write_text(
        "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: b}\n"
    )
    document = json.loads(run("check", "thing.yaml", "--engine", "embedded", "--format", "json").out)
    assert any("no schema" in entry["reason"] for entry in document["skipped"])


def test_a_missing_path_is_wrong_usage(run: Run) -> None:
    result = run("check", "nowhere.yaml", "--engine", "embedded")
    assert result.code == 2
    assert "nowhere.yaml" in result.err


def test_an_unknown_kubernetes_version_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    result = run("check", "good.yaml", "--engine", "embedded", "--kubernetes-version", "1.3")
    assert result.code == 2
    assert "1.3" in result.err


def test_secret_values_are_not_printed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {password: hunter2-but-longer}\n"
    )
    for output_format in ("table", "json"):
        result = run("check", "secret.yaml", "--engine", "embedded", "--format", output_format)
        assert result.code == 1
        assert "hunter2" not in result.out + result.err


def test_a_file_s_name_cannot_move_the_cursor(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2Jb.yaml").write_text(PRIVILEGED)
    result = run("check", ".", "--engine", "embedded")
    assert "\x1b[2J" not in result.out + result.err


def test_a_broken_file_that_is_named_is_never_a_pass_even_without_an_api_version(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "values.yaml").write_text("image: [nginx\n")
    result = run("check", "values.yaml", "--engine", "embedded")
    assert result.code == 3
    assert "values.yaml: line " in result.err


def test_nothing_judged_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.yaml").write_text("shopping: [milk]\n")
    for path in (".", "notes.yaml"):
        result = run("check", path, "--engine", "embedded")
        assert result.code == 0
        assert "nothing was judged" in result.err
