"""Every rule on every example, on both engines, and both engines in the same words."""

import json
import shutil
from pathlib import Path

import pytest
from policy.policy_support import needs_opa, write_rule

from auditor.policy.library import load_library
from auditor.policy.testing import examples_of, parameters_of, run_examples, run_opa_tests

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
    assert rule.examples("bad")


def _sets(path: Path) -> set[str]:
    return set(parameters_of(path.read_text(encoding="utf-8"), str(path)))


PARAMETERS = [
    pytest.param(rule, name, id=f"{rule.id}-{name}")
    for rule in LIBRARY.rules
    for name in rule.metadata.parameters.get("properties", {})
]


@pytest.mark.parametrize(("rule", "name"), PARAMETERS)
def test_a_bad_example_sets_the_parameter(rule, name):
    assert [path for path in rule.examples("bad") if name in _sets(path)]


@pytest.fixture(scope="module")
def unconfigured(tmp_path_factory):
    """What the rules say of the examples that set parameters when nothing is set."""
    base = tmp_path_factory.mktemp("unconfigured") / "policies"
    shutil.copytree(LIBRARY.folders[0] / "lib", base / "lib")
    for rule in LIBRARY.rules:
        if rule.metadata.parameters:
            shutil.copytree(rule.folder, base / rule.category / rule.name)
    for path in base.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("# parameters: ", "# left out: "), encoding="utf-8")
    results = run_examples("embedded", base=base)
    return {(result.rule_id, result.path.relative_to(base)): result.verdicts for result in results}


@pytest.mark.parametrize(("rule", "name"), PARAMETERS)
def test_setting_the_parameter_changes_what_the_rule_says(embedded, unconfigured, rule, name):
    examples = [path for path in (*rule.examples("bad"), *rule.examples("good")) if name in _sets(path)]
    base = LIBRARY.folders[0]
    assert [
        path
        for path in examples
        if embedded[rule.id, path].verdicts != unconfigured[rule.id, path.relative_to(base)]
    ]


@needs_opa
def test_opa_accepts_the_rules_and_their_tests_reach_every_line():
    results = run_opa_tests(coverage=True)
    assert [result.command for result in results] == ["opa check", "opa test"]
    assert [result.output for result in results if not result.passed] == []
    files = json.loads(results[1].output)["files"]
    missed = [
        f"{Path(name).name}:{place['start']['row']}"
        for name, found in files.items()
        for place in found.get("not_covered", ())
    ]
    assert missed == []
    # A file that OPA did not load is not in its report, and would be no gap.
    reached = {Path(name).resolve() for name, found in files.items() if found.get("covered")}
    base = LIBRARY.folders[0]
    assert {rule.folder / f"{rule.name}.rego" for rule in LIBRARY.rules} <= reached
    assert {one for one in (base / "lib").glob("*.rego") if not one.stem.endswith("_test")} <= reached


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
