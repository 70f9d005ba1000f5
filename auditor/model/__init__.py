"""Every type that passes between stages.

Frozen and keyword-only, tuples instead of lists: what one stage hands over, no other stage changes.
Nothing in here reads a file, a clock or the network. Times are timezone-aware; shas are 40 (or 64)
lower-case hex digits; paths are those of the repository, '/'-separated, relative to its root.
"""

from __future__ import annotations

from auditor.model.base import UNKNOWN_ENVIRONMENT, Actor, ActorKind, JsonObject, Outcome, Severity
from auditor.model.cluster import (
    DeclaredHistory,
    DeclaredVersion,
    Drift,
    DriftVerdict,
    LiveObject,
    Snapshot,
    Unknown,
)
from auditor.model.findings import Finding, Judgement, RuleInfo, Verdict
from auditor.model.forge import Check, ForgeUser, Request, RequestCommit, RequestState, Review, ReviewState
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

__all__ = [
    "UNKNOWN_ENVIRONMENT",
    "Actor",
    "ActorKind",
    "ChangeKind",
    "Check",
    "Commit",
    "DeclaredHistory",
    "DeclaredVersion",
    "Document",
    "Drift",
    "DriftVerdict",
    "FileChange",
    "Finding",
    "ForgeUser",
    "Identity",
    "JsonObject",
    "Judgement",
    "LiveObject",
    "Outcome",
    "ParsedBlob",
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
    "Verdict",
]
