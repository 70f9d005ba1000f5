"""What git declared for a resource over time, read from the mirror when the cross-check asks.

Only drifted resources are asked for, so the history is walked for their files alone. A rendered resource
is rendered again at each landed commit that touched what its rendering read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from auditor.errors import GitError
from auditor.git.blobs import ObjectReader
from auditor.git.history import read_changes, read_skeleton
from auditor.git.mirror import Mirror
from auditor.git.names import free_text, path_bytes
from auditor.git.tree import REGULAR_MODES, CommitTree
from auditor.manifests.deployments.declared import ProblemCause, declared_set
from auditor.manifests.deployments.interface import leaves_out
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.documents import document_of, parse
from auditor.manifests.environment import EnvironmentRule
from auditor.manifests.layout import is_candidate, is_kustomization_name
from auditor.manifests.rendering.kustomizations import Kustomizations
from auditor.manifests.secrets import Redactor
from auditor.model import Actor, DeclaredVersion, Document, JsonObject, ParsedBlob, Resource, ResourceId

MAX_VERSIONS = 200
"""Landed commits looked at for one resource, the newest ones; older versions are not compared with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Landed:
    sha: str
    parents: tuple[str, ...]
    at: datetime
    by: Actor


@dataclass(kw_only=True)
class GitHistory:
    """DeclaredHistory over a mirror. `live` are the identities of which `removed` may be asked."""

    mirror: Mirror
    reader: ObjectReader
    redactor: Redactor
    environment: str | None
    rules: Sequence[EnvironmentRule]
    declared: Sequence[Resource]
    live: Iterable[ResourceId]
    options: DeploymentOptions | None = None
    _rendered: dict[tuple[str, str], dict[ResourceId, JsonObject] | None] = field(default_factory=dict)

    _parsed: dict[tuple[str, bool], ParsedBlob] = field(default_factory=dict)

    def versions(self, resource: Resource) -> Sequence[DeclaredVersion]:
        """Every distinct landed version, oldest first."""
        found: list[DeclaredVersion] = []
        for landed in self._landings(self._paths(resource)):
            try:
                manifest = self._at(landed.sha, resource)
            except _UnreadableVersionError:
                continue  # a commit whose files do not build declares nothing that could be compared with
            if not found and manifest is None:
                continue
            if found and found[-1].manifest == manifest:
                continue
            found.append(DeclaredVersion(sha=landed.sha, at=landed.at, by=landed.by, manifest=manifest))
        return tuple(found)

    def removed(self) -> Iterator[tuple[Resource, DeclaredVersion]]:
        """Live objects that git once declared and declares no more, with the commit that took them out."""
        missing = set(self.live) - {resource.id for resource in self.declared}
        by_name: dict[tuple[str, str, str], list[ResourceId]] = {}
        for identity in sorted(missing, key=str):
            by_name.setdefault((identity.group, identity.kind, identity.name), []).append(identity)
        if not by_name:
            return
        seen: set[ResourceId] = set()
        for sha, path, blob in self._taken_out:
            content = self.reader.read(blob)
            if content is None or not any(name.encode() in content for _, _, name in by_name):
                continue
            for document in parse(content, redactor=self.redactor).documents:
                named = document.id
                for identity in by_name.get((named.group, named.kind, named.name), ()):
                    # A base has no namespace of its own: Kustomize or Flux sets it.
                    if named.namespace not in ("", identity.namespace) or identity in seen:
                        continue
                    seen.add(identity)
                    resource = Resource(
                        environment=self.environment or "",
                        path=path,
                        document=_in_namespace(document, identity.namespace),
                    )
                    landed = self._landed(sha)
                    yield resource, DeclaredVersion(sha=sha, at=landed.at, by=landed.by, manifest=None)

    @cached_property
    def _taken_out(self) -> list[tuple[str, str, str]]:
        """(landed commit, path, old blob) of every manifest that a landing changed or deleted, newest first."""
        skeleton = read_skeleton(self.mirror)
        return [
            (change.sha, change.old_path or change.path, change.old_blob)
            for change in read_changes(self.mirror, skeleton)
            if change.landed
            and change.old_blob
            and change.old_mode in REGULAR_MODES
            and is_candidate(change.old_path or change.path)
        ]

    def _paths(self, resource: Resource) -> list[str]:
        """Files and folders whose changes may have changed the resource."""
        if not resource.rendered_from:
            return [resource.path]
        folder = "" if resource.rendered_from == "." else resource.rendered_from
        closure = Kustomizations.of(self._tip).closure(folder)
        return sorted(
            {resource.path, *resource.sources, *(f"{entry}/" if entry else "." for entry in closure)}
        )

    @cached_property
    def _tip(self) -> CommitTree:
        return CommitTree(self.mirror, self.mirror.tip, self.reader)

    def _landings(self, paths: Sequence[str]) -> list[_Landed]:
        """Landed commits that touched the paths, oldest first."""
        arguments = (
            "log",
            "--first-parent",
            "-m",
            "-z",
            "--no-renames",
            f"--max-count={MAX_VERSIONS}",
            _FORMAT,
        )
        names = [f":(literal){path}" if path != "." else "." for path in paths if _is_plain(path)]
        listing = self.mirror.git.run(*arguments, self.mirror.tip, "--", *names, repository=self.mirror.path)
        return list(map(self._parse, _records(listing)))[::-1]

    def _landed(self, sha: str) -> _Landed:
        listing = self.mirror.git.run("log", "-1", "-z", _FORMAT, sha, repository=self.mirror.path)
        return self._parse(next(_records(listing)))

    def _parse(self, record: Sequence[bytes]) -> _Landed:
        sha, parents, name, email, at = (free_text(part) for part in record)
        actor = Actor(name=name, email=email)
        landed = _Landed(sha=sha, parents=tuple(parents.split()), at=datetime.fromisoformat(at), by=actor)
        return landed if len(landed.parents) < 2 else self._by_side_author(landed)

    def _by_side_author(self, merge: _Landed) -> _Landed:
        """A merge is its side branch's author's, not the merging person's, where the branch had one author."""
        try:
            listing = self.mirror.git.run(
                "log", "-z", _FORMAT, merge.parents[1], f"^{merge.parents[0]}", repository=self.mirror.path
            )
        except GitError:
            return merge
        authors = {(free_text(record[2]), free_text(record[3])) for record in _records(listing)}
        if len(authors) != 1:
            return merge
        name, email = authors.pop()
        return _Landed(sha=merge.sha, parents=merge.parents, at=merge.at, by=Actor(name=name, email=email))

    def _at(self, sha: str, resource: Resource) -> JsonObject | None:
        if resource.rendered_from:
            return self._rendered_at(sha, resource.rendered_from).get(resource.id)
        tree = CommitTree(self.mirror, sha, self.reader)
        try:
            content = tree.read(resource.path)
        except KeyError:
            return None
        parsed = parse(content, redactor=self.redactor)
        for document in parsed.documents:
            if document.id == resource.id:
                return document.manifest
        if any(problem.code != "duplicate-key" for problem in parsed.problems):
            raise _UnreadableVersionError
        return None

    def _rendered_at(self, sha: str, rendered_from: str) -> Mapping[ResourceId, JsonObject]:
        key = (sha, rendered_from)
        if key not in self._rendered:
            folder = "" if rendered_from == "." else rendered_from
            tree = CommitTree(self.mirror, sha, self.reader)
            declared = declared_set(
                tree,
                environment=self.environment,
                redactor=self.redactor,
                options=self.options or DeploymentOptions(rules=self.rules),
                parsed=self._parsed_at(tree),
                folders=frozenset({folder}),
            )
            broken = any(
                leaves_out(problem) or problem.cause is ProblemCause.REMOTE for problem in declared.problems
            )
            found = {resource.id: resource.document.manifest for resource in declared.resources}
            self._rendered[key] = None if broken else found
        rendered = self._rendered[key]
        if rendered is None:
            raise _UnreadableVersionError
        return rendered

    def _parsed_at(self, tree: CommitTree) -> dict[str, ParsedBlob]:
        """The tree's manifests, each blob parsed once for all commits."""
        parsed: dict[str, ParsedBlob] = {}
        for path in tree.paths():
            if not is_candidate(path):
                continue
            blob = tree.blob(path)
            named = is_kustomization_name(path)
            if (blob, named) not in self._parsed:
                self._parsed[(blob, named)] = parse(
                    tree.read(path), redactor=self.redactor, is_kustomization_name=named
                )
            parsed[path] = self._parsed[(blob, named)]
        return parsed


class _UnreadableVersionError(Exception):
    """What a commit declares could not be read or rendered."""


class NoHistory:
    """DeclaredHistory of a folder that is no git repository: nothing is known of its past."""

    def versions(self, resource: Resource) -> Sequence[DeclaredVersion]:
        """None."""
        return ()

    def removed(self) -> Iterator[tuple[Resource, DeclaredVersion]]:
        """None."""
        return iter(())


_FORMAT = "--format=%H%x00%P%x00%aN%x00%aE%x00%cI%x00%x01"


def _records(listing: bytes) -> Iterator[list[bytes]]:
    for record in listing.split(b"\x01"):
        parts = record.lstrip(b"\0\n").split(b"\0")
        if len(parts) >= 6:
            yield parts[:5]


def _is_plain(path: str) -> bool:
    """git takes paths as arguments; one that is not UTF-8 cannot be given, and is left out."""
    return path_bytes(path) == path.encode("utf-8")


def _in_namespace(document: Document, namespace: str) -> Document:
    if document.namespace == namespace:
        return document
    metadata = {**(document.manifest.get("metadata") or {}), "namespace": namespace}
    manifest = {**document.manifest, "metadata": metadata}
    return document_of(manifest, index=document.index, item=document.item, line=document.line)
