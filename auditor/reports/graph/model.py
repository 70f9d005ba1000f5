"""The deployments of a repository and what connects them, before it has a format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EdgeKind(StrEnum):
    """What one deployment has to do with another, or with an object."""

    APPLIES = "applies"
    DEPENDS_ON = "depends on"
    TAKES_SOURCE = "takes source"
    TAKES_VALUES = "takes values"


class EdgeState(StrEnum):
    """FOUND: what it leads to is declared. ASSUMED: a source that is not declared here and is taken for this very
    repository, which has the folder. MISSING: what it leads to is not declared in this repository. CYCLE: it leads back
    to where it starts, through others. ITSELF: a deployment that applies its own object, as Flux' first one does."""

    FOUND = "found"
    ASSUMED = "assumed"
    MISSING = "missing"
    CYCLE = "cycle"
    ITSELF = "itself"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class NodeId:
    """A deployment, or an object that one names: what it is called within an environment."""

    environment: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeSource:
    """Where a deployment takes its files from: an object (`kind`, `namespace`, `name`) or a `url`, and the
    `revision` that is asked for. `is_local`: it is this very repository."""

    kind: str
    namespace: str
    name: str
    url: str
    revision: str
    is_local: bool

    def __str__(self) -> str:
        if self.url:
            return self.url
        return f"{self.kind} {self.name}".strip() if self.name else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeProblem:
    """Why a deployment is not whole: what went wrong (`cause` in one word), in words, and in which file."""

    cause: str
    message: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphNode:
    """One deployment. `path` and `line` (0: not known) are where it is declared, `folder` is what it deploys.

    `resources` is how many objects it renders to, None where it was not rendered; `problems` then say why, unless
    nothing was to be rendered. `prunes` is None where that is not said. `is_entry`: nothing in the repository applies
    it. `settings` are further facts in the order to show.
    """

    id: NodeId
    path: str
    line: int
    folder: str
    source: NodeSource | None
    suspended: bool
    prunes: bool | None
    resources: int | None
    is_entry: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[NodeProblem, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphEdge:
    """`start` applies, depends on, or takes something from `end`."""

    kind: EdgeKind
    start: NodeId
    end: NodeId
    state: EdgeState


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreachedObject:
    """An object in a file that nothing deploys."""

    api_version: str
    kind: str
    namespace: str
    name: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreachedFile:
    """A file of manifests, or a kustomization, that no deployment reads."""

    path: str
    environment: str
    objects: tuple[UnreachedObject, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """Every deployment of a repository at `tip` ('' for a folder that is no repository).

    `is_rendered` is False where only the structure was asked for: what exists only in what is rendered is then not
    there. `problems` are those of files that belong to no deployment. `incomplete` says why it may lack something that
    is there.
    """

    repository: str
    tip: str
    is_rendered: bool
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    unreached: tuple[UnreachedFile, ...]
    problems: tuple[NodeProblem, ...] = ()
    incomplete: tuple[str, ...] = ()

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments that something is deployed to, sorted."""
        return tuple(sorted({node.id.environment for node in self.nodes}))

    def broken(self) -> tuple[GraphEdge, ...]:
        """The edges that lead back to where they start, or to a deployment that is not declared. An object that a
        deployment takes something from may well be made in the cluster."""
        return tuple(
            edge
            for edge in self.edges
            if edge.state is EdgeState.CYCLE
            or (edge.state is EdgeState.MISSING and edge.kind is EdgeKind.DEPENDS_ON)
        )


class OpenGraph:
    """Looks things up in a Graph: the edges that start at a node, and what it applies."""

    def __init__(self, graph: Graph) -> None:
        self._nodes = {node.id: node for node in graph.nodes}
        self._edges: dict[NodeId, list[GraphEdge]] = {}
        for edge in graph.edges:
            self._edges.setdefault(edge.start, []).append(edge)

    def edges(self, node: NodeId) -> list[GraphEdge]:
        """The edges that start there."""
        return self._edges.get(node, [])

    def applied(self, node: NodeId) -> list[GraphNode]:
        """The deployments whose objects it applies, without itself."""
        return [
            self._nodes[edge.end]
            for edge in self.edges(node)
            if edge.kind is EdgeKind.APPLIES and edge.end != node and edge.end in self._nodes
        ]
