"""How foreign rules join a library: by what the files are, beside ours, and without harm to others."""

from __future__ import annotations

import pytest
from policy.foreign.foreign_support import judged, tool, write
from policy.foreign.test_gatekeeper_policies import LABELS, UNIQUE, constraint
from policy.policy_support import write_rule
from typer.testing import CliRunner

from auditor.cli.main import app
from auditor.errors import EngineError, PolicyError
from auditor.policy import testing
from auditor.policy.foreign.apart import ApartEngine
from auditor.policy.foreign.compiling import runnable_modules
from auditor.policy.foreign.naming import named_apart
from auditor.policy.foreign.translate import translate
from auditor.policy.library import load_library

POD = "{apiVersion: v1, kind: Pod, metadata: {name: a}}"


def test_one_folder_may_have_everything(tmp_path) -> None:
    folder = write(
        tmp_path / "p",
        gatekeeper__template_yaml=LABELS,
        gatekeeper__constraint_yaml=constraint("NeedsLabels", "x", "{}"),
        rego__deny_rego='package main\ndeny[m] { input.kind == "Pod"; m := "a pod" }\n',
        chart__values_yaml="a: {{ not yaml }}",
    )
    found = judged(folder, POD)
    assert [(rule, outcome) for rule, outcome, _, _ in found] == [
        ("conftest/main/deny", "fail"),
        ("gatekeeper/needslabels/x", "fail"),
    ]


def test_without_opa_they_are_not_evaluated_and_everything_else_is(tmp_path) -> None:
    write_rule(tmp_path / "p", rule_id="SHOP-0007", kinds="Pod")
    folder = write(
        tmp_path / "p",
        inventory__template_yaml=UNIQUE,
        inventory__constraint_yaml=constraint("UniqueSelector", "u", "{}"),
        rego__deny_rego="package main\ndeny[m] { m := input.kind }\n",
    )
    found = judged(folder, "{apiVersion: v1, kind: Pod, metadata: {name: a}, bad: true}", on_embedded=False)
    assert [(rule, outcome) for rule, outcome, _, _ in found] == [
        ("SHOP-0007", "fail"),
        ("conftest/main/deny", "error"),
        ("gatekeeper/uniqueselector/u", "error"),
    ]
    assert all("needs OPA" in message and "foreign_on_embedded" in message for *_, message in found[1:])


def test_a_check_without_opa_is_incomplete_and_says_so(tmp_path) -> None:
    folder = write(tmp_path / "p", rego__deny_rego="package main\ndeny[m] { false; m := 1 }\n")
    manifest = write(
        tmp_path / "m", a_yaml="{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}}"
    )
    command = ["check", "--engine", "embedded", "--policy", str(folder), "--only", "policy", str(manifest)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 3, done.output
    assert "needs OPA" in done.output


def test_rules_of_our_own_layout_lie_beside_them(tmp_path) -> None:
    write_rule(tmp_path, rule_id="SHOP-0007")
    folder = write(tmp_path, rego__deny_rego="package main\ndeny[m] { m := input.kind }\n")
    ids = {rule.id for rule in load_library((folder,)).rules}
    assert {"SHOP-0007", "conftest/main/deny"} <= ids


def test_what_changes_a_verdict_changes_the_digest(tmp_path) -> None:
    folder = write(tmp_path, a_rego="package a\ndeny[m] { m := 1 }\n", data__x_yaml="a: 1\n")
    digests = {load_library((folder,)).digest}
    write(folder, data__x_yaml="a: 22\n")
    digests.add(load_library((folder,)).digest)
    write(folder, t_yaml=LABELS, c_yaml=constraint("NeedsLabels", "x", "{}"))
    digests.add(load_library((folder,)).digest)
    write(folder, c_yaml=constraint("NeedsLabels", "x", "{match: {scope: Cluster}}"))
    digests.add(load_library((folder,)).digest)
    assert len(digests) == 4


def test_links_out_of_the_folder_are_not_followed(tmp_path) -> None:
    outside = write(tmp_path / "outside", a_rego="package a\ndeny[m] { m := 1 }\n")
    folder = write(tmp_path / "p", b_rego="package b\ndeny[m] { m := 1 }\n")
    (folder / "linked").symlink_to(outside)
    (folder / "a.rego").symlink_to(outside / "a.rego")
    assert {rule.metadata.id for rule in load_library((folder,)).foreign_rules} == {"conftest/b/deny"}


def test_a_file_over_the_limit_is_an_error(tmp_path) -> None:
    folder = write(tmp_path, a_rego="package a\n#" + "x" * (5 * 1024 * 1024))
    with pytest.raises(PolicyError, match="larger than"):
        load_library((folder,))


def test_refused_units_are_found_by_halving_and_the_rest_kept(tmp_path) -> None:
    files = {f"p{n}_rego": f"package p{n}\ndeny[m] {{ m := {n} }}\n" for n in range(9)}
    library = load_library((write(tmp_path, **files),))

    def check(modules) -> str:
        foreign = [text for name, text in modules.items() if name.startswith("foreign/f")]
        return "no" if any(f"m := {n} }}" in text for n in (3, 7) for text in foreign) else ""

    kept = runnable_modules(library, "the engine", check)
    assert check(kept) == ""
    refused = [
        rule.metadata.id for rule in library.foreign_rules if "not evaluated: the engine" in kept[rule.module]
    ]
    assert refused == ["conftest/p3/deny", "conftest/p7/deny"]


def test_functions_are_named_apart_and_their_calls_with_them() -> None:
    texts = [
        "package lib.a\nf(x) = x { true }\n",
        "package lib.a\nuses = f(1)\n",
        "package b\nimport data.lib.a\nimport data.lib.a.f as g\nimport data.lib.a.f\nf2 = [a.f(1), data.lib.a.f(2), g(3), f(4)]\nh(x) = x\ny = h(1)\n",
    ]
    one, two, three = named_apart((translate(text, "x.rego", "p") for text in texts), "p")
    name = one.text.split("\n")[1].partition("(")[0]
    assert name.startswith("f__")
    assert f"uses = {name}(1)" in two.text
    assert f"[a.{name}(1), data.p.lib.a.{name}(2), g(3), f(4)]" in three.text
    assert f"import data.p.lib.a.{name} as g" in three.text
    assert f"import data.p.lib.a.{name} as f" in three.text


def test_a_function_without_arguments_is_a_value_and_keeps_its_name() -> None:
    text = "package a\nf() = 1\ndeny[m] { m := f }\nwarn[m] { m := f() }\n"
    assert "f__" not in named_apart([translate(text, "x.rego", "p")], "p")[0].text


def test_what_no_rule_needs_does_no_harm(tmp_path) -> None:
    folder = write(
        tmp_path / "p",
        unused_rego="package unused\nx { nosuch(1) }\n",
        used_rego='package used\ndeny[m] { m := "found" }\n',
    )
    assert [one[1:] for one in judged(folder, POD)] == [("fail", "a", "found")]


def test_a_child_that_dies_is_an_error_and_the_next_question_has_another() -> None:
    engine = ApartEngine({"a.rego": "package a\n\nx := input.y\n"}, ["a/x"])
    try:
        assert engine.ask("a/x", b'{"y": 5}') == 5
        assert engine.child.process is not None
        engine.child.process.kill()
        with pytest.raises(EngineError, match="crashed over a policy"):
            engine.ask("a/x", b'{"y": 6}')
        assert engine.ask("a/x", b'{"y": 7}') == 7
    finally:
        engine.close()


def test_a_child_that_does_not_answer_is_ended(monkeypatch) -> None:
    import auditor.policy.foreign.apart as apart

    monkeypatch.setattr(apart, "ANSWER_SECONDS", 1.0)
    engine = ApartEngine(
        {
            "a.rego": "package a\n\nx := count([1 | some i in numbers.range(1, 100000); some j in numbers.range(1, 100000); i == j])\n"
        },
        ["a/x"],
    )
    try:
        with pytest.raises(EngineError, match="did not answer within 1 s"):
            engine.ask("a/x", b"{}")
        assert engine.child.process is None
    finally:
        engine.close()


@pytest.mark.parametrize(("action", "code"), [("deny", 1), ("warn", 0), ("dryrun", 0)])
def test_warn_and_dryrun_are_reported_and_fail_nothing(tmp_path, action, code) -> None:
    folder = write(
        tmp_path / "p",
        t_yaml=LABELS,
        c_yaml=constraint("NeedsLabels", "x", f"{{enforcementAction: {action}}}"),
    )
    manifest = write(
        tmp_path / "m",
        ns_yaml="""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: a
              labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.30}
        """,
    )
    settings = write(tmp_path / "c", auditor_yaml="policies: {foreign_on_embedded: true}\n") / "auditor.yaml"
    command = ["check", "--engine", "embedded", "--policy", str(folder), "--config", str(settings)]
    done = CliRunner().invoke(app, [*command, str(manifest), "--format", "json"])
    assert '"gatekeeper/needslabels/x"' in done.stdout, done.output
    ours = [line for line in done.stdout.split('"rule_id":') if '"AUD-' in line[:8]]
    assert done.exit_code == (1 if ours else code), done.output


@pytest.mark.needs_opa
def test_the_tests_of_a_folder_say_what_opa_takes_and_run_ours_alone(tmp_path, monkeypatch) -> None:
    if not tool("opa"):
        pytest.skip("there is no opa")
    commands: list[list[str]] = []

    def opa(command: list[str]) -> testing.OpaResult:
        commands.append(command)
        return testing.OpaResult(command=f"opa {command[1]}", passed=True, output="")

    monkeypatch.setattr(testing, "run_examples", lambda *_: [])
    monkeypatch.setattr(testing, "_opa", opa)
    ours = write_rule(tmp_path / "p", rule_id="SHOP-0007").parent
    folder = write(
        tmp_path / "p",
        good__deny_rego="package good\ndeny[m] { m := input.kind }\n",
        good__deny_test_rego="package good\ntest_deny { deny[_] }\n",
        bad__deny_rego="package bad\ndeny[m] { m := nosuch(1) }\n",
    )
    report = testing.test_library((folder,))
    assert any("OPA takes 1 of 2 rules" in line for line in report.lines), report.lines
    [failure] = report.failures
    assert failure.startswith("conftest/bad/deny: OPA refuses it")
    assert "nosuch" in failure
    assert [command[-1] for command in commands] == [str(ours)] * 2
