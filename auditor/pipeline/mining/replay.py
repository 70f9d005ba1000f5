"""Replays what landed: which files counted as manifests at each commit, and what they showed.

A file counts as long as nothing in the tree *at that commit* makes it a fragment (a Kustomize patch, a
Helm template): when a kustomization begins to list a file as a patch, what that file showed by itself
ends there, although the file did not change. A file that cannot be read shows what its last readable content
showed (`carrying`), beside the finding that it cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetimes, Sighting
from auditor.git.tree import REGULAR_MODES
from auditor.manifests.layout import Layout
from auditor.model import FileChange, Outcome, ParsedBlob
from auditor.pipeline.mining.carrying import (
    NOTHING,
    Carried,
    Carrying,
    Earlier,
    FileStep,
    OpenParts,
    nothing_earlier,
)
from auditor.pipeline.mining.contents import BlobRow, Contents, DocumentRow, ProblemRow, VerdictRow
from auditor.pipeline.mining.problems import FILE_RULES
from auditor.pipeline.mining.resource_changes import (
    ResourceChange,
    ResourceKey,
    Versions,
    compare,
    resource_key,
    versions,
)
from auditor.pipeline.mining.sets import Member, Step, members_of

_Shown = tuple[str, str, Carried]
"""A file's path, its content, and what it carries of earlier ones."""


@dataclass(slots=True)
class Replay:
    """The state along the first-parent line. `counts` says which paths may hold manifests, `profile_of` names the
    parameters by which what stands at a path was judged. `disabled` are rules that nobody asks.

    `parents` and `changes_of` (by sha) are those of every new commit, side branches too; `earlier` tells what is
    carried at commits that an earlier scan has read.

    `steps` are what the landings took out of the environments' sets and put into them, `members` what was in them
    before the first.

    Every path in here is as `redact` gives it: a file's name may hold a credential. What a file says is kept by
    its key in the contents, which its name decides too, before anything is redacted: "blob" in what follows.
    """

    contents: Contents
    environment_of: Callable[[str], str]
    profile_of: Callable[[str], str]
    counts: Callable[[str], bool]
    lifetimes: Lifetimes
    redact: Callable[[str], str]
    parents: Mapping[str, Sequence[str]]
    changes_of: Mapping[str, Sequence[FileChange]]
    earlier: Earlier = nothing_earlier
    disabled: frozenset[str] = frozenset()
    layout: Layout = field(default_factory=Layout)
    shown: dict[str, str] = field(default_factory=dict)
    tree: dict[str, str] = field(default_factory=dict)
    changes: list[ResourceChange] = field(default_factory=list)
    tip: str = ""
    members: list[Member] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    _carrying: Carrying = field(init=False)
    _views: dict[str, bytes] = field(default_factory=dict)
    """What rules over environments read, one object for all that say the same: most of a history does."""
    _known_versions: dict[tuple[str, str], Versions] = field(default_factory=dict)
    _sightings: dict[tuple[str, str], tuple[Sighting, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._carrying = Carrying(
            OpenParts(self.contents, self.profile_of),
            parents=self.parents,
            steps_of=self._steps_of,
            earlier=self.earlier,
        )

    def resume(self, tip: str, files: Mapping[str, str]) -> Iterator[Sighting]:
        """Takes up the tree (path to blob) of an earlier tip; gives all that its files show."""
        key_of = self.contents.key_of
        self.tip = tip
        self.tree = {
            self.redact(path): key_of(path, blob) for path, blob in files.items() if self.counts(path)
        }
        self.layout.apply({path: self._parsed(tip, path, blob) for path, blob in self.tree.items()}, ())
        for path, blob in self.tree.items():
            if self.layout.is_judged(path):
                self.shown[path] = blob
                carried = self._carrying.at(tip, path, blob)
                self.members.extend(self._members(path, blob, carried))
                yield from self._all_sightings(path, blob, carried)

    def land(self, sha: str, position: int) -> None:
        """One landed commit with its changes against its first parent."""
        removed, added = self._touched(sha)
        before, self.tip = self.tip, sha
        if not removed and not added:
            return
        for path in removed:
            self.tree.pop(path, None)
        self.tree.update(added)
        flipped = self.layout.apply(
            {path: self._parsed(sha, path, blob) for path, blob in added.items()},
            [path for path in removed if path not in added],
        )
        touched = sorted({*removed, *added, *(path for path in flipped if path in self.tree)})
        gone = self._with_carried(
            before, [(path, self.shown.pop(path)) for path in touched if path in self.shown]
        )
        come = self._with_carried(
            sha,
            [
                (path, self.tree[path])
                for path in touched
                if path in self.tree and self.layout.is_judged(path)
            ],
        )
        self.shown.update((path, blob) for path, blob, _ in come)
        landing = Landing(sha=sha, position=position)
        self.lifetimes.land(
            landing,
            gone=[(path, self._forget(path, blob, carried)) for path, blob, carried in gone],
            come=[(path, self._all_sightings(path, blob, carried)) for path, blob, carried in come],
        )
        left, joined = (
            tuple(member for shown in side for member in self._members(*shown)) for side in (gone, come)
        )
        if left or joined:
            self.steps.append(Step(landing, left, joined))
        self.changes.extend(
            compare(
                sha,
                position,
                [self._versions_for_the_last_time(path, blob, carried) for path, blob, carried in gone],
                [self._versions(path, blob, carried) for path, blob, carried in come],
            )
        )

    def bring(self, sha: str) -> None:
        """What a side commit did by itself; files have the role that they have once it has landed."""
        parents = self.parents[sha]
        removed, added = self._touched(sha)
        sides = [
            self._with_carried(
                at, [(path, blob) for path, blob in files.items() if self.layout.is_judged(path)]
            )
            for at, files in ((parents[0] if parents else "", removed), (sha, added))
        ]
        gone, come = ([self._versions(*shown) for shown in side] for side in sides)
        self.changes.extend(compare(sha, None, gone, come))

    def members_at_tip(self) -> list[Member]:
        """What the environments' sets hold now."""
        return [
            member
            for path, blob in sorted(self.shown.items())
            for member in self._members(path, blob, self._carrying.at(self.tip, path, blob))
        ]

    def _members(self, path: str, blob: str, carried: Carried) -> tuple[Member, ...]:
        rows = (*self.contents.blobs[blob].documents, *carried.documents)
        profile = self.profile_of(path)

        def view_of(digest: str) -> bytes:
            judgement = self.contents.judgement(digest, profile)
            view = judgement.view if judgement is not None else ""
            known = self._views.get(view)
            if known is None:
                known = self._views[view] = view.encode()
            return known

        return members_of(self.environment_of(path), path, rows, view_of)

    def carried(self, path: str) -> Carried:
        """What a file of the tip carries of its earlier contents."""
        return self._carrying.at(self.tip, path, self.tree[path]) if path in self.tree else NOTHING

    def _with_carried(self, sha: str, files: Sequence[tuple[str, str]]) -> list[_Shown]:
        return [(path, blob, self._carrying.at(sha, path, blob)) for path, blob in files]

    def _versions(self, path: str, blob: str, carried: Carried) -> Versions:
        known = self._known_versions.get((path, blob))
        if known is None:
            known = versions(self.environment_of(path), path, self.contents.blobs[blob].documents)
            self._known_versions[(path, blob)] = known
        if carried.documents:
            known += versions(self.environment_of(path), path, carried.documents)
        return known

    def _versions_for_the_last_time(self, path: str, blob: str, carried: Carried) -> Versions:
        found = self._versions(path, blob, carried)
        self._known_versions.pop((path, blob), None)
        return found

    def _steps_of(self, sha: str) -> Iterator[FileStep]:
        return self._steps(self.changes_of.get(sha, ()))

    def _steps(self, changes: Sequence[FileChange]) -> Iterator[FileStep]:
        key_of = self.contents.key_of
        for change in changes:
            old_path = change.old_path or change.path
            old = new = ""
            if change.old_mode in REGULAR_MODES and self.counts(old_path):
                old = key_of(old_path, change.old_blob)
            if change.new_mode in REGULAR_MODES and self.counts(change.path):
                new = key_of(change.path, change.new_blob)
            if old or new:
                yield FileStep(self.redact(old_path), old, self.redact(change.path), new)

    def _touched(self, sha: str) -> tuple[dict[str, str], dict[str, str]]:
        """The files (path to blob) that were there before, and those that are there after."""
        removed: dict[str, str] = {}
        added: dict[str, str] = {}
        for step in self._steps_of(sha):
            if step.old:
                removed[step.old_path] = step.old
            if step.new:
                added[step.path] = step.new
        return removed, added

    def _parsed(self, sha: str, path: str, blob: str) -> ParsedBlob:
        """What other files' roles depend on. A kustomization that cannot be read lists what it listed last."""
        row = self.contents.blobs[blob]
        is_kustomization, fragments = row.is_kustomization, row.fragments
        if row.problems and not is_kustomization:
            pieces = self._carrying.at(sha, path, blob).pieces
            is_kustomization, fragments = pieces is not None, pieces or ()
        return ParsedBlob(documents=(), problems=(), is_kustomization=is_kustomization, fragments=fragments)

    def sightings(self, path: str, blob: str) -> tuple[Sighting, ...]:
        """What the file shows while it counts as manifests."""
        known = self._sightings.get((path, blob))
        if known is None:
            row = self.contents.blobs[blob]
            known = tuple(self._evaluated(path, row))
            self._sightings[(path, blob)] = known
        return known

    def shows(self, change: FileChange) -> tuple[frozenset[str], frozenset[str]]:
        """Ids of what the changed file would show before and after, whatever the rest of its tree makes of it."""
        sha = change.sha
        before: frozenset[str] = frozenset()
        after: frozenset[str] = frozenset()
        for step in self._steps((change,)):
            if step.old:
                carried = self._carrying.before(sha, step.old_path, step.old)
                before = frozenset(seen.id for seen in self._look(step.old_path, step.old, carried))
            if step.new:
                carried = self._carrying.at(sha, step.path, step.new)
                after = frozenset(seen.id for seen in self._look(step.path, step.new, carried))
        return before, after

    def _look(self, path: str, blob: str, carried: Carried) -> Iterator[Sighting]:
        yield from self._evaluated(path, self.contents.blobs[blob])
        yield from self._carried_sightings(path, carried)

    def _evaluated(self, path: str, blob: BlobRow) -> Iterator[Sighting]:
        environment, profile = self.environment_of(path), self.profile_of(path)
        for problem in blob.problems:
            if self._is_asked(problem):
                yield _of_file(environment, path, problem)
        for row in blob.documents:
            judgement = self.contents.judgement(row.digest, profile)
            if judgement is None:
                continue
            key = resource_key(environment, path, row)
            for verdict in judgement.verdicts:
                if verdict.outcome == Outcome.FAIL:
                    yield _of_resource(key, path, row, verdict)

    def _carried_sightings(self, path: str, carried: Carried) -> Iterator[Sighting]:
        """As they were last evaluated."""
        environment = self.environment_of(path)
        for problem in carried.problems:
            if self._is_asked(problem):
                yield _of_file(environment, path, problem)
        for row, verdict in carried.violations:
            yield _of_resource(resource_key(environment, path, row), path, row, verdict)

    def _is_asked(self, problem: ProblemRow) -> bool:
        rule_id = FILE_RULES.get(problem.code)
        return rule_id is not None and rule_id not in self.disabled

    def _all_sightings(self, path: str, blob: str, carried: Carried) -> tuple[Sighting, ...]:
        own = self.sightings(path, blob)
        if carried == NOTHING:
            return own
        told = {seen.id for seen in own}
        held = self._carried_sightings(path, carried)
        return (*own, *(seen for seen in held if seen.id not in told))

    def _forget(self, path: str, blob: str, carried: Carried) -> tuple[Sighting, ...]:
        """The file's sightings for the last time: what has gone is not kept in memory."""
        sightings = self._all_sightings(path, blob, carried)
        del self._sightings[(path, blob)]
        return sightings


def _of_file(environment: str, path: str, problem: ProblemRow) -> Sighting:
    rule_id = FILE_RULES[problem.code]
    return Sighting(
        id=fingerprint(rule_id, environment, "", "", "", path, ""),
        rule_id=rule_id,
        source="file",
        environment=environment,
        api_version="",
        kind="",
        namespace="",
        name="",
        path=path,
        line=problem.line,
        pointer="",
        message=problem.message,
        digest="",
    )


def _of_resource(key: ResourceKey, path: str, row: DocumentRow, verdict: VerdictRow) -> Sighting:
    return Sighting(
        id=fingerprint(verdict.rule_id, *key, verdict.pointer),
        rule_id=verdict.rule_id,
        source="manifest",
        environment=key.environment,
        api_version=row.api_version,
        kind=row.kind,
        namespace=row.namespace,
        name=key.name,
        path=path,
        line=row.line,
        pointer=verdict.pointer,
        message=verdict.message,
        digest=row.digest,
    )
