"""Every rule on every example, on both engines, and both engines in the same words."""

from pathlib import Path

import pytest
from policy.policy_support import needs_opa, write_rule

from auditor.policy.library import load_library
from auditor.policy.testing import examples_of, run_examples, run_opa_tests

LIBRARY = load_library()
EXAMPLES = [(rule.id, path) for rule, path in examples_of(LIBRARY)]


def _name(value: object) -> str:
    return f"{value.parent.name}/{value.stem}" if isinstance(value, Path) else str(value)


@pytest.fixture(scope="module")
def embedded():
    return {(result.rule_id, result.path): result for result in run_examples("embedded")}


@pytest.fixture(scope="module")
def opa():
    return {(result.rule_id, result.path): result for result in run_examples("opa")}


@pytest.mark.parametrize(("rule_id", "path"), EXAMPLES, ids=_name)
def test_example_on_the_embedded_engine(embedded, rule_id, path):
    assert embedded[rule_id, path].reason == ""


@needs_opa
@pytest.mark.parametrize(("rule_id", "path"), EXAMPLES, ids=_name)
def test_example_on_opa_with_the_same_words(embedded, opa, rule_id, path):
    assert opa[rule_id, path].reason == ""
    assert opa[rule_id, path].verdicts == embedded[rule_id, path].verdicts


@pytest.mark.parametrize("rule", LIBRARY.rules, ids=lambda rule: rule.id)
def test_rule_has_examples_of_both_kinds(rule):
    assert rule.examples("good")
    # A rule that does nothing until it is configured cannot fire on a file alone.
    assert rule.examples("bad") or rule.metadata.parameters


@needs_opa
def test_opa_accepts_the_rules_and_their_tests():
    results = run_opa_tests()
    assert [result.command for result in results] == ["opa check", "opa test"]
    assert [result.output for result in results if not result.passed] == []
    assert "PASS" in results[1].output


def test_every_area_has_rules():
    areas = {rule.id.split("-")[1] for rule in LIBRARY.rules}
    wanted = {"POD", "IMG", "RES", "PROBE", "RBAC", "NET", "SEC", "FLUX", "HELM", "FLAG", "KUST", "ARGO"}
    assert wanted <= areas


def test_an_example_that_does_not_say_the_truth_is_a_failure(tmp_path):
    path = write_rule(tmp_path)
    bad = path.parent / "bad.yaml"
    bad.write_text(bad.read_text().replace("fires at: p", "fires at: q"))
    results = {result.path.name: result.reason for result in run_examples("embedded", base=tmp_path)}
    assert results == {"good.yaml": "", "bad.yaml": "does not fire at q; fires at p"}
    bad.write_text("apiVersion: v1\nkind: ConfigMap\nbad: true\n")
    results = {result.path.name: result.reason for result in run_examples("embedded", base=tmp_path)}
    assert "must say where" in results["bad.yaml"]
    bad.write_text("# fires at: p\napiVersion: v1\nkind: Pod\nbad: true\n")
    results = {result.path.name: result.reason for result in run_examples("embedded", base=tmp_path)}
    assert "does not look at" in results["bad.yaml"]
