"""The deployment graph as people and programs read it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.reports.graph.cycles import in_cycles
from auditor.reports.graph.formats import GRAPH_FORMATS
from auditor.reports.graph.mermaid import label
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

GIT = NodeSource(
    kind="GitRepository", namespace="", name="flux-system", url="", revision="main", is_local=True
)


def named(name: str, environment: str = "prod") -> NodeId:
    return NodeId(environment=environment, kind="flux-kustomization", namespace="flux-system", name=name)


def node(name: str, *, is_entry: bool = False, resources: int | None = 2, problem: str = "") -> GraphNode:
    return GraphNode(
        id=named(name),
        path="clusters/prod/apps.yaml",
        line=3,
        folder=f"apps/{name}",
        source=GIT,
        suspended=False,
        prunes=True,
        resources=resources,
        is_entry=is_entry,
        problems=(NodeProblem(cause="build", message=problem, path="x"),) if problem else (),
    )


def edge(
    start: str, end: str, kind: EdgeKind = EdgeKind.APPLIES, state: EdgeState = EdgeState.FOUND
) -> GraphEdge:
    return GraphEdge(kind=kind, start=named(start), end=named(end), state=state)


def graph(nodes: Iterable[GraphNode], edges: Iterable[GraphEdge] = (), **fields: object) -> Graph:
    whole = {"repository": "repo", "tip": "", "is_rendered": True, "unreached": (), **fields}
    return Graph(nodes=tuple(nodes), edges=tuple(edges), **whole)  # type: ignore[arg-type]


def drawn(found: Graph) -> str:
    return GRAPH_FORMATS["tree"].render(found).decode()


EXAMPLE = graph(
    [node("all", is_entry=True), node("apps"), node("web", resources=None, problem="it does not build")],
    [
        edge("all", "all", state=EdgeState.ITSELF),
        edge("all", "apps"),
        edge("apps", "web"),
        edge("web", "apps", EdgeKind.DEPENDS_ON),
        edge("web", "gone", EdgeKind.DEPENDS_ON, EdgeState.MISSING),
    ],
    unreached=(
        UnreachedFile(
            path="old/web.yaml",
            environment="default",
            objects=(UnreachedObject(api_version="v1", kind="Service", namespace="", name="old", line=1),),
        ),
    ),
)


def test_a_tree_from_the_entry_points_down() -> None:
    assert drawn(EXAMPLE) == (
        "prod (3 deployments, 4 resources)\n"
        "└─ flux-kustomization flux-system/all\n"
        "   │  apps/all · from GitRepository flux-system · at main · prunes · 2 resources\n"
        "   │  applies itself\n"
        "   └─ flux-kustomization flux-system/apps\n"
        "      │  apps/apps · from GitRepository flux-system · at main · prunes · 2\n"
        "      │  resources\n"
        "      └─ flux-kustomization flux-system/web\n"
        "            apps/web · from GitRepository flux-system · at main · prunes · not\n"
        "            rendered\n"
        "            depends on flux-kustomization flux-system/apps\n"
        "            ✗ depends on flux-kustomization flux-system/gone, which is not\n"
        "              declared here\n"
        "            ! it does not build\n"
        "\n"
        "not deployed by anything (1 file, 1 object)\n"
        "  old/web.yaml: Service old\n"
        "\n"
        "✗ 1 reference that leads nowhere or in a circle\n"
    )


def test_json_is_the_contract() -> None:
    document = json.loads(GRAPH_FORMATS["json"].render(EXAMPLE))
    assert document["version"] == 1
    assert document["environments"] == ["prod"]
    assert document["summary"] == {
        "deployments": 3,
        "resources": 4,
        "not_rendered": 1,
        "broken": 1,
        "not_deployed_files": 1,
        "not_deployed_objects": 1,
    }
    assert document["deployments"][2]["resources"] is None
    assert document["deployments"][2]["problems"] == [
        {"cause": "build", "message": "it does not build", "path": "x"}
    ]
    broken = [entry for entry in document["edges"] if entry["state"] == "missing"]
    assert [(entry["kind"], entry["to"]["name"]) for entry in broken] == [("depends on", "gone")]
    assert document["not_deployed"][0]["objects"][0]["kind"] == "Service"


def test_mermaid_names_every_deployment_and_edge() -> None:
    text = GRAPH_FORMATS["mermaid"].render(EXAMPLE).decode()
    assert text.startswith("flowchart TD\n")
    assert "  d0 --> d1\n" in text
    assert "  d2 -. depends on .-> d1\n" in text
    assert '(["flux-kustomization flux-system/gone"]):::missing' in text
    assert "d0 --> d0" not in text


def test_what_only_a_cycle_leads_to_is_drawn_once() -> None:
    text = drawn(
        graph(
            [node("a"), node("b")],
            [edge("a", "b", state=EdgeState.CYCLE), edge("b", "a", state=EdgeState.CYCLE)],
        )
    )
    assert text.count("flux-system/a\n") == 1
    assert "(see above)" in text
    assert "a cycle" in text


def test_a_chain_of_thousands_is_drawn() -> None:
    names = [f"n{number:04}" for number in range(3000)]
    nodes = [node(name, is_entry=name == names[0]) for name in names]
    text = drawn(graph(nodes, [edge(*pair) for pair in itertools.pairwise(names)]))
    assert re.findall(r"flux-system/(n\d{4})", text) == names
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", ["mermaid", "tree"])
@given(st.text(max_size=30))
def test_no_name_can_bring_in_anything(name: str, text: str) -> None:
    """No control characters, and in Mermaid nothing that ends a label or is markup."""
    hostile = graph([node(text, is_entry=True, problem=text)], [edge(text, text, EdgeKind.DEPENDS_ON)])
    written = GRAPH_FORMATS[name].render(hostile).decode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", written)
    if name == "mermaid":
        labels = re.findall(r'\["(.*)"\](?::::\w+)?$', written, re.MULTILINE)
        assert len(labels) == 2
        assert not any(set(entry.replace("<br/>", "")) & set('"<>`[]{}|%&') for entry in labels)


@given(st.text())
def test_a_label_is_made_of_harmless_characters(text: str) -> None:
    assert re.fullmatch(r"(?:[A-Za-z0-9 \-_./:,·()]|#\d+;)*", label(text))


NODES = st.sampled_from([named(name) for name in "abcdef"])


@given(st.lists(st.tuples(NODES, NODES), max_size=14))
def test_edges_on_cycles_are_those_whose_end_leads_back(edges: list[tuple[NodeId, NodeId]]) -> None:
    def leads(start: NodeId, end: NodeId) -> bool:
        seen: set[NodeId] = set()
        pending = [start]
        while pending:
            current = pending.pop()
            if current == end:
                return True
            if current not in seen:
                seen.add(current)
                pending += [there for here, there in edges if here == current]
        return False

    assert in_cycles(edges) == {(start, end) for start, end in edges if leads(end, start)}
