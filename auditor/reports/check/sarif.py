"""SARIF 2.1.0 for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html, and what GitHub
reads of it: https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from auditor.model import RuleInfo, Severity
from auditor.reports.check.interface import (
    CheckFinding,
    CheckReport,
    Excuse,
    ExcuseKind,
    Level,
    NotEvaluated,
    Skipped,
)

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
}
"""The middle of what GitHub calls critical (over 9.0), high (7.0-8.9), medium (4.0-6.9) and low (0.1-3.9)."""

FINGERPRINT = "auditorFinding/v1"
"""What our fingerprint is called: the name of the finding in the audit database."""

_IN_SOURCE = frozenset({ExcuseKind.COMMENT, ExcuseKind.ANNOTATION})


class SarifFormat:
    """One run. Paths are from the repository's root, which the reader knows: no path of this machine is in it."""

    def render(self, report: CheckReport, *, colour: bool) -> bytes:
        """The log."""
        log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
        return orjson.dumps(log, option=orjson.OPT_INDENT_2) + b"\n"


def _run(report: CheckReport) -> dict[str, Any]:
    named = sorted({finding.rule_id for finding in (*report.findings, *report.waived)})
    numbers = {rule_id: number for number, rule_id in enumerate(named)}
    # A rule's severity as this run sees it: the operator may have set another.
    severities = {finding.rule_id: finding.severity for finding in (*report.findings, *report.waived)}
    results = [_result(finding, numbers, report) for finding in report.findings]
    results += [_result(finding, numbers, report) for finding in report.waived]
    notifications = [_notification(entry) for entry in report.errors]
    notifications += [_left_out(entry) for entry in report.skipped]
    notifications += [{"level": "note", "message": {"text": note}} for note in report.notes]
    invocation: dict[str, Any] = {
        "executionSuccessful": not report.errors,
        "toolExecutionNotifications": notifications,
    }
    if report.disabled:
        invocation["ruleConfigurationOverrides"] = [
            {"descriptor": {"id": rule_id}, "configuration": {"enabled": False}}
            for rule_id in report.disabled
        ]
    return {
        "tool": {
            "driver": {
                "name": "auditor",
                "semanticVersion": report.version,
                "rules": [
                    _rule(rule_id, report.rules.get(rule_id), severities[rule_id], report.level(rule_id))
                    for rule_id in named
                ],
                "notifications": [
                    {"id": "not-evaluated", "shortDescription": {"text": "Something could not be evaluated"}},
                    {"id": "left-out", "shortDescription": {"text": "Something was left out on purpose"}},
                ],
                "properties": {"engine": report.engine, "kubernetesVersion": report.kubernetes_version},
            }
        },
        "automationDetails": {"id": "auditor/check/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [invocation],
        "results": results,
    }


def _rule(rule_id: str, info: RuleInfo | None, severity: Severity, level: Level) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": rule_id,
        "defaultConfiguration": {"level": _level(severity, level)},
        "properties": {
            "security-severity": SECURITY_SEVERITY[severity],
            "tags": ["security"],
            "problem.severity": _level(severity, level).replace("note", "recommendation"),
            "precision": "very-high",
        },
    }
    if info is None:
        return rule
    rule["shortDescription"] = {"text": info.title}
    rule["fullDescription"] = {"text": info.description}
    rule["help"] = {"text": _help(info, markdown=False), "markdown": _help(info, markdown=True)}
    rule["properties"]["tags"] = ["security", info.category]
    rule["properties"]["controls"] = [f"{framework} {control}" for framework, control in info.controls]
    web = [link for link in info.related if link.startswith("https://")]
    if web:
        rule["helpUri"] = web[0]
    return rule


def _level(severity: Severity, level: Level) -> str:
    """What only warns is a warning, however severe; what only advises a note."""
    return {Level.WARN: "warning", Level.ADVISORY: "note"}.get(level) or LEVELS[severity]


def _help(info: RuleInfo, *, markdown: bool) -> str:
    heading = "**What to do:** " if markdown else "What to do: "
    text = f"{info.description}\n\n{heading}{info.remediation}"
    if info.related:
        links = [f"<{link}>" if markdown else link for link in info.related]
        text += "\n\n" + "\n".join(f"- {link}" for link in links)
    return text


def _result(finding: CheckFinding, numbers: dict[str, int], report: CheckReport) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.place, finding.path),
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.resource:
        location["logicalLocations"] = [
            {"fullyQualifiedName": str(finding.resource), "name": finding.resource.name, "kind": "resource"}
        ]
    result: dict[str, Any] = {
        "ruleId": finding.rule_id,
        "ruleIndex": numbers[finding.rule_id],
        "level": _level(finding.severity, report.level(finding.rule_id)),
        "message": {"text": finding.message or finding.rule_id},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: finding.id},
        "properties": {
            "severity": finding.severity.value,
            "environment": finding.environment,
            "pointer": finding.pointer,
        },
        "suppressions": [_suppression(finding.excuse)] if finding.excuse else [],
    }
    if report.baseline:
        known = finding.excuse is not None and finding.excuse.kind is ExcuseKind.BASELINE
        result["baselineState"] = "unchanged" if known else "new"
    return result


def _suppression(excuse: Excuse) -> dict[str, Any]:
    properties = {
        "by": excuse.kind.value,
        "place": excuse.place,
        "owner": excuse.owner,
        "expires": excuse.expires,
        "ticket": excuse.ticket,
    }
    return {
        "kind": "inSource" if excuse.kind in _IN_SOURCE else "external",
        "status": "accepted",
        "justification": excuse.reason,
        "properties": {key: value for key, value in properties.items() if value},
    }


def _notification(entry: NotEvaluated) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(entry.place, entry.path)}
    if entry.line:
        physical["region"] = {"startLine": entry.line}
    return {
        "level": "error",
        "message": {"text": entry.message},
        "locations": [{"physicalLocation": physical}],
        "descriptor": {"id": "not-evaluated"},
    }


def _left_out(entry: Skipped) -> dict[str, Any]:
    return {
        "level": "note",
        "message": {"text": f"left out: {entry}"},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(entry.place, entry.path)}}],
        "descriptor": {"id": "left-out"},
    }


def _artifact(place: str, path: str) -> dict[str, str]:
    """A path of the repository, else the file's own address."""
    if place:
        return {"uri": _quoted(place), "uriBaseId": ROOT}
    return {"uri": f"file://{_quoted(Path(path).absolute().as_posix())}"}


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")
