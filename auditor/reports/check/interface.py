"""What a check found, as every format gets it, and what a format is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from auditor.model import ResourceId, RuleInfo, Severity


class ExcuseKind(StrEnum):
    """What a finding was excused by."""

    WAIVER = "waiver"
    COMMENT = "comment"
    ANNOTATION = "annotation"
    BASELINE = "baseline"


@dataclass(frozen=True, kw_only=True, slots=True)
class Excuse:
    """Why a finding does not count. `place` is where that is written: `path:line`, from the repository's root.

    `expires` is the first day (ISO date, UTC) on which it counts again, '' where no end is given.
    """

    kind: ExcuseKind
    reason: str
    place: str
    owner: str = ""
    expires: str = ""
    ticket: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckFinding:
    """One violation in a file.

    `path` is as the user will find the file from where he stands, `place` from the repository's root ('' outside of
    it). `line` and `column` are 1-based, of the field or of its nearest parent that exists. `id` is the
    fingerprint, which the audit database has too. `excuse` is None for a finding that counts.
    """

    id: str
    rule_id: str
    severity: Severity
    path: str
    place: str
    line: int
    column: int
    environment: str
    api_version: str
    resource: ResourceId | None
    pointer: str
    message: str
    excuse: Excuse | None = None


class Level(StrEnum):
    """Whether a finding can fail a check; what only warns or advises never does, however severe it is."""

    FAIL = "fail"
    WARN = "warn"
    ADVISORY = "advisory"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotEvaluated:
    """Something of which nobody can say whether it is in order; it makes the check incomplete."""

    path: str
    message: str
    place: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """Something that was left out on purpose: the file, the resource in it ('' for the whole file), and why."""

    path: str
    resource: str
    reason: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.resource}: {self.reason}" if self.resource else self.reason


@dataclass(kw_only=True, slots=True)
class CheckReport:
    """All that one check has to say.

    `findings` count; `waived` are excused and do not. `notes` is what the user may want to know besides.
    `disabled` are rules that were not asked. `judged` are the files that were judged, `files` how many were read;
    `rules` describes every rule that a finding names; findings of `advisory` rules fail nothing, as whoever wrote those
    rules wants it, and are told as warnings where `warning` has the rule; those of `never_excused` rules always count. `baseline` is the baseline's file, '' without one.
    """

    findings: list[CheckFinding] = field(default_factory=list)
    waived: list[CheckFinding] = field(default_factory=list)
    errors: list[NotEvaluated] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    disabled: tuple[str, ...] = ()
    judged: list[str] = field(default_factory=list)
    files: int = 0
    resources: int = 0
    rules: Mapping[str, RuleInfo] = field(default_factory=dict)
    advisory: frozenset[str] = frozenset()
    warning: frozenset[str] = frozenset()
    never_excused: frozenset[str] = frozenset()
    engine: str = ""
    kubernetes_version: str = ""
    version: str = ""
    baseline: str = ""

    def level(self, rule_id: str) -> Level:
        """What a finding of the rule is to whoever runs the check."""
        if rule_id not in self.advisory:
            return Level.FAIL
        return Level.WARN if rule_id in self.warning else Level.ADVISORY

    def by_severity(self) -> dict[str, int]:
        """How many findings count, by severity, the worst first."""
        counted = dict.fromkeys(reversed([severity.value for severity in Severity]), 0)
        for finding in self.findings:
            counted[finding.severity.value] += 1
        return counted

    def waived_by(self) -> dict[str, int]:
        """How many findings are excused, by what excuses them; only what there is."""
        counted: dict[str, int] = {}
        for finding in self.waived:
            if finding.excuse is not None:
                kind = finding.excuse.kind.value
                counted[kind] = counted.get(kind, 0) + 1
        return counted


class CheckFormat(Protocol):
    """Turns a report into one text."""

    def render(self, report: CheckReport, *, colour: bool) -> bytes:
        """The report in UTF-8; equal reports give equal bytes. `colour` counts only for what people read."""
        ...
