"""Renders folders, several at once, and gathers what they and plain files declare."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.errors import RemoteReferenceError, RenderError, RestrictedReferenceError
from auditor.manifests.documents import document_of
from auditor.manifests.environment import EnvironmentRule, environment_of
from auditor.manifests.flux import FluxKustomization, substituted
from auditor.manifests.secrets import Redactor
from auditor.manifests.sources import Sources, is_wanted
from auditor.manifests.workspace import RenderedDocument, Workspace, normal_folder
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
    jobs: Sequence[tuple[Workspace, Job]], redactor: Redactor, collector: Collector
) -> list[tuple[Job, list[Document]]]:
    """Renders every job, several at once, and collects in the jobs' order, which alone decides who is last."""
    if not jobs:
        return []

    def attempt(pair: tuple[Workspace, Job]) -> list[RenderedDocument] | RenderError:
        workspace, job = pair
        try:
            return workspace.render(
                normal_folder(job.folder),
                redactor=redactor,
                overlay=job.flux.overlay if job.flux else None,
                components=job.flux.components if job.flux else (),
            )
        except RenderError as error:
            return error

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        results = list(pool.map(attempt, jobs))
    return [
        (job, _collect(workspace, job, result, collector))
        for (workspace, job), result in zip(jobs, results, strict=True)
    ]


def _folder_or_name(folder: str) -> str:
    try:
        return normal_folder(folder)
    except RenderError:
        return folder


def _collect(
    workspace: Workspace, job: Job, result: list[RenderedDocument] | RenderError, collector: Collector
) -> list[Document]:
    flux, files = job.flux, workspace.kustomizations.files
    if isinstance(result, RenderError):
        path = files.get(_folder_or_name(job.folder)) or job.named_in or job.folder
        prefix = f"{flux.where}: " if flux else ""
        cause = next((cause for kind, cause in _CAUSES if isinstance(result, kind)), ProblemCause.BUILD)
        message = prefix + result.message
        collector.problems.append(DeclaredProblem(path=job.origin(path), message=message, cause=cause))
        return []
    folder = normal_folder(job.folder)
    documents: list[Document] = []
    default = files.get(folder, folder)
    for entry in result:
        document = entry.document
        if flux is not None and flux.substitutes is not None:
            manifest = substituted(document.manifest, flux.substitutes)
            document = document_of(manifest, index=document.index, item=document.item, line=document.line)
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
