"""Findings in the Markdown report: their rows, those that are accepted, those whose history is gone."""

from __future__ import annotations

from auditor.reports.build import gone, instant
from auditor.reports.markdown_text import days, escape, listed, table
from auditor.reports.model import Report
from auditor.reports.wording import LOST, NO_WAIVER, WAIVED, waiver_terms
from auditor.store.records import FindingRecord


def accepted(report: Report) -> list[str]:
    """The section on findings that are waived, or whose commits are not in the history any more."""
    parts = ["## 7. What is accepted"]
    if report.waived:
        parts += [
            WAIVED,
            table(
                (
                    "Rule",
                    "Severity",
                    "Resource",
                    "Accepted by",
                    "Why",
                    "Since",
                    "Until",
                    "Ticket",
                    "Written in",
                ),
                (
                    [
                        escape(finding.rule_id),
                        escape(finding.severity),
                        escape(_resource(finding)),
                        *(escape(text) for text in waiver_terms(waiver)),
                    ]
                    for finding in report.waived
                    for waiver in finding.waivers
                ),
            ),
        ]
    else:
        parts.append(NO_WAIVER)
    if report.lost:
        parts += [
            "### Findings whose history is gone",
            LOST,
            table(
                ("Rule", "Severity", "Resource", "Message", "Opened by", "Fixed by", "Time to fix"),
                (finding_row(finding, report) for finding in report.lost),
            ),
        ]
    return parts


def finding_row(finding: FindingRecord, report: Report) -> list[str]:
    """Rule, severity, resource, message, opened, fixed, time to fix."""
    opened = f"not known ({finding.source}); first detected {instant(finding.detected_at)}"
    if finding.opened_at:
        opened = f"{instant(finding.opened_at)} {finding.opened_sha} {escape(finding.opened_by)}"
    fixed = "**open**"
    if gone(finding):
        fixed = "**its history is gone**"
    elif finding.waivers:
        fixed = "**waived**"
    if finding.fixed_at:
        fixed = f"{instant(finding.fixed_at)} {finding.fixed_sha} {escape(finding.fixed_by)}"
        if finding.fixed_at >= report.period.end:
            fixed += " (**open when the period ended**)"
    severity = finding.severity + (", advisory" if finding.advisory else "")
    severity += f", occurrence {finding.occurrence}" if finding.occurrence > 1 else ""
    return [
        escape(finding.rule_id),
        escape(severity),
        escape(_resource(finding)),
        listed(finding.message),
        opened,
        fixed,
        days(finding.days),
    ]


def _resource(finding: FindingRecord) -> str:
    place = f"{finding.namespace}/{finding.name}" if finding.namespace else finding.name
    return f"{finding.kind} {place} in {finding.environment}, {finding.path} {finding.pointer}"
