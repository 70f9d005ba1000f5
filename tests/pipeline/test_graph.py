"""The deployments of a repository: of a folder, of a repository's revisions, rendered and not."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from histories.builder import History

from auditor.errors import UsageError
from auditor.pipeline.graph import GraphRequest, deployment_graph
from auditor.reports.graph.model import EdgeKind, EdgeState, Graph
from auditor.settings import Settings


def flux(name: str, path: str, *, depends_on: tuple[str, ...] = (), suspend: bool = False) -> str:
    waits = "".join(f"\n    - name: {other}" for other in depends_on)
    return textwrap.dedent(f"""\
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: {name}
          namespace: flux-system
        spec:
          path: {path}
          prune: true
          suspend: {str(suspend).lower()}
          sourceRef: {{kind: GitRepository, name: flux-system}}
        """) + (f"  dependsOn:{waits}\n" if waits else "")


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


TREE = {
    "clusters/prod/flux-system/gotk-sync.yaml": flux("flux-system", "./clusters/prod"),
    "clusters/prod/apps.yaml": flux("apps", "./apps", depends_on=("infra", "nobody")),
    "clusters/prod/infra.yaml": flux("infra", "./infra", depends_on=("apps",), suspend=True),
    "apps/kustomization.yaml": "resources: [one.yaml, nested.yaml]\n",
    "apps/one.yaml": config_map("one"),
    "apps/nested.yaml": flux("nested", "./nested"),
    "nested/two.yaml": config_map("two"),
    "infra/three.yaml": config_map("three"),
    "old/kustomization.yaml": "resources: [four.yaml]\n",
    "old/four.yaml": config_map("four"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in TREE.items():
        target = tmp_path / "tree" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return tmp_path / "tree"


def asked(
    location: Path, tmp_path: Path, *, render: bool = True, revision: str = "", environment: str = ""
) -> Graph:
    return deployment_graph(
        GraphRequest(
            location=str(location),
            database=tmp_path / "state" / "audit.duckdb",
            settings=Settings(),
            render=render,
            revision=revision,
            environment=environment,
        )
    )


def edges(graph: Graph, kind: EdgeKind) -> set[tuple[str, str, str]]:
    return {(e.start.name, e.end.name, e.state.value) for e in graph.edges if e.kind is kind}


@pytest.mark.parametrize("render", [True, False])
def test_a_folder_from_its_entry_points_down(folder: Path, tmp_path: Path, render: bool) -> None:
    graph = asked(folder, tmp_path, render=render)
    nodes = {node.id.name: node for node in graph.nodes}
    assert graph.environments == ("prod",)
    assert set(nodes) == {"flux-system", "apps", "infra", "nested"}
    assert [name for name, node in nodes.items() if node.is_entry] == ["flux-system"]
    assert {name: node.resources for name, node in nodes.items()} == (
        {"flux-system": 3, "apps": 2, "infra": 1, "nested": 1} if render else dict.fromkeys(nodes)
    )
    assert (nodes["nested"].path, nodes["nested"].line) == ("apps/nested.yaml", 1)
    assert nodes["infra"].suspended
    assert nodes["apps"].prunes is True
    assert edges(graph, EdgeKind.APPLIES) == {
        ("flux-system", "flux-system", "itself"),
        ("flux-system", "apps", "found"),
        ("flux-system", "infra", "found"),
        ("apps", "nested", "found"),
    }
    assert edges(graph, EdgeKind.DEPENDS_ON) == {
        ("apps", "infra", "cycle"),
        ("infra", "apps", "cycle"),
        ("apps", "nobody", "missing"),
    }
    assert edges(graph, EdgeKind.TAKES_SOURCE) == {
        (name, "flux-system", EdgeState.ASSUMED.value) for name in nodes
    }
    assert {entry.path: [found.name for found in entry.objects] for entry in graph.unreached} == {
        "old/four.yaml": ["four"],
        "old/kustomization.yaml": [""],
    }


def test_revisions_of_a_repository(story: History, tmp_path: Path) -> None:
    first = story.commit("first", dict(TREE))
    story.commit("second", {"clusters/prod/infra.yaml": None})
    now, before = asked(story.path, tmp_path), asked(story.path, tmp_path, revision=first)
    assert (len(now.nodes), len(before.nodes)) == (3, 4)
    assert before.tip == first
    assert {entry.path for entry in now.unreached} - {entry.path for entry in before.unreached} == {
        "infra/three.yaml"
    }


def test_a_build_that_fails_is_named_and_hides_nothing_else(folder: Path, tmp_path: Path) -> None:
    (folder / "apps/kustomization.yaml").write_text("resources: [gone.yaml]\n", encoding="utf-8")
    graph = asked(folder, tmp_path)
    [apps] = [node for node in graph.nodes if node.id.name == "apps"]
    assert apps.resources is None
    assert [problem.cause for problem in apps.problems] == ["build"]
    assert graph.incomplete
    assert {node.id.name for node in graph.nodes} == {"flux-system", "apps", "infra"}


def test_one_environment(folder: Path, tmp_path: Path) -> None:
    other = folder / "clusters/staging/apps.yaml"
    other.parent.mkdir()
    other.write_text(flux("apps", "./old"), encoding="utf-8")
    whole = asked(folder, tmp_path)
    assert whole.environments == ("prod", "staging")
    staging = asked(folder, tmp_path, environment="staging")
    assert [(node.id.environment, node.id.name) for node in staging.nodes] == [("staging", "apps")]
    with pytest.raises(UsageError, match="nothing is deployed to an environment 'test'"):
        asked(folder, tmp_path, environment="test")


def test_a_folder_without_anything_that_deploys(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/one.yaml").write_text(config_map("one"), encoding="utf-8")
    graph = asked(tmp_path / "tree", tmp_path)
    assert [(node.id.kind, node.resources) for node in graph.nodes] == [("plain", 1)]
    assert graph.unreached == ()
    with pytest.raises(UsageError, match="no git repository"):
        asked(tmp_path / "tree", tmp_path, revision="main")
