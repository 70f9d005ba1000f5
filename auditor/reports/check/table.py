"""Findings for people: a line each, in the form that editors and terminals make a link of."""

from __future__ import annotations

from auditor.reports.check.interface import CheckFinding, CheckReport, Level

MARKS = {"critical": "■", "high": "▲", "medium": "◆", "low": "●"}
"""A shape for each severity, for those who do not see the colours."""

_COLOURS = {"critical": "\x1b[1;31m", "high": "\x1b[31m", "medium": "\x1b[33m", "low": "\x1b[36m"}
_PLAIN = "\x1b[0m"


class TableFormat:
    """`path:line:column severity RULE message (resource)`, by file and line; what fails nothing says so after the
    severity."""

    def render(self, report: CheckReport, *, colour: bool) -> bytes:
        """The findings that count; nothing at all where there are none."""
        return "".join(
            f"{_line(finding, report.level(finding.rule_id), colour=colour)}\n" for finding in report.findings
        ).encode()


def visible(text: str) -> str:
    """The text on one line and without control characters: what a repository says must not move the cursor."""
    return "".join(char if char.isprintable() else _shown(char) for char in text)


def _shown(char: str) -> str:
    return " " if char in "\n\t" else "\N{REPLACEMENT CHARACTER}"


def _line(finding: CheckFinding, level: Level, *, colour: bool) -> str:
    severity = finding.severity.value
    word = f"{MARKS[severity]} {severity}" + (f" ({level.value})" if level is not Level.FAIL else "")
    if colour:
        word = f"{_COLOURS[severity]}{word}{_PLAIN}"
    about = f" ({visible(str(finding.resource))})" if finding.resource else ""
    place = f"{visible(finding.path)}:{finding.line}:{finding.column}"
    return f"{place} {word} {finding.rule_id} {visible(finding.message)}{about}"
