"""The API's answers about changes, fields and the trail's integrity; see `models` for what they share."""

from __future__ import annotations

from datetime import datetime

from auditor.service.models import Answer, CommitItem


class FieldItem(Answer):
    """A field that a commit changed; values are JSON texts, null where the field was not there."""

    environment: str
    kind: str
    namespace: str
    name: str
    pointer: str
    old_value: str | None
    new_value: str | None


class ReviewItem(Answer):
    """One review as the forge told it; `commit_sha` is the head that was reviewed."""

    reviewer: str
    state: str
    commit_sha: str
    submitted_at: datetime | None
    stale: bool | None
    official: bool | None


class CheckItem(Answer):
    """One check of a request's head."""

    name: str
    state: str
    sha: str
    completed_at: datetime | None
    url: str


class RequestItem(Answer):
    """The request that landed as a commit. `claimed` is what the commit's message says, which proves nothing.

    `confirmed` is 'confirmed', 'contradicted' or 'not confirmed by a forge', `reason` says why. `approvers` is
    null where nobody told, [] where there are none.
    """

    number: int | None
    url: str
    title: str | None
    claimed: str
    confirmed: str
    method: str
    reason: str
    author: str | None
    approvers: list[str] | None
    merged_by: str | None
    merged_at: datetime | None


class ChangeDetail(Answer):
    """A landed change: its commit, its request, what it brought in, and every field it changed (500 of each at most)."""

    commit: CommitItem
    request: RequestItem
    reviews: list[ReviewItem]
    checks: list[CheckItem]
    side_commits: list[str]
    fields: list[FieldItem]


class FieldNow(Answer):
    """A field as it stands at the audited tip. `sha` is the commit that set it, `landed_sha` where it landed."""

    pointer: str
    value: str
    path: str
    author_name: str
    author_email: str
    actor_kind: str
    landed_at: datetime
    pull_request: str
    sha: str
    landed_sha: str


class FieldValue(Answer):
    """A value that a field had, from one landing to another; `until` null where it stands today."""

    pointer: str
    value: str
    path: str
    since: datetime
    until: datetime | None
    author_name: str
    author_email: str
    actor_kind: str
    pull_request: str
    sha: str
    landed_sha: str
    ended_sha: str | None


class ResourceFields(Answer):
    """A resource's fields as they are declared now, and the values that one of them (`pointer`) had, newest first."""

    repo: str
    environment: str
    kind: str
    namespace: str
    name: str
    declared: bool
    fields: list[FieldNow]
    pointer: str
    values: list[FieldValue]


class CheckpointItem(Answer):
    """A signed head of the log: `size` records, `newer` records that have come since and that it says nothing of."""

    size: int
    root: str
    signed_at: datetime
    key_id: str
    newer: int


class RefItem(Answer):
    """Where a ref went: 'created', 'advanced', 'rewritten', 'moved' or 'deleted'."""

    seen_at: datetime
    repo: str
    ref: str
    move: str
    old_sha: str
    new_sha: str


class TrailDetail(Answer):
    """The log of records, and what is known of refs. Verified by `auditor trail verify` alone, never by this answer."""

    size: int
    root: str
    recorded_at: datetime | None
    checkpoints: list[CheckpointItem]
    refs: list[RefItem]
    lost_commits: list[str]
