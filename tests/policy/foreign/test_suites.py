"""Suites of `gator verify`: what passes and fails there does so here, and what cannot run is never a pass."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from policy.foreign.foreign_support import ENGINES, tool, write
from policy.foreign.test_gatekeeper_policies import LABELS, UNIQUE, constraint
from typer.testing import CliRunner

from auditor.cli.main import app
from auditor.errors import PolicyError, UsageError
from auditor.policy.foreign.gator import run_suites
from auditor.policy.foreign.suites import assertion_problem

SUITE = """
kind: Suite
apiVersion: test.gatekeeper.sh/v1alpha1
metadata: {name: suite}
tests:
  - name: labels
    template: template.yaml
    constraint: constraint.yaml
    cases:
      - name: good
        object: good.yaml
        assertions: [{violations: no}]
      - name: bad
        object: bad.yaml
        assertions: [{violations: 1, message: "lacks .*team"}, {violations: no, message: other}]
      - {name: left-out, skip: true, object: nowhere.yaml}
  - name: unique
    template: unique.yaml
    constraint: uniqueconstraint.yaml
    cases:
      - name: another
        object: bad.yaml
        inventory: [good.yaml]
        assertions: [{violations: yes}]
      - name: alone
        object: bad.yaml
        assertions: [{violations: "no"}]
  - {name: wrong, template: template.yaml, constraint: invalid.yaml, invalid: true}
"""

FILES = {
    "template_yaml": LABELS,
    "constraint_yaml": constraint("NeedsLabels", "labels", "{parameters: {labels: [team]}}"),
    "invalid_yaml": constraint("NeedsLabels", "labels", "{parameters: {labels: 5}}"),
    "unique_yaml": UNIQUE,
    "uniqueconstraint_yaml": constraint("UniqueSelector", "unique", "{}"),
    "good_yaml": "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: n, labels: {team: t}}, spec: {selector: {a: b}}}",
    "bad_yaml": "{apiVersion: v1, kind: Service, metadata: {name: b, namespace: n}, spec: {selector: {a: b}}}",
}


def suite_in(tmp_path: Path, text: str = SUITE) -> Path:
    return write(tmp_path / "s", suite_yaml=text, **FILES) / "suite.yaml"


def outcomes(path: Path, engine: str = "embedded") -> dict[str, str]:
    return {f"{one.test}/{one.case}": one.outcome for one in run_suites([path], engine)}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_case_goes_as_the_suite_says(tmp_path, engine) -> None:
    assert outcomes(suite_in(tmp_path), engine) == {
        "labels/good": "passed",
        "labels/bad": "passed",
        "labels/left-out": "skipped",
        "unique/another": "passed",
        "unique/alone": "passed",
        "wrong/": "passed",
    }


@pytest.mark.needs_gator
@pytest.mark.parametrize("broken", [False, True])
def test_gator_says_the_same(tmp_path, broken) -> None:
    program = tool("gator")
    if not program:
        pytest.skip("there is no gator")
    path = suite_in(tmp_path, SUITE.replace("violations: 1", "violations: 2") if broken else SUITE)
    done = subprocess.run([program, "verify", str(path)], capture_output=True, check=False)
    assert (done.returncode != 0) is broken
    assert ("failed" in outcomes(path).values()) is broken


@pytest.mark.parametrize(
    ("old", "new", "case", "expected"),
    [
        ("violations: 1", "violations: 2", "labels/bad", "failed"),
        ("object: good.yaml", "object: bad.yaml", "labels/good", "failed"),
        ("lacks .*team", "[", "labels/bad", "not run"),
        ("object: good.yaml", "object: missing.yaml", "labels/good", "not run"),
        (
            "constraint: constraint.yaml",
            "constraint: constraint.yaml\n    expansion: x.yaml",
            "labels/",
            "not run",
        ),
        ("template: unique.yaml", "template: missing.yaml", "unique/", "not run"),
        ("constraint: invalid.yaml", "constraint: constraint.yaml", "wrong/", "failed"),
        ("assertions: [{violations: no}]", "assertions: []", "labels/good", "failed"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, old, new, case, expected) -> None:
    assert outcomes(suite_in(tmp_path, SUITE.replace(old, new, 1)))[case] == expected


def test_without_opa_only_cases_in_cel_are_run(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("auditor.policy.opa_server.find_opa", lambda: "")
    found = run_suites([suite_in(tmp_path)], "auto")
    assert {f"{one.test}/{one.case}": one.outcome for one in found} == {
        "labels/": "not run",
        "unique/": "not run",
        "wrong/": "passed",
    }
    assert "put `opa` on PATH" in found[0].reason


def test_a_path_without_suites_is_an_error(tmp_path) -> None:
    with pytest.raises(UsageError, match="no suite of `gator verify`"):
        run_suites([write(tmp_path, a_yaml="{}")])


@pytest.mark.parametrize(
    ("change", "code"), [(None, 0), (("violations: 1", "violations: 2"), 1), (("good.yaml", "gone.yaml"), 3)]
)
def test_the_command_says_by_its_exit_code_how_it_went(tmp_path, change, code) -> None:
    path = suite_in(tmp_path, SUITE.replace(*change) if change else SUITE)
    done = CliRunner().invoke(app, ["policy", "test", "--engine", "embedded", str(path)])
    assert done.exit_code == code, done.output


@pytest.mark.parametrize(
    ("assertion", "messages", "holds"),
    [
        ({}, ["a"], True),
        ({}, [], False),
        ({"violations": False}, [], True),
        ({"violations": 2}, ["a", "b"], True),
        ({"violations": 1, "message": "^a"}, ["a", "b"], True),
        ({"violations": "no", "message": "c"}, ["a", "b"], True),
        ({"violations": "yes", "message": "c"}, ["a", "b"], False),
    ],
)
def test_assertions(assertion, messages, holds) -> None:
    assert (assertion_problem(assertion, messages) == "") is holds


def test_an_assertion_of_something_else_is_an_error() -> None:
    with pytest.raises(PolicyError, match="is to be a number"):
        assertion_problem({"violations": "maybe"}, [])
