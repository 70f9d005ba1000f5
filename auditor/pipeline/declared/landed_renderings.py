"""What git declares at each landing of a line, as it is rendered: each costs what it changes.

The tree is moved on by what a landing changed, files are parsed once a content, and what is rendered is decided by
what a rendering reads: an unchanged closure is not built again. A landing that only changed the content of files
which nothing read declares what the one before it did, and is not looked at further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from auditor.git.landed_tree import LandedTree, Moved
from auditor.manifests.deployments.declared import DeclaredProblem, DeclaredSet, declared_set
from auditor.manifests.deployments.interface import DeploymentId
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.sources import KINDS_THAT_DECLARE, candidates
from auditor.manifests.deployments.traces import Deployed
from auditor.manifests.documents import parse
from auditor.manifests.layout import is_candidate, is_kustomization_name
from auditor.manifests.rendering.interface import ReadsFiles
from auditor.manifests.secrets import Redactor
from auditor.model import Document, FileChange, ParsedBlob, Resource, ResourceId
from auditor.pipeline.declared.kept_renderings import KeptRenderings
from auditor.pipeline.declared.window import Landed
from auditor.pipeline.mining.contents import BlobRow

Key = tuple[str, ResourceId]
"""Environment and identity."""

MOST_PARSED = 10_000
"""Contents that are kept parsed besides those of the tree."""

_DEPLOYING = (b"toolkit.fluxcd.io", b"argoproj.io")
"""What every manifest of a kind that deploys says somewhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedLanding:
    """What a landing changed of what is rendered, against the one before it (the first: all of it).

    `exact`: what it changed it brought, since it is the first of the line, or both were rendered whole; `complete`:
    no rendering of it was stopped by a limit. `held` are resources of deployments that cannot be rendered at that
    landing: what they are is not known, and not that they have gone. Resources have no manifests; `problems` are all
    that there are.
    """

    landed: Landed
    exact: bool
    complete: bool
    gone: tuple[Key, ...]
    come: tuple[Resource, ...]
    held: frozenset[Key]
    problems: tuple[DeclaredProblem, ...]


@dataclass(kw_only=True)
class Line:
    """Renders landings one after the other. `known` are blobs that an earlier run or this one has read."""

    tree: LandedTree
    redactor: Redactor
    options: DeploymentOptions
    cache: KeptRenderings
    known: Mapping[str, BlobRow]
    is_wanted: Callable[[str, str], bool]
    """(digest, environment) -> whether the document's manifest is asked for, because nothing has judged it."""
    manifests: dict[tuple[str, str], Document] = field(default_factory=dict)
    """What is asked for, by digest and environment; a manifest is empty where it is not known any more."""
    declared: dict[Key, Resource] = field(default_factory=dict)
    """What is rendered at the landing that was looked at last."""
    problems: tuple[DeclaredProblem, ...] = ()
    deployed: Deployed | None = None
    """The deployments at the landing that was looked at last."""
    rendered: int = 0
    """Landings that were looked at and not only passed over."""
    _owners: dict[Key, DeploymentId] = field(default_factory=dict)
    _parents: dict[DeploymentId, tuple[DeploymentId, ...]] = field(default_factory=dict)
    _held: frozenset[Key] = frozenset()
    _parsed: dict[str, ParsedBlob] = field(default_factory=dict)
    _contents: dict[tuple[str, bool], ParsedBlob] = field(default_factory=dict)
    _reads: frozenset[str] | None = None
    _complete: bool = False

    def walk(
        self,
        landings: Sequence[Landed],
        changes_of: Mapping[str, Sequence[FileChange]],
        *,
        from_nothing: bool,
    ) -> Iterator[RenderedLanding]:
        """Goes along the line; the tree stands at its first landing. `changes_of` are by landing, against its first
        parent; every landing but the first follows on the one before. `from_nothing`: nothing landed before the
        first."""
        self._complete = from_nothing
        for number, landed in enumerate(landings):
            moved = self.tree.move(changes_of.get(landed.sha, ())) if number else None
            yield self._look(landed, moved)

    def _look(self, landed: Landed, moved: Moved | None) -> RenderedLanding:
        before = self._complete
        gone: tuple[Key, ...] = ()
        come: tuple[Resource, ...] = ()
        if moved is None or not self._changes_nothing(moved):
            self._parse(moved)
            self.cache.begin()
            self.tree.read_paths.clear()
            self.rendered += 1
            found = self._declared_set()
            self._complete = self.cache.complete
            self.problems = found.problems
            self.deployed = Deployed(nodes=found.nodes, owners=found.owners)
            self._reads = self._read_by(found)
            gone, come = self._take(found)
        return RenderedLanding(
            landed=landed,
            exact=before and self._complete,
            complete=self._complete,
            gone=gone,
            come=come,
            held=self._held,
            problems=self.problems,
        )

    def remember(self, held: str) -> None:
        """Takes up what `held_now` gave for the line's first landing."""
        for *named, owner, above in orjson.loads(held):
            environment, group, kind, namespace, name = named
            key = (environment, ResourceId(group=group, kind=kind, namespace=namespace, name=name))
            self._owners[key] = _deployment(owner)
            self._parents[_deployment(owner)] = tuple(map(_deployment, above))
        self._held = frozenset(self._owners)

    def held_now(self) -> str:
        """The resources that are held at the landing that was looked at last, as JSON."""
        return orjson.dumps(
            [
                [
                    environment,
                    named.group,
                    named.kind,
                    named.namespace,
                    named.name,
                    owner,
                    self._above(owner, set()),
                ]
                for (environment, named), owner in sorted(self._owners.items(), key=str)
                if (environment, named) in self._held
            ]
        ).decode()

    def _above(self, owner: DeploymentId, seen: set[DeploymentId]) -> list[DeploymentId]:
        """Every deployment that made this one, directly or not."""
        seen.add(owner)
        found: list[DeploymentId] = []
        for parent in self._parents.get(owner, ()):
            if parent not in seen:
                found += [parent, *self._above(parent, seen)]
        return found

    def _take(self, found: DeclaredSet) -> tuple[tuple[Key, ...], tuple[Resource, ...]]:
        """What went and what came, the new set being `found`."""
        new = {(item.environment, item.id): item for item in found.resources if item.rendered_from}
        gone = tuple(key for key in self.declared if key not in new)
        come = tuple(self._taken(key, item) for key, item in new.items() if self._is_other(key, item))
        for key in gone:
            del self.declared[key]
        self.declared.update(((item.environment, item.id), item) for item in come)
        self._parents.update((name, node.parents) for name, node in found.nodes.items())
        self._held = frozenset(
            key
            for key in (*gone, *self._held)
            if key not in new and self._is_unknown(self._owners.get(key), found, set())
        )
        self._owners = {key: self._owners[key] for key in self._held} | {
            key: owner for key, owner in found.owners.items() if key in new
        }
        return gone, come

    def _is_unknown(self, owner: DeploymentId | None, found: DeclaredSet, seen: set[DeploymentId]) -> bool:
        """True where what the deployment brings cannot be told now: it, or all that made it, is not rendered."""
        if owner is None or owner in seen:
            return False
        node = found.nodes.get(owner)
        if node is not None:
            return node.resources is None and bool(node.problems)
        return any(self._is_unknown(parent, found, {*seen, owner}) for parent in self._parents.get(owner, ()))

    def _is_other(self, key: Key, item: Resource) -> bool:
        before = self.declared.get(key)
        return before is None or _without_manifest(item) != before

    def _taken(self, key: Key, item: Resource) -> Resource:
        """The resource without its manifest, which is put aside where it is asked for."""
        wanted = (item.document.digest, item.environment)
        known = self.manifests.get(wanted)
        if (known is None or not known.manifest) and self.is_wanted(*wanted):
            self.manifests[wanted] = item.document
        return _without_manifest(item)

    def _declared_set(self) -> DeclaredSet:
        return declared_set(
            self.tree,
            environment=None,
            redactor=self.redactor,
            options=self.options,
            parsed=self._parsed,
            cache=self.cache,
        )

    def _changes_nothing(self, moved: Moved) -> bool:
        """True where only the content of files changed that nothing read: neither as manifests nor to render."""
        if moved.names or self._reads is None:
            return not moved.names and not moved.changed
        return not any(is_candidate(path) or path in self._reads for path in moved.changed)

    def _read_by(self, found: DeclaredSet) -> frozenset[str] | None:
        """Every path that decided the set; None where that cannot be told."""
        if self.cache.is_wide:
            return None
        reads = set(self.tree.read_paths)
        for node in found.nodes.values():
            for work in node.plan.work:
                if not isinstance(work, ReadsFiles):
                    return None
                reads |= work.files()
        return frozenset(reads)

    def _parse(self, moved: Moved | None) -> None:
        """Brings what is parsed to what the tree holds now."""
        paths: Iterable[str]
        if moved is None or moved.names:
            there = set(candidates(self.tree))
            for path in [path for path in self._parsed if path not in there]:
                del self._parsed[path]
            paths = [path for path in there if path not in self._parsed or moved is None]
            paths += [path for path in moved.changed if path in there] if moved is not None else []
        else:
            paths = [path for path in moved.changed if is_candidate(path)]
        for path in paths:
            self._parsed[path] = self._parsed_blob(path)
        if len(self._contents) > MOST_PARSED:
            used = {(self.tree.blob(path), is_kustomization_name(path)) for path in self._parsed}
            self._contents = {key: found for key, found in self._contents.items() if key in used}

    def _parsed_blob(self, path: str) -> ParsedBlob:
        blob, named = self.tree.blob(path), is_kustomization_name(path)
        row = None if named else self.known.get(blob)
        if row is not None and not any(document.kind in KINDS_THAT_DECLARE for document in row.documents):
            return _from_row(row)
        parsed = self._contents.get((blob, named))
        if parsed is None:
            content = self.tree.read(path)
            parsed = _slim(parse(content, redactor=self.redactor, is_kustomization_name=named))
            self._contents[(blob, named)] = parsed
        return parsed


def _deployment(value: Mapping[str, str]) -> DeploymentId:
    return DeploymentId(**value)


def may_render(tree: LandedTree) -> bool:
    """True where something of a tree may have to be rendered, told without parsing anything."""
    return any(
        is_kustomization_name(path)
        or path.rpartition("/")[2] == "Chart.yaml"
        or any(mark in tree.read(path) for mark in _DEPLOYING)
        for path in candidates(tree)
    )


def _slim(blob: ParsedBlob) -> ParsedBlob:
    """Without the manifests that decide nothing: of all other documents only identity and digest matter."""
    documents = tuple(
        document if document.kind in KINDS_THAT_DECLARE else replace(document, manifest={})
        for document in blob.documents
    )
    return replace(blob, documents=documents)


def _from_row(row: BlobRow) -> ParsedBlob:
    documents = (
        Document(
            index=found.document, item=found.item, line=found.line, api_version=found.api_version,
            kind=found.kind, namespace=found.namespace, name=found.name, manifest={}, digest=found.digest,
        )
        for found in row.documents
    )  # fmt: skip
    return ParsedBlob(
        documents=tuple(documents), problems=(), is_kustomization=row.is_kustomization, fragments=()
    )


def _without_manifest(item: Resource) -> Resource:
    if not item.document.manifest:
        return item
    return replace(item, document=replace(item.document, manifest={}))
