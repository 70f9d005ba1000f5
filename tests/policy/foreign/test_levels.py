"""What only warns or advises keeps that in every format of a check, and fails none."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from policy.foreign.foreign_support import write
from policy.foreign.test_gatekeeper_policies import LABELS, constraint
from typer.testing import CliRunner

from auditor.cli.main import app

RULE = "gatekeeper/needslabels/x"
MANIFEST = """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: a
      labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.30}
"""


def _check(tmp_path: Path, action: str, form: str) -> tuple[int, str]:
    spec = f"{{enforcementAction: {action}}}"
    folder = write(tmp_path / "p", t_yaml=LABELS, c_yaml=constraint("NeedsLabels", "x", spec))
    manifest = write(tmp_path / "m", ns_yaml=MANIFEST)
    config = {
        "policies": {
            "foreign_on_embedded": True,
            # However severe: who wrote it decides what it stops.
            "severity": {RULE: "critical"},
            "disabled": ["AUD-NS-0001", "AUD-NS-0002", "AUD-NS-0003", "AUD-NS-0004", "AUD-NET-0009"],
        }
    }
    settings = tmp_path / "auditor.yaml"
    settings.write_text(json.dumps(config))
    command = ["check", "--engine", "embedded", "--policy", str(folder), "--config", str(settings)]
    done = CliRunner().invoke(app, [*command, str(manifest), "--format", form])
    return done.exit_code, done.stdout


def _of_rule(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    (found,) = [one for one in entries if one[key] == RULE]
    return found


@pytest.mark.parametrize(
    ("action", "code", "level", "sarif"),
    [("deny", 1, "fail", "error"), ("warn", 0, "warn", "warning"), ("dryrun", 0, "advisory", "note")],
)
def test_a_level_is_kept_in_every_format(
    tmp_path: Path, action: str, code: int, level: str, sarif: str
) -> None:
    ended, text = _check(tmp_path, action, "json")
    assert ended == code, text
    found = _of_rule(json.loads(text)["findings"], "rule_id")
    assert (found["level"], found["severity"]) == (level, "critical")

    ended, text = _check(tmp_path, action, "table")
    (line,) = [line for line in text.splitlines() if RULE in line]
    assert ended == code
    assert f"critical{'' if level == 'fail' else f' ({level})'} {RULE}" in line

    ended, text = _check(tmp_path, action, "sarif")
    (log,) = json.loads(text)["runs"]
    assert ended == code
    assert _of_rule(log["results"], "ruleId")["level"] == sarif
    assert _of_rule(log["tool"]["driver"]["rules"], "id")["defaultConfiguration"]["level"] == sarif

    ended, text = _check(tmp_path, action, "junit")
    (case,) = [case for case in ET.fromstring(text.encode()).iter("testcase") if RULE in case.get("name", "")]
    assert ended == code
    (result,) = case
    assert result.tag == ("failure" if level == "fail" else "skipped")
    assert str(result.get("message")).startswith("" if level == "fail" else f"{level}: ")

    ended, text = _check(tmp_path, action, "github")
    (line,) = [line for line in text.splitlines() if RULE in line.replace("%2F", "/")]
    assert ended == code
    assert line.startswith(f"::{'notice' if sarif == 'note' else sarif} ")
