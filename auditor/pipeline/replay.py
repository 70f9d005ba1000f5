"""Replays what landed: which files counted as manifests at each commit, and what they showed.

A file counts as long as nothing in the tree *at that commit* makes it a fragment (a Kustomize patch, a
Helm template): when a kustomization begins to list a file as a patch, what that file showed by itself
ends there, although the file did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetimes, Sighting
from auditor.git.tree import REGULAR_MODES
from auditor.manifests.layout import Layout, is_candidate
from auditor.model import FileChange, Outcome, ParsedBlob
from auditor.pipeline.contents import BlobRow, Contents, DocumentRow
from auditor.pipeline.problems import FILE_RULES


class ResourceKey(NamedTuple):
    """A resource's identity in its environment; the API version is not part of it."""

    environment: str
    group: str
    kind: str
    namespace: str
    name: str


class ResourceChange(NamedTuple):
    """What one landing did to one resource; columns of trail.resource_change after repo."""

    sha: str
    position: int | None
    landed: bool
    path: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    change: str
    old_digest: str
    new_digest: str


def resource_key(environment: str, path: str, row: DocumentRow) -> ResourceKey:
    """The identity of a document at a path.

    What has no name of its own (a kustomization, `generateName`) is named by where it stands.
    """
    group = row.api_version.rpartition("/")[0]
    name = row.name or (path.rpartition("/")[0] or "." if group == "kustomize.config.k8s.io" else path)
    return ResourceKey(environment, group, row.kind, row.namespace, name)


@dataclass(slots=True)
class Replay:
    """The state along the first-parent line. `excluded` says which paths the operator keeps out.

    Every path in here is as `redact` gives it: a file's name may hold a credential.
    """

    contents: Contents
    environment_of: Callable[[str], str]
    excluded: Callable[[str], bool]
    lifetimes: Lifetimes
    redact: Callable[[str], str]
    layout: Layout = field(default_factory=Layout)
    shown: dict[str, str] = field(default_factory=dict)
    tree: dict[str, str] = field(default_factory=dict)
    changes: list[ResourceChange] = field(default_factory=list)
    _sightings: dict[tuple[str, str], tuple[Sighting, ...]] = field(default_factory=dict)

    def resume(self, files: Mapping[str, str]) -> Iterator[Sighting]:
        """Takes up the tree (path to blob) of an earlier tip; gives all that its files show."""
        self.tree = {self.redact(path): blob for path, blob in files.items() if self._counts(path)}
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
        self.changes.extend(self._resource_changes(landing, gone, come))

    def _touched(self, changes: Sequence[FileChange]) -> tuple[set[str], dict[str, str]]:
        removed: set[str] = set()
        added: dict[str, str] = {}
        for change in changes:
            old_path = change.old_path or change.path
            if change.old_mode in REGULAR_MODES and self._counts(old_path):
                removed.add(self.redact(old_path))
            if change.new_mode in REGULAR_MODES and self._counts(change.path):
                added[self.redact(change.path)] = change.new_blob
        return removed, added

    def _counts(self, path: str) -> bool:
        return is_candidate(path) and not self.excluded(path)

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
        row = self.contents.blobs.get(blob)
        if row is None or not self._counts(path):
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

    def _resource_changes(
        self, landing: Landing, gone: Iterable[tuple[str, str]], come: Iterable[tuple[str, str]]
    ) -> Iterator[ResourceChange]:
        before = dict(self._documents(gone))
        after = dict(self._documents(come))
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            change = _change(old, new)
            if not change:
                continue
            path, row = new or old or ("", None)
            if row is None:
                continue
            yield ResourceChange(
                landing.sha,
                landing.position,
                True,
                path,
                key.environment,
                row.api_version,
                key.kind,
                key.namespace,
                key.name,
                change,
                old[1].digest if old else "",
                new[1].digest if new else "",
            )

    def _documents(
        self, files: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[ResourceKey, tuple[str, DocumentRow]]]:
        for path, blob in files:
            environment = self.environment_of(path)
            for row in self.contents.blobs[blob].documents:
                yield resource_key(environment, path, row), (path, row)


def _change(old: tuple[str, DocumentRow] | None, new: tuple[str, DocumentRow] | None) -> str:
    if old is None:
        return "added"
    if new is None:
        return "deleted"
    if old[1].digest != new[1].digest:
        return "modified"
    return "moved" if old[0] != new[0] else ""


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
