"""The whole pipeline: git to findings, incremental, one transaction a run."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import auditor
from auditor.findings.lifetimes import Lifetimes
from auditor.git.actors import ActorRule
from auditor.git.history import (
    Skeleton,
    is_ancestor,
    is_on_chain,
    read_changes,
    read_commits,
    read_earlier,
    read_skeleton,
)
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.tree import REGULAR_MODES, list_tree
from auditor.manifests.layout import is_candidate, is_kustomization_name
from auditor.manifests.secrets import Redactor
from auditor.model import Commit, FileChange
from auditor.pipeline.attribution import Authors
from auditor.pipeline.changes import judge_changes
from auditor.pipeline.contents import Contents
from auditor.pipeline.paths import environment_rules, environments_by, exclusions_by
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.reading import BlobReading, jobs_by_default
from auditor.pipeline.recording import Recording, record_run
from auditor.pipeline.replay import Replay
from auditor.pipeline.resuming import earlier_lifetimes, known_contents
from auditor.pipeline.state import redaction_key, state_folder
from auditor.pipeline.tip import TipState, tip_state
from auditor.pipeline.worker import WorkerSpec
from auditor.policy.judge import Judge, JudgeSpec, engine_session
from auditor.policy.library import Library, load_library
from auditor.settings import Settings
from auditor.store.database import Database, open_database
from auditor.store.previous import PreviousRun, known_rows, location_of, previous_run

PARSER_VERSION = 1
"""Raised whenever the same bytes would be read differently; blobs are then read again."""


@dataclass(frozen=True, kw_only=True)
class ScanRequest:
    """What to scan. `location` is a path or an address; `jobs` 0 means as many as there are cores."""

    location: str
    database: Path
    settings: Settings
    revision: str = ""
    jobs: int = 0
    render: bool = True
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
        database = stack.enter_context(open_database(request.database, create=True))
        request.progress.stage("reading the repository", None, "")
        mirror = update_mirror(request.location, folder, revision=request.revision)
        repo = _name_in_trail(database, mirror)
        settings = request.settings
        session = stack.enter_context(
            engine_session(
                settings.engine,
                policy_folders=settings.policies.folders,
                opa_url=settings.opa_url,
                opa_token=settings.opa_token,
            )
        )
        spec = JudgeSpec(
            policy_folders=settings.policies.folders,
            engine=session.engine,
            opa=session.opa,
            kubernetes_version=settings.kubernetes_version,
            parameters=settings.policies.parameters,
        )
        judge = stack.enter_context(Judge(spec))
        scanner = _Scan(
            request=request,
            database=database,
            mirror=mirror,
            repo=repo,
            judge=judge,
            library=load_library(settings.policies.folders),
            worker=WorkerSpec(
                state=folder, repository=mirror.path, redaction_key=redaction_key(folder), judge=spec
            ),
            started=started,
            redact=Redactor(redaction_key(folder)).redact_text,
        )
        return scanner.run()


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
    judge: Judge
    library: Library
    worker: WorkerSpec
    started: datetime
    redact: Callable[[str], str]
    notes: list[str] = field(default_factory=list)

    def run(self) -> ScanResult:
        previous = previous_run(self.database, self.repo)
        after = self._resumable(previous)
        if after is not None and after.tip == self.mirror.tip and after.status == "complete":
            return self._unchanged(after)
        skeleton = read_skeleton(
            self.mirror, after=after.tip if after else "", start=after.positions if after else 0
        )
        self.request.progress.stage("reading changes", len(skeleton.parents), "commits")
        changes = list(read_changes(self.mirror, skeleton, after=after.tip if after else ""))
        contents, old_tree, missing = self._known_contents(changes, after)
        jobs = self.request.jobs or jobs_by_default()
        with BlobReading(self.worker, missing, jobs=jobs) as reading:
            self.request.progress.stage("reading commits", len(skeleton.parents), "commits")
            commits = dict(self._commits(skeleton, after))
            self._read_contents(reading, contents, len(missing), after)
        lifetimes, replay = self._replay(skeleton, changes, commits, contents, after, old_tree)
        tip = tip_state(
            self.mirror,
            replay,
            judge=self.judge,
            worker=self.worker,
            progress=self.request.progress,
            rules=environment_rules(self.request.settings),
            render=self.request.render,
        )
        return self._record(skeleton, changes, commits, contents, lifetimes, replay, tip, after)

    def _resumable(self, previous: PreviousRun | None) -> PreviousRun | None:
        """The earlier run to go on from, or None where everything has to be read again."""
        if previous is None:
            return None
        if previous.parser_version != PARSER_VERSION:
            self.notes.append("this version reads manifests differently: the whole history was read again")
        elif previous.bundle_digest != self.judge.bundle_digest or previous.engine != self.judge.engine_name:
            self.notes.append("rules, parameters or engine have changed: the whole history was judged again")
        elif previous.settings_digest != self.request.settings.reading_digest:
            self.notes.append(
                "environments, exclusions or actors have changed: the whole history was replayed"
            )
        elif previous.status != "complete":
            self.notes.append("the last run was incomplete: the whole history was read again")
        elif previous.tip != self.mirror.tip and not is_on_chain(self.mirror, previous.tip):
            rewritten = not is_ancestor(self.mirror, previous.tip)
            what = "history was rewritten" if rewritten else "the landing line has changed"
            self.notes.append(f"{what} since {previous.tip[:12]}: the whole history was read again")
        else:
            return previous
        return None

    def _commits(self, skeleton: Skeleton, after: PreviousRun | None) -> Iterator[tuple[str, Commit]]:
        actors = tuple(
            ActorRule(kind=actor.kind, email=actor.email.lower(), name=actor.name)
            for actor in self.request.settings.actors
        )
        for commit in read_commits(self.mirror, skeleton, after=after.tip if after else "", actors=actors):
            self.request.progress.advance(1)
            yield commit.sha, commit

    def _parents(self, commits: Mapping[str, Commit]) -> dict[str, Commit]:
        """Parents of new commits that an earlier run has recorded."""
        known = {parent for commit in commits.values() for parent in commit.parents} - commits.keys()
        return read_earlier(self.mirror, sorted(known)) if known else {}

    def _known_contents(
        self, changes: list[FileChange], after: PreviousRun | None
    ) -> tuple[Contents, dict[str, str], list[tuple[str, bool]]]:
        """What is known of the blobs that the replay will meet, the tree (path to blob) that it starts from,
        and the blobs that have to be read: (sha, is named like a kustomization)."""
        excluded = exclusions_by(self.request.settings)
        wanted: dict[str, bool] = {}
        for change in changes:
            for path, mode, blob in (
                (change.old_path or change.path, change.old_mode, change.old_blob),
                (change.path, change.new_mode, change.new_blob),
            ):
                if mode in REGULAR_MODES and is_candidate(path) and not excluded(path):
                    wanted[blob] = wanted.get(blob, False) or is_kustomization_name(path)
        tree: dict[str, str] = {}
        contents = Contents()
        if after is not None:
            for entry in list_tree(self.mirror, after.tip):
                if is_candidate(entry.path) and not excluded(entry.path):
                    tree[entry.path] = entry.blob
            contents.know(*known_contents(self.database, self.repo, {*wanted, *tree.values()}))
            for path, blob in tree.items():
                wanted.setdefault(blob, is_kustomization_name(path))
        missing = [(blob, named) for blob, named in wanted.items() if blob not in contents.blobs]
        return contents, tree, missing

    def _read_contents(
        self, reading: BlobReading, contents: Contents, missing: int, after: PreviousRun | None
    ) -> None:
        self.request.progress.stage("reading and judging manifests", missing, "blobs")
        for batch in reading.batches():
            contents.add(batch)
            self.request.progress.advance(len(batch.blobs))
        if after is not None:
            digests = [judgement.digest for judgement in contents.new_judgements]
            contents.drop(
                row[0] for row in known_rows(self.database, "judgement", self.repo, "digest", digests)
            )

    def _replay(
        self,
        skeleton: Skeleton,
        changes: list[FileChange],
        commits: Mapping[str, Commit],
        contents: Contents,
        after: PreviousRun | None,
        old_tree: Mapping[str, str],
    ) -> tuple[Lifetimes, Replay]:
        lifetimes = Lifetimes()
        replay = Replay(
            contents=contents,
            environment_of=environments_by(self.request.settings),
            excluded=exclusions_by(self.request.settings),
            lifetimes=lifetimes,
            redact=self.redact,
        )
        if after is not None:
            shown = list(replay.resume(old_tree))
            lifetimes.resume(*earlier_lifetimes(self.database, self.repo), shown)
        by_landing: dict[str, list[FileChange]] = {}
        for change in changes:
            if change.landed:
                by_landing.setdefault(change.sha, []).append(change)
        self.request.progress.stage("replaying what landed", len(skeleton.chain), "landings")
        for index, sha in enumerate(skeleton.chain):
            replay.land(sha, skeleton.start + index, by_landing.get(sha, ()))
            self.request.progress.advance(1)
        return lifetimes, replay

    def _unchanged(self, previous: PreviousRun) -> ScanResult:
        recording = self._recording(counts={"new_commits": 0}, incomplete=self.mirror.lacks)
        recording.repeats = previous.id
        run = record_run(self.database, recording)
        return self._result(run, {"new_commits": 0}, incremental=True, incomplete=self.mirror.lacks)

    def _record(
        self,
        skeleton: Skeleton,
        changes: list[FileChange],
        commits: Mapping[str, Commit],
        contents: Contents,
        lifetimes: Lifetimes,
        replay: Replay,
        tip: TipState,
        after: PreviousRun | None,
    ) -> ScanResult:
        self.request.progress.stage("recording", None, "")
        incomplete = (*self.mirror.lacks, *tip.incomplete)
        counts = {
            "new_commits": len(skeleton.parents),
            "new_landed_commits": len(skeleton.chain),
            "new_file_changes": len(changes),
            "new_blobs": len(contents.new_blobs),
            "new_documents_judged": len(contents.new_judgements),
            "resources_at_tip": len(tip.resources),
        }
        recording = self._recording(counts=counts, incomplete=incomplete)
        recording.skeleton = skeleton
        recording.changes = changes
        recording.commits = commits
        recording.contents = contents
        recording.lifetimes = lifetimes
        recording.resource_changes = replay.changes
        recording.change_findings = judge_changes(skeleton, {**self._parents(commits), **commits})
        recording.tip_state = tip
        recording.fresh = after is None
        recording.authors = Authors(commits, skeleton.landed_in, changes, replay.shows)
        run = record_run(self.database, recording)
        return self._result(run, counts, incremental=after is not None, incomplete=incomplete)

    def _recording(self, *, counts: Mapping[str, int], incomplete: tuple[str, ...]) -> Recording:
        return Recording(
            run=str(uuid.uuid4()),
            repo=self.repo,
            location=self.mirror.location,
            revision=self.redact(self.mirror.revision),
            tip=self.mirror.tip,
            started=self.started,
            now=self.request.now(),
            status="incomplete" if incomplete else "complete",
            engine=self.judge.engine_name,
            engine_version=self.judge.engine_version,
            bundle_digest=self.judge.bundle_digest,
            settings_digest=self.request.settings.reading_digest,
            parser_version=PARSER_VERSION,
            kubernetes_version=self.judge.kubernetes_version,
            auditor_version=auditor.__version__,
            counts=counts,
            library=self.library,
            redact=self.redact,
            incomplete=incomplete,
        )

    def _result(
        self, run: str, counts: Mapping[str, int], *, incremental: bool, incomplete: tuple[str, ...]
    ) -> ScanResult:
        return ScanResult(
            repo=self.repo,
            run=run,
            tip=self.mirror.tip,
            revision=self.redact(self.mirror.revision),
            incremental=incremental,
            engine=self.judge.engine_name,
            engine_version=self.judge.engine_version,
            counts=counts,
            incomplete=incomplete,
            notes=tuple(self.notes),
        )
