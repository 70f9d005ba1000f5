"""Each check of the lint, with a rule that is wrong in just that way."""

from pathlib import Path

import pytest
from policy.policy_support import BODY, write_rule

from auditor.assets import asset_folder
from auditor.policy.lint import lint_folder, lint_library


def problems(folder: Path) -> list[tuple[str, str]]:
    return [(problem.check, problem.message) for problem in lint_folder(folder)]


def checks(folder: Path) -> list[str]:
    return [check for check, _ in problems(folder)]


def test_the_shipped_rules_are_clean():
    assert [str(problem) for problem in lint_folder(asset_folder("policies"))] == []


def test_a_complete_rule_is_clean(tmp_path):
    write_rule(tmp_path)
    assert checks(tmp_path) == []


@pytest.mark.parametrize("key", ["title", "description", "custom"])
def test_a_missing_key_is_named(tmp_path, key):
    path = write_rule(tmp_path)
    text = path.read_text()
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"# {key}:"))
    end = start + 1
    while lines[end].startswith("#   "):
        end += 1
    path.write_text("\n".join(lines[:start] + lines[end:]))
    [(check, message)] = problems(tmp_path)
    assert check == "metadata"
    assert key in message


@pytest.mark.parametrize("key", ["id", "severity", "kinds", "remediation", "since"])
def test_a_missing_custom_key_is_named(tmp_path, key):
    path = write_rule(tmp_path)
    lines = [line for line in path.read_text().splitlines() if not line.startswith(f"#   {key}:")]
    path.write_text("\n".join(lines))
    [(check, message)] = problems(tmp_path)
    assert check == "metadata"
    assert key in message


def test_no_metadata_at_all(tmp_path):
    path = write_rule(tmp_path)
    path.write_text(f"package auditor.shop.rule\n\n{BODY}\n")
    assert checks(tmp_path) == ["metadata"]


def test_an_unknown_key_is_named(tmp_path):
    write_rule(tmp_path, extra="#   severty: high\n")
    assert problems(tmp_path) == [("metadata", "unknown METADATA key custom.severty")]


def test_an_unknown_severity(tmp_path):
    write_rule(tmp_path, severity="terrible")
    assert problems(tmp_path) == [("metadata", "custom.severity is 'terrible'")]


def test_two_rules_of_one_id(tmp_path):
    write_rule(tmp_path, name="one")
    write_rule(tmp_path, name="two")
    [(check, message)] = problems(tmp_path)
    assert check == "id"
    assert "SHOP-0001 is taken" in message


def test_an_id_of_a_builtin_rule(tmp_path):
    write_rule(tmp_path, rule_id="AUD-YAML-0001")
    assert checks(tmp_path) == ["id"]


def test_an_id_of_another_form(tmp_path):
    write_rule(tmp_path, rule_id="shop1")
    assert checks(tmp_path) == ["id"]


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("Pod", True),
        ("apps/Deployment", True),
        ("Deployment", False),
        ("app/Deployment", False),
        ("extensions/Ingress", True),
        ("workload", True),
        ("'*'", True),
        ("kustomize.toolkit.fluxcd.io/Kustomization", True),
        ("kustomize.toolkit.fluxcd.io/Kustomisation", False),
        ("networking.k8s.io/Ingres", False),
        ("example.org/Anything", True),
        ("pods", False),
    ],
)
def test_kinds_must_exist(tmp_path, kind, known):
    write_rule(tmp_path, kinds=kind)
    assert checks(tmp_path) == ([] if known else ["kinds"])


def test_a_package_other_than_the_folder(tmp_path):
    write_rule(tmp_path, package="auditor.shop.other")
    assert checks(tmp_path) == ["package"]


def test_a_framework_that_names_a_rule_that_does_not_exist(tmp_path):
    write_rule(tmp_path)
    (tmp_path / "frameworks").mkdir()
    (tmp_path / "frameworks" / "mine.yaml").write_text(
        "name: mine\ntitle: Mine\nversion: '1'\nurl: https://example.org\n"
        "controls:\n  - {id: A, title: a, rules: [SHOP-0001, SHOP-0009, AUD-YAML-0001]}\n"
    )
    assert problems(tmp_path) == [("framework", "control A names SHOP-0009, which does not exist")]


@pytest.mark.parametrize(
    "control",
    [
        "{id: A, title: a}",
        "{id: A, title: a, manual: true}",
        "{id: A, title: a, manual: true, people: p, rules: [SHOP-0001]}",
    ],
)
def test_a_control_is_either_evidence_or_peoples_work(tmp_path, control):
    write_rule(tmp_path)
    (tmp_path / "frameworks").mkdir()
    (tmp_path / "frameworks" / "mine.yaml").write_text(
        f"name: mine\ntitle: Mine\nversion: '1'\nurl: https://example.org\ncontrols:\n  - {control}\n"
    )
    assert checks(tmp_path) == ["framework"]


def test_missing_examples_and_test(tmp_path):
    write_rule(tmp_path, complete=False)
    assert checks(tmp_path) == ["examples", "examples", "test"]


def test_a_missing_rule_file(tmp_path):
    write_rule(tmp_path).unlink()
    assert checks(tmp_path) == ["unreadable"]


F = 'findings contains {"message": "m", "pointer": "p", "details": {}} if '


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('not regex.match("a", input.resource.x)', True),
        ('not startswith(input.resource.metadata.name, "a")', True),
        ("not is_object(input.resource.spec)", True),
        ("not input.resource.kind in {1}", True),
        ('not regex.match("a", input["resource"].x)', True),
        ('regex.match("a", input.resource.x) == false', False),
        ("not own(input.resource.x)", False),
        ("not is_object(value)", False),
        ('not value in {"input.x"}', False),
        ("not input.resource.sops", False),
        ('input.resource.text == "not startswith(input.x)"', False),
    ],
)
def test_negated_builtins_over_missing_values(tmp_path, condition, found):
    body = f"{F} {{\n\tvalue := 1\n\t{condition}\n}}\n\nown(x) if x == 1\n"
    write_rule(tmp_path, body=body)
    assert checks(tmp_path) == (["negation"] if found else [])


@pytest.mark.parametrize(
    ("condition", "check"),
    [
        ("rego.metadata.rule().title", "rego-metadata"),
        ('http.send({"url": "https://example.org"})', "forbidden"),
        ('net.lookup_ip_addr("example.org")', "forbidden"),
        ("opa.runtime().env", "forbidden"),
        ('sprintf("%q", ["a"]) != ""', "sprintf"),
        ('sprintf("is %s", [lower("A")]) != ""', "sprintf"),
        ("count([k | some k, v in input.resource]) > 1", "comprehension"),
    ],
)
def test_what_rules_do_not_use(tmp_path, condition, check):
    write_rule(tmp_path, body=f"{F} {condition}")
    assert checks(tmp_path) == [check]


def test_no_findings(tmp_path):
    write_rule(tmp_path, body="deny contains 1 if input.resource")
    assert checks(tmp_path) == ["findings"]


def test_a_problem_names_file_and_line(tmp_path):
    path = write_rule(tmp_path, body=f"{F} {{\n\tnot is_object(input.resource.spec)\n}}")
    [problem] = lint_folder(tmp_path)
    line = path.read_text().splitlines().index("\tnot is_object(input.resource.spec)") + 1
    assert str(problem).startswith(f"{path}:{line}: ")


def test_a_folder_of_ones_own_may_build_on_the_shipped_rules(tmp_path):
    write_rule(tmp_path)
    (tmp_path / "frameworks").mkdir()
    (tmp_path / "frameworks" / "mine.yaml").write_text(
        "name: mine\ntitle: Mine\nversion: '1'\nurl: https://example.org\n"
        "controls:\n  - {id: A, title: a, rules: [SHOP-0001, AUD-POD-0001]}\n"
    )
    report = lint_library([tmp_path])
    assert report.failures == ()
    assert report.checked == lint_library().checked + 1
    write_rule(tmp_path, name="again", rule_id="AUD-POD-0001")
    assert [
        failure for failure in lint_library([tmp_path]).failures if "is taken by a shipped rule" in failure
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('parts := ["a"]\n\tparts[count(parts) - 1] == "a"', "before using it as a key"),
        ("object.keys(input.resource)[lower(input.resource.kind)]", "before"),
        ('split(input.resource.kind, "/")[0] == "a"', "before indexing it"),
    ],
)
def test_a_call_where_a_name_stands_is_named(tmp_path, body, said):
    write_rule(
        tmp_path,
        body=f'findings contains {{"message": "m", "pointer": "p", "details": {{}}}} if {{\n\t{body}\n}}',
    )
    found = problems(tmp_path)
    assert {check for check, _ in found} == {"call"}
    assert said in found[0][1]


def test_an_element_that_is_a_call_is_named(tmp_path):
    write_rule(tmp_path, body=f"{BODY}\n\nkinds contains lower(input.resource.kind) if true")
    [(check, message)] = problems(tmp_path)
    assert (check, "before it is an element" in message) == ("call", True)


def test_lists_arguments_and_values_may_have_calls(tmp_path):
    body = """
    findings contains {"message": sprintf("%s", [name]), "pointer": "p", "details": {}} if {
        some name in [lower(input.resource.kind)]
        parts := split(name, "/")
        parts[0] == object.get(input.resource, ["metadata", lower("A")], "")
    }
    """
    write_rule(tmp_path, body=body)
    assert checks(tmp_path) == []


def test_functions_of_one_name_take_as_many_arguments(tmp_path):
    write_rule(tmp_path, name="one", rule_id="SHOP-0001", body=f"{BODY}\n\nis_odd(a) if a == 1")
    assert checks(tmp_path) == []
    write_rule(tmp_path, name="two", rule_id="SHOP-0002", body=f"{BODY}\n\nis_odd(a, b) if a == b")
    [(check, message)] = problems(tmp_path)
    assert check == "function"
    assert "is_odd takes 2 here and 1 in one/one.rego" in message


def test_functions_of_a_folder_are_held_against_the_shipped_ones(tmp_path):
    write_rule(tmp_path, body=f"{BODY}\n\nentry_key(a) if a == 1")
    [failure] = lint_library([tmp_path]).failures
    assert "entry_key takes 1 here and 2 in a shipped rule" in failure


CONFTEST = 'package main\ndeny[m] { input.kind == "Pod"; m := "a pod" }\n'


def test_policies_of_others_are_read_and_counted(tmp_path):
    before = lint_library().checked
    (tmp_path / "policy" / "pods").mkdir(parents=True)
    (tmp_path / "policy" / "pods" / "deny.rego").write_text(CONFTEST)
    found = lint_library([tmp_path])
    assert (found.failures, found.checked) == ((), before + 1)


@pytest.mark.parametrize(
    ("text", "failure", "line"),
    [
        ("package main\ndeny[m] { m := http.send({}) }\n", "", "calls http.send"),
        ("deny[m] { m := 1 }\n", "no package line", ""),
        ('package main\nimport rego.v1\ndeny["x"] if true\n', "defines a map", ""),
        ("package other\nx := 1\n", "there is no rule in it", ""),
    ],
)
def test_what_cannot_be_evaluated_of_others_is_named(tmp_path, text, failure, line):
    (tmp_path / "a.rego").write_text(text)
    found = lint_library([tmp_path])
    ours = [one for one in found.failures if str(tmp_path) in one]
    assert [failure in one for one in ours] == ([True] if failure else [])
    assert [line in one for one in found.lines] == ([True] if line else [])
