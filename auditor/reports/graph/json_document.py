"""The graph for programs: version 1 of a contract (docs/graph.md)."""

from __future__ import annotations

from typing import Any

import orjson

from auditor.reports.graph.model import (
    Graph,
    GraphEdge,
    GraphNode,
    NodeId,
    NodeProblem,
    NodeSource,
    UnreachedFile,
)

VERSION = 1
"""Raised when a key changes its meaning or goes; new keys may come at any time."""


class JsonFormat:
    """The GraphFormat for programs."""

    def render(self, graph: Graph) -> bytes:
        """As GraphFormat.render."""
        return orjson.dumps(document(graph), option=orjson.OPT_INDENT_2) + b"\n"


def document(graph: Graph) -> dict[str, Any]:
    """The contract's document."""
    return {
        "version": VERSION,
        "repository": graph.repository,
        "tip": graph.tip,
        "rendered": graph.is_rendered,
        "environments": list(graph.environments),
        "deployments": [_node(node) for node in graph.nodes],
        "edges": [_edge(edge) for edge in graph.edges],
        "not_deployed": [_unreached(entry) for entry in graph.unreached],
        "problems": [_problem(problem) for problem in graph.problems],
        "incomplete": list(graph.incomplete),
        "summary": {
            "deployments": len(graph.nodes),
            "resources": sum(node.resources or 0 for node in graph.nodes),
            "not_rendered": sum(node.resources is None for node in graph.nodes),
            "broken": len(graph.broken()),
            "not_deployed_files": len(graph.unreached),
            "not_deployed_objects": sum(len(entry.objects) for entry in graph.unreached),
        },
    }


def _id(node: NodeId) -> dict[str, str]:
    return {
        "environment": node.environment,
        "kind": node.kind,
        "namespace": node.namespace,
        "name": node.name,
    }


def _node(node: GraphNode) -> dict[str, Any]:
    return {
        **_id(node.id),
        "path": node.path,
        "line": node.line,
        "folder": node.folder,
        "source": _source(node.source) if node.source is not None else None,
        "entry": node.is_entry,
        "suspended": node.suspended,
        "prunes": node.prunes,
        "resources": node.resources,
        "settings": dict(node.settings),
        "problems": [_problem(problem) for problem in node.problems],
    }


def _source(source: NodeSource) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "namespace": source.namespace,
        "name": source.name,
        "url": source.url,
        "revision": source.revision,
        "local": source.is_local,
    }


def _edge(edge: GraphEdge) -> dict[str, Any]:
    return {
        "kind": edge.kind.value,
        "from": _id(edge.start),
        "to": _id(edge.end),
        "state": edge.state.value,
    }


def _unreached(entry: UnreachedFile) -> dict[str, Any]:
    return {
        "path": entry.path,
        "environment": entry.environment,
        "objects": [
            {
                "api_version": found.api_version,
                "kind": found.kind,
                "namespace": found.namespace,
                "name": found.name,
                "line": found.line,
            }
            for found in entry.objects
        ],
    }


def _problem(problem: NodeProblem) -> dict[str, str]:
    return {"cause": problem.cause, "message": problem.message, "path": problem.path}
