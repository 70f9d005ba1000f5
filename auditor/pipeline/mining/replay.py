"""Replays what landed: which files counted as manifests at each commit, and what they showed.

A file counts as long as nothing in the tree *at that commit* makes it a fragment (a Kustomize patch, a
Helm template): when a kustomization begins to list a file as a patch, what that file showed by itself
ends there, although the file did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetimes, Sighting
from auditor.git.tree import REGULAR_MODES
from auditor.manifests.layout import Layout
from auditor.model import FileChange, Outcome, ParsedBlob
from auditor.pipeline.mining.contents import BlobRow, Contents
from auditor.pipeline.mining.problems import FILE_RULES
from auditor.pipeline.mining.resource_changes import ResourceChange, Versions, compare, resource_key, versions


@dataclass(slots=True)
class Replay:
    """The state along the first-parent line. `counts` says which paths may hold manifests.

    Every path in here is as `redact` gives it: a file's name may hold a credential. What a file says is kept by
    its key in the contents, which its name decides too, before anything is redacted: "blob" in what follows.
    """

    contents: Contents
    environment_of: Callable[[str], str]
    counts: Callable[[str], bool]
    lifetimes: Lifetimes
    redact: Callable[[str], str]
    layout: Layout = field(default_factory=Layout)
    shown: dict[str, str] = field(default_factory=dict)
    tree: dict[str, str] = field(default_factory=dict)
    changes: list[ResourceChange] = field(default_factory=list)
    _known_versions: dict[tuple[str, str], Versions] = field(default_factory=dict)
    _sightings: dict[tuple[str, str], tuple[Sighting, ...]] = field(default_factory=dict)

    def resume(self, files: Mapping[str, str]) -> Iterator[Sighting]:
        """Takes up the tree (path to blob) of an earlier tip; gives all that its files show."""
        key_of = self.contents.key_of
        self.tree = {
            self.redact(path): key_of(path, blob) for path, blob in files.items() if self.counts(path)
        }
        self.layout.apply({path: self._parsed(blob) for path, blob in self.tree.items()}, ())
        for path, blob in self.tree.items():
            if self.layout.is_judged(path):
                self.shown[path] = blob
                yield from self.sightings(path, blob)

    def land(self, sha: str, position: int, changes: Sequence[FileChange]) -> None:
        """One landed commit with its changes against its first parent."""
        removed, added = self._touched(changes)
        if not removed and not added:
            return
        for path in removed:
            self.tree.pop(path, None)
        self.tree.update(added)
        flipped = self.layout.apply(
            {path: self._parsed(blob) for path, blob in added.items()},
            [path for path in removed if path not in added],
        )
        touched = {*removed, *added, *(path for path in flipped if path in self.tree)}
        gone = [(path, self.shown.pop(path)) for path in sorted(touched) if path in self.shown]
        come = [
            (path, self.tree[path])
            for path in sorted(touched)
            if path in self.tree and self.layout.is_judged(path)
        ]
        self.shown.update(come)
        landing = Landing(sha=sha, position=position)
        self.lifetimes.land(
            landing,
            gone=[(path, self._forget(path, blob)) for path, blob in gone],
            come=[(path, self.sightings(path, blob)) for path, blob in come],
        )
        self.changes.extend(
            compare(
                sha,
                position,
                [self._versions_for_the_last_time(path, blob) for path, blob in gone],
                [self._versions(path, blob) for path, blob in come],
            )
        )

    def bring(self, sha: str, changes: Sequence[FileChange]) -> None:
        """What a side commit did by itself; files have the role that they have once it has landed."""
        removed, added = self._touched(changes)
        self.changes.extend(
            compare(
                sha,
                None,
                [self._versions(path, blob) for path, blob in removed.items() if self.layout.is_judged(path)],
                [self._versions(path, blob) for path, blob in added.items() if self.layout.is_judged(path)],
            )
        )

    def _versions(self, path: str, blob: str) -> Versions:
        known = self._known_versions.get((path, blob))
        if known is None:
            known = versions(self.environment_of(path), path, self.contents.blobs[blob].documents)
            self._known_versions[(path, blob)] = known
        return known

    def _versions_for_the_last_time(self, path: str, blob: str) -> Versions:
        found = self._versions(path, blob)
        self._known_versions.pop((path, blob), None)
        return found

    def _touched(self, changes: Sequence[FileChange]) -> tuple[dict[str, str], dict[str, str]]:
        """The files (path to blob) that were there before, and those that are there after."""
        key_of = self.contents.key_of
        removed: dict[str, str] = {}
        added: dict[str, str] = {}
        for change in changes:
            old_path = change.old_path or change.path
            if change.old_mode in REGULAR_MODES and self.counts(old_path):
                removed[self.redact(old_path)] = key_of(old_path, change.old_blob)
            if change.new_mode in REGULAR_MODES and self.counts(change.path):
                added[self.redact(change.path)] = key_of(change.path, change.new_blob)
        return removed, added

    def _parsed(self, blob: str) -> ParsedBlob:
        row = self.contents.blobs[blob]
        return ParsedBlob(
            documents=(), problems=(), is_kustomization=row.is_kustomization, fragments=row.fragments
        )

    def sightings(self, path: str, blob: str) -> tuple[Sighting, ...]:
        """What the file shows while it counts as manifests."""
        known = self._sightings.get((path, blob))
        if known is None:
            row = self.contents.blobs[blob]
            known = tuple(_sightings(self.contents, self.environment_of(path), path, row))
            self._sightings[(path, blob)] = known
        return known

    def shows(self, path: str, blob: str) -> frozenset[str]:
        """Ids of what a file with this content would show, whatever the rest of its tree makes of it."""
        row = self.contents.blobs.get(self.contents.key_of(path, blob))
        if row is None or not self.counts(path):
            return frozenset()
        shown = self.redact(path)
        return frozenset(
            seen.id for seen in _sightings(self.contents, self.environment_of(shown), shown, row)
        )

    def _forget(self, path: str, blob: str) -> tuple[Sighting, ...]:
        """The file's sightings for the last time: what has gone is not kept in memory."""
        sightings = self.sightings(path, blob)
        del self._sightings[(path, blob)]
        return sightings


def _sightings(contents: Contents, environment: str, path: str, blob: BlobRow) -> Iterator[Sighting]:
    for problem in blob.problems:
        rule_id = FILE_RULES.get(problem.code)
        if rule_id is not None:
            yield Sighting(
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
    for row in blob.documents:
        judgement = contents.judgements.get(row.digest)
        if judgement is None:
            continue
        key = resource_key(environment, path, row)
        for verdict in judgement.verdicts:
            if verdict.outcome != Outcome.FAIL:
                continue
            yield Sighting(
                id=fingerprint(verdict.rule_id, *key, verdict.pointer),
                rule_id=verdict.rule_id,
                source="manifest",
                environment=environment,
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
