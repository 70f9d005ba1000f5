"""Renders, several at once, and gathers what deployments and plain files declare."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from auditor.manifests.deployments.interface import DeclaredProblem, DeploymentId, Plan, ProblemCause, failed
from auditor.manifests.deployments.scene import Scene
from auditor.manifests.deployments.sources import is_wanted
from auditor.manifests.rendering.helm_work import HelmWork
from auditor.manifests.rendering.interface import RenderedDocument, Rendering, RenderingCache, Work
from auditor.model import Document, Resource, ResourceId

_KUSTOMIZE_CONFIG = "kustomize.config.k8s.io"
_AT_ONCE = min(4, os.cpu_count() or 1)


@dataclass(kw_only=True)
class Collector:
    """Gathers resources; the last of two with the same identity in an environment stays. `owners` are the deployments
    that brought them."""

    found: dict[tuple[str, ResourceId], Resource] = field(default_factory=dict)
    problems: list[DeclaredProblem] = field(default_factory=list)
    owners: dict[tuple[str, ResourceId], DeploymentId] = field(default_factory=dict)
    _under: dict[tuple[str, ResourceId], list[tuple[Resource, DeploymentId]]] = field(default_factory=dict)
    _twice: list[tuple[DeclaredProblem, DeploymentId | None, DeploymentId | None]] = field(
        default_factory=list
    )

    def add(self, resource: Resource, deployment: DeploymentId | None = None) -> None:
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
            problem = DeclaredProblem(path=resource.path, message=message, cause=ProblemCause.TWICE)
            self.problems.append(problem)
            self._twice.append((problem, self.owners.get(key), deployment))
        self.found[key] = resource
        owner = self.owners.pop(key, None)
        if earlier is not None and owner is not None:
            self._under.setdefault(key, []).append((earlier, owner))
        if deployment is not None:
            self.owners[key] = deployment

    def forget(self, deployment: DeploymentId) -> None:
        """Drops what a deployment brought: it is followed again, or something else deploys the same files. What it had
        taken the place of is there again."""
        for under in self._under.values():
            under[:] = [entry for entry in under if entry[1] != deployment]
        for key in [key for key, owner in self.owners.items() if owner == deployment]:
            del self.owners[key]
            self.found.pop(key, None)
            if self._under.get(key):
                self.found[key], self.owners[key] = self._under[key].pop()
        gone = [problem for problem, *owners in self._twice if deployment in owners]
        self._twice = [entry for entry in self._twice if deployment not in entry[1:]]
        for problem in gone:
            if problem in self.problems:
                self.problems.remove(problem)

    def take(self, other: Collector) -> None:
        """Takes all that another has gathered, after what is here."""
        self.problems += other.problems
        for key, resource in other.found.items():
            self.add(resource, other.owners.get(key))


def render_all(
    work: Sequence[tuple[Plan, Work]], scene: Scene, collector: Collector
) -> list[Sequence[RenderedDocument] | DeclaredProblem]:
    """Renders every task, several at once, and collects in their order, which alone decides who is last.

    What the scene's cache holds is not rendered again, and what is rendered goes into it. Gives, for each, the
    documents that came out or why there are none.
    """
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        try:
            begun = [(plan, task, _begun(task, scene.cache, pool)) for plan, task in work]
            return [_collect(plan, task, result(), scene, collector) for plan, task, result in begun]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _begun(task: Work, cache: RenderingCache | None, pool: ThreadPoolExecutor) -> Callable[[], Rendering]:
    """Starts a task unless it needs no start; gives what waits for its rendering."""
    if cache is None:
        unkept = pool.submit(task.run)
        return lambda: unkept.result()[1]
    for key in task.possible_keys():
        kept = cache.find(key)
        if kept is not None:
            found = kept
            cache.keep(key, found, folder=task.folder)
            return lambda: found
    future = pool.submit(task.run)

    def finished() -> Rendering:
        key, rendering = future.result()
        cache.keep(key, rendering, folder=task.folder)
        return rendering

    return finished


def _collect(
    plan: Plan, task: Work, rendering: Rendering, scene: Scene, collector: Collector
) -> Sequence[RenderedDocument] | DeclaredProblem:
    deployment = plan.deployment
    default = task.path or deployment.path
    if rendering.error is not None:
        broken = ProblemCause.TEMPLATE if isinstance(task, HelmWork) else ProblemCause.BUILD
        problem = failed(default, deployment.title, rendering.error, broken=broken)
        collector.problems.append(problem)
        return problem
    for entry in rendering.documents:
        collector.add(
            Resource(
                environment=deployment.target,
                path=entry.sources[0] if entry.sources else default,
                document=entry.document,
                rendered_from=task.folder or ".",
                sources=entry.sources,
            ),
            deployment.id,
        )
    return rendering.documents


def add_plain(
    scene: Scene, paths: Iterable[str], environment: str | None, collector: Collector
) -> list[tuple[str, Document]]:
    """Collects the documents of `paths` as they stand, of the environment that is asked for (None: of all), and
    gives them with their environments."""
    found: list[tuple[str, Document]] = []
    for path in paths:
        name = scene.environment_of(path)
        if is_wanted(environment, name):
            for document in scene.sources.parsed[path].documents:
                collector.add(Resource(environment=name, path=path, document=document))
                found.append((name, document))
    return found
