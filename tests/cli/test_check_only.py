"""`auditor check --only`: a part of what there is to ask, said so, and with no word about the rest."""

from __future__ import annotations

from pathlib import Path

from cli.checked import PRIVILEGED, check_json, document, pod
from cli.command import Run

UNKNOWN_FIELD = "AUD-SCHEMA-0001"
CONFTEST = """\
package main

deny contains msg if {
	input.kind == "Pod"
	msg := "no pods"
}
"""


def _tree(folder: Path, text: str) -> Path:
    (folder / "pod.yaml").write_text(text)
    return folder / "pod.yaml"


def _rules(found: dict[str, object]) -> set[str]:
    findings = found["findings"]
    assert isinstance(findings, list)
    return {one["rule_id"] for one in findings}


def test_schemas_alone_find_what_schemas_find(run: Run, tmp_path: Path) -> None:
    file = _tree(tmp_path, pod().replace("spec:", "spcc: {}\nspec:"))
    everything = check_json(run, file)
    alone = check_json(run, file, "--only", "schemas")
    assert {PRIVILEGED, UNKNOWN_FIELD} <= _rules(everything)
    assert _rules(alone) == {UNKNOWN_FIELD}
    of_schemas = [one for one in everything["findings"] if one["rule_id"] == UNKNOWN_FIELD]
    assert alone["findings"] == of_schemas


def test_policies_of_folders_alone(run: Run, tmp_path: Path) -> None:
    file = _tree(tmp_path, pod())
    policy = tmp_path / "policy"
    policy.mkdir()
    (policy / "pods.rego").write_text(CONFTEST)
    ran = run("check", file, "--policy", policy, "--only", "policy", "--format", "json")
    assert _rules(document(ran)) == {"conftest/main/deny"}
    both = run("check", file, "--policy", policy, "--only", "policy", "--only", "shipped", "--format", "json")
    assert {PRIVILEGED, "conftest/main/deny"} <= _rules(document(both))


def test_what_was_left_out_is_said(run: Run, tmp_path: Path) -> None:
    ran = run("check", _tree(tmp_path, pod()), "--only", "schemas")
    assert ran.code == 0
    assert "asked only: schemas" in ran.err


def test_suppressions_of_rules_that_are_not_asked_are_neither_unknown_nor_unused(
    run: Run, tmp_path: Path
) -> None:
    text = pod().replace(
        "privileged: true", f"privileged: true  # auditor:ignore {PRIVILEGED} reason: a printer"
    )
    file = _tree(tmp_path, text)
    assert PRIVILEGED not in _rules(check_json(run, file)), "the suppression is in order"
    assert _rules(check_json(run, file, "--only", "schemas")) == set()


def test_many_files_are_judged_alike_by_several_processes(run: Run, tmp_path: Path) -> None:
    for number in range(320):
        (tmp_path / f"{number}.yaml").write_text(pod(f"printer-{number}").replace("spec:", "spcc: {}\nspec:"))
    one = check_json(run, tmp_path, "--only", "schemas", "--jobs", "1")
    two = check_json(run, tmp_path, "--only", "schemas", "--jobs", "2")
    assert len(one["findings"]) == 320
    assert one["findings"] == two["findings"]


def test_another_word_is_refused(run: Run, tmp_path: Path) -> None:
    ran = run("check", _tree(tmp_path, pod()), "--only", "schema")
    assert ran.code == 2
    assert "--only takes no 'schema'" in ran.err
