"""Charts with files that are symbolic links: followed by name within the tree, refused where they lead out of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests.helm_trees import CHART, REDACTOR, Tree, below, helm_program, helm_release, in_git

from auditor.errors import RenderError, RestrictedReferenceError
from auditor.manifests.deployments.declared import DeclaredSet, ProblemCause, declared_set
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.rendering.chart_cache import ChartCache
from auditor.manifests.rendering.chart_links import HasLinks, Links
from auditor.manifests.rendering.charts import Chart, Charts

HELM = helm_program()
needs_helm = pytest.mark.skipif(HELM is None, reason="helm is not there")


@pytest.fixture
def _helm_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    if HELM is not None:
        monkeypatch.setenv("PATH", str(HELM.parent), prepend=":")


class LinkedTree(Tree):
    """A tree in memory with links."""

    def __init__(self, files: Mapping[str, str | bytes], links: Mapping[str, str]) -> None:
        super().__init__(files)
        self._links = links

    def links(self) -> Mapping[str, str]:
        return self._links


FILES = {**below("charts/app", CHART), **below("shared", {"a.yaml": "a: 1\n", "deep/b.yaml": "b: 1\n"})}


def chart(links: Mapping[str, str], folder: str = "charts/app") -> Chart:
    tree = LinkedTree(FILES, links)
    return Charts(ChartCache(None)).in_tree(tree, folder, lambda path: path, follows_links=True)


def test_a_linked_file_is_laid_out_as_a_copy_that_names_its_true_path(tmp_path: Path) -> None:
    found = chart({"charts/app/templates/a.yaml": "../../../shared/a.yaml"})
    assert found.files["templates/a.yaml"] == b"a: 1\n"
    assert found.origins["templates/a.yaml"] == "shared/a.yaml"
    found.lay(tmp_path)
    laid = tmp_path / "templates" / "a.yaml"
    assert not laid.is_symlink()
    assert laid.read_bytes() == b"a: 1\n"


def test_a_linked_folder_brings_what_is_in_it_and_links_may_follow_one_another() -> None:
    found = chart(
        {
            "charts/app/templates/all": "../../../other",
            "other": "./shared/",
            "shared/c.yaml": "deep/b.yaml",
            "elsewhere/broken": "nowhere",
        }
    )
    linked = {path: origin for path, origin in found.origins.items() if path.startswith("templates/all/")}
    assert linked == {
        "templates/all/a.yaml": "shared/a.yaml",
        "templates/all/deep/b.yaml": "shared/deep/b.yaml",
        "templates/all/c.yaml": "shared/deep/b.yaml",
    }


def test_the_charts_own_folder_may_be_behind_a_link() -> None:
    assert chart({"current": "charts"}, "current/app").files["values.yaml"] == CHART["values.yaml"].encode()


@pytest.mark.parametrize(
    "target",
    ["/etc/passwd", "../../../../etc/passwd", "../../../shared/../../x", "../../../.git/config"],
)
def test_a_link_out_of_the_tree_is_refused_by_name(target: str) -> None:
    with pytest.raises(
        RestrictedReferenceError, match=r"charts/app/templates/x\.yaml is a link that leads out"
    ):
        chart({"charts/app/templates/x.yaml": target})


@pytest.mark.parametrize(
    ("links", "words"),
    [
        ({"charts/app/templates/x": "nothing.yaml"}, "which is no file and no folder"),
        ({"charts/app/templates/x": "no/thing.yaml"}, "which is not there"),
        ({"charts/app/templates/x": "deployment.yaml/"}, "which is not there"),
        ({"charts/app/templates/x": "y", "charts/app/templates/y": "x"}, "in a circle"),
        ({"charts/app/templates/x": ".."}, "in a circle"),
        ({"charts/app/templates/x": "../../.."}, "in a circle"),
        ({"charts/app/templates/x": "../../../shared", "shared/y": "../charts"}, "in a circle"),
    ],
    ids=["nowhere", "below-nothing", "below-a-file", "one-another", "above", "root", "through-another"],
)
def test_a_link_to_nothing_or_in_a_circle_is_an_error(links: Mapping[str, str], words: str) -> None:
    with pytest.raises(RenderError, match=words):
        chart(links)


def test_a_tree_without_links_and_one_that_cannot_tell_are_as_before() -> None:
    plain = Charts(ChartCache(None)).in_tree(Tree(FILES), "charts/app", lambda path: path, follows_links=True)
    assert chart({}).digest == plain.digest
    assert not isinstance(Tree(FILES), HasLinks)


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = st.lists(st.sampled_from(["a", "b", "c", "..", "."]), min_size=1, max_size=4).map("/".join)


@given(files=st.sets(PATHS, max_size=5), links=st.dictionaries(PATHS, TARGETS, max_size=4))
def test_following_by_name_is_what_a_file_system_does(
    tmp_path_factory: pytest.TempPathFactory, files: set[str], links: dict[str, str]
) -> None:
    root = tmp_path_factory.mktemp("tree").resolve() / "repository"
    root.mkdir()
    for path, target in sorted(links.items()):
        place = root / path
        if not any(parent.is_symlink() for parent in place.parents) and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)
    for path in sorted(files):
        place = root / path
        inside = not any(parent.is_symlink() or parent.is_file() for parent in place.parents)
        if inside and not place.is_symlink() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(path)
    tree = FolderTree(root)
    for link in tree.links():
        try:
            found = Links(LinkedTree({path: tree.read(path) for path in tree.paths()}, {**tree.links()}))
            shown = found.files(link.rpartition("/")[0])
        except RenderError:
            continue
        for name, real in shown.items():
            below_link = root / link.rpartition("/")[0] / name
            assert below_link.resolve() == (root / real).resolve()
            assert below_link.read_text() == real


def application(path: str = "charts/app") -> str:
    source = {"repoURL": "https://example.org/x.git", "path": path}
    spec = {"project": "default", "source": source, "destination": {"namespace": "web", "name": "in-cluster"}}
    metadata = {"name": "web", "namespace": "argocd"}
    return json.dumps(
        {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}
    )


def declared(files: Mapping[str, str | bytes], links: Mapping[str, str]) -> DeclaredSet:
    return declared_set(
        LinkedTree(files, links), environment=None, redactor=REDACTOR, options=DeploymentOptions()
    )


TEMPLATE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: linked}\n"
LINK = {"charts/app/templates/linked.yaml": "../../../library/linked.yaml"}


@pytest.mark.needs_helm
@needs_helm
@pytest.mark.usefixtures("_helm_on_path")
def test_argo_cd_and_whoever_installs_a_chart_get_what_is_linked() -> None:
    files = {**below("charts/app", CHART), "library/linked.yaml": TEMPLATE}
    for more in ({"argo/web.yaml": application()}, {}):
        found = declared({**files, **more}, LINK)
        assert found.problems == ()
        (linked,) = [entry for entry in found.resources if entry.id.name == "linked" and entry.rendered_from]
        assert linked.path == "library/linked.yaml"
    found = declared({**files, "argo/web.yaml": application()}, {**LINK, "charts/app/x": "/etc/passwd"})
    (problem,) = found.problems
    assert problem.cause is ProblemCause.OUTSIDE
    assert "charts/app/x" in problem.message


@pytest.mark.needs_helm
@needs_helm
@pytest.mark.usefixtures("_helm_on_path")
def test_flux_packs_no_links_and_its_deployment_says_so() -> None:
    files = {**below("charts/app", CHART), "library/linked.yaml": TEMPLATE}
    files["apps/web.yaml"] = helm_release(chart=in_git())
    found = declared(files, LINK)
    assert not any(entry.id.name == "linked" and entry.rendered_from for entry in found.resources)
    (node,) = [node for name, node in found.nodes.items() if name.kind == "flux-helm-release"]
    assert node.plan.deployment.settings["left out"] == "symbolic links: charts/app/templates/linked.yaml"
