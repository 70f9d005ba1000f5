"""What git declares at a tree: the resources that a cluster would get from it.

Where Flux' own `Kustomization` objects are in the tree they are followed from their entry points, each
rendered with its targetNamespace, patches and variables. Without Flux every Kustomize folder that no
other takes in is rendered, and every manifest that no kustomization uses counts as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.errors import RenderError
from auditor.manifests.deployments.collecting import (
    Collector,
    DeclaredProblem,
    Job,
    ProblemCause,
    add_plain,
    render_all,
)
from auditor.manifests.deployments.following import flux_entries, follow_flux
from auditor.manifests.deployments.sources import (
    SerialTree,
    Sources,
    candidates,
    is_wanted,
    path_inside,
    read_sources,
)
from auditor.manifests.environment import BASE_ENVIRONMENT, EnvironmentRule, environment_of
from auditor.manifests.rendering.interface import Renderer, RenderingCache
from auditor.manifests.rendering.workspace import Workspace, normal_folder
from auditor.manifests.secrets import Redactor
from auditor.model import ParsedBlob, Resource, SourceTree

__all__ = ["DeclaredProblem", "DeclaredSet", "ProblemCause", "declared_set", "environments", "roots"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredSet:
    """Resources in the order of their files; with problems it may lack some, and must not be called whole."""

    resources: tuple[Resource, ...]
    problems: tuple[DeclaredProblem, ...] = ()


def roots(tree: SourceTree) -> list[str]:
    """Folders to render: kustomizations that no other takes in, and those that Flux names, sorted."""
    sources = read_sources(tree, Redactor(b"\0" * 32), {})
    return _roots(Workspace(tree), sources)


def declared_set(
    tree: SourceTree,
    *,
    environment: str | None,
    redactor: Redactor,
    renderer: Renderer | None = None,
    rules: Sequence[EnvironmentRule] = (),
    parsed: Mapping[str, ParsedBlob] | None = None,
    folders: frozenset[str] | None = None,
    cache: RenderingCache | None = None,
) -> DeclaredSet:
    """What the tree declares for one environment, or for all (None), redacted.

    `rules` are the configured environments; `parsed` may give blobs that are parsed already, by path.
    `folders` asks for what these folders render to and leaves out what else would have to be rendered.
    What `cache` holds is not rendered again; manifests of resources may then be empty, their digests never.
    What cannot be rendered is a problem and the rest is still given. Raises MissingPartError where
    something has to be rendered and Kustomize is not installed.
    """
    tree = SerialTree(tree)
    sources = read_sources(tree, redactor, parsed or {})
    collector = Collector()
    for path in candidates(tree):
        if sources.layout.is_judged(path) and is_wanted(environment, environment_of(path, rules)):
            collector.problems += [
                DeclaredProblem(
                    path=path, message=f"line {problem.line}: {problem.message}", cause=ProblemCause.FILE
                )
                for problem in sources.parsed[path].problems
                if problem.code not in ("template", "duplicate-key")
            ]
    if sources.flux:
        follow_flux(tree, sources, environment, rules, redactor, collector, renderer, folders, cache)
    else:
        workspace = Workspace(tree, renderer=renderer, is_manifest=sources.is_manifest)
        wanted = [
            folder
            for folder in _roots(workspace, sources)
            if is_wanted(environment, environment_of(path_inside(folder), rules))
            and (folders is None or folder in folders)
        ]
        if wanted:
            with workspace:
                jobs = [
                    (workspace, Job(folder=folder, environment=environment_of(path_inside(folder), rules)))
                    for folder in wanted
                ]
                render_all(jobs, redactor, collector, cache)
        add_plain(sources, sources.plain, environment, rules, collector)
    resources = tuple(
        sorted(collector.found.values(), key=lambda resource: (resource.environment, resource.path))
    )
    return DeclaredSet(resources=resources, problems=tuple(collector.problems))


def environments(tree: SourceTree, *, rules: Sequence[EnvironmentRule] = ()) -> tuple[str, ...]:
    """The environments that the tree declares something for, sorted; a shared base is none."""
    sources = read_sources(tree, Redactor(b"\0" * 32), {})
    if sources.flux:
        names = {environment_of(path, rules) for path, _ in flux_entries(sources)}
    else:
        names = {environment_of(path_inside(folder), rules) for folder in _roots(Workspace(tree), sources)}
        names |= {environment_of(path, rules) for path in sources.plain}
    return tuple(sorted(names - {BASE_ENVIRONMENT})) or ((BASE_ENVIRONMENT,) if names else ())


def _roots(workspace: Workspace, sources: Sources) -> list[str]:
    known = workspace.kustomizations
    folders = set(known.unreferenced())
    for _, flux in sources.flux:
        try:
            folder = normal_folder(flux.path)
        except RenderError:
            continue
        if folder in known.manifests:
            folders.add(folder)
    return sorted(folders)
