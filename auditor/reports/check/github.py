"""Workflow commands of GitHub Actions: annotations on the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from auditor.model import Severity
from auditor.reports.check.interface import CheckFinding, CheckReport, Level, NotEvaluated

_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


_LEVELS = {Level.WARN: "warning", Level.ADVISORY: "notice"}


class GitHubFormat:
    """One command a finding, the worst first: GitHub shows only the first ten of each sort in a step."""

    def render(self, report: CheckReport, *, colour: bool) -> bytes:
        """What was not evaluated first, then findings by severity, path and line."""
        lines = [_not_evaluated(entry) for entry in report.errors]
        lines += [
            _finding(finding, report.level(finding.rule_id))
            for finding in sorted(report.findings, key=lambda finding: _order(finding, report))
        ]
        return "".join(f"{line}\n" for line in lines).encode()


def _sort(finding: CheckFinding, level: Level) -> str:
    return _LEVELS.get(level) or _COMMANDS[finding.severity]


def _order(finding: CheckFinding, report: CheckReport) -> tuple[int, int]:
    sort = _sort(finding, report.level(finding.rule_id))
    return ("error", "warning", "notice").index(sort), -finding.severity.rank


def _finding(finding: CheckFinding, level: Level) -> str:
    about = f" ({finding.resource})" if finding.resource else ""
    suffix = f" ({level.value})" if level is not Level.FAIL else ""
    return _command(
        _sort(finding, level),
        {
            "file": finding.place or finding.path,
            "line": str(finding.line),
            "col": str(finding.column),
            "title": f"{finding.rule_id} {finding.severity.value}{suffix}",
        },
        f"{finding.message}{about}",
    )


def _not_evaluated(entry: NotEvaluated) -> str:
    properties = {"file": entry.place or entry.path}
    if entry.line:
        properties["line"] = str(entry.line)
    return _command("error", properties | {"title": "not evaluated"}, entry.message)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    """As the runner undoes it (`%25`, `%0D`, `%0A`); other control characters would reach whoever reads the log."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
