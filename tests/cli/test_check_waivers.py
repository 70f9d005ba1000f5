"""What excuses a finding of `auditor check`, and what is said of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from cli.checked import GOOD, PRIVILEGED, check_json, of_rule, pod
from cli.command import Run

from auditor.pipeline.check.options import CheckOptions
from auditor.pipeline.check.run import CheckRequest, run_check
from auditor.policy.judge import JudgeSpec

EXPIRED, UNUSED, WRONG = "AUD-WAIVER-0001", "AUD-WAIVER-0002", "AUD-WAIVER-0003"
ENTRY = {
    "rule": PRIVILEGED,
    "resource": {"kind": "Pod", "name": "printer"},
    "reason": "the driver needs the device",
    "owner": "platform@example.com",
    "expires": "2999-01-01",
    "ticket": "OPS-1",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pods").mkdir()
    (tmp_path / "pods" / "pod.yaml").write_text(pod())
    (tmp_path / "pods" / "other.yaml").write_text(pod("other"))
    return tmp_path


def waive(folder: Path, *entries: object, path: str = ".auditor/waivers.yaml") -> None:
    target = folder / path
    target.parent.mkdir(exist_ok=True)
    copies = json.loads(json.dumps(list(entries)))  # equal parts are written out: aliases are not taken
    target.write_text(yaml.safe_dump({"version": 1, "waivers": copies}, sort_keys=False))


def test_a_waiver_of_the_repository_excuses_and_is_shown(run: Run, folder: Path) -> None:
    waive(folder, ENTRY)
    document = check_json(run, ".")
    assert [one["resource"]["name"] for one in of_rule(document["findings"])] == ["other"]
    (waived,) = document["waived"]
    assert waived["resource"]["name"] == "printer"
    assert waived["waived"] == {
        "by": "waiver",
        "reason": "the driver needs the device",
        "place": ".auditor/waivers.yaml:3",
        "owner": "platform@example.com",
        "expires": "2999-01-01",
        "ticket": "OPS-1",
    }
    assert document["summary"]["waived"] == 1
    assert [one["path"] for one in document["skipped"]] == []
    assert "waived: 1 by waiver" in run("check", ".", "--engine", "embedded").err


def test_what_is_waived_does_not_fail_the_check(run: Run, folder: Path) -> None:
    (folder / "pods" / "other.yaml").unlink()
    waive(folder, {**ENTRY, "rule": "AUD-*"})
    assert run("check", ".", "--engine", "embedded").code == 0


def test_a_waiver_counts_wherever_the_check_is_started(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waive(folder, {**ENTRY, "resource": {"path": "pods/pod.yaml"}})
    assert len(check_json(run, "pods/pod.yaml")["waived"]) == 1
    monkeypatch.chdir(folder / "pods")
    assert len(check_json(run, "pod.yaml")["waived"]) == 1


@pytest.mark.parametrize(("today", "waived"), [(date(2026, 12, 30), 1), (date(2026, 12, 31), 0)])
def test_an_expired_waiver_excuses_nothing_and_is_a_finding(folder: Path, today: date, waived: int) -> None:
    waive(folder, {**ENTRY, "expires": "2026-12-31"})
    report = run_check(
        CheckRequest(
            paths=(folder,), judge=JudgeSpec(engine="embedded"), options=CheckOptions(), today=lambda: today
        )
    )
    assert len([one for one in report.waived if one.rule_id == PRIVILEGED]) == waived
    expired = [one for one in report.findings if one.rule_id == EXPIRED]
    assert len(expired) == 1 - waived
    for one in expired:
        assert one.place == ".auditor/waivers.yaml"
        assert one.line == 3
        assert str(one.resource) == f"Waiver {PRIVILEGED} kind=Pod name=printer"


def test_a_waiver_that_fits_nothing_is_told_where_all_was_judged(run: Run, folder: Path) -> None:
    waive(folder, {**ENTRY, "resource": {"name": "gone"}})
    (found,) = of_rule(check_json(run, ".")["findings"], UNUSED)
    assert (found["path"], found["line"], found["severity"]) == (".auditor/waivers.yaml", 3, "low")
    assert of_rule(check_json(run, "pods")["findings"], UNUSED) == []  # what it fits may be elsewhere
    (folder / "broken.yaml").write_text("apiVersion: v1\nkind: [")
    assert of_rule(check_json(run, ".")["findings"], UNUSED) == []  # or in what could not be read


def test_a_waiver_that_is_not_in_order_excuses_nothing_and_is_a_finding(run: Run, folder: Path) -> None:
    waive(folder, {**ENTRY, "owner": ""}, {**ENTRY, "rule": "AUD-POD-9999"})
    document = check_json(run, ".")
    assert document["waived"] == []
    assert [one["line"] for one in of_rule(document["findings"], WRONG)] == [3, 11]
    (folder / ".auditor" / "waivers.yaml").write_text("version: [")
    document = check_json(run, ".")
    assert len(of_rule(document["findings"], WRONG)) == 1
    assert document["errors"] == []


def test_the_operator_names_the_file_and_forbids_what_may_not_be_waived(run: Run, folder: Path) -> None:
    waive(folder, ENTRY, path="exceptions.yaml")
    assert check_json(run, ".")["waived"] == []
    assert len(check_json(run, ".", "--waivers", "exceptions.yaml")["waived"]) == 1
    config = folder / "auditor.yaml"
    config.write_text("policies: {waivers: exceptions.yaml}\n")
    assert len(check_json(run, ".")["waived"]) == 1
    config.write_text(f"policies: {{waivers: exceptions.yaml, never_waived: [{PRIVILEGED}]}}\n")
    document = check_json(run, ".")
    assert document["waived"] == []
    assert "may not be waived" in of_rule(document["findings"], WRONG)[0]["message"]
    config.write_text("policies: {waivers: ''}\n")
    assert check_json(run, ".")["waived"] == []
    config.write_text("policies: {waivers: exceptions.yaml, waiver_days_at_most: 30}\n")
    assert "`granted` is missing" in of_rule(check_json(run, ".")["findings"], WRONG)[0]["message"]


def test_findings_about_waivers_are_not_waived(run: Run, folder: Path) -> None:
    waive(folder, {**ENTRY, "expires": "2020-01-01"}, {**ENTRY, "rule": "*", "resource": {"name": "*"}})
    assert len(of_rule(check_json(run, ".")["findings"], EXPIRED)) == 1


def test_a_link_is_no_file_of_waivers(run: Run, folder: Path) -> None:
    waive(folder, ENTRY, path="elsewhere.yaml")
    (folder / ".auditor").mkdir()
    (folder / ".auditor" / "waivers.yaml").symlink_to(folder / "elsewhere.yaml")
    assert check_json(run, ".")["waived"] == []


IGNORE = f"# auditor:ignore {PRIVILEGED} reason: known"


@pytest.mark.parametrize(
    ("old", "new", "waived"),
    [
        ("privileged: true", f"privileged: true {IGNORE}", True),
        ("        privileged", f"        {IGNORE}\n        privileged", True),
        ("      securityContext:", f"      securityContext: {IGNORE}", True),
        ("    - name: main", f"    {IGNORE}\n    - name: main", True),
        ("    - name: main", f"    - name: main {IGNORE}", True),
        ("spec:", f"spec: {IGNORE}", True),
        ("apiVersion: v1", f"{IGNORE}\napiVersion: v1", True),
        ("apiVersion: v1", f"{IGNORE}\n---\napiVersion: v1", True),
        ("kind: Pod", f"kind: Pod {IGNORE}", False),
        ("      image:", f"      {IGNORE}\n      image:", False),
        ("  name: printer", f"  name: printer {IGNORE}", False),
        ("metadata:", f"metadata: {IGNORE}", False),
        (
            "  namespace: shop",
            f'  namespace: shop\n  annotations: {{auditor/ignore: "{PRIVILEGED}: known"}}',
            True,
        ),
    ],
    ids=lambda value: " ".join(str(value).split())[-45:],
)
def test_a_comment_excuses_what_stands_on_its_line_or_below(
    run: Run, folder: Path, old: str, new: str, waived: bool
) -> None:
    text = pod()
    assert old in text
    (folder / "pods" / "pod.yaml").write_text(f"{text.replace(old, new, 1)}---\n{pod('second')}")
    document = check_json(run, "pods/pod.yaml")
    names = {one["resource"]["name"] for one in of_rule(document["findings"])}
    assert names == ({"second"} if waived else {"printer", "second"})
    assert len(document["waived"]) == int(waived)
    if waived:
        assert document["waived"][0]["waived"]["reason"] == "known"
    assert len(of_rule(document["findings"], UNUSED)) == int(not waived)


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        (f"# auditor:ignore {PRIVILEGED}", "gives no reason"),
        ("# auditor:ignore AUD-POD-0101 reason: x", "did you mean"),
        ("# auditor:ignore AUD-YAML-0001 reason: x", "cannot be suppressed"),
        ("# auditor:ignore reason: x", "names the rules"),
    ],
)
def test_a_comment_that_is_not_in_order_excuses_nothing_and_is_a_finding(
    run: Run, folder: Path, comment: str, words: str
) -> None:
    (folder / "pods" / "pod.yaml").write_text(
        pod().replace("privileged: true", f"privileged: true {comment}")
    )
    document = check_json(run, "pods/pod.yaml")
    assert len(of_rule(document["findings"])) == 1
    (found,) = of_rule(document["findings"], WRONG)
    assert words in found["message"]
    assert found["line"] == 11


def test_an_annotation_is_of_one_item_of_a_list(run: Run, tmp_path: Path) -> None:
    item = json.dumps(yaml.safe_load(pod()))
    marked = json.loads(item)
    marked["metadata"] |= {"name": "marked", "annotations": {"auditor/ignore": f"{PRIVILEGED}: known"}}
    (tmp_path / "list.json").write_text(
        f'{{"apiVersion": "v1", "kind": "List", "items": [{item}, {json.dumps(marked)}]}}'
    )
    document = check_json(run, "list.json")
    assert [one["resource"]["name"] for one in of_rule(document["findings"])] == ["printer"]
    assert [one["resource"]["name"] for one in document["waived"]] == ["marked"]


def test_the_operator_can_have_no_suppressions_in_manifests(run: Run, folder: Path) -> None:
    (folder / "pods" / "pod.yaml").write_text(pod().replace("spec:", f"spec: {IGNORE}"))
    (folder / "auditor.yaml").write_text("policies: {inline_suppressions: false}\n")
    assert check_json(run, "pods/pod.yaml")["waived"] == []
    (folder / "auditor.yaml").write_text("policies: {never_waived: ['AUD-POD-*']}\n")
    assert check_json(run, "pods/pod.yaml")["waived"] == []


def test_a_baseline_takes_the_old_and_shows_the_new(run: Run, folder: Path) -> None:
    first = run("check", ".", "--engine", "embedded", "--write-baseline", "baseline.json")
    assert (first.code, first.out) == (0, "")
    assert run("check", ".", "--engine", "embedded", "--baseline", "baseline.json").code == 0
    (folder / "moved").mkdir()
    (folder / "pods" / "pod.yaml").rename(folder / "moved" / "pod.yaml")
    (folder / "pods" / "new.yaml").write_text(pod("new"))
    document = check_json(run, ".", "--baseline", "baseline.json")
    assert {one["resource"]["name"] for one in document["findings"]} == {"new"}
    assert {one["waived"]["by"] for one in document["waived"]} == {"baseline"}
    assert document["notes"] == []


def test_what_is_gone_from_a_baseline_is_told(run: Run, folder: Path) -> None:
    run("check", ".", "--engine", "embedded", "--write-baseline", "baseline.json")
    (folder / "pods" / "other.yaml").write_text(GOOD)
    whole = check_json(run, ".", "--baseline", "baseline.json")
    assert "that are gone: write it anew" in whole["notes"][0]
    assert check_json(run, "pods", "--baseline", "baseline.json")["notes"] == []


def test_a_baseline_shows_in_sarif_what_is_new(run: Run, folder: Path) -> None:
    run("check", ".", "--engine", "embedded", "--write-baseline", "baseline.json")
    (folder / "pods" / "new.yaml").write_text(pod("new"))
    text = run("check", ".", "--engine", "embedded", "--baseline", "baseline.json", "--format", "sarif").out
    results = json.loads(text)["runs"][0]["results"]
    assert {one["baselineState"] for one in results if one["suppressions"]} == {"unchanged"}
    assert {one["baselineState"] for one in results if not one["suppressions"]} == {"new"}


def test_a_broken_file_is_in_no_baseline_for_good(run: Run, folder: Path) -> None:
    (folder / "broken.yaml").write_text("apiVersion: v1\nkind: [")
    assert run("check", ".", "--engine", "embedded", "--write-baseline", "b.json").code == 3
    assert run("check", ".", "--engine", "embedded", "--baseline", "b.json").code == 3


def test_what_nothing_excuses_is_in_no_baseline_and_counts(run: Run, folder: Path) -> None:
    (folder / "auditor.yaml").write_text(f"policies: {{never_waived: [{PRIVILEGED}]}}\n")
    first = run("check", ".", "--engine", "embedded", "--write-baseline", "baseline.json")
    assert first.code == 1
    assert PRIVILEGED not in (folder / "baseline.json").read_text()
    again = check_json(run, ".", "--baseline", "baseline.json")
    assert {one["rule_id"] for one in again["findings"]} == {PRIVILEGED}
    assert again["notes"] == []
