"""The graph as a Mermaid flowchart, for Markdown pages that draw it.

Labels are in quotes and every character that means something to Mermaid, to Markdown or to HTML is written as its
number (Mermaid's entity codes, `#35;`), so no name can end a label, or bring in a link or markup.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.reports.graph.model import EdgeKind, EdgeState, Graph, GraphEdge, GraphNode, NodeId
from auditor.reports.graph.wording import count, facts, shown

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -_./:,·()")
_ARROWS = {
    EdgeKind.APPLIES: "-->",
    EdgeKind.DEPENDS_ON: "-. depends on .->",
    EdgeKind.TAKES_SOURCE: "-. source .->",
    EdgeKind.TAKES_VALUES: "-. values .->",
}


class MermaidFormat:
    """The GraphFormat for Markdown."""

    def render(self, graph: Graph) -> bytes:
        """As GraphFormat.render."""
        return ("\n".join(_lines(graph)) + "\n").encode()


def label(text: str) -> str:
    """A text as it may stand in quotes."""
    return "".join(char if char in _PLAIN else f"#{ord(char)};" for char in shown(text))


def _lines(graph: Graph) -> Iterator[str]:
    names = {node.id: f"d{number}" for number, node in enumerate(graph.nodes)}
    objects = sorted({edge.end for edge in graph.edges} - names.keys())
    names |= {found: f"o{number}" for number, found in enumerate(objects)}
    missing = {edge.end for edge in graph.edges if edge.state is EdgeState.MISSING}
    yield "flowchart TD"
    for number, environment in enumerate(graph.environments):
        yield f'  subgraph e{number}["{label(environment) or "no environment"}"]'
        for node in graph.nodes:
            if node.id.environment == environment:
                yield f"    {names[node.id]}{_box(node, is_rendered=graph.is_rendered)}"
        for found in objects:
            if found.environment == environment:
                mark = ":::missing" if found in missing else ":::object"
                yield f'    {names[found]}(["{label(str(found))}"]){mark}'
        yield "  end"
    for edge in graph.edges:
        if edge.state is not EdgeState.ITSELF:
            yield f"  {_arrow(edge, names)}"
    if graph.unreached:
        objects_there = sum(len(entry.objects) for entry in graph.unreached)
        said = f"not deployed by anything: {count(len(graph.unreached), 'file')}, {count(objects_there, 'object')}"
        yield f'  unreached["{label(said)}"]:::missing'
    cycles = [
        str(number)
        for number, edge in enumerate(edge for edge in graph.edges if edge.state is not EdgeState.ITSELF)
        if edge.state is EdgeState.CYCLE
    ]
    if cycles:
        yield f"  linkStyle {','.join(cycles)} stroke:#c00,stroke-width:2px"
    yield "  classDef missing stroke:#c00,stroke-dasharray:4 3"
    yield "  classDef object stroke-dasharray:1 2"
    yield "  classDef problem stroke:#c60,stroke-width:2px"
    yield "  classDef suspended stroke:#888,color:#888"


def _box(node: GraphNode, *, is_rendered: bool) -> str:
    said = [str(node.id), " · ".join(facts(node, is_rendered=is_rendered))]
    said += [problem.message[:120] for problem in node.problems[:1]]
    text = "<br/>".join(label(line) for line in said if line)
    mark = ":::problem" if node.problems else ":::suspended" if node.suspended else ""
    return f'["{text}"]{mark}'


def _arrow(edge: GraphEdge, names: dict[NodeId, str]) -> str:
    return f"{names[edge.start]} {_ARROWS[edge.kind]} {names[edge.end]}"
