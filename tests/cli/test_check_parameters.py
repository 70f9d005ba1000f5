"""Parameters by rule and environment, rules that are disabled, and severities that the operator sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.checked import PRIVILEGED, check_json, of_rule, pod
from cli.command import Run

REGISTRY = "AUD-IMG-0003"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for environment in ("production", "staging"):
        (tmp_path / "clusters" / environment).mkdir(parents=True)
        (tmp_path / "clusters" / environment / "pod.yaml").write_text(pod(environment))
    return tmp_path


def configure(folder: Path, policies: object) -> None:
    (folder / "auditor.yaml").write_text(json.dumps({"policies": policies}))


@pytest.mark.parametrize(
    ("policies", "refused"),
    [
        ({"parameters": {REGISTRY: {"allowed": ["other.example.com"]}}}, ["production", "staging"]),
        ({"parameters": {REGISTRY: {"allowed": ["registry.example.com"]}}}, []),
        ({"environments": {"production": {REGISTRY: {"allowed": ["other.example.com"]}}}}, ["production"]),
        (
            {
                "parameters": {REGISTRY: {"allowed": ["other.example.com"]}},
                "environments": {"production": {REGISTRY: {"allowed": ["registry.example.com"]}}},
            },
            ["staging"],
        ),
        ({"environments": {"elsewhere": {REGISTRY: {"allowed": ["other.example.com"]}}}}, []),
    ],
)
def test_an_environment_s_parameters_hold_over_those_for_all(
    run: Run, folder: Path, policies: object, refused: list[str]
) -> None:
    configure(folder, policies)
    found = of_rule(check_json(run, "clusters")["findings"], REGISTRY)
    assert sorted(one["environment"] for one in found) == refused


@pytest.mark.parametrize(
    ("policies", "words"),
    [
        ({"parameters": {"AUD-IMG-003": {}}}, "did you mean 'AUD-IMG-0003'?"),
        ({"parameters": {REGISTRY: {"allow": []}}}, "did you mean 'allowed'?"),
        ({"parameters": {REGISTRY: {"allowed": "a"}}}, "is not of type 'array'"),
        ({"environments": {"production": {REGISTRY: {"allowed": [1]}}}}, "is not of type 'string'"),
        ({"environments": {"production": {"AUD-IMG-9": {}}}}, "which is no rule"),
        ({"disabled": ["AUD-POD-001"]}, "policies.disabled names 'AUD-POD-001'"),
        ({"severity": {"AUD-POD-001": "low"}}, "policies.severity names 'AUD-POD-001'"),
        ({"severity": {PRIVILEGED: "worst"}}, "policies.severity"),
        ({"disable": [PRIVILEGED]}, "did you mean disabled?"),
    ],
)
def test_what_does_not_exist_is_an_error_that_names_the_nearest(
    run: Run, folder: Path, policies: object, words: str
) -> None:
    configure(folder, policies)
    result = run("check", "clusters", "--engine", "embedded")
    assert result.code == 2
    assert words in result.err
    assert result.out == ""


def test_a_disabled_rule_is_named_and_never_counted_as_passed(run: Run, folder: Path) -> None:
    configure(folder, {"disabled": [PRIVILEGED, "AUD-SCHEMA-0001"]})
    document = check_json(run, "clusters")
    assert of_rule(document["findings"]) == []
    assert document["disabled"] == [PRIVILEGED, "AUD-SCHEMA-0001"]
    assert "AUD-POD-0001" in run("check", "clusters", "--engine", "embedded").err
    log = json.loads(run("check", "clusters", "--engine", "embedded", "--format", "sarif").out)
    overrides = log["runs"][0]["invocations"][0]["ruleConfigurationOverrides"]
    assert {one["descriptor"]["id"]: one["configuration"]["enabled"] for one in overrides} == {
        PRIVILEGED: False,
        "AUD-SCHEMA-0001": False,
    }


def test_a_file_s_rule_can_be_disabled_and_the_file_is_still_not_evaluated(run: Run, folder: Path) -> None:
    (folder / "clusters" / "broken.yaml").write_text("apiVersion: v1\nkind: [")
    configure(folder, {"disabled": ["AUD-YAML-0001"]})
    document = check_json(run, "clusters")
    assert of_rule(document["findings"], "AUD-YAML-0001") == []
    assert len(document["errors"]) == 1


def test_a_severity_decides_the_exit_code(run: Run, folder: Path) -> None:
    configure(folder, {"severity": {PRIVILEGED: "low"}})
    document = check_json(run, "clusters")
    assert {one["severity"] for one in of_rule(document["findings"])} == {"low"}
    assert run("check", "clusters", "--engine", "embedded", "--fail-on", "critical").code == 0


def test_what_is_excluded_is_not_judged(run: Run, folder: Path) -> None:
    (folder / "auditor.yaml").write_text("exclude: ['clusters/staging/**']\n")
    assert {one["environment"] for one in check_json(run, ".")["findings"]} == {"production"}
