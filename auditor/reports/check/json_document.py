"""The JSON that programs rely on: version 1 of its shape, to which keys may be added but none change."""

from __future__ import annotations

from typing import Any

import orjson

from auditor.reports.check.interface import CheckFinding, CheckReport


class JsonFormat:
    """One document: findings, waived findings, what was not evaluated, what was left out, and counts."""

    def render(self, report: CheckReport, *, colour: bool) -> bytes:
        """Indented JSON and a line's end."""
        document = {
            "version": 1,
            "findings": [_finding(finding, report) for finding in report.findings],
            "waived": [_finding(finding, report) | {"waived": _excuse(finding)} for finding in report.waived],
            "errors": [{"path": entry.path, "message": entry.message} for entry in report.errors],
            "skipped": [{"path": entry.path, "reason": str(entry)} for entry in report.skipped],
            "disabled": list(report.disabled),
            "notes": report.notes,
            "summary": {
                "files": report.files,
                "resources": report.resources,
                "findings": report.by_severity(),
                "waived": len(report.waived),
                "errors": len(report.errors),
                "skipped": len(report.skipped),
                "engine": report.engine,
                "kubernetes_version": report.kubernetes_version,
            },
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def _finding(finding: CheckFinding, report: CheckReport) -> dict[str, Any]:
    resource = finding.resource
    return {
        "id": finding.id,
        "rule_id": finding.rule_id,
        "severity": finding.severity.value,
        "level": report.level(finding.rule_id).value,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "environment": finding.environment,
        "resource": {
            "api_version": finding.api_version,
            "kind": resource.kind if resource else "",
            "namespace": resource.namespace if resource else "",
            "name": resource.name if resource else "",
        },
        "pointer": finding.pointer,
        "message": finding.message,
    }


def _excuse(finding: CheckFinding) -> dict[str, str]:
    excuse = finding.excuse
    if excuse is None:
        return {}
    return {
        "by": excuse.kind.value,
        "reason": excuse.reason,
        "place": excuse.place,
        "owner": excuse.owner,
        "expires": excuse.expires,
        "ticket": excuse.ticket,
    }
