"""The records that a compliance report is made of: what the store says, before anything is concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """One run over a repository: what was read at which tip, by which engine and rules."""

    id: str
    repo: str
    location: str
    revision: str
    started_at: datetime
    finished_at: datetime
    tip: str
    status: str
    engine: str
    engine_version: str
    bundle_digest: str
    kubernetes_version: str
    auditor_version: str
    runs_in_period: int
    incomplete_in_period: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GapRecord:
    """What the last run of a repository could not evaluate, how often, and one example."""

    repo: str
    outcome: str
    subject: str
    reason: str
    occurrences: int
    example: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ActorCount:
    """Landed commits of one kind of actor: all, merges, and those without sign of a pull request."""

    actor_kind: str
    landed: int
    merges: int
    without_request: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitRecord:
    """One landed commit, as it claims to be."""

    repo: str
    sha: str
    committed_at: datetime
    author: str
    subject: str
    signature_status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """The commits of the period.

    `digest` is the SHA-256 (hex) over the sorted ids of the landed commits, each followed by a newline,
    so that anybody with the repository can check that the population is the same.
    """

    landed: int
    not_landed: int
    by_actor: tuple[ActorCount, ...]
    signatures: Mapping[str, int]
    direct_pushes: tuple[CommitRecord, ...]
    first_at: datetime | None
    last_at: datetime | None
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PopulationManifest:
    """Which commits of one repository the period's changes are, so that git can be asked for the same.

    `git rev-list --first-parent old_tip..new_tip` lists them where `unbroken`; `old_tip` is '' where the period begins
    with the first commit of all. `digest_of_ids` is as in Population, for this repository.
    """

    repo: str
    landed: int
    old_tip: str
    new_tip: str
    unbroken: bool
    digest_of_ids: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonCount:
    """How many recorded commits of a repository are in the period's population, or are not for which reason."""

    repo: str
    reason: str
    commits: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Integrity:
    """How far the record can be relied on.

    `records` are those of the log, `root` the hex root of its tree, `unsigned` those since the newest checkpoint
    (all of them where there is none). `requests` counts the period's landed commits by what a forge said of them
    (confirmed, contradicted, not confirmed by a forge). `rewritten` counts refs that were found elsewhere than their
    history leads, or gone, by what happened; `lost` commits that no ref reaches any more: both at any time.
    """

    records: int
    root: str
    unsigned: int
    requests: Mapping[str, int]
    rewritten: Mapping[str, int]
    lost: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameworkRecord:
    """What a framework is: the text and version that its controls are of, and which sections of it are mapped.

    `source` says where identifiers and titles were taken from; `titled_by_us` is true where the text has no short
    titles, and those of the controls are our wording.
    """

    title: str
    version: str
    url: str
    source: str
    scope: str
    titled_by_us: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlRecord:
    """One row of a framework: a control with one rule, or ('' as rule) one that is left to people.

    `position` is the control's place in its framework, 0 for all where it was not recorded.
    """

    control: str
    title: str
    rule_id: str
    manual: str
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleRecord:
    """A rule and how often it answered on the tip of the last run.

    `ran` is false where the last run of a repository says nothing at all about the rule, `whole` where one did not see
    all of its repository.
    """

    rule_id: str
    title: str
    severity: str
    remediation: str
    ran: bool
    whole: bool
    evaluated: int
    failed: int
    skipped: int
    errors: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverRecord:
    """Why a finding is accepted, by whom, and until when.

    `source` is 'waiver' for the file of waivers, 'comment' or 'annotation' for what a manifest says of itself, which
    names no `owner`. `expires` is the first day (UTC) on which it no longer holds, None where it has no end.
    """

    source: str
    reason: str
    owner: str
    granted: date | None
    expires: date | None
    ticket: str
    path: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingRecord:
    """A finding that was open at some time of the period.

    `opened_at` is None where the commit that opened it is not known (rendered state of the tip).
    `days` is the time to fix in days of 24 hours, None where it is open or its opening unknown.
    `waivers` are those of the audited tip that hold on the last day of the evidence; () where it is fixed.
    `lost` is true where a commit that it rests on is not in the audited history any more, `advisory` where whoever
    wrote the rule wants its findings to be seen and to fail nothing.
    """

    id: str
    occurrence: int
    repo: str
    rule_id: str
    severity: str
    source: str
    environment: str
    kind: str
    namespace: str
    name: str
    path: str
    pointer: str
    message: str
    opened_at: datetime | None
    opened_sha: str
    opened_by: str
    fixed_at: datetime | None
    fixed_sha: str
    fixed_by: str
    detected_at: datetime
    days: float | None
    lost: bool
    advisory: bool = False
    waivers: tuple[WaiverRecord, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftRecord:
    """One difference between git and a cluster, over all the times it was seen in the period."""

    repo: str
    cluster: str
    environment: str
    kind: str
    namespace: str
    name: str
    pointer: str
    declared: str
    live: str
    verdict: str
    severity: str
    manager: str
    changed_at: datetime | None
    actor: str
    confidence: str
    evidence: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointRecord:
    """The newest signed checkpoint of the trail."""

    size: int
    root: str
    signed_at: datetime
    key_id: str
