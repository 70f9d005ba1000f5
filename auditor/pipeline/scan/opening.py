"""Opening what a scan needs: database, mirror, engine, judge."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from auditor.git.mirror import Mirror, update_mirror
from auditor.manifests.secrets import Redactor
from auditor.pipeline.definitions import crds_at, schema_options
from auditor.pipeline.integrity.checkpoints import refuse_other_log
from auditor.pipeline.mining.worker import WorkerSpec
from auditor.pipeline.scan.context import ScanContext
from auditor.pipeline.scan.request import ScanRequest, ScanResult
from auditor.pipeline.scan.running import run_scan
from auditor.pipeline.state import redaction_key, state_folder
from auditor.policy.judge import EngineSession, Judge, JudgeSpec, engine_session
from auditor.policy.library import load_library
from auditor.settings import Settings
from auditor.store.database import WRITING_LIMIT, Database, open_database
from auditor.store.previous import location_of


def scan(request: ScanRequest) -> ScanResult:
    """Audits a repository into the database.

    Raises UsageError, GitError, StoreError, PolicyError, EngineError; a raised error has recorded nothing.
    """
    started = request.now()
    folder = state_folder(request.database)
    with ExitStack() as stack:
        stack.enter_context(_rarely_collected())
        database = stack.enter_context(
            open_database(request.database, create=True, memory_limit=WRITING_LIMIT)
        )
        request.progress.stage("reading the repository", None, "")
        mirror = update_mirror(request.location, folder, revision=request.revision)
        repo = _name_in_trail(database, mirror)
        settings = request.settings
        session = _engine(settings, stack) if request.judge else None
        spec = _judge_spec(request, session.engine, mirror) if session else None
        refuse_other_log(database)
        context = ScanContext(
            request=request,
            database=database,
            mirror=mirror,
            repo=repo,
            session=session,
            judge=stack.enter_context(Judge(spec, session=session)) if spec else None,
            library=load_library(settings.policies.folders).with_severities(settings.policies.severity),
            worker=WorkerSpec(
                state=folder, repository=mirror.path, redaction_key=redaction_key(folder), judge=spec
            ),
            started=started,
            redactor=Redactor(redaction_key(folder)),
        )
        return run_scan(context)


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """A scan holds a whole history in objects without cycles: the collector walks them again and again in vain."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _engine(settings: Settings, stack: ExitStack) -> EngineSession:
    return stack.enter_context(
        engine_session(
            settings.engine,
            policy_folders=settings.policies.folders,
            opa_url=settings.opa_url,
            opa_token=settings.opa_token,
        )
    )


def _judge_spec(request: ScanRequest, engine: str, mirror: Mirror) -> JudgeSpec:
    settings = request.settings
    return JudgeSpec(
        policy_folders=settings.policies.folders,
        engine=engine,
        kubernetes_version=settings.kubernetes_version,
        parameters=settings.policies.parameters,
        workloads=settings.policies.workloads,
        environments=settings.policies.environments,
        disabled=settings.policies.disabled,
        severities=settings.policies.severity,
        foreign_on_embedded=settings.policies.foreign_on_embedded,
        crds=crds_at(mirror, mirror.tip),
        schema_options=schema_options(settings, further=request.definitions),
    )


def _name_in_trail(database: Database, mirror: Mirror) -> str:
    """The mirror's name; with a suffix where another repository of that name is already in the trail."""
    known = location_of(database, mirror.name)
    if known is None or known == mirror.location:
        return mirror.name
    return f"{mirror.name}-{mirror.path.stem.rpartition('-')[2]}"
