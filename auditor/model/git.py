"""Commits and file changes, as a repository holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auditor.model.base import ActorKind


class ChangeKind(StrEnum):
    """What happened to a file in a commit."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """An author or committer as the commit claims it. `at` keeps the zone that was claimed."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """One commit reachable from the audited tip.

    `landed` is true on the first-parent chain, where `position` counts from 0 at the root; both
    `position` and `landed` say nothing about side branches (position None).
    `signature_format` is '' | 'openpgp' | 'ssh' | 'x509'; `signature_status` 'none' where there is no
    signature, 'unchecked' where no trust store was configured.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Identity
    committer: Identity
    subject: str
    body: str
    landed: bool
    position: int | None
    actor_kind: ActorKind
    pull_request: str
    signature_format: str
    signature_status: str
    signer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """One file changed by a commit against its first parent.

    `old_blob`/`new_blob` are '' where the file did not exist; modes are git's octal text ('100644').
    """

    sha: str
    path: str
    old_path: str
    change: ChangeKind
    old_blob: str
    new_blob: str
    old_mode: str
    new_mode: str
    landed: bool


class SignatureStatus(StrEnum):
    """What is known of a commit's signature. Only GOOD is a pass; UNCHECKED is an answer that nobody has given.

    NONE: no signature. UNCHECKED: signed, but no trust store is configured for its format.
    GOOD: made by a key that was trusted when it was checked. UNTRUSTED: valid, by a key that is not trusted.
    UNKNOWN_KEY: the key is not in the trust store, so nothing could be verified. BAD: does not fit the commit.
    EXPIRED and REVOKED: valid, by a key that is so now. ERROR: the check itself failed.
    """

    NONE = "none"
    UNCHECKED = "unchecked"
    GOOD = "good"
    UNTRUSTED = "untrusted"
    UNKNOWN_KEY = "unknown-key"
    BAD = "bad"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureCheck:
    """One signature held against one trust store.

    `signer` is the principal or user id that the trust store gives the key, `key` its fingerprint; '' where
    not known. `trust` is the digest of the trust store; `reason` says in words why it is not good.
    """

    sha: str
    status: SignatureStatus
    signer: str
    key: str
    trust: str
    reason: str


class RefMove(StrEnum):
    """What happened to a ref between two observations."""

    CREATED = "created"
    ADVANCED = "advanced"
    REWRITTEN = "rewritten"
    MOVED = "moved"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefObservation:
    """A ref that is not where the observation before it found it.

    `old_sha` is '' for a ref seen first, `new_sha` '' for one that is gone; both are what the ref points at,
    with a tag peeled to its commit. ADVANCED: the new commit descends from the old one. REWRITTEN: a branch
    whose new commit does not. MOVED: a tag that points elsewhere, whichever way.
    """

    ref: str
    old_sha: str
    new_sha: str
    move: RefMove
    seen_at: datetime
