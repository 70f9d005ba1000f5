"""Where rendered fields come from, up to the entry point that deploys them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.manifests.deployments.follow import Node
from auditor.manifests.deployments.interface import Deployment, DeploymentId
from auditor.manifests.rendering.interface import Work
from auditor.manifests.rendering.traced_files import TracedFiles
from auditor.manifests.rendering.tracing import Declaring, Question, Step, Trace, tracer_of
from auditor.model import Resource, ResourceId

_OBJECTS: Mapping[str, str] = {
    "flux-kustomization": "Kustomization",
    "flux-helm-release": "HelmRelease",
    "argo-application": "Application",
    "argo-application-set": "ApplicationSet",
}
"""The kind of the object that a kind of deployment is declared by."""

_DEEPEST = 20
"""Deployments that apply one another, of those that a repository may nest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedField:
    """A field of a rendered resource, by pointer."""

    resource: Resource
    pointer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployed:
    """What was followed in a tree: its deployments, and which of them brought each resource."""

    nodes: Mapping[DeploymentId, Node]
    owners: Mapping[tuple[str, ResourceId], DeploymentId]

    def work_of(self, resource: Resource) -> tuple[Deployment, Work] | None:
        """The deployment that brought a rendered resource, and the piece of it that rendered it."""
        node = self.nodes.get(self.owners.get((resource.environment, resource.id), _NOBODY))
        if node is None:
            return None
        works = [
            work for work in node.plan.work if (work.folder or ".") == resource.rendered_from
        ] or node.plan.work
        return (node.plan.deployment, works[0]) if works else None


_NOBODY = DeploymentId(environment="", kind="", namespace="", name="")


def trace_fields(deployed: Deployed, fields: Sequence[TracedField], files: TracedFiles) -> list[Trace | None]:
    """A trace for each field; None where nothing is known. `files` gives those of the repository."""
    found: list[Trace | None] = [None] * len(fields)
    grouped: dict[int, tuple[Deployment, Work, list[int]]] = {}
    for number, field in enumerate(fields):
        known = deployed.work_of(field.resource)
        if known is not None:
            deployment, work = known
            grouped.setdefault(id(work), (deployment, work, []))[2].append(number)
    for deployment, work, numbers in grouped.values():
        tracer = tracer_of(work)
        if tracer is None:
            continue
        by = _declaring(deployment, files)
        questions = [
            Question(
                document=fields[number].resource.document,
                pointer=fields[number].pointer,
                sources=fields[number].resource.sources,
                by=by,
                files=files,
            )
            for number in numbers
        ]
        above = list(_above(deployed, deployment, files))
        for number, trace in zip(numbers, tracer.trace(work, questions), strict=True):
            if trace is not None:
                found[number] = replace(trace, steps=_once((*trace.steps, *above)))
    return found


def _declaring(deployment: Deployment, files: TracedFiles) -> Declaring:
    kind = _OBJECTS.get(deployment.id.kind, "")
    name = deployment.id.name
    is_there = bool(kind) and files.object(deployment.path, kind, (name,)) is not None
    return Declaring(
        path=deployment.path if is_there else "",
        kind=kind,
        name=name,
        title=deployment.title or str(deployment.id),
    )


def _above(deployed: Deployed, deployment: Deployment, files: TracedFiles) -> Iterator[Step]:
    """The deployment and those that apply it, up to the one that nothing applies."""
    seen: set[DeploymentId] = set()
    current: Deployment | None = deployment
    while current is not None and current.id not in seen and len(seen) < _DEEPEST:
        seen.add(current.id)
        by = _declaring(current, files)
        root = files.object(by.path, by.kind, (by.name,)) if by.path else None
        what = f"{by.title} deploys it" if current is deployment else f"{by.title} applies that"
        if root is not None:
            yield Step(path=by.path, line=root.line, column=root.column, what=what)
        elif by.kind:
            # What a chart's template or a generator makes stands in no file as an object: the whole file is meant.
            yield Step(path=current.path, line=0, column=0, what=what)
        parents = [name for name in deployed.nodes[current.id].parents if name not in seen]
        current = (
            deployed.nodes[parents[0]].plan.deployment if parents and parents[0] in deployed.nodes else None
        )


def _once(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps without what a later one says again of the same place."""
    kept: dict[tuple[str, int, str], Step] = {}
    for step in steps:
        kept.setdefault((step.path, step.line, step.what), step)
    return tuple(kept.values())
