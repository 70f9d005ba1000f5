"""Others' policies that reach out, never end, or want all memory: bounded, named, and without harm to the rest."""

from __future__ import annotations

import os
import time

import pytest
from policy.foreign.foreign_support import judged, tool, write
from policy.policy_support import document

import auditor.policy.foreign.asking as asking
from auditor.errors import PolicyError
from auditor.policy.foreign.asking import ExpressionRules
from auditor.policy.foreign.celtypes import FUNCTIONS
from auditor.policy.foreign.table import read_foreign
from auditor.policy.foreign.templates import schema_problem

POD = "{apiVersion: v1, kind: Pod, metadata: {name: a}}"
ENDLESS = """
    package endless
    deny[m] {
      n := count([1 | some a in numbers.range(1, 9999); some b in numbers.range(1, 9999); a * b == input.x])
      m := sprintf("%v", [n])
    }
"""


def refused(path, rego: str) -> list[tuple[str, str]]:
    folder = write(path / "p", a_rego=rego, b_rego='package b\ndeny[m] { m := "found" }\n')
    return [(outcome, message) for _, outcome, _, message in judged(folder, POD)]


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"method": "get", "url": "http://localhost"})',
        'http["send"]({"method": "get", "url": "http://localhost"})',
        "opa.runtime()",
        'net.lookup_ip_addr("localhost")',
        'rego.parse_module("a", "package a")',
        "count({1}) with count as http.send",
    ],
)
def test_what_reaches_out_is_refused_by_name(tmp_path, call) -> None:
    found = refused(tmp_path, f"package a\nimport rego.v1\ndeny contains m if {{ m := {call} }}\n")
    outcome, message = found[0]
    assert outcome == "skipped"
    assert "which no rule may call" in message
    assert found[1:] == [("fail", "found")]


@pytest.mark.needs_opa
def test_on_opa_a_rule_that_never_ends_is_an_error_and_the_rest_is_judged(tmp_path, monkeypatch) -> None:
    if not tool("opa"):
        pytest.skip("there is no opa")
    monkeypatch.setattr("auditor.policy.opa.OpaEngine.__init__.__kwdefaults__", {"timeout": 2.0})
    folder = write(tmp_path / "p", a_rego=ENDLESS, b_rego='package b\ndeny[m] { m := "found" }\n')
    start = time.monotonic()
    found = judged(folder, "\n---\n".join([POD] * 30), "opa")
    assert time.monotonic() - start < 60
    assert [outcome for _, outcome, _, _ in found] == ["fail"] * 30 + ["error"] * 30
    assert "did not answer within 2 s" in found[-1][3]


def policy(**variables: str) -> str:
    lines = "".join(f"      - {{name: {name}, expression: '{text}'}}\n" for name, text in variables.items())
    last = list(variables)[-1]
    return (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}\nspec:\n"
        '  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: ["*"], operations: ["*"], resources: [pods]}]}\n'
        f"  variables:\n{lines or '      []'}"
        f"  validations:\n      - {{expression: 'variables.{last}.size() < 3', message: small}}\n"
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n"
        "metadata: {name: b}\nspec: {policyName: p}\n"
    )


def expressions(tmp_path, text: str) -> ExpressionRules:
    (tmp_path / "p.yaml").write_text(text)
    return ExpressionRules(read_foreign(tmp_path, 1).expressions)


BIG = {"v0": '"ab"', **{f"v{n}": f"variables.v{n - 1} + variables.v{n - 1}" for n in range(1, 40)}}


def test_variables_that_double_do_not_take_all_memory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(asking, "MOST_MEMORY", 512 * 1024**2)
    rules = expressions(tmp_path, policy(**BIG))
    pod = document({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})
    try:
        outcomes = {verdict.outcome.value for verdict in rules.check(pod)}
    finally:
        rules.close()
    assert outcomes == {"error"}


def test_comprehensions_without_end_are_an_error(tmp_path) -> None:
    nested = "object.l.all(a, object.l.all(b, object.l.all(c, a + b + c >= 0))) ? [1] : [2]"
    rules = expressions(tmp_path, policy(v0=nested))
    pod = document({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "l": list(range(300))})
    try:
        [verdict] = rules.check(pod)
    finally:
        rules.close()
    assert (verdict.outcome.value, "more steps than it gets" in verdict.message) == ("error", True)


def test_a_rule_that_ends_the_child_is_an_error_from_then_on(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 10.0)
    rules = expressions(tmp_path, policy(v0='"abc"'))
    pod = document({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})
    try:
        assert [one.outcome.value for one in rules.check(pod)] == ["fail"]
        assert rules._child.process is not None
        rules._child.process.kill()
        # The next child answers: it was not the rule.
        assert [one.outcome.value for one in rules.check(pod)] == ["fail"]
        monkeypatch.setattr(asking, "ANSWER_SECONDS", 0.0)
        for _ in range(2):
            [verdict] = rules.check(pod)
            assert verdict.outcome.value == "error"
            assert "not asked any more" in verdict.message
    finally:
        rules.close()


def test_patterns_take_no_longer_than_their_text(tmp_path) -> None:
    find = next(one.code for one in FUNCTIONS if one.name == "find")
    start = time.monotonic()
    assert find("a" * 50_000 + "!", "(a+)+$") == ""
    assert time.monotonic() - start < 1
    for pattern in ("(?=a)", r"(a)\1"):
        with pytest.raises(ValueError, match="no regular expression"):
            find("a", pattern)


@pytest.mark.parametrize(
    ("text", "pattern", "limit", "expected"),
    [
        ("baac", "a*", -1, ["", "aa", ""]),
        ("123 abc 456", "[0-9]+", -1, ["123", "456"]),
        ("123 abc 456", "[0-9]+", 1, ["123"]),
        ("123 abc 456", "[0-9]+", 0, []),
        ("äöü", "ö", -1, ["ö"]),
    ],
)
def test_find_all_finds_what_go_finds(text, pattern, limit, expected) -> None:
    find_all = next(one.code for one in FUNCTIONS if one.name == "findAll")
    assert find_all(text, pattern, limit) == expected


def test_a_schema_fetches_nothing_and_its_patterns_end() -> None:
    slow = {"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    start = time.monotonic()
    assert "a" in schema_problem(slow, {"a": "a" * 100_000 + "!"})
    assert time.monotonic() - start < 5
    assert "cannot be read" in schema_problem({"$ref": "http://localhost:1/schema.json"}, {})


def test_a_manifest_of_another_form_is_an_error_for_itself_alone(tmp_path) -> None:
    rules = expressions(tmp_path, policy(v0='"abc"'))
    try:
        [odd] = rules.check(document({"apiVersion": "v1", "kind": "Pod", "metadata": [1]}))
        [usual] = rules.check(document({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}))
    finally:
        rules.close()
    assert (odd.outcome.value, usual.outcome.value) == ("error", "fail")


TEMPLATE = "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\n"
CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
ADMISSION = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", TEMPLATE + "spec: {targets: 3}", "spec.targets: 3 is not"),
        ("a.yaml", TEMPLATE + "metadata: {annotations: [a]}", "metadata.annotations"),
        ("a.yaml", TEMPLATE + "spec: {}", "no spec.crd.spec.names.kind"),
        (
            "a.yaml",
            "apiVersion: constraints.gatekeeper.sh/v1\nkind: A\nspec: {match: {kinds: [1]}}",
            "kinds.0",
        ),
        ("a.yaml", CRD + "spec: [1]", "spec: \\[1\\] is not"),
        (
            "a.yaml",
            CRD + "spec: {versions: [{schema: {openAPIV3Schema: {properties: {a: 4}}}}]}",
            "properties.a",
        ),
        ("a.yaml", ADMISSION + "\nspec: {matchConstraints: {resourceRules: 5}}", "resourceRules: 5"),
        ("a.yaml", ADMISSION + "Binding\nspec: {validationActions: 3}", "validationActions: 3"),
        ("a.rego", "package", "package of nothing"),
        ("a.rego", "package a\nimport", "a.rego:2: import of nothing"),
    ],
)
def test_what_has_another_form_is_named_with_its_place(tmp_path, name, text, said) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(PolicyError, match=said):
        read_foreign(tmp_path, 1)


def test_processes_that_share_a_judge_do_not_share_its_child(tmp_path) -> None:
    rules = expressions(tmp_path, policy(v0='"abc"'))
    pod = document({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})
    try:
        [before] = rules.check(pod)
        first = rules._child.process
        assert first is not None
        inherited = os.fork()
        if not inherited:
            said = rules.check(pod)
            own = rules._child.process
            rules.close()
            os._exit(0 if said == [before] and own is not None and own.pid != first.pid else 1)
        assert os.waitpid(inherited, 0)[1] == 0
        assert rules.check(pod) == [before]
        assert rules._child.process is first
    finally:
        rules.close()
