"""Follows a tree in which Flux does not decide what is deployed: what objects deploy, and what is left of the tree.

Folders that something deploys are not deployed by themselves. Which those are is only known when all has been
followed, since a folder that nobody names may build the object that names another.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.errors import RenderError
from auditor.manifests.deployments.chart_folders import CHART, chart_files, chart_plan, charts_left
from auditor.manifests.deployments.collecting import Collector, add_plain
from auditor.manifests.deployments.entries import (
    KUSTOMIZE,
    entry_objects,
    found_objects,
    is_taken,
    kustomize_plan,
    kustomize_roots,
)
from auditor.manifests.deployments.follow import Following, Node
from auditor.manifests.deployments.scene import Scene
from auditor.manifests.deployments.sources import is_below, is_wanted, path_inside
from auditor.manifests.rendering.workspace import normal_folder
from auditor.model import Document


def follow_whole_tree(
    scene: Scene, following: Following, environment: str | None, folders: frozenset[str] | None
) -> None:
    """Follows everything, whatever its environment where an object may lead elsewhere, and adds the plain manifests of
    the environment that is asked for (None: all). `folders` as for `declared_set`."""
    sources = scene.sources
    for path in sources.plain:
        scene.know(scene.environment_of(path), sources.parsed[path].documents)
    outer, following.collector = following.collector, Collector()
    following.objects(found_objects(scene, entry_objects(sources)))
    roots = [
        folder
        for folder in _left(scene, following)
        if _leads_on(folder, scene)
        or (
            is_wanted(environment, scene.environment_of(path_inside(folder)))
            and (folders is None or folder in folders)
        )
    ]
    following.plans([kustomize_plan(scene, folder) for folder in roots])
    following.objects(found_objects(scene, _not_reached(scene, following)))
    taken = _without_taken(following)
    charts = [
        folder
        for folder in charts_left(scene, following.nodes.values())
        if not is_taken(folder, taken)
        and is_wanted(environment, scene.environment_of(path_inside(folder)))
        and (folders is None or folder in folders)
    ]
    following.plans([chart_plan(scene, folder) for folder in charts])
    taken = _without_taken(following)
    taken_in = chart_files(following.nodes.values())
    plain = [path for path in sources.plain if not is_taken(path, taken) and path not in taken_in]
    add_plain(scene, plain, environment, outer)
    outer.take(following.collector)
    following.collector = outer


def _without_taken(following: Following) -> list[str]:
    """Forgets implicit deployments of folders that objects turned out to deploy, and gives those folders."""
    taken = taken_folders(following.nodes.values())
    for name, node in list(following.nodes.items()):
        if is_implicit(node) and is_taken(node.plan.deployment.folder, taken):
            following.forget(name)
    return taken


def is_implicit(node: Node) -> bool:
    """True for a deployment that no object declares: a Kustomize folder, or a chart."""
    return node.plan.deployment.id.kind in (KUSTOMIZE, CHART)


def taken_folders(nodes: Iterable[Node]) -> list[str]:
    """The folders of this repository that objects deploy."""
    found: set[str] = set()
    for node in nodes:
        deployment = node.plan.deployment
        if is_implicit(node) or deployment.source is None:
            continue
        if deployment.folders:
            found.update(deployment.folders)
        elif deployment.source.is_local and deployment.folder:
            try:
                found.add(normal_folder(deployment.folder))
            except RenderError:
                continue
    return sorted(found)


def _left(scene: Scene, following: Following) -> list[str]:
    """The Kustomize folders that no other takes in, and no object that is followed so far."""
    taken = taken_folders(following.nodes.values())
    folders = kustomize_roots(scene.place().workspace.kustomizations, scene.sources)
    return [folder for folder in folders if not is_taken(folder, taken)]


def _leads_on(folder: str, scene: Scene) -> bool:
    """True where building the folder takes in objects that deploy something."""
    closure = scene.place().workspace.kustomizations.closure(folder)
    return any(is_below(path, entry) for path, _ in scene.sources.deploying for entry in closure)


def _not_reached(scene: Scene, following: Following) -> list[tuple[str, Document]]:
    """Objects that deploy, in files that no kustomization takes in, and that nothing has brought: somebody applies
    them by hand."""
    reached = {node.plan.deployment.path for node in following.nodes.values()}
    taken_in = scene.sources.used
    return [
        (path, document)
        for path, document in scene.sources.deploying
        if path not in reached and path not in taken_in
    ]
