"""The steps from changes of files to changes of resources, each over what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from auditor.findings.lifetimes import Lifetimes
from auditor.git.actors import ActorRule
from auditor.git.history import read_commits
from auditor.git.mirror import Mirror
from auditor.git.tree import list_tree
from auditor.manifests.formats import KUSTOMIZATION
from auditor.model import Commit, FileChange
from auditor.pipeline.mining.carrying import nothing_earlier
from auditor.pipeline.mining.contents import Contents, content_key, judgement_key, no_profile
from auditor.pipeline.mining.deployed import deployed_steps
from auditor.pipeline.mining.reading import BlobReading
from auditor.pipeline.mining.replay import Replay
from auditor.pipeline.mining.resuming import EarlierFiles, earlier_lifetimes, known_contents
from auditor.pipeline.mining.starting import Start
from auditor.pipeline.mining.tasks import DigestPair, ReadingTask, plan
from auditor.pipeline.mining.together import (
    NOTHING_TOLD,
    SOURCE,
    SetLifetimes,
    ToldOfSets,
    judge_sets,
)
from auditor.pipeline.paths import counted_by, environments_by, readings_by
from auditor.pipeline.progress import Progress
from auditor.pipeline.records.recorded_history import pairs_to_compare
from auditor.policy.judge import Judge
from auditor.settings import Settings
from auditor.store.database import Database
from auditor.store.previous import known_pairs, known_rows


@dataclass(frozen=True, kw_only=True)
class Mining:
    """What every step needs. `redact` gives paths as they are kept."""

    database: Database
    mirror: Mirror
    repo: str
    settings: Settings
    progress: Progress
    redact: Callable[[str], str]
    judge: Judge | None

    @cached_property
    def _environment_of(self) -> Callable[[str], str]:
        return environments_by(self.settings)

    @cached_property
    def profile_of(self) -> Callable[[str], str]:
        """Path, as it is kept -> the name of the parameters by which what stands there is judged."""
        judge, environment_of = self.judge, self._environment_of
        if judge is None or not judge.has_profiles:
            return no_profile
        return lambda path: judge.profile_of(environment_of(path))

    def commits(self, start: Start, since: str) -> Iterator[tuple[str, Commit]]:
        """The new commits by sha, oldest first."""
        actors = tuple(
            ActorRule(kind=actor.kind, email=actor.email.lower(), name=actor.name)
            for actor in self.settings.actors
        )
        for commit in read_commits(self.mirror, start.skeleton, after=since, actors=actors):
            self.progress.advance(1)
            yield commit.sha, commit

    def plan(
        self, changes: list[FileChange], start: Start
    ) -> tuple[Contents, dict[str, str], list[ReadingTask]]:
        """What is known of the blobs that the replay will meet, the tree (path to blob) that it starts from,
        and what has to be read."""
        counts = counted_by(self.settings)
        reading_at = readings_by(self.redact)
        tree: dict[str, str] = {}
        contents = Contents(reading_at=reading_at)
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
            content_key(blob, KUSTOMIZATION)
            for path, blob in tree.items()
            if blob in contents.blobs and reading_at(path) == KUSTOMIZATION
        )
        has_profiles = self.judge is not None and self.judge.has_profiles
        tasks = plan(
            reversed(changes),
            counts=counts,
            reading_at=reading_at,
            also=tree.items(),
            known=known,
            profile_at=(lambda path: self.profile_of(self.redact(path))) if has_profiles else None,
            is_judged=contents.is_judged,
        )
        return contents, tree, tasks

    def read_contents(
        self, reading: BlobReading, contents: Contents, tasks: Iterable[ReadingTask], start: Start
    ) -> None:
        """Takes what the processes found in the blobs; what earlier runs have recorded is not new."""
        blobs = sum(not blob.known for task in tasks for blob in task.blobs)
        self.progress.stage("reading and judging manifests", blobs, "blobs")
        for batch in reading.batches():
            contents.add(batch)
            self.progress.advance(len(batch.blobs))
        if start.after is not None:
            digests = [judgement.digest for judgement in contents.new_judgements]
            contents.drop(
                judgement_key(digest, profile)
                for digest, _, _, profile in known_rows(
                    self.database, "judgement", self.repo, "digest", digests
                )
            )

    def replay(
        self,
        start: Start,
        changes: list[FileChange],
        contents: Contents,
        old_tree: Mapping[str, str],
    ) -> tuple[Lifetimes, Replay]:
        """What landed, one commit after the other: lifetimes of violations and changes of resources."""
        lifetimes = Lifetimes()
        by_commit: dict[str, list[FileChange]] = {}
        for change in changes:
            by_commit.setdefault(change.sha, []).append(change)
        skeleton, counts = start.skeleton, counted_by(self.settings)
        earlier = EarlierFiles(
            self.database, self.repo, contents=contents, counts=counts, profile_of=self.profile_of
        )
        replay = Replay(
            contents=contents,
            environment_of=self._environment_of,
            profile_of=self.profile_of,
            disabled=frozenset(self.judge.disabled if self.judge else ()),
            counts=counts,
            lifetimes=lifetimes,
            redact=self.redact,
            parents=skeleton.parents,
            changes_of=by_commit,
            earlier=earlier.carried if start.after is not None else nothing_earlier,
        )
        if start.after is not None:
            shown = list(replay.resume(start.after.tip, old_tree))
            lifetimes.resume(*earlier_lifetimes(self.database, self.repo), shown)
        brought: dict[str, list[str]] = {}
        for sha, landing in skeleton.landed_in.items():
            # A merge on the side only passes on what other commits did.
            if sha != landing and len(skeleton.parents[sha]) < 2 and sha in by_commit:
                brought.setdefault(landing, []).append(sha)
        self.progress.stage("replaying what landed", len(skeleton.chain), "landings")
        for index, sha in enumerate(skeleton.chain):
            replay.land(sha, skeleton.start + index)
            for side in brought.get(sha, ()):
                replay.bring(side)
            self.progress.advance(1)
        return lifetimes, replay

    def together(self, reading: BlobReading, start: Start, replay: Replay) -> ToldOfSets:
        """What rules over several resources say of every set that an environment had."""
        if self.judge is None or not self.judge.sets.groups:
            return NOTHING_TOLD
        lifetimes = SetLifetimes()
        if start.after is not None:
            earlier, occurrences = earlier_lifetimes(self.database, self.repo, (SOURCE,))
            lifetimes = SetLifetimes(
                open={one.sighting.id: one for one in earlier}, occurrences=dict(occurrences)
            )
        self.progress.stage("judging environments", None, "")
        first, steps = deployed_steps(replay.members, replay.steps)
        return judge_sets(
            self.judge.sets,
            reading.ask,
            start=first,
            steps=list(steps),
            lifetimes=lifetimes,
        )

    def compare(self, reading: BlobReading, replay: Replay, contents: Contents, start: Start) -> None:
        """The differences between versions that did not meet in one file."""
        wanted = [pair for pair in pairs_to_compare(replay.changes) if pair not in contents.diffs]
        if start.goes_on or start.generation > 1:
            recorded = known_pairs(self.database.cursor(), self.repo, wanted)
            wanted = [pair for pair in wanted if pair not in recorded]
        if not wanted:
            return
        self.progress.stage("comparing moved resources", len(wanted), "versions")
        keys = {row.digest: key for key, blob in contents.blobs.items() for row in blob.documents}
        keys[""] = ""
        pairs = [DigestPair(keys[old], old, keys[new], new) for old, new in wanted]
        for diff in reading.compare(pairs):
            contents.diffs[(diff.old_digest, diff.new_digest)] = diff.fields
            self.progress.advance(1)
