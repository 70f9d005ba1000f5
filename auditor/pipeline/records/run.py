"""What one run leaves: facts of the run itself, and what it read that the run before it had not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from auditor.findings.lifetimes import Lifetimes
from auditor.git.mirror import Mirror
from auditor.manifests.secrets import Redactor
from auditor.model import Commit, FileChange
from auditor.pipeline.declared.tip import TipState
from auditor.pipeline.evidence.changes import ChangeFindings
from auditor.pipeline.evidence.judged_again import ChangesToJudge
from auditor.pipeline.evidence.news import News
from auditor.pipeline.mining.attribution import Authors
from auditor.pipeline.mining.contents import Contents
from auditor.pipeline.mining.resource_changes import ResourceChange
from auditor.pipeline.mining.starting import Start
from auditor.pipeline.records.rows import Redact
from auditor.policy.judge import Judge
from auditor.policy.library import Library
from auditor.settings import Settings
from auditor.store.previous import PreviousRun
from auditor.store.traces import TraceRow


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What is said of a run whatever it found."""

    id: str
    repo: str
    location: str
    revision: str
    tip: str
    started: datetime
    now: datetime
    settings_digest: str
    judging_digest: str
    auditor_version: str
    counts: Mapping[str, int]
    incomplete: tuple[str, ...]
    generation: int


@dataclass(frozen=True, kw_only=True)
class NewHistory:
    """What a run read that the run before it had not: of the whole history where it began anew."""

    commits: Mapping[str, Commit]
    changes: list[FileChange]
    resource_changes: list[ResourceChange]
    contents: Contents
    lifetimes: Lifetimes
    authors: Authors
    tip: TipState
    traces: Sequence[TraceRow] = ()


@dataclass(kw_only=True)
class Recording:
    """Everything that one run leaves. Without `history` nothing landed since the `previous` run, whose results stay.

    `rendered_since` is the position from which on earlier runs rendered every landing, None where that is not known.
    """

    facts: RunFacts
    judge: Judge | None
    library: Library
    mirror: Mirror
    settings: Settings
    redactor: Redactor
    redact: Redact
    start: Start
    judges_changes: bool
    news: News
    to_judge: ChangesToJudge
    history: NewHistory | None
    previous: PreviousRun | None
    rendered_since: int | None = None
    change_findings: ChangeFindings = field(init=False)

    def __post_init__(self) -> None:
        self.change_findings = ChangeFindings(disabled=frozenset(self.settings.policies.disabled))

    @property
    def fresh(self) -> bool:
        """True where the whole history was looked at, so that every result is said anew."""
        return self.start.after is None

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Why no statement about the whole can be made, rules on changes that broke included."""
        forge = self.news.forge_error
        return (*self.facts.incomplete, *([forge] if forge else []), *self.change_findings.broken())
