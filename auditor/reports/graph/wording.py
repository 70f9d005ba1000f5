"""Words for a deployment's facts, the same in every format that people read."""

from __future__ import annotations

from auditor.reports.graph.model import EdgeKind, EdgeState, GraphEdge, GraphNode


def shown(text: str) -> str:
    """The text without control characters and line breaks: a repository's words must not move anybody's cursor."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def count(number: int, one: str, many: str = "") -> str:
    """'1 resource', '1,204 resources'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def facts(node: GraphNode, *, is_rendered: bool) -> list[str]:
    """What is to be said of a deployment besides its name: what it deploys, from where, and how."""
    found = [node.folder or ("." if node.source is not None and node.source.is_local else "")]
    if node.source is not None and str(node.source):
        found.append(f"from {node.source}" if node.source.is_local else f"from elsewhere: {node.source}")
        found.append(f"at {node.source.revision}" if node.source.revision else "")
    found.append("suspended" if node.suspended else "")
    found.append({True: "prunes", False: "does not prune", None: ""}[node.prunes])
    found += [f"{name} {value}" for name, value in node.settings.items()]
    if node.resources is not None:
        found.append(count(node.resources, "resource"))
    elif is_rendered:
        found.append("not rendered")
    return [shown(entry) for entry in found if entry]


def reference(edge: GraphEdge) -> str:
    """An edge in words; what it applies is told by where it stands."""
    end = shown(str(edge.end))
    if edge.state is EdgeState.CYCLE:
        return f"{edge.kind.value} {end}: a cycle"
    if edge.state is EdgeState.MISSING:
        why = "is not declared here" if edge.kind is EdgeKind.DEPENDS_ON else "is not in this repository"
        return f"{edge.kind.value} {end}, which {why}"
    if edge.state is EdgeState.ITSELF:
        return "applies itself"
    return f"{edge.kind.value} {end}"
