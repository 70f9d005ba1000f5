"""What only warns or advises keeps that in every format of a check, and fails none."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from auditor.cli.check import exit_code
from auditor.cli.options import Threshold
from auditor.model import ResourceId, Severity
from auditor.reports.check.formats import CHECK_FORMATS
from auditor.reports.check.interface import CheckFinding, CheckReport

RULE = "gatekeeper/needslabels/x"


def _report(level: str) -> CheckReport:
    finding = CheckFinding(
        id="F-0123456789abcdef",
        rule_id=RULE,
        # However severe: who wrote it decides what it stops.
        severity=Severity.CRITICAL,
        path="a.yaml",
        place="a.yaml",
        line=3,
        column=1,
        environment="default",
        api_version="v1",
        resource=ResourceId(group="", kind="Namespace", namespace="", name="a"),
        pointer="metadata.labels",
        message="nobody's",
    )
    return CheckReport(
        findings=[finding],
        judged=["a.yaml"],
        advisory=frozenset({RULE} if level != "fail" else ()),
        warning=frozenset({RULE} if level == "warn" else ()),
    )


def _of_rule(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    (found,) = [one for one in entries if one[key] == RULE]
    return found


@pytest.mark.parametrize(
    ("level", "code", "sarif"), [("fail", 1, "error"), ("warn", 0, "warning"), ("advisory", 0, "note")]
)
def test_a_level_is_kept_in_every_format(level: str, code: int, sarif: str) -> None:
    report = _report(level)
    text = {name: form().render(report, colour=False).decode() for name, form in CHECK_FORMATS.items()}
    assert exit_code(report, Threshold.LOW) == code
    found = _of_rule(json.loads(text["json"])["findings"], "rule_id")
    assert (found["level"], found["severity"]) == (level, "critical")
    marked = "" if level == "fail" else f" ({level})"
    assert text["table"].startswith(f"a.yaml:3:1 ■ critical{marked} {RULE} ")
    (log,) = json.loads(text["sarif"])["runs"]
    assert _of_rule(log["results"], "ruleId")["level"] == sarif
    assert _of_rule(log["tool"]["driver"]["rules"], "id")["defaultConfiguration"]["level"] == sarif
    (case,) = ET.fromstring(text["junit"].encode()).iter("testcase")
    (result,) = case
    assert result.tag == ("failure" if level == "fail" else "skipped")
    assert result.get("message") == ("nobody's" if level == "fail" else f"{level}: nobody's")
    assert text["github"].startswith(f"::{'notice' if sarif == 'note' else sarif} ")
    assert f"critical{marked}" in text["github"]
