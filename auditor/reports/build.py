"""Builds a report from the store: asks for the evidence, then concludes, and says what it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from statistics import median

import auditor
from auditor.errors import UsageError
from auditor.reports.model import ControlEvidence, FindingCounts, Report, RuleEvidence, Status
from auditor.reports.period import Period, parse_period
from auditor.reports.wording import GLOSSARY, LIMITS, NO_FORGE
from auditor.store.database import Database
from auditor.store.evidence import Evidence
from auditor.store.records import ControlRecord, FindingRecord, Integrity, Population, RuleRecord, RunRecord


def build_report(
    database: Database, framework: str, period: Period | str | None, now: datetime, repo: str = ""
) -> Report:
    """The report on `framework` for `period`, generated at `now`; over one repository, '' for all together.

    `period` may be a text that `parse_period` reads; None or '' is all from the oldest commit to now.
    Raises UsageError where the rules are not mapped to such a framework, no run was over such a repository, or the
    period cannot be read or begins after now.
    """
    if isinstance(period, str):
        period = parse_period(period) if period else None
    now = now.astimezone(UTC)
    cursor = database.cursor()
    try:
        cursor.execute("BEGIN")  # one state of the database for every query
        if period is None:
            period = _whole(Evidence(cursor, now, now, repo).first_commit_at(), now)
        if period.start > now:
            raise UsageError(f"the period {period.label} has not begun", hint="choose one that has")
        return _build(Evidence(cursor, period.start, period.end, repo, now=now), framework, period, now, repo)
    finally:
        cursor.close()


def _build(evidence: Evidence, framework: str, period: Period, now: datetime, repo: str) -> Report:
    audited = evidence.repositories()
    if repo and repo not in audited:
        raise UsageError(
            f"no run was over a repository {repo!r}",
            hint=f"there is {', '.join(audited)}" if audited else "run `auditor scan` first",
        )
    mapped = evidence.controls(framework)
    if not mapped:
        known = evidence.frameworks()
        raise UsageError(
            f"no rule of the last run is mapped to a framework {framework!r}",
            hint=f"there is {', '.join(known)}" if known else "run `auditor scan` first",
        )
    text = evidence.framework(framework)
    runs, rules, findings = evidence.runs(), evidence.rules(), evidence.findings()
    population, integrity = evidence.population(), evidence.integrity()
    controls = _controls(mapped, rules, findings, period)
    shown = {rule.rule.rule_id for control in controls for rule in control.rules}
    return Report(
        framework=framework,
        framework_title=text.title if text else framework,
        text=text,
        repo=repo,
        period=period,
        covered_until=min([period.end, now, *(run.finished_at.astimezone(UTC) for run in runs)]),
        generated_at=now,
        auditor_version=auditor.__version__,
        complete=bool(runs) and all(run.status == "complete" for run in runs),
        notices=(
            *_notices(runs, population, integrity, period, now),
            *(f"Of the rules that were asked: {remark}" for remark in evidence.remarks()),
        ),
        runs=runs,
        gaps=evidence.gaps(),
        population=population,
        manifests=evidence.manifests(),
        exclusions=evidence.exclusions(),
        integrity=integrity,
        controls=controls,
        counts=count([finding for finding in findings if finding.rule_id in shown], period),
        waived=tuple(
            finding for finding in findings if finding.rule_id in shown and waived_at_end(finding, period)
        ),
        lost=tuple(finding for finding in findings if finding.rule_id in shown and gone(finding)),
        drift=evidence.drift(),
        checkpoint=evidence.checkpoint(),
        limits=_limits(integrity),
        glossary=GLOSSARY,
    )


def count(findings: Iterable[FindingRecord], period: Period) -> FindingCounts:
    """Counts findings that were open at some time of the period."""
    everything = list(findings)
    listed = [finding for finding in everything if not gone(finding)]
    known = [finding for finding in listed if finding.opened_at is not None]
    fixed = [finding for finding in listed if fixed_before_end(finding, period)]
    days = [finding.days for finding in fixed if finding.days is not None]
    return FindingCounts(
        open_at_start=sum(finding.opened_at < period.start for finding in known if finding.opened_at),
        opened=sum(finding.opened_at >= period.start for finding in known if finding.opened_at),
        fixed=len(fixed),
        waived=sum(waived_at_end(finding, period) for finding in listed),
        advisory=sum(_stands(finding, period) and finding.advisory for finding in listed),
        lost=len(everything) - len(listed),
        open_at_end=sum(open_at_end(finding, period) for finding in listed),
        unknown=sum(finding.opened_at is None and open_at_end(finding, period) for finding in listed),
        median_days=median(days) if days else None,
        longest_days=max(days) if days else None,
    )


def gone(finding: FindingRecord) -> bool:
    """True where the history that it was found in is gone.

    How a commit landed stays true of it: a rewritten history takes no finding about changes away.
    """
    return finding.lost and finding.source != "change"


def fixed_before_end(finding: FindingRecord, period: Period) -> bool:
    """True where the finding was fixed before the period ended."""
    return finding.fixed_at is not None and finding.fixed_at < period.end


def waived_at_end(finding: FindingRecord, period: Period) -> bool:
    """True where the finding was not fixed when the period ended, and is accepted."""
    return bool(finding.waivers) and not gone(finding) and not fixed_before_end(finding, period)


def open_at_end(finding: FindingRecord, period: Period) -> bool:
    """True where the finding was neither fixed before the period ended nor accepted, and its history is there.

    What is advisory fails nothing, and counts apart.
    """
    return _stands(finding, period) and not finding.advisory


def _stands(finding: FindingRecord, period: Period) -> bool:
    return not (fixed_before_end(finding, period) or waived_at_end(finding, period) or gone(finding))


def rule_status(rule: RuleRecord, counts: FindingCounts) -> tuple[Status, str]:
    """A rule's status, and why where that is not plain; `counts` are those of its findings."""
    status, reason = _status(rule, counts.open_at_end)
    if counts.waived:
        reason += f"; {counted(counts.waived, 'finding')} waived"
    if counts.advisory:
        reason += f"; {counts.advisory:,} advisory {'finding' if counts.advisory == 1 else 'findings'} open"
    if counts.lost:
        reason += f"; {counted(counts.lost, 'finding')} in a history that is gone"
    return status, reason


def _status(rule: RuleRecord, open_findings: int) -> tuple[Status, str]:
    if open_findings:
        return Status.FAIL, f"{counted(open_findings, 'finding')} open at the end of the period"
    if rule.errors:
        return Status.ERROR, f"{counted(rule.errors, 'object')} could not be evaluated"
    if rule.skipped:
        # Passed where it was asked is not passed: what was skipped may hold what the rule looks for.
        judged = (
            f"{counted(rule.evaluated, 'object')} evaluated without an open finding"
            if rule.evaluated
            else "none evaluated"
        )
        return Status.NOT_EVALUATED, f"{counted(rule.skipped, 'object')} skipped, {judged}"
    if not rule.ran:
        return Status.NOT_EVALUATED, "the last run says nothing about this rule"
    if rule.evaluated:
        return Status.PASS, f"{counted(rule.evaluated, 'object')} evaluated"
    if not rule.whole:
        return Status.NOT_EVALUATED, "nothing to judge was seen, and the last run did not see everything"
    return Status.NOT_APPLICABLE, "nothing in the repository for it to judge"


def control_status(rules: Sequence[Status], people: str = "") -> Status:
    """A control is as good as its worst rule, where rules with nothing to judge are left out.

    Without a rule that has something to judge it is left to people, where `people` says what they do or no rule is
    behind it at all.
    """
    order = list(Status)
    return min([*rules, *([Status.MANUAL] if people or not rules else [])], key=order.index)


def _controls(
    mapped: Sequence[ControlRecord],
    rules: Mapping[str, RuleRecord],
    findings: Sequence[FindingRecord],
    period: Period,
) -> tuple[ControlEvidence, ...]:
    ordered = sorted(mapped, key=lambda row: (row.position, _natural(row.control), row.rule_id))
    result = []
    for control, group in groupby(ordered, key=lambda row: row.control):
        rows = list(group)
        ids = list(dict.fromkeys(row.rule_id for row in rows if row.rule_id))
        behind = tuple(_rule(rules.get(rule, _unknown(rule)), findings, period) for rule in ids)
        listed = tuple(finding for finding in findings if finding.rule_id in ids)
        people = " ".join(dict.fromkeys(row.manual for row in rows if row.manual))
        result.append(
            ControlEvidence(
                control=control,
                title=rows[0].title,
                status=control_status([rule.status for rule in behind], people),
                manual=people,
                rules=behind,
                findings=listed,
                counts=count(listed, period),
            )
        )
    return tuple(result)


def _rule(rule: RuleRecord, findings: Sequence[FindingRecord], period: Period) -> RuleEvidence:
    counts = count([finding for finding in findings if finding.rule_id == rule.rule_id], period)
    status, reason = rule_status(rule, counts)
    return RuleEvidence(rule=rule, status=status, reason=reason, counts=counts)


def _unknown(rule_id: str) -> RuleRecord:
    """A rule that a framework names and the last run's bundle does not hold."""
    return RuleRecord(
        rule_id=rule_id,
        title="(this rule is not in the rule bundle of the last run)",
        severity="",
        remediation="",
        ran=False,
        whole=False,
        evaluated=0,
        failed=0,
        skipped=0,
        errors=0,
    )


def _whole(first: datetime | None, now: datetime) -> Period:
    start = min(first.astimezone(UTC), now) if first else now
    return Period(label="all recorded history", start=start, end=now + timedelta(microseconds=1))


def _notices(
    runs: Sequence[RunRecord], population: Population, integrity: Integrity, period: Period, now: datetime
) -> tuple[str, ...]:
    notices = []
    if not runs:
        notices.append("No run is recorded: nothing was audited.")
    for run in runs:
        if run.status != "complete":
            notices.append(
                f"The last run over {run.repo} is {run.status}: something could not be evaluated, and is listed"
                " under “What could not be evaluated”. Statuses are as good as what could be."
            )
        if run.finished_at < min(period.end, now):
            notices.append(
                f"The last run over {run.repo} finished at {instant(run.finished_at)}, before the period ended:"
                " what landed after that is not in this report."
            )
    if period.end > now + timedelta(microseconds=1):
        notices.append(f"The period is not over: this report speaks of it until {instant(now)}.")
    if integrity.rewritten or integrity.lost:
        notices.append(
            "History was rewritten: refs were found elsewhere than their history leads, or gone; see “Integrity of the"
            " record”."
        )
    if not population.landed:
        notices.append("No commit landed in the period.")
    return tuple(notices)


def _limits(integrity: Integrity) -> tuple[str, ...]:
    """The limits of this kind of evidence; that no forge was asked is one where none told anything."""
    told = integrity.requests.keys() - {"not confirmed by a forge"}
    return LIMITS if told else (LIMITS[0], NO_FORGE, *LIMITS[1:])


def counted(number: int, noun: str) -> str:
    """The number with its unit: `1 finding`, `2 findings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def answered_of(control: ControlEvidence) -> str:
    """How many of the control's rules answered, and how many have nothing to judge: `2 of 3, 4 not applicable`."""
    text = f"{control.answered} of {control.applicable}"
    idle = len(control.rules) - control.applicable
    return f"{text}, {idle} not applicable" if idle else text


def instant(at: datetime) -> str:
    """A time to the minute, with its zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _natural(control: str) -> list[tuple[int, str]]:
    """Orders CC6.2 before CC6.10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", control)]
