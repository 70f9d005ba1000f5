"""The whole pipeline: git to findings, incremental, one transaction a run."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import auditor
from auditor.git.history import read_changes
from auditor.git.mirror import Mirror, update_mirror
from auditor.manifests.secrets import Redactor
from auditor.model import Commit, FileChange, JsonObject
from auditor.pipeline.declared.images import ImageReading
from auditor.pipeline.declared.rendering import TipRendering, WhatLanded
from auditor.pipeline.declared.tip import TipState, tip_state
from auditor.pipeline.declared.traces import RenderedAtTip, shown_at_tip, traced_tip
from auditor.pipeline.declared.window import RenderedHistory, begins_at
from auditor.pipeline.definitions import crds_at, schema_options
from auditor.pipeline.deployment_options import deployment_options
from auditor.pipeline.evidence.judged_again import changes_to_judge
from auditor.pipeline.evidence.news import gather_news
from auditor.pipeline.evidence.refs import RefNews, observe_refs
from auditor.pipeline.integrity.checkpoints import refuse_other_log, sign_head
from auditor.pipeline.mining.attribution import Authors
from auditor.pipeline.mining.contents import Contents
from auditor.pipeline.mining.mining import Mining
from auditor.pipeline.mining.reading import BlobReading, jobs_by_default
from auditor.pipeline.mining.starting import Start, starting_point
from auditor.pipeline.mining.worker import WorkerSpec
from auditor.pipeline.paths import counted_by, redacted_by
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.records.recording import record_run
from auditor.pipeline.records.run import NewHistory, Recording, RunFacts
from auditor.pipeline.state import redaction_key, state_folder
from auditor.policy.judge import EngineSession, Judge, JudgeSpec, engine_session
from auditor.policy.library import Library, load_library
from auditor.settings import Settings
from auditor.store.database import WRITING_LIMIT, Database, open_database
from auditor.store.previous import (
    PreviousRun,
    generations,
    location_of,
    previous_run,
)
from auditor.store.renderings import rendered_since
from auditor.store.traces import TraceRow


@dataclass(frozen=True, kw_only=True)
class ScanRequest:
    """What to scan. `location` is a path or an address; `jobs` 0 means as many as there are cores.

    Without `judge` no manifest is judged, and every rule on manifests stays "not evaluated"; without `judge_changes`
    no landed change is. Without either only the trail is mined. `definitions` are CustomResourceDefinitions from
    elsewhere, as from a cluster; those of the audited tip are found.
    """

    location: str
    database: Path
    settings: Settings
    revision: str = ""
    jobs: int = 0
    render: bool = True
    judge: bool = True
    judge_changes: bool = True
    definitions: tuple[JsonObject, ...] = ()
    now: Callable[[], datetime]
    progress: Progress = field(default_factory=Silent)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanResult:
    """What a scan did. `incomplete` says why no statement about the whole can be made (empty: it can)."""

    repo: str
    run: str
    tip: str
    revision: str
    incremental: bool
    engine: str
    engine_version: str
    counts: Mapping[str, int]
    incomplete: tuple[str, ...]
    notes: tuple[str, ...]


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
        scanner = _Scan(
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
        return scanner.run()


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


def _landed(start: Start, changes: Sequence[FileChange]) -> WhatLanded:
    """What is new in the line, and the changes of each landing."""
    changes_of: dict[str, list[FileChange]] = {}
    for change in changes:
        if change.landed:
            changes_of.setdefault(change.sha, []).append(change)
    return WhatLanded(skeleton=start.skeleton, changes_of=changes_of)


@dataclass(kw_only=True)
class _Scan:
    request: ScanRequest
    database: Database
    mirror: Mirror
    repo: str
    session: EngineSession | None
    judge: Judge | None
    library: Library
    worker: WorkerSpec
    started: datetime
    redactor: Redactor
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.redact: Callable[[str], str] = redacted_by(self.redactor.redact_text)

    def run(self) -> ScanResult:
        previous = previous_run(self.database, self.repo)
        start = starting_point(
            self.mirror,
            previous,
            generations=generations(self.database, self.repo),
            judge=self.judge,
            settings=self.request.settings,
            rendered_less=self._rendered_less(),
        )
        if start.note:
            self.notes.append(start.note)
        if self.judge is not None:
            self.notes.extend(self.judge.remarks)
        refs = observe_refs(self.database, self.mirror, self.repo, self.started, redact=self.redact)
        if start.after is not None and start.after.tip == self.mirror.tip:
            return self._record(start, None, {"new_commits": 0}, refs, {}, previous)
        mining = Mining(
            database=self.database,
            mirror=self.mirror,
            repo=self.repo,
            settings=self.request.settings,
            progress=self.request.progress,
            redact=self.redact,
            judge=self.judge,
        )
        self.request.progress.stage("reading changes", len(start.skeleton.parents), "commits")
        since = start.after.tip if start.after else ""
        changes = list(read_changes(self.mirror, start.skeleton, after=since))
        may_hold_manifests = counted_by(self.request.settings)
        if self.session is not None and any(may_hold_manifests(change.path) for change in changes):
            self.session.start()  # it comes up while the work is planned
        contents, old_tree, tasks = mining.plan(changes, start)
        jobs = self.request.jobs or jobs_by_default()
        images = ImageReading(
            self.mirror,
            database=self.database,
            repo=self.repo,
            redactor=self.redactor,
            resumes=start.after is not None,
        )
        with self._rendering(contents, start, changes, images) as rendering:
            with BlobReading(
                self.worker, tasks, jobs=jobs, judge=self.judge, session=self.session
            ) as reading:
                self.request.progress.stage("reading commits", len(start.skeleton.parents), "commits")
                commits = dict(mining.commits(start, since))
                mining.read_contents(reading, contents, tasks, start)
                lifetimes, replay = mining.replay(start, changes, contents, old_tree)
                mining.compare(reading, replay, contents, start)
                told = mining.together(reading, start, replay)
            lifetimes.take(told.lifetimes.open, told.lifetimes.closed, told.lifetimes.touched)
            tip = tip_state(
                replay,
                told,
                judge=self.judge,
                rendering=rendering,
                progress=self.request.progress,
                reading=images,
            )
        counts = {
            "new_commits": len(start.skeleton.parents),
            "new_landed_commits": len(start.skeleton.chain),
            "new_file_changes": len(changes),
            "new_blobs": len(contents.new_blobs),
            "new_documents_judged": len(contents.new_judgements),
            "resources_at_tip": len(tip.resources),
        }
        new = NewHistory(
            commits=commits,
            changes=changes,
            resource_changes=replay.changes,
            contents=contents,
            lifetimes=lifetimes,
            authors=Authors(commits, start.skeleton.landed_in, changes, replay.shows),
            tip=tip,
            traces=self._traces(tip, changes),
        )
        return self._record(start, new, counts, refs, commits, previous)

    def _traces(self, tip: TipState, changes: Sequence[FileChange]) -> Sequence[TraceRow]:
        """Where the findings on what is rendered at the tip come from."""
        if tip.at_tip.deployed is None:
            return ()
        self.request.progress.stage("tracing findings", None, "")
        return traced_tip(
            RenderedAtTip(resources=tip.at_tip.resources, deployed=tip.at_tip.deployed),
            shown_at_tip(tip.rendered),
            mirror=self.mirror,
            database=self.database,
            repo=self.repo,
            changes=changes,
            redact=self.redact,
        )

    def _rendered_less(self) -> bool:
        """True where more of the history is to be rendered than earlier runs did."""
        history = RenderedHistory.of(self.request.settings.rendering.history)
        if history.known_only or not self.request.render or self.judge is None:
            return False
        since = rendered_since(self.database, self.repo)
        return since is None or since > begins_at(self.mirror, history)

    def _rendering(
        self, contents: Contents, start: Start, changes: Sequence[FileChange], images: ImageReading
    ) -> AbstractContextManager[TipRendering | None]:
        """What renders the tip meanwhile; nothing where that is not wanted or nothing judges."""
        if not self.request.render or self.judge is None:
            return nullcontext()
        return TipRendering(
            self.mirror,
            database=self.database,
            repo=self.repo,
            redactor=Redactor(self.worker.redaction_key),
            options=deployment_options(self.request.settings, self.mirror),
            known=contents.blobs,
            resumes=start.after is not None,
            history=RenderedHistory.of(self.request.settings.rendering.history),
            landed=_landed(start, changes),
            profile_of=self.judge.profile_of,
            look=images.look,
        )

    def _record(
        self,
        start: Start,
        new: NewHistory | None,
        counts: Mapping[str, int],
        refs: RefNews,
        commits: Mapping[str, Commit],
        previous: PreviousRun | None,
    ) -> ScanResult:
        settings = self.request.settings
        news = gather_news(
            self.database,
            self.mirror,
            self.repo,
            commits,
            refs,
            settings=settings,
            now=self.request.now,
            jobs=self.request.jobs or jobs_by_default(),
            progress=self.request.progress,
        )
        self.notes.extend(news.notes())
        self.request.progress.stage("recording", None, "")
        incomplete = (*self.mirror.lacks, *(new.tip.incomplete if new else ()))
        facts = RunFacts(
            id=str(uuid.uuid4()),
            repo=self.repo,
            location=self.mirror.location,
            revision=self.redact(self.mirror.revision),
            tip=self.mirror.tip,
            started=self.started,
            now=self.request.now(),
            settings_digest=settings.reading_digest,
            judging_digest=settings.judging_digest if self.request.judge_changes else "",
            auditor_version=auditor.__version__,
            counts=counts,
            incomplete=incomplete,
            generation=start.generation,
        )
        incomplete = record_run(
            self.database,
            Recording(
                facts=facts,
                judge=self.judge,
                library=self.library,
                mirror=self.mirror,
                settings=settings,
                redactor=self.redactor,
                redact=self.redact,
                start=start,
                judges_changes=self.request.judge_changes,
                news=news,
                to_judge=changes_to_judge(
                    self.database,
                    self.mirror,
                    self.repo,
                    start,
                    commits,
                    news,
                    previous=previous,
                    settings=settings,
                ),
                history=new,
                previous=start.after,
                rendered_since=rendered_since(self.database, self.repo),
            ),
        )
        unsigned = self._sign()
        return ScanResult(
            repo=self.repo,
            run=facts.id,
            tip=facts.tip,
            revision=facts.revision,
            incremental=start.after is not None,
            engine=self.judge.engine_name if self.judge else "none",
            engine_version=self.judge.engine_version if self.judge else "",
            counts=counts,
            incomplete=(*incomplete, *unsigned),
            notes=tuple(self.notes),
        )

    def _sign(self) -> tuple[str, ...]:
        """Signs the log's head where there is a key; the places that could not be written."""
        signed = sign_head(
            self.database, self.request.settings, state_folder(self.request.database), self.request.now()
        )
        return tuple(f"the checkpoint was not written to {place}: {why}" for place, why in signed.failed)
