"""Kustomize would take a folder with a kustomization from anywhere on the disk: it is not started then."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from auditor.errors import RemoteReferenceError, RenderError, RestrictedReferenceError
from auditor.manifests.deployments.declared import declared_set
from auditor.manifests.rendering import workspace as workspace_module
from auditor.manifests.rendering.kustomizations import Kustomizations
from auditor.manifests.rendering.taken_in import as_kustomize_reads, leads_out
from auditor.manifests.rendering.workspace import Workspace
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)
MARK = "stands-outside"


class Tree:
    """A tree in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path].encode()


def config_map(name: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})


@pytest.fixture
def outside(tmp_path: Path) -> str:
    """A folder of the machine with a kustomization, as a path that leads there from wherever a build is."""
    for name, kind in (("base", "Kustomization"), ("component", "Component")):
        version = "v1beta1" if kind == "Kustomization" else "v1alpha1"
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(config_map(MARK))
        (tmp_path / name / "kustomization.yaml").write_text(
            json.dumps(
                {
                    "apiVersion": f"kustomize.config.k8s.io/{version}",
                    "kind": kind,
                    "resources": ["a.yaml"],
                }
            )
        )
    return "../" * 30 + str(tmp_path).lstrip("/")


WAYS = [
    ("resources", "{}/base"),
    ("Resources", "{}/base"),
    ("re\u017fources", "{}/base"),
    ("resources", "x\n/../{}/base"),
    ("bases", "{}/base"),
    ("components", "{}/component"),
    ("COMPONENTS", "./{}/component"),
    ("transformers", "{}/base"),
]


@pytest.mark.parametrize(("field", "entry"), WAYS, ids=[f"way{number}" for number in range(len(WAYS))])
def test_a_folder_outside_the_tree_is_not_taken_in(field: str, entry: str, outside: str) -> None:
    bad = json.dumps({field: [entry.format(outside)]})
    files = {
        "a/kustomization.yaml": json.dumps({"resources": ["../b"]}),
        "b/kustomization.yaml": bad,
        "good/kustomization.yaml": json.dumps({"resources": ["a.yaml"]}),
        "good/a.yaml": config_map("good"),
    }
    with Workspace(Tree(files)) as workspace:
        with pytest.raises(
            RestrictedReferenceError, match=r"b/kustomization\.yaml takes in .* out of the tree"
        ):
            workspace.render("a", redactor=REDACTOR)
        with pytest.raises(RestrictedReferenceError):
            workspace.prepare("b", edited=as_kustomize_reads(json.loads(bad)))
    found = declared_set(Tree(files), environment=None, redactor=REDACTOR)
    assert [entry.document.name for entry in found.resources] == ["good"]
    assert [problem.cause.value for problem in found.problems] == ["outside"]


def test_what_came_from_outside_all_the_same_is_not_taken(
    outside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_module, "refuse_leading_out", lambda *_: None)
    files = {"a/kustomization.yaml": json.dumps({"resources": [f"{outside}/base"]})}
    with (
        Workspace(Tree(files)) as workspace,
        pytest.raises(RestrictedReferenceError, match="from outside the tree"),
    ):
        workspace.render("a", redactor=REDACTOR)


def test_a_kustomization_that_only_kustomize_can_read_is_not_built(outside: str) -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 7)
    )
    files = {"a/kustomization.yaml": f"{bomb}resources: [{outside}/base]\n"}
    with (
        Workspace(Tree(files)) as workspace,
        pytest.raises(RenderError, match="nobody can tell what it takes in"),
    ):
        workspace.render("a", redactor=REDACTOR)


@pytest.mark.parametrize(
    "remote",
    [
        {"RESOURCES": ["http://127.0.0.1:1/x"]},
        {"patches": [{"Path": "http://127.0.0.1:1/x"}]},
        {"configMapgenerator": [{"name": "x", "FILES": ["http://127.0.0.1:1/x"]}]},
        {"openAPI": {"PATH": "http://127.0.0.1:1/x"}},
    ],
    ids=["resources", "patch", "generator", "openapi"],
)
def test_nothing_is_fetched_whatever_the_case_of_a_field(remote: dict[str, object]) -> None:
    files = {"a/kustomization.yaml": json.dumps(remote)}
    with Workspace(Tree(files)) as workspace, pytest.raises(RemoteReferenceError):
        workspace.render("a", redactor=REDACTOR)


def test_paths_that_stay_in_the_tree_are_none_that_lead_out() -> None:
    manifest = {"resources": ["../../base", "a.yaml", "./x/../y"], "components": ["../../../c"]}
    assert leads_out(manifest, "clusters/prod/apps") == ""
    assert leads_out(manifest, "clusters/prod") == "../../../c"


def test_folders_that_take_in_each_other_are_named_and_not_lost() -> None:
    files = {
        "a/kustomization.yaml": json.dumps({"resources": ["../b"]}),
        "b/kustomization.yaml": json.dumps({"resources": ["../a"]}),
        "c/kustomization.yaml": json.dumps({"resources": ["c.yaml"]}),
        "c/c.yaml": config_map("c"),
    }
    assert Kustomizations.of(Tree(files)).unreferenced() == ["a", "c"]
    found = declared_set(Tree(files), environment=None, redactor=REDACTOR)
    assert [entry.document.name for entry in found.resources] == ["c"]
    (problem,) = found.problems
    assert problem.path == "a/kustomization.yaml"
    assert "cycle" in problem.message


@pytest.mark.parametrize("field", ["generators", "transformers", "validators"])
@pytest.mark.parametrize("is_inline", [True, False], ids=["inline", "file"])
def test_a_plugin_of_kustomize_fetches_nothing(field: str, is_inline: bool) -> None:
    plugin = (
        "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\n"
        "path: HTTP://127.0.0.1:1/x\ntarget: {kind: ConfigMap}\n"
    )
    files = {
        "a/kustomization.yaml": json.dumps({"resources": ["../b"]}),
        "b/kustomization.yaml": json.dumps({field: [plugin if is_inline else "p.yaml"]}),
        "b/p.yaml": plugin,
    }
    with Workspace(Tree(files)) as workspace, pytest.raises(RemoteReferenceError, match="has a plugin take"):
        workspace.render("a", redactor=REDACTOR)


def test_a_plugin_of_kustomize_that_takes_files_is_built() -> None:
    plugin = (
        "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: p}\n"
        "literals: ['a=https://shop.example']\noptions: {disableNameSuffixHash: true}\n"
    )
    files = {"a/kustomization.yaml": json.dumps({"generators": ["p.yaml"]}), "a/p.yaml": plugin}
    with Workspace(Tree(files)) as workspace:
        (found,) = workspace.render("a", redactor=REDACTOR)
    assert found.document.manifest["data"] == {"a": "https://shop.example"}
