"""The cross-check, wired: git's declared set, a recorded cluster, the history of what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.cluster.interface import ClusterSource
from auditor.cluster.recorded import RecordedCluster
from auditor.crosscheck.check import CrossCheckResult, cross_check
from auditor.errors import ClusterError, UsageError
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import update_mirror
from auditor.git.tree import CommitTree
from auditor.manifests.deployments.declared import DeclaredSet, declared_set, environments
from auditor.manifests.deployments.interface import leaves_out
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.secrets import Redactor
from auditor.model import DeclaredHistory, Snapshot, SourceTree, Unknown
from auditor.pipeline.audited import AuditLog
from auditor.pipeline.declared.declared_history import GitHistory, NoHistory
from auditor.pipeline.deployment_options import deployment_options
from auditor.pipeline.drift_report import DriftReport, utc
from auditor.pipeline.live import LiveRequest, live_source
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.state import redaction_key, state_folder
from auditor.settings import Settings
from auditor.store.database import open_database
from auditor.store.writer import writing


@dataclass(frozen=True, kw_only=True)
class DriftRequest:
    """What to hold against what: a recording, or a live cluster. Empty `environment` is found by the cluster's name.

    `audit_logs` are files and folders of the API servers' audit logs; `-` is standard input.
    """

    location: str
    database: Path
    settings: Settings
    now: datetime
    snapshot: Path | None = None
    live: LiveRequest | None = None
    cluster: str = ""
    environment: str = ""
    revision: str = ""
    audit_logs: tuple[Path, ...] = ()
    progress: Progress = field(default_factory=Silent)


def cross_check_repository(request: DriftRequest) -> DriftReport:
    """Holds a recorded or live cluster against a repository's tip, or against a folder that is no repository.

    Raises UsageError where the environment cannot be told, SnapshotError, ClusterError, GitError.
    """
    folder = state_folder(request.database)
    redactor = Redactor(redaction_key(folder))
    log = AuditLog(request.audit_logs, redactor)
    source = _source(request, redactor)
    tip = ""
    with ExitStack() as stack:
        if _is_plain_folder(request.location):
            tree: SourceTree = FolderTree(Path(request.location))
            options = deployment_options(request.settings)
            environment, declared = _declared(tree, request, source.name, redactor, options)
            snapshot = _state(source, request, declared)
            history: DeclaredHistory = NoHistory()
        else:
            request.progress.stage("reading the repository", None, "")
            mirror = update_mirror(request.location, folder, revision=request.revision)
            reader = stack.enter_context(ObjectReader(mirror.git, mirror.path))
            tip = mirror.tip
            tree = CommitTree(mirror, tip, reader)
            options = deployment_options(request.settings, mirror)
            environment, declared = _declared(tree, request, source.name, redactor, options)
            snapshot = _state(source, request, declared)
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
        result = log.joined(result, declared.resources, snapshot, history)
    return _report(snapshot, environment, result, declared, tip, log)


def cross_check_clusters(request: DriftRequest, lives: Sequence[LiveRequest]) -> list[DriftReport]:
    """Holds each live cluster against the repository; one that cannot be read does not keep the others from it.

    Raises what `cross_check_repository` raises, but ClusterError.
    """
    return [_cross_checked(replace(request, live=live)) for live in lives]


def _cross_checked(request: DriftRequest) -> DriftReport:
    try:
        return cross_check_repository(request)
    except ClusterError as error:
        return DriftReport(
            cluster=request.live.shown if request.live else request.cluster,
            environment=request.environment,
            taken_at=None,
            tip="",
            drift=(),
            unknown=(Unknown(id=None, reason=error.message),),
            compared=0,
            incomplete=(error.message,),
        )


def _source(request: DriftRequest, redactor: Redactor) -> ClusterSource:
    if request.live is not None:
        live = replace(request.live, cluster=request.cluster or request.live.cluster)
        return live_source(
            live,
            redactor,
            location=request.location,
            now=lambda: datetime.now(UTC),
            progress=request.progress,
        )
    if request.snapshot is None:
        raise UsageError("nothing to hold git against", hint="give --snapshot FILE or --context NAME")
    request.progress.stage("reading the recording", None, "")
    return RecordedCluster(
        request.snapshot, digest=redactor.digest, cluster=request.cluster, redact=redactor.redact
    )


def _state(source: ClusterSource, request: DriftRequest, declared: DeclaredSet) -> Snapshot:
    """What is there; kinds of a live cluster in the versions that git declares them in."""
    if request.live is not None:
        request.progress.stage("reading the cluster", None, "pages")
    return source.snapshot(prefer={resource.document.api_version for resource in declared.resources})


def _declared(
    tree: SourceTree,
    request: DriftRequest,
    cluster: str,
    redactor: Redactor,
    options: DeploymentOptions,
) -> tuple[str | None, DeclaredSet]:
    environment = _environment(request, cluster, environments(tree, options=options))
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
        unknown=(*problems, *_unread(snapshot), *result.unknown),
        compared=result.compared,
        incomplete=_nothing_compared(result, declared)
        + tuple(
            f"git's side is not whole: {problem.path}: {problem.message}"
            for problem in declared.problems
            if leaves_out(problem)
        )
        + tuple(
            f"{unread} could not be read: {unread.reason}"
            for unread in snapshot.unread
            if not unread.left_out
        )
        + log.incomplete,
        audit_log=log.coverage,
    )


def _unread(snapshot: Snapshot) -> tuple[Unknown, ...]:
    """Kinds of which nothing is known, so that nothing of them is reported as deleted or in order."""
    remarks = tuple(Unknown(id=None, reason=remark) for remark in snapshot.remarks)
    return remarks + tuple(
        Unknown(id=None, reason=f"{unread}: nothing of it was compared: {unread.reason}")
        for unread in snapshot.unread
    )


def _nothing_compared(result: CrossCheckResult, declared: DeclaredSet) -> tuple[str, ...]:
    """An empty recording shows no difference and proves nothing."""
    if result.compared or not declared.resources:
        return ()
    return ("nothing could be compared: the recording holds none of the kinds that git declares",)


def cross_check_recorded(
    database: Path, *, repo: str, location: str, revision: str, snapshot: Path | None, cluster: str, settings: Settings, now: datetime,
    run: str, audit_logs: tuple[Path, ...] = (), live: LiveRequest | None = None,
) -> DriftReport:  # fmt: skip
    """The cross-check of a scan: its result replaces what the trail says of that cluster.

    Raises what `cross_check_repository` raises, and StoreError where the database cannot be written.
    """
    report = cross_check_repository(
        DriftRequest(
            location=location,
            snapshot=snapshot,
            live=live,
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
            entry.manager, utc(entry.changed_at), entry.actor, entry.evidence, entry.confidence,
            entry.matches_commit, entry.declared_sha, entry.declared_by, utc(entry.declared_at), now,
        )  # fmt: skip


def _cross_check_row(report: DriftReport, repo: str, run: str, now: datetime) -> tuple[Any, ...]:
    return (
        repo, run, report.cluster, report.environment, report.tip, utc(report.taken_at), now, report.compared,
        len(report.unknown), list(report.incomplete),
    )  # fmt: skip
