"""Which edges of a directed graph lie on a cycle."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.reports.graph.model import NodeId

Edge = tuple[NodeId, NodeId]


def in_cycles(edges: Iterable[Edge]) -> set[Edge]:
    """The edges between nodes that lead to each other: both ends are in one strongly connected component.

    Kosaraju's algorithm, without recursion: what depends on what is as deep as a repository makes it.
    """
    every = list(edges)
    forward: dict[NodeId, list[NodeId]] = {}
    backward: dict[NodeId, list[NodeId]] = {}
    for start, end in every:
        forward.setdefault(start, []).append(end)
        backward.setdefault(end, []).append(start)
    component: dict[NodeId, NodeId] = {}
    for root in reversed(_finished(forward)):
        pending = [root]
        while pending:
            node = pending.pop()
            if node not in component:
                component[node] = root
                pending += backward.get(node, ())
    return {(start, end) for start, end in every if component[start] == component[end]}


def _finished(forward: dict[NodeId, list[NodeId]]) -> list[NodeId]:
    """Every node in the order in which a depth-first walk is done with it."""
    order: list[NodeId] = []
    seen: set[NodeId] = set()
    for root in list(forward):
        pending = [(root, False)]
        while pending:
            node, done = pending.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                pending.append((node, True))
                pending += [(end, False) for end in forward.get(node, ()) if end not in seen]
    return order
