"""The graph as a tree from its entry points down, for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.reports.graph.model import (
    EdgeKind,
    EdgeState,
    Graph,
    GraphEdge,
    GraphNode,
    NodeId,
    OpenGraph,
)
from auditor.reports.graph.wording import count, facts, reference, shown

WIDTH = 80
_DEEPEST = 42
"""Columns of indentation: what is nested deeper stands below what it belongs to, and not further in."""

_NARROWEST = 24
"""Columns that text keeps however deep it stands."""

_MOST_FILES = 40
"""Files that nothing deploys are named up to this number; JSON names all of them."""


class TreeFormat:
    """The GraphFormat for terminals."""

    def render(self, graph: Graph) -> bytes:
        """As GraphFormat.render."""
        return ("\n".join(_lines(graph)) + "\n").encode("utf-8", "replace")


def _lines(graph: Graph) -> Iterator[str]:
    drawing = _Drawing(graph=graph, look=OpenGraph(graph))
    for environment in graph.environments:
        nodes = [node for node in graph.nodes if node.id.environment == environment]
        resources = sum(node.resources or 0 for node in nodes)
        said = count(len(nodes), "deployment")
        said += f", {count(resources, 'resource')}" if graph.is_rendered else ""
        yield f"{shown(environment) or 'no environment'} ({said})"
        yield from drawing.forest(nodes)
        yield ""
    if not graph.nodes:
        yield "Nothing here deploys anything."
        yield ""
    yield from _unreached(graph)
    for problem in graph.problems:
        yield from _wrapped(f"! {shown(problem.path)}: {shown(problem.message)}", "", "  ")
    broken = len(graph.broken())
    if broken:
        yield f"✗ {count(broken, 'reference')} that {'leads' if broken == 1 else 'lead'} nowhere or in a circle"
    if not graph.is_rendered:
        yield "Nothing was rendered: what only a rendering brings is not shown."


def _unreached(graph: Graph) -> Iterator[str]:
    if not graph.unreached:
        return
    objects = sum(len(entry.objects) for entry in graph.unreached)
    files = count(len(graph.unreached), "file")
    yield f"not deployed by anything ({files}, {count(objects, 'object')})"
    for entry in graph.unreached[:_MOST_FILES]:
        named = ", ".join(f"{found.kind} {found.name}".strip() for found in entry.objects[:3])
        more = f" and {len(entry.objects) - 3} more" if len(entry.objects) > 3 else ""
        yield from _wrapped(f"{shown(entry.path)}: {shown(named)}{more}", "  ", "      ")
    if len(graph.unreached) > _MOST_FILES:
        yield f"  … and {len(graph.unreached) - _MOST_FILES:,} more; --format json names all of them"
    yield ""


@dataclass(kw_only=True)
class _Drawing:
    graph: Graph
    look: OpenGraph
    _drawn: set[NodeId] = field(default_factory=set)
    _broken: frozenset[GraphEdge] = field(init=False)

    def __post_init__(self) -> None:
        self._broken = frozenset(self.graph.broken())

    def forest(self, nodes: list[GraphNode]) -> Iterator[str]:
        """The trees of one environment. What only a cycle leads to starts a tree too."""
        roots = [node for node in nodes if node.is_entry]
        reached = self._below(roots)
        for node in nodes:
            if node.id not in reached:
                roots.append(node)
                reached |= self._below([node])
        for number, node in enumerate(roots):
            yield from self._tree(node, "", last=number == len(roots) - 1)

    def _below(self, roots: list[GraphNode]) -> set[NodeId]:
        seen: set[NodeId] = set()
        pending = list(roots)
        while pending:
            node = pending.pop()
            if node.id not in seen:
                seen.add(node.id)
                pending += self.look.applied(node.id)
        return seen

    def _tree(self, root: GraphNode, indent: str, *, last: bool) -> Iterator[str]:
        """Depth first, without recursion: what a repository nests is its own choice."""
        pending = [(root, indent, last)]
        while pending:
            node, above, is_last = pending.pop()
            children = self.look.applied(node.id) if node.id not in self._drawn else []
            below = above + ("   " if is_last else "│  ") if len(above) < _DEEPEST else above
            lead = above + ("└─ " if is_last else "├─ ")
            if node.id in self._drawn:
                yield from _wrapped(f"{shown(str(node.id))} (see above)", lead, below + "  ")
                continue
            self._drawn.add(node.id)
            yield from _wrapped(shown(str(node.id)), lead, below + ("│   " if children else "    "))
            rest = below + ("│  " if children else "   ")
            yield from self._facts(node, rest)
            pending += [(child, below, number == 0) for number, child in enumerate(reversed(children))]

    def _facts(self, node: GraphNode, indent: str) -> Iterator[str]:
        said = facts(node, is_rendered=self.graph.is_rendered)
        if said:
            yield from _wrapped(" · ".join(said), indent, indent)
        for edge in self.look.edges(node.id):
            if edge.kind is EdgeKind.APPLIES and edge.state is EdgeState.FOUND:
                continue
            if edge.kind is EdgeKind.TAKES_SOURCE and edge.state is not EdgeState.MISSING:
                continue  # said with the facts
            mark = "✗ " if edge in self._broken else ""
            yield from _wrapped(mark + reference(edge), indent, indent + "  ")
        for problem in node.problems:
            yield from _wrapped(f"! {shown(problem.message)}", indent, indent + "  ")


def _wrapped(text: str, lead: str, rest: str) -> list[str]:
    """The text in lines of at most WIDTH columns, or of _NARROWEST where the indentation leaves less."""
    width = max(WIDTH, len(lead) + _NARROWEST, len(rest) + _NARROWEST)
    return textwrap.wrap(
        text, width, initial_indent=lead, subsequent_indent=rest, break_on_hyphens=False
    ) or [lead.rstrip()]
