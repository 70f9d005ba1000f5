"""JUnit's XML, which CI systems show as test results: a test case a finding, and one for each file in order."""

from __future__ import annotations

import re
from collections import defaultdict

import junitparser

from auditor.reports.check.interface import CheckFinding, CheckReport, Level

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(junitparser.TestCase):
    """A test case that says which file it is about: GitLab and others link it."""

    file = junitparser.Attr()


class JUnitFormat:
    """A test suite a file. Findings fail, what was not evaluated is an error; what is waived is skipped, and so is what
    warns or advises, for which JUnit has no word."""

    def render(self, report: CheckReport, *, colour: bool) -> bytes:
        """The XML document."""
        cases: dict[str, list[_Case]] = defaultdict(list)
        for path in report.judged:
            cases[path] = []
        for finding in report.findings:
            about = [
                f"{finding.severity.value}: {finding.message}",
                f"{finding.path}:{finding.line}:{finding.column}",
            ]
            if finding.resource:
                about.append(str(finding.resource))
            if finding.pointer:
                about.append(finding.pointer)
            level = report.level(finding.rule_id)
            result: junitparser.Failure | junitparser.Skipped
            if level is Level.FAIL:
                result = junitparser.Failure(_text(finding.message), finding.severity.value)
            else:
                result = junitparser.Skipped(
                    _text(f"{level.value}: {finding.message}"), finding.severity.value
                )
            result.text = _text("\n".join(about))
            cases[finding.path].append(_case(_title(finding), finding.path, result))
        for finding in report.waived:
            reason = finding.excuse.reason if finding.excuse else ""
            skipped = junitparser.Skipped(_text(f"waived: {reason}"))
            cases[finding.path].append(_case(_title(finding), finding.path, skipped))
        for entry in report.errors:
            error = junitparser.Error(_text(entry.message), "not evaluated")
            cases[entry.path].append(_case("not evaluated", entry.path, error))
        for left_out in report.skipped:
            if not left_out.resource and not cases.get(left_out.path):
                skipped = junitparser.Skipped(_text(left_out.reason))
                cases[left_out.path].append(_case("left out", left_out.path, skipped))
        document = junitparser.JUnitXml("auditor check")
        for path in sorted(cases):
            suite = junitparser.TestSuite(_text(path))
            for case in cases[path] or [_case("no findings", path, None)]:
                suite.add_testcase(case)
            document.add_testsuite(suite)
        document.update_statistics()  # type: ignore[no-untyped-call]
        data: bytes = document.tostring()  # type: ignore[no-untyped-call]
        return b'<?xml version="1.0" encoding="utf-8"?>\n' + data + b"\n"


def _title(finding: CheckFinding) -> str:
    parts = (finding.rule_id, str(finding.resource) if finding.resource else "", finding.pointer)
    return " ".join(part for part in parts if part)


def _case(
    name: str, path: str, result: junitparser.Failure | junitparser.Error | junitparser.Skipped | None
) -> _Case:
    case = _Case(_text(name), _text(path))
    case.file = _text(path)
    if result is not None:
        case.result = [result]
    return case


def _text(text: str) -> str:
    """Without what XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
