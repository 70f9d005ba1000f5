"""What excuses findings besides the manifests' own word: the file of waivers, and the baseline."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from auditor.errors import UsageError
from auditor.findings.baseline import Baseline, BaselineEntry
from auditor.findings.fingerprint import fingerprint
from auditor.findings.waiverfile import BYTES_AT_MOST
from auditor.findings.waivers import Waiver, Waivers, read_waivers
from auditor.model import ResourceId
from auditor.pipeline.check.files import place_of, spot_of
from auditor.pipeline.check.judging import JudgedFile
from auditor.pipeline.check.options import CheckOptions
from auditor.policy.builtin_waivers import EXPIRED_WAIVER, UNUSED_WAIVER, WRONG_WAIVER
from auditor.policy.judge import Judge
from auditor.reports.check.interface import CheckFinding, CheckReport, Excuse, ExcuseKind


@dataclass(frozen=True, slots=True)
class _Subject:
    """A finding as waivers look at it."""

    finding: CheckFinding

    @property
    def rule_id(self) -> str:
        return self.finding.rule_id

    @property
    def environment(self) -> str:
        return self.finding.environment

    @property
    def group(self) -> str:
        return self.finding.resource.group if self.finding.resource else ""

    @property
    def kind(self) -> str:
        return self.finding.resource.kind if self.finding.resource else ""

    @property
    def namespace(self) -> str:
        return self.finding.resource.namespace if self.finding.resource else ""

    @property
    def name(self) -> str:
        return self.finding.resource.name if self.finding.resource else ""

    @property
    def places(self) -> tuple[str, ...]:
        return (self.finding.place or self.finding.path,)

    @property
    def pointer(self) -> str:
        return self.finding.pointer


def apply_waivers(
    report: CheckReport,
    judge: Judge,
    options: CheckOptions,
    *,
    root: Path,
    path: Path | None,
    today: date,
    complete: bool,
    changed: frozenset[str] | None,
    judged: Sequence[JudgedFile],
) -> None:
    """Excuses what the waivers excuse, and takes what is wrong with them as findings.

    `path` is the file that was asked for (UsageError where there is none), else the options' below `root` counts.
    `complete` says that all of the repository was evaluated, without which no waiver can be said to fit nothing;
    `changed` are the spots of the files that are reported on, None for all.
    """
    terms = options.terms(judge.rule_ids)
    if not path and not options.waivers:
        return
    file = path or root / options.waivers
    if path is None and (not file.is_file() or file.is_symlink()):
        return
    try:
        with file.open("rb") as opened:
            content = opened.read(BYTES_AT_MOST + 1)
    except OSError as error:
        raise UsageError(f"the waivers cannot be read: {file}: {error.strerror}") from error
    shown = os.path.relpath(file)
    place = place_of(file.resolve(), root)
    waivers = read_waivers(content, terms, today)
    for number, finding in enumerate(report.findings):
        if finding.excuse is None:
            waiver = waivers.waive(_Subject(finding), today)
            if waiver is not None:
                report.findings[number] = replace(finding, excuse=_excuse(waiver, place or shown))
    report.skipped = [entry for entry in report.skipped if entry.path != shown]
    if changed is None or spot_of(file.resolve()) in changed:
        report.findings += _about(waivers, judge, shown, place, today, complete=complete)


def _excuse(waiver: Waiver, path: str) -> Excuse:
    return Excuse(
        kind=ExcuseKind.WAIVER,
        reason=waiver.reason,
        place=f"{path}:{waiver.line}",
        owner=waiver.owner,
        expires=waiver.expires.isoformat(),
        ticket=waiver.ticket,
    )


def _about(
    waivers: Waivers, judge: Judge, shown: str, place: str, today: date, *, complete: bool
) -> list[CheckFinding]:
    found = [
        (
            EXPIRED_WAIVER,
            entry.line,
            entry.label,
            f"the waiver of {entry.label} has expired on {entry.expires}",
        )
        for entry in waivers.expired(today)
    ]
    if complete:
        disabled = judge.disabled
        found += [
            (UNUSED_WAIVER, entry.line, entry.label, f"the waiver of {entry.label} excuses nothing")
            for entry in waivers.unused(today)
            if entry.rule not in disabled
        ]
    found += [(WRONG_WAIVER, one.line, "", one.message) for one in waivers.mistakes]
    return [
        CheckFinding(
            id=fingerprint(rule_id, "", "", "Waiver", "", label or place or shown, "" if label else message),
            rule_id=rule_id,
            severity=judge.severity(rule_id),
            path=shown,
            place=place,
            line=line,
            column=1,
            environment="",
            api_version="",
            resource=ResourceId(group="", kind="Waiver", namespace="", name=label) if label else None,
            pointer="",
            message=message,
        )
        for rule_id, line, label, message in found
    ]


def apply_baseline(report: CheckReport, baseline: Baseline, path: str, *, complete: bool) -> None:
    """Excuses what was there when the baseline was written, as often as it was there.

    What is waived besides takes what is left of it: it is not gone.
    """
    excuse = Excuse(kind=ExcuseKind.BASELINE, reason="in the baseline", place=path)
    for number, finding in enumerate(report.findings):
        may_be = finding.excuse is None and finding.rule_id not in report.never_excused
        if may_be and baseline.takes(finding.id):
            report.findings[number] = replace(finding, excuse=excuse)
    for finding in report.findings:
        if finding.excuse is not excuse:
            baseline.takes(finding.id)
    gone = baseline.gone()
    if gone and complete:
        report.notes.append(
            f"the baseline {path} holds {len(gone)} that are gone: write it anew with --write-baseline"
        )


def baseline_entries(findings: Sequence[CheckFinding]) -> list[BaselineEntry]:
    """The findings as a baseline holds them."""
    return [
        BaselineEntry(
            id=finding.id,
            rule_id=finding.rule_id,
            resource=str(finding.resource) if finding.resource else "",
            pointer=finding.pointer,
            path=finding.place or finding.path,
            count=1,
        )
        for finding in findings
    ]


__all__ = ["apply_baseline", "apply_waivers", "baseline_entries"]
