"""The one report model: everything that a compliance report says, before it has a format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auditor.reports.period import Period
from auditor.store.records import (
    CheckpointRecord,
    DriftRecord,
    FindingRecord,
    FrameworkRecord,
    GapRecord,
    Integrity,
    Population,
    PopulationManifest,
    ReasonCount,
    RuleRecord,
    RunRecord,
)


class Status(StrEnum):
    """What the evidence says of a rule or a control; the worst comes first.

    Not evaluated is never a pass: a control passes only where every one of its rules judged
    all that it is about. A rule that has nothing to judge takes nothing from the others, and by itself is no pass.
    """

    FAIL = "fail"
    ERROR = "error"
    NOT_EVALUATED = "not evaluated"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    MANUAL = "manual"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingCounts:
    """Findings of a period: open when it began, opened and fixed in it, open when it ended.

    `waived` were not fixed when it ended and are accepted: they are not among those open at its end. `lost` ones rest
    on commits that are not in the audited history any more, and are in no other number. `advisory` ones were open
    when it ended and fail nothing: they are not among `open_at_end` either.
    `unknown` of the open ones have no known opening. `median_days` and `longest_days` are the times to
    fix, in days of 24 hours, of those fixed in the period whose opening is known; None where there is
    none.
    """

    open_at_start: int
    opened: int
    fixed: int
    waived: int
    advisory: int
    lost: int
    open_at_end: int
    unknown: int
    median_days: float | None
    longest_days: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleEvidence:
    """One rule's part in a control."""

    rule: RuleRecord
    status: Status
    reason: str
    counts: FindingCounts


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlEvidence:
    """One control with its status at the end of the period and everything behind it.

    `manual` says what people have to do and show, '' if nothing. `findings` are those of its rules that
    were open at some time of the period.
    """

    control: str
    title: str
    status: Status
    manual: str
    rules: tuple[RuleEvidence, ...]
    findings: tuple[FindingRecord, ...]
    counts: FindingCounts

    @property
    def answered(self) -> int:
        """How many of its rules gave an answer."""
        return sum(rule.status in {Status.PASS, Status.FAIL} for rule in self.rules)

    @property
    def applicable(self) -> int:
        """How many of its rules had something to judge, as far as is known."""
        return sum(rule.status is not Status.NOT_APPLICABLE for rule in self.rules)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A compliance report over one framework and one period.

    `text` says which text the controls are of, None where the last run did not record it. `repo` is the one
    repository that the report is about, '' for all of the database together.
    `notices` are what the reader must know before any number (an incomplete run, a period not over);
    `waived` are findings that are accepted, `lost` those whose commits are not in the audited history any more.
    `limits` what this kind of evidence cannot show. `complete` is false where any last run was not.
    """

    framework: str
    framework_title: str
    text: FrameworkRecord | None
    repo: str
    period: Period
    covered_until: datetime
    generated_at: datetime
    auditor_version: str
    complete: bool
    notices: tuple[str, ...]
    runs: tuple[RunRecord, ...]
    gaps: tuple[GapRecord, ...]
    population: Population
    manifests: tuple[PopulationManifest, ...]
    exclusions: tuple[ReasonCount, ...]
    integrity: Integrity
    controls: tuple[ControlEvidence, ...]
    counts: FindingCounts
    waived: tuple[FindingRecord, ...]
    lost: tuple[FindingRecord, ...]
    drift: tuple[DriftRecord, ...]
    checkpoint: CheckpointRecord | None
    limits: tuple[str, ...]
    glossary: Mapping[str, str]

    @property
    def by_status(self) -> dict[Status, int]:
        """How many controls have each status, the worst first."""
        return {status: sum(control.status is status for control in self.controls) for status in Status}

    @property
    def needing_people(self) -> int:
        """How many controls need people, those included that rules give some of the evidence for."""
        return sum(bool(control.manual) or not control.rules for control in self.controls)

    @property
    def drift_by_verdict(self) -> dict[str, int]:
        """How many differences have each verdict, in the order of `drift`."""
        counts: dict[str, int] = {}
        for record in self.drift:
            counts[record.verdict] = counts.get(record.verdict, 0) + 1
        return counts
