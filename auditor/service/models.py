"""The API's answers. Times are ISO 8601 with zone; '' and null mean that there is no value."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Answer(BaseModel):
    """Base of every answer: unknown columns of a view are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(Answer, Generic[Item]):
    """One page of a list; `total` counts all that the filters keep."""

    total: int
    limit: int
    offset: int
    items: list[Item]


class Health(Answer):
    """`status` is 'ok' when the database answers."""

    status: str
    version: str


class FindingItem(Answer):
    """One occurrence of a finding.

    `source` is 'manifest', 'file', 'rendered' or 'change'; the last is about how the commit `opened_sha`
    landed, has no path and stays open for good. `line` is 0 where no line of `path` is meant. What is `advisory`
    fails nothing.
    """

    id: str
    occurrence: int
    repo: str
    rule_id: str
    title: str | None
    severity: str
    state: str
    source: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    path: str
    line: int
    pointer: str
    message: str
    opened_at: datetime | None
    opened_sha: str
    opened_by: str
    fixed_at: datetime | None
    fixed_sha: str
    fixed_by: str
    detected_at: datetime
    days_open: int | None
    engine: str
    advisory: bool


class FindingDetail(Answer):
    """A finding with every occurrence, newest first, and what its rule asks for."""

    id: str
    rule_id: str
    title: str | None
    description: str | None
    remediation: str | None
    occurrences: list[FindingItem]


class CommitItem(Answer):
    """One commit as it claims to be; a name alone proves nothing."""

    repo: str
    sha: str
    parents: list[str]
    is_merge: bool
    landed: bool
    position: int | None
    landed_in: str | None
    author_name: str
    author_email: str
    authored_at: datetime
    committer_name: str
    committer_email: str
    committed_at: datetime
    subject: str
    body: str
    actor_kind: str | None
    pull_request: str | None
    signature_format: str
    signature_status: str
    signer: str
    lost: bool


class FileItem(Answer):
    """A file that a commit changed."""

    path: str
    old_path: str
    change: str


class ResourceItem(Answer):
    """A resource that a commit changed."""

    change: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    path: str


class CommitDetail(Answer):
    """A commit with what it changed, opened and fixed (500 of each at most).

    What is said of how it landed is in `opened`, with the source 'change'.
    """

    commit: CommitItem
    files: list[FileItem]
    resources: list[ResourceItem]
    opened: list[FindingItem]
    fixed: list[FindingItem]


class DriftItem(Answer):
    """One difference between git and a cluster."""

    key: str
    repo: str
    cluster: str
    environment: str
    api_version: str
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
    evidence: str
    confidence: str
    matches_commit: str
    declared_sha: str
    declared_by: str
    declared_at: datetime | None
    seen_at: datetime


class RunItem(Answer):
    """One run; `status` is 'complete' or 'incomplete'."""

    id: str
    repo: str
    started_at: datetime
    finished_at: datetime
    tip: str
    status: str
    engine: str
    engine_version: str
    bundle_digest: str
    kubernetes_version: str
    auditor_version: str
    counts: dict[str, int]


class GapItem(Answer):
    """Something that a run could not evaluate."""

    outcome: str
    subject: str
    reason: str
    occurrences: int
    example: str


class CrossCheckItem(Answer):
    """The last comparison of a cluster with git; counts are resources."""

    repo: str
    cluster: str
    environment: str
    tip: str
    taken_at: datetime | None
    seen_at: datetime
    compared: int
    unknown: int
    incomplete: list[str]


class Summary(Answer):
    """The headline of the audit. An incomplete run names its gaps.

    `open`, `fixed`, `waived` and `open_by_severity` count findings about resources and files;
    `open_changes_by_rule` those about how commits landed. Without an entry in `cross_checks` no cluster was compared, and `drift` 0 says nothing.
    """

    repositories: list[str]
    run: RunItem | None
    gaps: list[GapItem]
    open: int
    fixed: int
    waived: int
    open_by_severity: dict[str, int]
    open_changes_by_rule: dict[str, int]
    cross_checks: list[CrossCheckItem]
    drift: int
    drift_by_verdict: dict[str, int]
    commits: int
    landed_commits: int
    first_landed_at: datetime | None
    last_landed_at: datetime | None


class Problem(Answer):
    """Why there is no answer."""

    detail: str
