"""Renders folders, several at once, and gathers what they and plain files declare."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.errors import RemoteReferenceError, RenderError, RestrictedReferenceError
from auditor.manifests.deployments.flux import FluxKustomization, substituted
from auditor.manifests.deployments.sources import Sources, is_wanted
from auditor.manifests.documents import document_of
from auditor.manifests.environment import EnvironmentRule, environment_of
from auditor.manifests.rendering.interface import (
    RenderedDocument,
    RendererStoppedError,
    Rendering,
    RenderingCache,
)
from auditor.manifests.rendering.keys import Keying, Scope
from auditor.manifests.rendering.workspace import Build, Workspace, normal_folder
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Resource, ResourceId

_KUSTOMIZE_CONFIG = "kustomize.config.k8s.io"
_AT_ONCE = min(4, os.cpu_count() or 1)


class ProblemCause(StrEnum):
    """Why something is missing: the file is broken, the build is broken, it would have to be fetched, it is
    in another repository, or two files declare the same resource."""

    FILE = "file"
    BUILD = "build"
    REMOTE = "remote"
    OUTSIDE = "outside"
    ELSEWHERE = "elsewhere"
    TWICE = "twice"


_CAUSES: tuple[tuple[type[RenderError], ProblemCause], ...] = (
    (RemoteReferenceError, ProblemCause.REMOTE),
    (RestrictedReferenceError, ProblemCause.OUTSIDE),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredProblem:
    """Why the declared set is not whole: a file or folder (`path`) that could not be read or rendered."""

    path: str
    message: str
    cause: ProblemCause


def same_path(path: str) -> str:
    """The path, unchanged."""
    return path


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One folder to render, and for whom. `origin` turns a path of its tree into one of the repository."""

    folder: str
    environment: str
    flux: FluxKustomization | None = None
    named_in: str = ""
    origin: Callable[[str], str] = same_path


@dataclass(kw_only=True)
class Collector:
    """Gathers resources; the last of two with the same identity in an environment stays."""

    found: dict[tuple[str, ResourceId], Resource] = field(default_factory=dict)
    problems: list[DeclaredProblem] = field(default_factory=list)

    def add(self, resource: Resource) -> None:
        """Takes a resource; kustomizations and what has no name are declared to no cluster."""
        document = resource.document
        if document.id.group == _KUSTOMIZE_CONFIG or not document.name:
            return
        key = (resource.environment, resource.id)
        earlier = self.found.pop(key, None)
        if earlier is not None and earlier.document.digest != document.digest:
            message = (
                f"{resource.id} is declared twice, differently: here and in {earlier.path}; this one counts"
            )
            self.problems.append(
                DeclaredProblem(path=resource.path, message=message, cause=ProblemCause.TWICE)
            )
        self.found[key] = resource


def render_all(
    jobs: Sequence[tuple[Workspace, Job]],
    redactor: Redactor,
    collector: Collector,
    cache: RenderingCache | None = None,
) -> list[tuple[Job, list[Document]]]:
    """Renders every job, several at once, and collects in the jobs' order, which alone decides who is last.

    What `cache` holds is not rendered again, and what is rendered goes into it.
    """
    keyings: dict[int, Keying] = {}
    if cache is not None:
        for workspace, job in jobs:
            if id(workspace) not in keyings:
                keyings[id(workspace)] = Keying(workspace, job.origin, cache)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        try:
            begun = [
                (workspace, job, _begun(workspace, job, redactor, cache, keyings.get(id(workspace)), pool))
                for workspace, job in jobs
            ]
            return [(job, _collect(workspace, job, result(), collector)) for workspace, job, result in begun]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _begun(
    workspace: Workspace,
    job: Job,
    redactor: Redactor,
    cache: RenderingCache | None,
    keying: Keying | None,
    pool: ThreadPoolExecutor,
) -> Callable[[], Rendering]:
    """Starts a job unless it needs no start; gives what waits for its rendering."""
    flux = job.flux
    try:
        build = workspace.prepare(
            job.folder,
            overlay=flux.overlay if flux else None,
            components=flux.components if flux else (),
        )
    except RenderError as error:
        refused = Rendering(error=error)
        if cache is not None:
            cache.keep("", refused, folder=job.folder)
        return lambda: refused
    if cache is None or keying is None:
        unkept = pool.submit(_rendered, workspace, build, job, redactor)
        return lambda: unkept.result()[1]
    keys = keying.keys(build, flux.substitutes if flux else None)
    for key in keys.all:
        kept = cache.find(key)
        if kept is not None:
            found = kept
            cache.keep(key, found, folder=build.folder)
            return lambda: found
    future = pool.submit(_rendered, workspace, build, job, redactor)

    def finished() -> Rendering:
        scope, rendering = future.result()
        cache.keep(keys.of_scope(scope), rendering, folder=build.folder)
        return rendering

    return finished


def _rendered(workspace: Workspace, build: Build, job: Job, redactor: Redactor) -> tuple[Scope, Rendering]:
    """What a build gives, and what of the tree decided that."""
    try:
        return Scope.CLOSURE, _substituted(workspace.run(build, redactor=redactor), job)
    except RendererStoppedError as error:
        return Scope.NONE, Rendering(error=error)
    except RenderError as error:
        narrow = error
    try:
        documents = workspace.run(build, redactor=redactor, whole=True)
    except RendererStoppedError as error:
        return Scope.NONE, Rendering(error=error)
    except RenderError as error:
        # It failed alike with and without the rest of the tree, so nothing in there was read before; that a file
        # which is missing now will be there decides whether it goes on.
        scope = Scope.NAMES if error.message == narrow.message else Scope.TREE
        return scope, Rendering(error=error)
    return Scope.TREE, _substituted(documents, job)


def _substituted(documents: Sequence[RenderedDocument], job: Job) -> Rendering:
    variables = job.flux.substitutes if job.flux else None
    if variables is None:
        return Rendering(documents=tuple(documents))
    return Rendering(
        documents=tuple(
            RenderedDocument(document=_filled(entry.document, variables), sources=entry.sources)
            for entry in documents
        )
    )


def _filled(document: Document, variables: Mapping[str, str]) -> Document:
    manifest = substituted(document.manifest, variables)
    return document_of(manifest, index=document.index, item=document.item, line=document.line)


def _folder_or_name(folder: str) -> str:
    try:
        return normal_folder(folder)
    except RenderError:
        return folder


def _collect(workspace: Workspace, job: Job, rendering: Rendering, collector: Collector) -> list[Document]:
    flux, files = job.flux, workspace.kustomizations.files
    if rendering.error is not None:
        path = files.get(_folder_or_name(job.folder)) or job.named_in or job.folder
        prefix = f"{flux.where}: " if flux else ""
        cause = next(
            (cause for kind, cause in _CAUSES if isinstance(rendering.error, kind)), ProblemCause.BUILD
        )
        message = prefix + rendering.error.message
        collector.problems.append(DeclaredProblem(path=job.origin(path), message=message, cause=cause))
        return []
    folder = normal_folder(job.folder)
    documents: list[Document] = []
    default = files.get(folder, folder)
    for entry in rendering.documents:
        document = entry.document
        documents.append(document)
        sources = tuple(job.origin(source) for source in entry.sources)
        collector.add(
            Resource(
                environment=job.environment,
                path=sources[0] if sources else job.origin(default),
                document=document,
                rendered_from=folder or ".",
                sources=sources,
            )
        )
    return documents


def add_plain(
    sources: Sources,
    paths: Iterable[str],
    environment: str | None,
    rules: Sequence[EnvironmentRule],
    collector: Collector,
) -> None:
    """Collects the documents of `paths` as they stand, of the environment that is asked for (None: of all)."""
    for path in paths:
        name = environment_of(path, rules)
        if is_wanted(environment, name):
            for document in sources.parsed[path].documents:
                collector.add(Resource(environment=name, path=path, document=document))
