"""What git declares at a tree: the resources that a cluster would get from it.

Where objects that deploy (Flux', Argo CD's) are in the tree they are followed from their entry points. Without
Flux every Kustomize folder that nothing else takes in is rendered too, and every manifest that no kustomization
uses counts as it stands.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.manifests.deployments.collecting import Collector, add_plain
from auditor.manifests.deployments.deployers import FLUX, deployer_of
from auditor.manifests.deployments.entries import (
    entry_objects,
    found_objects,
    kustomize_roots,
)
from auditor.manifests.deployments.follow import Following, Node
from auditor.manifests.deployments.interface import (
    DeclaredProblem,
    DeploymentId,
    Plan,
    ProblemCause,
)
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.scene import Scene
from auditor.manifests.deployments.sources import (
    SerialTree,
    Sources,
    candidates,
    is_below,
    is_wanted,
    path_inside,
    read_sources,
)
from auditor.manifests.deployments.whole_tree import follow_whole_tree
from auditor.manifests.environment import BASE_ENVIRONMENT, EnvironmentRule, environment_of
from auditor.manifests.rendering.chart_cache import ChartRef
from auditor.manifests.rendering.interface import Renderer, RenderingCache
from auditor.manifests.rendering.kustomizations import Kustomizations
from auditor.manifests.secrets import Redactor
from auditor.model import UNKNOWN_ENVIRONMENT, Document, ParsedBlob, Resource, ResourceId, SourceTree

__all__ = ["DeclaredProblem", "DeclaredSet", "ProblemCause", "declared_set", "environments", "roots"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredSet:
    """Resources in the order of their files; with problems it may lack some, and must not be called whole.
    `nodes` are the deployments that were followed, `owners` those that brought the resources, by environment and
    identity: what stands in no deployment is not in it. `charts` are those that were asked for, and the version that
    was found, '' for none."""

    resources: tuple[Resource, ...]
    problems: tuple[DeclaredProblem, ...] = ()
    nodes: Mapping[DeploymentId, Node] = field(default_factory=dict)
    owners: Mapping[tuple[str, ResourceId], DeploymentId] = field(default_factory=dict)
    charts: Mapping[ChartRef, str] = field(default_factory=dict)


def roots(tree: SourceTree) -> list[str]:
    """Folders to render: kustomizations that no other takes in, and those that objects name, sorted."""
    return kustomize_roots(Kustomizations.of(tree), read_sources(tree, Redactor(b"\0" * 32), {}))


def declared_set(
    tree: SourceTree,
    *,
    environment: str | None,
    redactor: Redactor,
    renderer: Renderer | None = None,
    options: DeploymentOptions | None = None,
    parsed: Mapping[str, ParsedBlob] | None = None,
    folders: frozenset[str] | None = None,
    cache: RenderingCache | None = None,
) -> DeclaredSet:
    """What the tree declares for one environment, or for all (None), redacted.

    `parsed` may give blobs that are parsed already, by path.
    `folders` asks for what these folders render to and leaves out what else would have to be rendered.
    What `cache` holds is not rendered again; manifests of resources may then be empty, their digests never.
    What cannot be rendered is a problem and the rest is still given. Raises MissingPartError where
    something has to be rendered and Kustomize is not installed.
    """
    tree = SerialTree(tree)
    sources = read_sources(tree, redactor, parsed or {})
    collector = Collector()
    with Scene(
        tree, sources, redactor, options or DeploymentOptions(), renderer=renderer, cache=cache
    ) as scene:
        collector.problems += _unread(scene, environment)
        nodes = _keep(collector, _follow(scene, environment, collector, folders), environment)
    resources = tuple(
        sorted(collector.found.values(), key=lambda resource: (resource.environment, resource.path))
    )
    return DeclaredSet(
        resources=resources,
        problems=tuple(collector.problems),
        nodes=nodes,
        owners=collector.owners,
        charts=dict(scene.charts.cache.asked),
    )


def environments(
    tree: SourceTree,
    *,
    rules: Sequence[EnvironmentRule] = (),
    options: DeploymentOptions | None = None,
) -> tuple[str, ...]:
    """The environments that the tree declares something for, sorted; a shared base is none. `rules` are those of the
    `options`, where they are given. Nothing is rendered for it, so what only a rendering declares is not known."""
    options = options or DeploymentOptions(rules=rules)
    rules = options.rules
    redactor = Redactor(b"\0" * 32)
    sources = read_sources(tree, redactor, {})
    entries = entry_objects(sources)
    names = {environment_of(path, rules) for path, _ in entries}
    if not _has_flux(entries):
        if sources.deploying:
            # Argo CD's objects say themselves which cluster they are for.
            with Scene(SerialTree(tree), sources, redactor, options) as scene:
                following = Following(scene=scene, collector=Collector(), wanted=lambda plan: False)
                starting(scene, None, following, None)
                names |= {name.environment for name in following.nodes}
        folders = kustomize_roots(Kustomizations.of(tree), sources)
        names |= {environment_of(path_inside(folder), rules) for folder in folders}
        names |= {environment_of(path, rules) for path in sources.plain}
    return tuple(sorted(names - {BASE_ENVIRONMENT})) or ((BASE_ENVIRONMENT,) if names else ())


def _has_flux(entries: Sequence[tuple[str, Document]]) -> bool:
    """True where Flux decides what is deployed: one of its Kustomizations is among the entries."""
    return any(
        deployer is not None and deployer.name == FLUX
        for _, document in entries
        for deployer in [deployer_of(document)]
    )


def _follow(
    scene: Scene, environment: str | None, collector: Collector, folders: frozenset[str] | None
) -> Mapping[DeploymentId, Node]:
    known = {path for path, _ in entry_objects(scene.sources)}
    following = Following(scene=scene, collector=collector, wanted=_leading_to(scene, folders, known))
    starting(scene, environment, following, folders)
    return following.nodes


def starting(
    scene: Scene, environment: str | None, following: Following, folders: frozenset[str] | None
) -> None:
    """Follows the entry points of an environment, or of all (None), and collects what stands there as it is."""
    sources = scene.sources
    entries = entry_objects(sources)
    wanted = [
        (path, document) for path, document in entries if is_wanted(environment, scene.environment_of(path))
    ]
    if not _has_flux(entries):
        follow_whole_tree(scene, following, environment, folders)
        return
    below = {posixpath.dirname(path) for path, _ in wanted}
    plain = [path for path in sources.plain if any(is_below(path, folder) for folder in below)]
    for name, document in add_plain(scene, plain, environment, following.collector):
        scene.know(name, [document])
    following.objects(found_objects(scene, wanted))


def _keep(
    collector: Collector, nodes: Mapping[DeploymentId, Node], environment: str | None
) -> Mapping[DeploymentId, Node]:
    """Leaves what is of another environment than the one that is asked for: following may lead to several."""
    if environment is None:
        return nodes
    kept = {
        name: node for name, node in nodes.items() if name.environment in (environment, UNKNOWN_ENVIRONMENT)
    }
    others = {problem for name, node in nodes.items() if name not in kept for problem in node.problems}
    others -= {problem for node in kept.values() for problem in node.problems}
    collector.problems = [problem for problem in collector.problems if problem not in others]
    collector.found = {key: found for key, found in collector.found.items() if key[0] == environment}
    return kept


def _leading_to(
    scene: Scene, folders: frozenset[str] | None, known: set[str]
) -> Callable[[Plan], bool] | None:
    """Tells whether rendering a plan gives one of the folders, or objects of which one may lead there.

    Files in `known` are followed already, so rendering them would lead nowhere else.
    """
    if folders is None:
        return None

    def leads(plan: Plan) -> bool:
        for task in plan.work:
            closure = scene.place().workspace.kustomizations.closure(task.folder) or {task.folder}
            if task.folder in folders or any(
                where not in known and is_below(where, entry)
                for where, _ in scene.sources.deploying
                for entry in closure
            ):
                return True
        return False

    return leads


def _unread(scene: Scene, environment: str | None) -> list[DeclaredProblem]:
    """The files of the environment that cannot be read."""
    sources: Sources = scene.sources
    return [
        DeclaredProblem(path=path, message=f"line {problem.line}: {problem.message}", cause=ProblemCause.FILE)
        for path in candidates(scene.tree)
        if sources.layout.is_judged(path) and is_wanted(environment, scene.environment_of(path))
        for problem in sources.parsed[path].problems
        if problem.code not in ("template", "duplicate-key")
    ]
