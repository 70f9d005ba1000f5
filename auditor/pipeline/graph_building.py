"""From deployments as they were followed to a graph: nodes, edges with their states, and files that nothing reads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.manifests.deployments.declared import DeclaredSet
from auditor.manifests.deployments.deployers import deployer_of
from auditor.manifests.deployments.entries import entry_objects
from auditor.manifests.deployments.follow import Node
from auditor.manifests.deployments.interface import DeclaredProblem, Deployment, DeploymentId, leaves_out
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.sources import Sources, is_below
from auditor.manifests.deployments.structure import files_of
from auditor.manifests.environment import environment_of
from auditor.manifests.layout import FileRole
from auditor.manifests.secrets import Redactor
from auditor.model import Document
from auditor.reports.graph.cycles import in_cycles
from auditor.reports.graph.model import (
    EdgeKind,
    EdgeState,
    Graph,
    GraphEdge,
    GraphNode,
    NodeId,
    NodeProblem,
    NodeSource,
    UnreachedFile,
    UnreachedObject,
)

PLAIN = "plain"
"""The kind of the one deployment of an environment that stands for manifests applied as they are written."""


@dataclass(frozen=True, kw_only=True)
class GraphBuilding:
    """Turns what was declared and how it was followed into nodes, edges, and what nothing reaches."""

    declared: DeclaredSet
    sources: Sources
    redactor: Redactor
    options: DeploymentOptions
    is_rendered: bool

    def graph(self, repository: str, tip: str) -> Graph:
        """The graph of all environments; texts are redacted."""
        nodes = self.declared.nodes
        told = {id(problem) for node in nodes.values() for problem in node.problems}
        found = [self._node(node) for node in nodes.values()] + list(self._plain())
        return Graph(
            repository=repository,
            tip=tip,
            is_rendered=self.is_rendered,
            nodes=tuple(sorted(found, key=lambda node: node.id)),
            edges=tuple(_with_cycles(sorted(self._edges(), key=_order))),
            unreached=tuple(self._unreached()),
            problems=tuple(
                self._problem(problem) for problem in self.declared.problems if id(problem) not in told
            ),
            incomplete=tuple(
                self.redactor.redact_text(f"{problem.path}: {problem.message}")
                for problem in self.declared.problems
                if leaves_out(problem)
            ),
        )

    def _node(self, node: Node) -> GraphNode:
        deployment = node.plan.deployment
        redact = self.redactor.redact_text
        return GraphNode(
            id=_id(deployment.id),
            path=deployment.path,
            line=self._line(deployment),
            folder=deployment.folder.removeprefix("./"),
            source=_source(deployment, redact),
            suspended=deployment.suspended,
            prunes=deployment.prunes,
            resources=node.resources if self.is_rendered else None,
            is_entry=not [parent for parent in node.parents if parent != deployment.id],
            settings={redact(name): redact(value) for name, value in deployment.settings.items()},
            problems=tuple(map(self._problem, node.problems)),
        )

    def _line(self, deployment: Deployment) -> int:
        """The line of the object in its file; 0 where it was made of something else."""
        blob = self.sources.parsed.get(deployment.path)
        name = deployment.id.name
        return next(
            (
                document.line
                for document in (blob.documents if blob is not None else ())
                if document.name == name and document.namespace in ("", deployment.id.namespace)
            ),
            0,
        )

    def _problem(self, problem: DeclaredProblem) -> NodeProblem:
        return NodeProblem(
            cause=problem.cause.value,
            message=self.redactor.redact_text(problem.message),
            path=self.redactor.redact_text(problem.path),
        )

    def _plain(self) -> Iterator[GraphNode]:
        """What is declared as it is written, where nothing in the repository deploys: applied by whoever does so."""
        if self.sources.deploying:
            return
        counted: dict[str, int] = {}
        for resource in self.declared.resources:
            if not resource.rendered_from:
                counted[resource.environment] = counted.get(resource.environment, 0) + 1
        for environment, number in counted.items():
            yield GraphNode(
                id=NodeId(environment=environment, kind=PLAIN, namespace="", name="manifests"),
                path="",
                line=0,
                folder="",
                source=None,
                suspended=False,
                prunes=None,
                resources=number,
                is_entry=True,
            )

    def _edges(self) -> Iterator[GraphEdge]:
        nodes = self.declared.nodes
        objects = self._objects()
        for name, node in nodes.items():
            start, deployment = _id(name), node.plan.deployment
            for parent in node.parents:
                state = EdgeState.ITSELF if parent == name else EdgeState.FOUND
                yield GraphEdge(kind=EdgeKind.APPLIES, start=_id(parent), end=start, state=state)
            for other in deployment.depends_on:
                known = self._deployment(other)
                state = EdgeState.FOUND if known in nodes else EdgeState.MISSING
                yield GraphEdge(kind=EdgeKind.DEPENDS_ON, start=start, end=_id(known), state=state)
            source = deployment.source
            if source is not None and source.name and not source.url:
                taken = NodeId(
                    environment=name.environment,
                    kind=source.kind,
                    namespace=source.namespace or name.namespace,
                    name=source.name,
                )
                state = _state(taken, objects)
                if state is EdgeState.MISSING and source.is_local:
                    state = EdgeState.ASSUMED
                yield GraphEdge(kind=EdgeKind.TAKES_SOURCE, start=start, end=taken, state=state)
            for text in deployment.reads:
                taken = _named(text, name)
                yield GraphEdge(
                    kind=EdgeKind.TAKES_VALUES, start=start, end=taken, state=_state(taken, objects)
                )

    def _deployment(self, name: DeploymentId) -> DeploymentId:
        """The deployment of that name. Without rendering its object may lack the namespace that it will get."""
        if self.is_rendered or name in self.declared.nodes:
            return name
        return next(
            (
                known
                for known in (replace(name, namespace=""), *self.declared.nodes)
                if (known.environment, known.kind, known.name) == (name.environment, name.kind, name.name)
                and known in self.declared.nodes
                and not (known.namespace and name.namespace)
            ),
            name,
        )

    def _objects(self) -> frozenset[tuple[str, str, str, str]]:
        """The objects that are declared, by environment; without rendering, all that stand in files."""
        found = {_key(resource.environment, resource.document) for resource in self.declared.resources}
        if not self.is_rendered:
            environments = {name.environment for name in self.declared.nodes}
            documents = [document for blob in self.sources.parsed.values() for document in blob.documents]
            found |= {
                key
                for environment in environments
                for document in documents
                for key in (_key(environment, document), _key(environment, document, namespace=""))
            }
        return frozenset(found)

    def _unreached(self) -> Iterator[UnreachedFile]:
        """Manifests and kustomizations that no deployment reads, and that nobody applies to start with."""
        if not self.declared.nodes:
            return
        layout = self.sources.layout
        candidates: dict[str, list[Document]] = {}
        for path, blob in self.sources.parsed.items():
            if layout.role(path) in (FileRole.MANIFEST, FileRole.KUSTOMIZATION) and blob.documents:
                candidates[path] = list(blob.documents)
        entries = entry_objects(self.sources)
        reached = {path for path, _ in entries}
        # What stands beside Flux' own objects was put there to be applied with them.
        beside = {posixpath.dirname(path) for path, document in entries if _is_flux(document)}
        reached |= {path for path in candidates for folder in beside if is_below(path, folder)}
        for node in self.declared.nodes.values():
            reached |= files_of(node.plan, candidates)
            reached.add(node.plan.deployment.path)
        if not self.sources.deploying:
            reached |= set(self.sources.plain)
        for path in sorted(candidates.keys() - reached):
            yield UnreachedFile(
                path=self.redactor.redact_text(path),
                environment=environment_of(path, self.options.rules),
                objects=tuple(
                    UnreachedObject(
                        api_version=document.api_version,
                        kind=document.kind,
                        namespace=document.namespace,
                        name=document.name,
                        line=document.line,
                    )
                    for document in candidates[path]
                ),
            )


def _id(name: DeploymentId) -> NodeId:
    return NodeId(environment=name.environment, kind=name.kind, namespace=name.namespace, name=name.name)


def _source(deployment: Deployment, redact: object) -> NodeSource | None:
    source = deployment.source
    if source is None:
        return None
    clean = redact if callable(redact) else str
    return NodeSource(
        kind=source.kind,
        namespace=source.namespace,
        name=source.name,
        url=clean(source.url),
        revision=clean(source.revision),
        is_local=source.is_local,
    )


def _named(text: str, reader: DeploymentId) -> NodeId:
    """An object that a deployment says it reads: 'Kind namespace/name', the namespace being its own by default."""
    kind, _, rest = text.partition(" ")
    namespace, slash, name = rest.partition("/")
    return NodeId(
        environment=reader.environment,
        kind=kind,
        namespace=namespace if slash else reader.namespace,
        name=name if slash else namespace,
    )


def _key(environment: str, document: Document, namespace: str | None = None) -> tuple[str, str, str, str]:
    where = document.namespace if namespace is None else namespace
    return environment, document.kind, where, document.name


def _is_flux(document: Document) -> bool:
    deployer = deployer_of(document)
    return deployer is not None and deployer.name.startswith("flux-")


def _state(name: NodeId, objects: frozenset[tuple[str, str, str, str]]) -> EdgeState:
    keys = {(name.environment, name.kind, namespace, name.name) for namespace in (name.namespace, "")}
    return EdgeState.FOUND if keys & objects else EdgeState.MISSING


def _order(edge: GraphEdge) -> tuple[NodeId, str, NodeId]:
    return edge.start, edge.kind.value, edge.end


def _with_cycles(edges: Iterable[GraphEdge]) -> Iterator[GraphEdge]:
    """The edges, those on a cycle of their kind marked."""
    found = list(edges)
    marked: Mapping[EdgeKind, set[tuple[NodeId, NodeId]]] = {
        kind: in_cycles(
            (edge.start, edge.end) for edge in found if edge.kind is kind and edge.state is EdgeState.FOUND
        )
        for kind in (EdgeKind.APPLIES, EdgeKind.DEPENDS_ON)
    }
    for edge in found:
        on_cycle = (edge.start, edge.end) in marked.get(edge.kind, set())
        state = EdgeState.CYCLE if on_cycle and edge.state is EdgeState.FOUND else edge.state
        yield GraphEdge(kind=edge.kind, start=edge.start, end=edge.end, state=state)
