"""Follows Flux from its entry points: what each `Kustomization` renders to may name further ones."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack

from auditor.errors import RenderError
from auditor.manifests.deployments.artifacts import ArtifactTree
from auditor.manifests.deployments.collecting import (
    Collector,
    DeclaredProblem,
    Job,
    ProblemCause,
    add_plain,
    render_all,
    same_path,
)
from auditor.manifests.deployments.flux import FluxKustomization, artifacts_of, flux_kustomization
from auditor.manifests.deployments.sources import Sources, is_below, is_wanted, path_inside
from auditor.manifests.environment import EnvironmentRule, environment_of
from auditor.manifests.rendering.interface import Renderer, RenderingCache
from auditor.manifests.rendering.workspace import Workspace, normal_folder
from auditor.manifests.secrets import Redactor
from auditor.model import UNKNOWN_ENVIRONMENT, SourceTree


class Trees:
    """The repository's workspace and those of artifacts made of it, each opened once, on first use."""

    def __init__(
        self, tree: SourceTree, sources: Sources, renderer: Renderer | None, stack: ExitStack
    ) -> None:
        self._tree = tree
        self._sources = sources
        self._renderer = renderer
        self._stack = stack
        self._open: dict[tuple[tuple[str, str], ...] | None, tuple[Workspace, Callable[[str], str]]] = {}
        self._folders = {
            "/".join(parts[:n])
            for path in tree.paths()
            for parts in [path.split("/")]
            for n in range(1, len(parts))
        }

    def has_folder(self, path: str) -> bool:
        """True where the repository has that folder, below its root."""
        return posixpath.normpath(path) in self._folders if path else False

    def open(self, copies: tuple[tuple[str, str], ...] | None) -> tuple[Workspace, Callable[[str], str]]:
        """The workspace, and what turns its paths into the repository's."""
        if copies not in self._open:
            origin: Callable[[str], str]
            if copies is None:
                workspace = Workspace(
                    self._tree, renderer=self._renderer, is_manifest=self._sources.is_manifest
                )
                origin = same_path
            else:
                artifact = ArtifactTree(self._tree, copies)
                workspace, origin = Workspace(artifact, renderer=self._renderer), artifact.origin
            self._open[copies] = (self._stack.enter_context(workspace), origin)
        return self._open[copies]


def flux_entries(sources: Sources) -> list[tuple[str, FluxKustomization]]:
    """Where Flux starts: what lies in `clusters/<name>/`, else what no other one's folder holds."""
    in_clusters = [
        (path, flux) for path, flux in sources.flux if "clusters" in path.split("/")[:-2] and "/" in path
    ]
    if in_clusters:
        return in_clusters
    folders: dict[str, str] = {}
    for path, flux in sources.flux:
        try:
            folders[normal_folder(flux.path)] = path
        except RenderError:
            continue
    return [
        (path, flux)
        for path, flux in sources.flux
        if all(folders.get(above, path) == path for above in _folders_above(path))
    ]


def _folders_above(path: str) -> Iterator[str]:
    """Every folder that the file is in, the root ('') last."""
    while path:
        path = posixpath.dirname(path)
        yield path


def follow_flux(
    tree: SourceTree,
    sources: Sources,
    environment: str | None,
    rules: Sequence[EnvironmentRule],
    redactor: Redactor,
    collector: Collector,
    renderer: Renderer | None,
    folders: frozenset[str] | None,
    cache: RenderingCache | None,
) -> None:
    """Collects what Flux applies, from its entry points on, and the plain manifests beside those.

    `folders` (None: all) are those whose contents are wanted; others are rendered only to get there.
    """
    entries = [
        (path, flux)
        for path, flux in flux_entries(sources)
        if is_wanted(environment, environment_of(path, rules))
    ]
    pending = [(path, environment_of(path, rules), flux) for path, flux in entries]
    entry_folders = {posixpath.dirname(path) for path, _ in entries}
    plain = [path for path in sources.plain if any(is_below(path, folder) for folder in entry_folders)]
    add_plain(sources, plain, environment, rules, collector)
    copies = {
        (environment_of(path, rules), name): copied
        for path, blob in sources.parsed.items()
        for document in blob.documents
        for name, copied in artifacts_of(document).items()
    }
    seen: set[tuple[str, str]] = set()
    known = {path for path, _ in entries}
    with ExitStack() as stack:
        trees = Trees(tree, sources, renderer, stack)
        while pending:
            jobs: list[tuple[Workspace, Job]] = []
            for path, name, flux in pending:
                if (name, flux.key) in seen:
                    continue
                seen.add((name, flux.key))
                if name == UNKNOWN_ENVIRONMENT:
                    name = environment_of(path_inside(flux.path.removeprefix("./")), rules)
                copied = copies.get((name, flux.artifact)) if flux.artifact else None
                if not flux.is_local and copied is None and not trees.has_folder(flux.path):
                    message = f"{flux.where} takes a {flux.source_kind}, which is not in this repository"
                    collector.problems.append(
                        DeclaredProblem(path=path, message=message, cause=ProblemCause.ELSEWHERE)
                    )
                    continue
                workspace, origin = trees.open(copied)
                if folders is not None and not _leads_to(workspace, sources, flux.path, folders, known):
                    continue
                job = Job(folder=flux.path, environment=name, flux=flux, named_in=path, origin=origin)
                jobs.append((workspace, job))
            pending = [
                (job.named_in, job.environment, nested)
                for job, documents in render_all(jobs, redactor, collector, cache)
                for document in documents
                if (nested := flux_kustomization(document)) is not None
            ]


def _leads_to(
    workspace: Workspace, sources: Sources, path: str, folders: frozenset[str], known: Collection[str]
) -> bool:
    """True where rendering `path` gives one of the folders, or Flux objects of which one may lead there.

    Files in `known` are followed already, so rendering them would lead nowhere else.
    """
    try:
        folder = normal_folder(path)
    except RenderError:
        return False
    closure = workspace.kustomizations.closure(folder) or {folder}
    return folder in folders or any(
        where not in known and is_below(where, entry) for where, _ in sources.flux for entry in closure
    )
