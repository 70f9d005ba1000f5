"""The cross-check, wired: git's declared set, a recorded cluster, the history of what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.cluster.snapshot import read_snapshot
from auditor.crosscheck.check import CrossCheckResult, cross_check
from auditor.errors import UsageError
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import update_mirror
from auditor.git.tree import CommitTree
from auditor.manifests.deployments.declared import DeclaredSet, declared_set, environments
from auditor.manifests.deployments.interface import leaves_out
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.secrets import Redactor
from auditor.model import AuditCoverage, DeclaredHistory, Drift, DriftVerdict, Snapshot, SourceTree, Unknown
from auditor.pipeline.audited import AuditLog, coverage_json
from auditor.pipeline.declared.declared_history import GitHistory, NoHistory
from auditor.pipeline.deployment_options import deployment_options
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.state import redaction_key, state_folder
from auditor.settings import Settings
from auditor.store.database import open_database
from auditor.store.writer import writing


@dataclass(frozen=True, kw_only=True)
class DriftRequest:
    """What to hold against what. Empty `environment` is found by the cluster's name.

    `audit_logs` are files and folders of the API servers' audit logs; `-` is standard input.
    """

    location: str
    snapshot: Path
    database: Path
    settings: Settings
    now: datetime
    cluster: str = ""
    environment: str = ""
    revision: str = ""
    audit_logs: tuple[Path, ...] = ()
    progress: Progress = field(default_factory=Silent)


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftReport:
    """What differs and what could not be compared; `incomplete` is why the declared set is not whole."""

    cluster: str
    environment: str
    taken_at: datetime | None
    tip: str
    drift: tuple[Drift, ...]
    unknown: tuple[Unknown, ...]
    compared: int
    incomplete: tuple[str, ...]
    audit_log: AuditCoverage | None = None

    def summary(self) -> dict[str, int]:
        """Number of differences by verdict, every verdict named."""
        counted = Counter(entry.verdict for entry in self.drift)
        return {verdict.value: counted[verdict] for verdict in DriftVerdict}

    def as_dict(self) -> dict[str, Any]:
        """The JSON contract."""
        return {
            "version": 1,
            "drift": [_drift_json(entry) for entry in self.drift],
            "unknown": [_unknown_json(entry) for entry in self.unknown],
            "summary": {
                "cluster": self.cluster,
                "environment": self.environment,
                "compared": self.compared,
                "verdicts": self.summary(),
                "unknown": len(self.unknown),
                "incomplete": list(self.incomplete),
                **({"audit_log": coverage_json(self.audit_log)} if self.audit_log else {}),
            },
        }


def cross_check_repository(request: DriftRequest) -> DriftReport:
    """Holds a recorded cluster against a repository's tip, or against a folder that is no repository.

    Raises UsageError where the environment cannot be told, SnapshotError, GitError.
    """
    folder = state_folder(request.database)
    redactor = Redactor(redaction_key(folder))
    log = AuditLog(request.audit_logs, redactor)
    request.progress.stage("reading the recording", None, "")
    snapshot = read_snapshot(
        request.snapshot, digest=redactor.digest, cluster=request.cluster, redact=redactor.redact
    )
    tip = ""
    with ExitStack() as stack:
        if _is_plain_folder(request.location):
            tree: SourceTree = FolderTree(Path(request.location))
            options = deployment_options(request.settings)
            environment, declared = _declared(tree, request, snapshot, redactor, options)
            history: DeclaredHistory = NoHistory()
        else:
            request.progress.stage("reading the repository", None, "")
            mirror = update_mirror(request.location, folder, revision=request.revision)
            reader = stack.enter_context(ObjectReader(mirror.git, mirror.path))
            tip = mirror.tip
            tree = CommitTree(mirror, tip, reader)
            options = deployment_options(request.settings, mirror)
            environment, declared = _declared(tree, request, snapshot, redactor, options)
            history = GitHistory(
                mirror=mirror,
                reader=reader,
                redactor=redactor,
                environment=environment,
                rules=options.rules,
                options=options,
                declared=declared.resources,
                live=[entry.id for entry in snapshot.objects],
            )
        request.progress.stage("comparing", None, "")
        result = cross_check(declared.resources, snapshot, history, seen_at=request.now)
        if request.audit_logs:
            request.progress.stage("reading the audit log", None, "")
        result = log.joined(result, declared.resources, snapshot)
    return _report(snapshot, environment, result, declared, tip, log)


def _declared(
    tree: SourceTree,
    request: DriftRequest,
    snapshot: Snapshot,
    redactor: Redactor,
    options: DeploymentOptions,
) -> tuple[str | None, DeclaredSet]:
    environment = _environment(request, snapshot.cluster, environments(tree, options=options))
    request.progress.stage("rendering what git declares", None, "")
    return environment, declared_set(tree, environment=environment, redactor=redactor, options=options)


def _environment(request: DriftRequest, cluster: str, known: Sequence[str]) -> str | None:
    """The environment that the cluster should hold; None where there is but one (or none)."""
    asked = request.environment
    if not asked and cluster in request.settings.clusters:
        asked = request.settings.clusters[cluster].environment
    if asked:
        if asked not in known:
            raise UsageError(
                f"the repository declares nothing for an environment {asked!r}",
                hint=f"it knows {', '.join(known) or 'none'}",
            )
        return asked
    if cluster in known:
        return cluster
    if len(known) <= 1:
        return None
    raise UsageError(
        f"the repository declares several environments ({', '.join(known)}) and the recording does not say"
        " which of them its cluster holds",
        hint="name it with --environment, or name the cluster with --cluster",
    )


def _is_plain_folder(location: str) -> bool:
    folder = Path(location)
    return folder.is_dir() and not (folder / ".git").exists() and not (folder / "HEAD").is_file()


def _report(
    snapshot: Snapshot,
    environment: str | None,
    result: CrossCheckResult,
    declared: DeclaredSet,
    tip: str,
    log: AuditLog,
) -> DriftReport:
    problems = tuple(
        Unknown(id=None, reason=f"{problem.path}: {problem.message}") for problem in declared.problems
    )
    return DriftReport(
        cluster=snapshot.cluster,
        environment=environment or "",
        taken_at=snapshot.taken_at,
        tip=tip,
        drift=result.drift,
        unknown=(*problems, *result.unknown),
        compared=result.compared,
        incomplete=_nothing_compared(result, declared)
        + tuple(
            f"git's side is not whole: {problem.path}: {problem.message}"
            for problem in declared.problems
            if leaves_out(problem)
        )
        + log.incomplete,
        audit_log=log.coverage,
    )


def _nothing_compared(result: CrossCheckResult, declared: DeclaredSet) -> tuple[str, ...]:
    """An empty recording shows no difference and proves nothing."""
    if result.compared or not declared.resources:
        return ()
    return ("nothing could be compared: the recording holds none of the kinds that git declares",)


def cross_check_recorded(
    database: Path, *, repo: str, location: str, revision: str, snapshot: Path, cluster: str, settings: Settings, now: datetime,
    run: str, audit_logs: tuple[Path, ...] = (),
) -> DriftReport:  # fmt: skip
    """The cross-check of a scan: its result replaces what the trail says of that cluster.

    Raises what `cross_check_repository` raises, and StoreError where the database cannot be written.
    """
    report = cross_check_repository(
        DriftRequest(
            location=location,
            snapshot=snapshot,
            database=database,
            settings=settings,
            now=now,
            cluster=cluster,
            revision=revision,
            audit_logs=audit_logs,
        )
    )
    with open_database(database) as opened, writing(opened) as writer:
        writer.execute("DELETE FROM trail.drift WHERE repo = ? AND cluster = ?", [repo, report.cluster])
        writer.append("drift", _drift_rows(report, repo, run, now))
        writer.append("cross_check", [_cross_check_row(report, repo, run, now)])
    return report


def _drift_rows(report: DriftReport, repo: str, run: str, now: datetime) -> Iterator[tuple[Any, ...]]:
    for entry in report.drift:
        yield (
            repo, run, entry.cluster, report.environment, entry.api_version, entry.id.kind, entry.id.namespace,
            entry.id.name, entry.pointer, entry.declared, entry.live, entry.verdict.value, entry.severity.value,
            entry.manager, _utc(entry.changed_at), entry.actor, entry.evidence, entry.confidence,
            entry.matches_commit, entry.declared_sha, entry.declared_by, _utc(entry.declared_at), now,
        )  # fmt: skip


def _cross_check_row(report: DriftReport, repo: str, run: str, now: datetime) -> tuple[Any, ...]:
    return (
        repo, run, report.cluster, report.environment, report.tip, _utc(report.taken_at), now, report.compared,
        len(report.unknown), list(report.incomplete),
    )  # fmt: skip


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None


def _drift_json(entry: Drift) -> dict[str, Any]:
    return {
        "cluster": entry.cluster,
        "api_version": entry.api_version,
        "kind": entry.id.kind,
        "namespace": entry.id.namespace,
        "name": entry.id.name,
        "pointer": entry.pointer,
        "declared": entry.declared,
        "live": entry.live,
        "verdict": entry.verdict.value,
        "severity": entry.severity.value,
        "manager": entry.manager,
        "changed_at": _utc(entry.changed_at),
        "actor": entry.actor,
        "evidence": entry.evidence,
        "confidence": entry.confidence,
        "matches_commit": entry.matches_commit,
        "declared_sha": entry.declared_sha,
        "declared_by": entry.declared_by,
        "declared_at": _utc(entry.declared_at),
    }


def _unknown_json(entry: Unknown) -> dict[str, Any]:
    identity = entry.id
    return {
        "kind": identity.kind if identity else "",
        "namespace": identity.namespace if identity else "",
        "name": identity.name if identity else "",
        "reason": entry.reason,
    }
