"""The whole pipeline: git to findings, incremental, one transaction a run."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import auditor
from auditor.findings.lifetimes import Lifetimes
from auditor.git.actors import ActorRule
from auditor.git.history import read_changes, read_commits
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.tree import list_tree
from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.secrets import Redactor
from auditor.model import Commit, FileChange
from auditor.pipeline.declared.rendering import TipRendering
from auditor.pipeline.declared.tip import tip_state
from auditor.pipeline.evidence.judged_again import changes_to_judge
from auditor.pipeline.evidence.news import gather_news
from auditor.pipeline.evidence.refs import RefNews, observe_refs
from auditor.pipeline.integrity.checkpoints import refuse_other_log, sign_head
from auditor.pipeline.mining.attribution import Authors
from auditor.pipeline.mining.contents import Contents, content_key
from auditor.pipeline.mining.reading import BlobReading, jobs_by_default
from auditor.pipeline.mining.replay import Replay
from auditor.pipeline.mining.resuming import earlier_lifetimes, known_contents
from auditor.pipeline.mining.starting import Start, starting_point
from auditor.pipeline.mining.tasks import DigestPair, ReadingTask, plan
from auditor.pipeline.mining.worker import WorkerSpec
from auditor.pipeline.paths import counted_by, environment_rules, environments_by, redacted_by
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.records.recorded_history import pairs_to_compare
from auditor.pipeline.records.recording import NewHistory, Recording, RunFacts, record_run
from auditor.pipeline.state import redaction_key, state_folder
from auditor.policy.judge import EngineSession, Judge, JudgeSpec, engine_session
from auditor.policy.library import Library, load_library
from auditor.settings import Settings
from auditor.store.database import WRITING_LIMIT, Database, open_database
from auditor.store.previous import (
    PreviousRun,
    generations,
    known_pairs,
    known_rows,
    location_of,
    previous_run,
)


@dataclass(frozen=True, kw_only=True)
class ScanRequest:
    """What to scan. `location` is a path or an address; `jobs` 0 means as many as there are cores.

    Without `judge` no manifest is judged, and every rule on manifests stays "not evaluated"; without `judge_changes`
    no landed change is. Without either only the trail is mined.
    """

    location: str
    database: Path
    settings: Settings
    revision: str = ""
    jobs: int = 0
    render: bool = True
    judge: bool = True
    judge_changes: bool = True
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
        spec = _judge_spec(settings, session.engine) if session else None
        refuse_other_log(database)
        scanner = _Scan(
            request=request,
            database=database,
            mirror=mirror,
            repo=repo,
            session=session,
            judge=stack.enter_context(Judge(spec, session=session)) if spec else None,
            library=load_library(settings.policies.folders),
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


def _judge_spec(settings: Settings, engine: str) -> JudgeSpec:
    return JudgeSpec(
        policy_folders=settings.policies.folders,
        engine=engine,
        kubernetes_version=settings.kubernetes_version,
        parameters=settings.policies.parameters,
    )


def _name_in_trail(database: Database, mirror: Mirror) -> str:
    """The mirror's name; with a suffix where another repository of that name is already in the trail."""
    known = location_of(database, mirror.name)
    if known is None or known == mirror.location:
        return mirror.name
    return f"{mirror.name}-{mirror.path.stem.rpartition('-')[2]}"


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
        )
        if start.note:
            self.notes.append(start.note)
        refs = observe_refs(self.database, self.mirror, self.repo, self.started, redact=self.redact)
        if start.after is not None and start.after.tip == self.mirror.tip:
            return self._record(start, None, {"new_commits": 0}, refs, {}, previous)
        self.request.progress.stage("reading changes", len(start.skeleton.parents), "commits")
        since = start.after.tip if start.after else ""
        changes = list(read_changes(self.mirror, start.skeleton, after=since))
        may_hold_manifests = counted_by(self.request.settings)
        if self.session is not None and any(may_hold_manifests(change.path) for change in changes):
            self.session.start()  # it comes up while the work is planned
        contents, old_tree, tasks = self._plan(changes, start)
        jobs = self.request.jobs or jobs_by_default()
        with self._rendering(contents, start) as rendering:
            with BlobReading(
                self.worker, tasks, jobs=jobs, judge=self.judge, session=self.session
            ) as reading:
                self.request.progress.stage("reading commits", len(start.skeleton.parents), "commits")
                commits = dict(self._commits(start, since))
                self._read_contents(reading, contents, tasks, start)
                lifetimes, replay = self._replay(start, changes, contents, old_tree)
                self._compare(reading, replay, contents, start)
            tip = tip_state(replay, judge=self.judge, rendering=rendering, progress=self.request.progress)
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
        )
        return self._record(start, new, counts, refs, commits, previous)

    def _rendering(self, contents: Contents, start: Start) -> AbstractContextManager[TipRendering | None]:
        """What renders the tip meanwhile; nothing where that is not wanted or nothing judges."""
        if not self.request.render or self.judge is None:
            return nullcontext()
        return TipRendering(
            self.mirror,
            database=self.database,
            repo=self.repo,
            redactor=Redactor(self.worker.redaction_key),
            rules=environment_rules(self.request.settings),
            known=contents.blobs,
            resumes=start.after is not None,
        )

    def _commits(self, start: Start, since: str) -> Iterator[tuple[str, Commit]]:
        actors = tuple(
            ActorRule(kind=actor.kind, email=actor.email.lower(), name=actor.name)
            for actor in self.request.settings.actors
        )
        for commit in read_commits(self.mirror, start.skeleton, after=since, actors=actors):
            self.request.progress.advance(1)
            yield commit.sha, commit

    def _plan(
        self, changes: list[FileChange], start: Start
    ) -> tuple[Contents, dict[str, str], list[ReadingTask]]:
        """What is known of the blobs that the replay will meet, the tree (path to blob) that it starts from,
        and what has to be read."""
        counts = counted_by(self.request.settings)
        tree: dict[str, str] = {}
        contents = Contents()
        if start.after is not None:
            tree = {
                entry.path: entry.blob
                for entry in list_tree(self.mirror, start.after.tip)
                if counts(entry.path)
            }
            touched = {blob for change in changes for blob in (change.old_blob, change.new_blob) if blob}
            contents.know(*known_contents(self.database, self.repo, touched | set(tree.values())))
        # What stands in the old tree was read under its name, also where that made no difference and left no row.
        known = set(contents.blobs)
        known.update(
            content_key(blob, True)
            for path, blob in tree.items()
            if blob in contents.blobs and is_kustomization_name(path)
        )
        tasks = plan(reversed(changes), counts=counts, also=tree.items(), known=known)
        return contents, tree, tasks

    def _read_contents(
        self, reading: BlobReading, contents: Contents, tasks: Iterable[ReadingTask], start: Start
    ) -> None:
        blobs = sum(not blob.known for task in tasks for blob in task.blobs)
        self.request.progress.stage("reading and judging manifests", blobs, "blobs")
        for batch in reading.batches():
            contents.add(batch)
            self.request.progress.advance(len(batch.blobs))
        if start.after is not None:
            digests = [judgement.digest for judgement in contents.new_judgements]
            contents.drop(
                row[0] for row in known_rows(self.database, "judgement", self.repo, "digest", digests)
            )

    def _replay(
        self,
        start: Start,
        changes: list[FileChange],
        contents: Contents,
        old_tree: Mapping[str, str],
    ) -> tuple[Lifetimes, Replay]:
        lifetimes = Lifetimes()
        replay = Replay(
            contents=contents,
            environment_of=environments_by(self.request.settings),
            counts=counted_by(self.request.settings),
            lifetimes=lifetimes,
            redact=self.redact,
        )
        if start.after is not None:
            shown = list(replay.resume(old_tree))
            lifetimes.resume(*earlier_lifetimes(self.database, self.repo), shown)
        by_commit: dict[str, list[FileChange]] = {}
        for change in changes:
            by_commit.setdefault(change.sha, []).append(change)
        skeleton = start.skeleton
        brought: dict[str, list[str]] = {}
        for sha, landing in skeleton.landed_in.items():
            # A merge on the side only passes on what other commits did.
            if sha != landing and len(skeleton.parents[sha]) < 2 and sha in by_commit:
                brought.setdefault(landing, []).append(sha)
        self.request.progress.stage("replaying what landed", len(skeleton.chain), "landings")
        for index, sha in enumerate(skeleton.chain):
            replay.land(sha, skeleton.start + index, by_commit.get(sha, ()))
            for side in brought.get(sha, ()):
                replay.bring(side, by_commit[side])
            self.request.progress.advance(1)
        return lifetimes, replay

    def _compare(self, reading: BlobReading, replay: Replay, contents: Contents, start: Start) -> None:
        """The differences between versions that did not meet in one file."""
        wanted = [pair for pair in pairs_to_compare(replay.changes) if pair not in contents.diffs]
        if start.goes_on or start.generation > 1:
            recorded = known_pairs(self.database.cursor(), self.repo, wanted)
            wanted = [pair for pair in wanted if pair not in recorded]
        if not wanted:
            return
        self.request.progress.stage("comparing moved resources", len(wanted), "versions")
        blobs = {row.digest: blob.blob for blob in contents.blobs.values() for row in blob.documents}
        blobs[""] = ""
        pairs = [DigestPair(blobs[old], old, blobs[new], new) for old, new in wanted]
        for diff in reading.compare(pairs):
            contents.diffs[(diff.old_digest, diff.new_digest)] = diff.fields
            self.request.progress.advance(1)

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
