"""Every type that passes between stages.

Frozen and keyword-only, tuples instead of lists: what one stage hands over, no other stage changes.
Nothing in here reads a file, a clock or the network. Times are timezone-aware; shas are 40 (or 64)
lower-case hex digits; paths are those of the repository, '/'-separated, relative to its root.
"""

from __future__ import annotations

from auditor.model.audit_log import (
    AuditCoverage,
    AuditEvent,
    AuditGap,
    ElementKey,
    FieldPath,
    WrittenField,
)
from auditor.model.base import UNKNOWN_ENVIRONMENT, Actor, ActorKind, JsonObject, Outcome, Severity
from auditor.model.cluster import (
    DeclaredHistory,
    DeclaredVersion,
    Drift,
    DriftVerdict,
    ListedKind,
    LiveObject,
    Snapshot,
    Unknown,
    UnreadKind,
)
from auditor.model.findings import Finding, Judgement, RuleInfo, Verdict
from auditor.model.forge import (
    ChangeUnit,
    Check,
    Confirmation,
    ForgeUser,
    LandedCommit,
    LandingMethod,
    Request,
    RequestCommit,
    RequestState,
    Review,
    ReviewState,
)
from auditor.model.git import (
    ChangeKind,
    Commit,
    FileChange,
    Identity,
    RefMove,
    RefObservation,
    SignatureCheck,
    SignatureStatus,
)
from auditor.model.manifests import Document, ParsedBlob, Problem, Resource, ResourceId, SourceTree
from auditor.model.people import DEFAULT_SCOPE, Directory, Origin, Person

__all__ = [
    "DEFAULT_SCOPE",
    "UNKNOWN_ENVIRONMENT",
    "Actor",
    "ActorKind",
    "AuditCoverage",
    "AuditEvent",
    "AuditGap",
    "ChangeKind",
    "ChangeUnit",
    "Check",
    "Commit",
    "Confirmation",
    "DeclaredHistory",
    "DeclaredVersion",
    "Directory",
    "Document",
    "Drift",
    "DriftVerdict",
    "ElementKey",
    "FieldPath",
    "FileChange",
    "Finding",
    "ForgeUser",
    "Identity",
    "JsonObject",
    "Judgement",
    "LandedCommit",
    "LandingMethod",
    "ListedKind",
    "LiveObject",
    "Origin",
    "Outcome",
    "ParsedBlob",
    "Person",
    "Problem",
    "RefMove",
    "RefObservation",
    "Request",
    "RequestCommit",
    "RequestState",
    "Resource",
    "ResourceId",
    "Review",
    "ReviewState",
    "RuleInfo",
    "Severity",
    "SignatureCheck",
    "SignatureStatus",
    "Snapshot",
    "SourceTree",
    "Unknown",
    "UnreadKind",
    "Verdict",
    "WrittenField",
]
