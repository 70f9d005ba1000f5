"""A build without the built-in schema: the same as with it, wherever it is done, by the real program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import RenderError
from auditor.manifests.rendering.kustomize import RENDERERS, KustomizeRenderer
from auditor.manifests.rendering.schema_need import EMPTY_SCHEMA_NAME, needs_schema
from auditor.manifests.rendering.workspace import Workspace
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)
RELEASE = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease"}
CUSTOM = {"group": "helm.toolkit.fluxcd.io", "kind": "HelmRelease"}


class Tree:
    """A tree in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


class Recording:
    """The real program; notes whether a build brings a schema of its own. `quick`: it may."""

    name = "kustomize"

    def __init__(self, *, quick: bool) -> None:
        self._real = KustomizeRenderer()
        self._quick = quick
        self.without_schema: list[bool] = []

    def takes_schema(self) -> bool:
        return self._quick and self._real.takes_schema()

    def version(self) -> str:
        return self._real.version()

    def identity(self) -> str:
        return self._real.identity()

    def render(self, root: Path, folder: str, *, timeout_s: float, max_bytes: int) -> bytes:
        self.without_schema.append(any(root.rglob(EMPTY_SCHEMA_NAME)))
        return self._real.render(root, folder, timeout_s=timeout_s, max_bytes=max_bytes)


def built(files: Mapping[str, str], edited: Mapping[str, Any], *, quick: bool) -> tuple[Any, list[bool]]:
    renderer = Recording(quick=quick)
    outcome: Any
    with Workspace(Tree(files), renderer=renderer) as workspace:
        try:
            build = workspace.prepare("app", edited=edited)
            found = workspace.run(build, redactor=REDACTOR)
            outcome = [(entry.sources, json.dumps(entry.document.manifest)) for entry in found]
        except RenderError as error:
            outcome = error.message
    return outcome, renderer.without_schema


def is_without(files: Mapping[str, str], edited: Mapping[str, Any]) -> bool:
    """True where the build is done without the schema; it gives what it gives with it either way."""
    quick, without = built(files, edited, quick=True)
    slow, _ = built(files, edited, quick=False)
    assert quick == slow
    return without == [True]


def resource(kind: Mapping[str, Any], name: str, **fields: Any) -> str:
    return json.dumps({**kind, "metadata": {"name": name}, **fields})


def kustomization(*resources: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "resources": list(resources), **fields}  # fmt: skip


def patch(document: object, target: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"patch": json.dumps(document), **({"target": dict(target)} if target is not None else {})}


def release_patch(**spec: Any) -> dict[str, Any]:
    return {**RELEASE, "metadata": {"name": "web"}, "spec": spec}


POD = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}, {"name": "b"}]}}
SIDECAR = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c"}]}}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment"}


def test_a_patch_of_custom_resources_needs_no_schema() -> None:
    files = {
        "app/kustomization.yaml": "",
        "app/r.yaml": resource(RELEASE, "web", spec={"chart": {"spec": {"chart": "web"}}}),
    }
    edited = kustomization("r.yaml", namespace="n", patches=[patch(release_patch(suspend=True), CUSTOM)])
    assert is_without(files, edited)


def test_a_pod_inside_a_custom_resource_is_merged_by_key() -> None:
    """Kustomize takes a nested mapping with a type of Kubernetes' own for what it says it is."""
    files = {
        "app/kustomization.yaml": "",
        "app/r.yaml": resource(RELEASE, "web", spec={"values": {"pod": POD}}),
    }
    edited = kustomization("r.yaml", patches=[patch(release_patch(values={"pod": SIDECAR}), CUSTOM)])
    found, without = built(files, edited, quick=True)
    containers = json.loads(found[0][1])["spec"]["values"]["pod"]["spec"]["containers"]
    assert sorted(entry["name"] for entry in containers) == ["a", "b", "c"]
    assert without == [False]


def test_what_the_schema_is_for_is_built_with_it() -> None:
    files = {
        "app/kustomization.yaml": "",
        "app/d.yaml": resource(DEPLOYMENT, "web", spec={"template": {"spec": POD["spec"]}}),
    }
    sidecar = {"spec": {"template": {"spec": SIDECAR["spec"]}}}
    edited = kustomization("d.yaml", patches=[patch({**DEPLOYMENT, "metadata": {"name": "web"}, **sidecar})])
    found, without = built(files, edited, quick=True)
    containers = json.loads(found[0][1])["spec"]["template"]["spec"]["containers"]
    assert sorted(entry["name"] for entry in containers) == ["a", "b", "c"]
    assert without == [False]


def test_a_build_that_fails_without_it_is_done_again_and_that_counts() -> None:
    files = {"app/kustomization.yaml": "", "app/r.yaml": resource(RELEASE, "web")}
    edited = kustomization("r.yaml", patches=[patch({**release_patch(), "metadata": {"name": "other"}})])
    found, without = built(files, edited, quick=True)
    assert without == [True, False]
    assert found == built(files, edited, quick=False)[0]
    assert "no resource matches strategic merge patch" in found


def test_a_file_of_the_repository_is_never_taken_for_the_schema() -> None:
    files = {
        "app/kustomization.yaml": "",
        f"app/{EMPTY_SCHEMA_NAME}": "theirs=1",
        "app/r.yaml": resource(RELEASE, "web"),
    }
    edited = kustomization(
        "r.yaml",
        configMapGenerator=[{"name": "c", "files": [EMPTY_SCHEMA_NAME]}],
        patches=[patch(release_patch(suspend=True), CUSTOM)],
    )
    found, _ = built(files, edited, quick=True)
    assert found == built(files, edited, quick=False)[0]
    assert any("theirs=1" in manifest for _, manifest in found)


FILES = {
    "r.yaml": resource(RELEASE, "web"),
    "hpa.yaml": resource({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}, "web",
                         spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}),
    "nested.yaml": resource(RELEASE, "web", spec={"values": {"pod": POD}}),
    "list.yaml": json.dumps({"apiVersion": "v1", "kind": "List",
                             "items": [{**RELEASE, "metadata": {"name": "web"}, "spec": {"values": POD}}]}),
    "comment.yaml": f"# {{\"$ref\": \"#/definitions/io.k8s.api.core.v1.PodSpec\"}}\n{resource(RELEASE, 'web')}",
    "broken.yaml": "a: [",
    "half.yaml": f"a: [\n---\n{resource(RELEASE, 'web')}\n",
    "patch.yaml": json.dumps(release_patch(suspend=True)),
    "pods.yaml": json.dumps(SIDECAR),
}  # fmt: skip
MERGED = patch(release_patch(suspend=True), CUSTOM)


@pytest.mark.parametrize(
    ("manifest", "needed"),
    [
        pytest.param(kustomization("r.yaml", patches=[MERGED]), False, id="custom-group"),
        pytest.param(kustomization("r.yaml", patches=[{**MERGED, "target": {"kind": "HelmRelease"}}]), False,
                     id="custom-kind"),
        pytest.param(kustomization("r.yaml", patches=[patch(release_patch())]), False, id="its-own-type"),
        pytest.param(kustomization("r.yaml", patches=[{"path": "patch.yaml", "target": CUSTOM}]), False,
                     id="patch-file"),
        pytest.param(kustomization("r.yaml", "hpa.yaml", patches=[MERGED]), False, id="scale-target"),
        pytest.param(
            kustomization("r.yaml", patches=[MERGED, patch([{"op": "add", "path": "/spec/a", "value": 1}],
                                                           {"kind": "Deployment"})]),
            False, id="json-patch-beside"),
        # And what may need it.
        pytest.param(kustomization("r.yaml"), True, id="nothing-merged"),
        pytest.param(kustomization("nested.yaml", patches=[MERGED]), True, id="nested-type"),
        pytest.param(kustomization("list.yaml", patches=[MERGED]), True, id="in-a-list"),
        pytest.param(kustomization("comment.yaml", patches=[MERGED]), True, id="comment"),
        pytest.param(kustomization("broken.yaml", patches=[MERGED]), True, id="broken"),
        pytest.param(kustomization("half.yaml", patches=[MERGED]), True, id="half-broken"),
        pytest.param(kustomization("gone.yaml", patches=[MERGED]), True, id="missing"),
        pytest.param(kustomization("r.yaml", patches=[{"path": "pods.yaml", "target": CUSTOM}]), True,
                     id="patch-of-a-pod"),
        pytest.param(kustomization("r.yaml", patches=[{"path": "gone.yaml", "target": CUSTOM}]), True,
                     id="no-patch-file"),
        pytest.param(kustomization("r.yaml", patches=[{**MERGED, "target": {}}]), True, id="any-target"),
        pytest.param(kustomization("r.yaml", patches=[{**MERGED, "target": {"group": "ap.s"}}]), True,
                     id="pattern-of-apps"),
        pytest.param(kustomization("r.yaml", patches=[{**MERGED, "target": {"group": "batch.k8s.i."}}]), True,
                     id="pattern-of-a-group-of-kubernetes"),
        pytest.param(kustomization("r.yaml", patches=[{**MERGED, "target": {"group": ".*[.]io"}}]), True,
                     id="pattern"),
        pytest.param(kustomization("r.yaml", patches=[{**MERGED, "target": {"kind": "HelmRelease|Pod"}}]), True,
                     id="pattern-of-kinds"),
        pytest.param(kustomization("r.yaml", patches=[{**MERGED, "options": {"allowKindChange": True}}]), True,
                     id="kind-change"),
        pytest.param(
            kustomization("r.yaml", patches=[MERGED, patch([{"op": "replace", "path": "/apiVersion", "value": "v1"}],
                                                           CUSTOM)]),
            True, id="json-patch-of-the-type"),
        pytest.param(
            kustomization("r.yaml", patches=[MERGED, patch([{"op": "add", "path": "/spec", "value": {"x": POD}}],
                                                           CUSTOM)]),
            True, id="json-patch-brings-a-pod"),
        pytest.param(
            kustomization("r.yaml", patches=[MERGED, patch([{"op": "replace", "path": "", "value": {}}], CUSTOM)]),
            True, id="json-patch-of-all"),
        pytest.param(kustomization("r.yaml", patches=[MERGED], openapi={"version": "v1.21.2"}), True, id="openapi"),
        pytest.param(kustomization("r.yaml", patches=[MERGED], transformers=["t.yaml"]), True, id="transformer"),
        pytest.param(kustomization("r.yaml", patches=[MERGED], replacements=[]), True, id="replacements"),
        pytest.param(kustomization("r.yaml", patches=[MERGED], patchesStrategicMerge=["p.yaml"]), True,
                     id="old-patches"),
    ],
)  # fmt: skip
def test_needed(manifest: dict[str, Any], needed: bool) -> None:
    files = {f"app/{name}": text.encode() for name, text in FILES.items()}
    assert needs_schema([("app", manifest)], folders={"app"}, read=files.get) is needed


KINDS = [
    RELEASE,
    RELEASE,
    DEPLOYMENT,
    {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository"},
    {"apiVersion": "example.com/v1", "kind": "Namespace"},
    DEPLOYMENT,
    {"apiVersion": "v1", "kind": "ConfigMap"},
    {"apiVersion": "v1", "kind": "Namespace"},
    {"apiVersion": "v1", "kind": "PersistentVolume"},
    {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"},
    {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"},
    {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"},
    {"apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass"},
    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"},
]
leaves = st.sampled_from([None, 1, "a", True, [], {}, ["a"], ["b", "a"]])
containers = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abc")}, optional={"image": leaves}), max_size=3,
    unique_by=lambda entry: entry["name"],
)  # fmt: skip
types = st.sampled_from(
    [{}, {}, {"apiVersion": "example.com/v1", "kind": "Pod"}, {"apiVersion": "v1", "kind": "Pod"}]
)
pods = st.builds(lambda found, kind: {**kind, "spec": {"containers": found}}, containers, types)
specs = st.fixed_dictionaries(
    {}, optional={"template": pods, "values": pods, "x": leaves, "ports": containers}
)


targets = st.sampled_from(
    [
        CUSTOM,
        CUSTOM,
        {"kind": "HelmRelease"},
        {"group": "example.com"},
        {"kind": "Deployment"},
        {"name": "r0"},
    ]
)


@st.composite
def folders(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, Any]]:
    """A base with a component, and the edited kustomization of a folder that takes in both."""
    files = {"app/kustomization.yaml": "", "base/n.yaml": resource(RELEASE, "n")}
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
    for number, kind in enumerate(kinds):
        files[f"app/r{number}.yaml"] = resource(kind, f"r{number}", spec=draw(specs))
    subjects = [{"kind": "ServiceAccount", "name": "r0"}]
    files["app/binding.yaml"] = resource(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"}, "binding", subjects=subjects
    )
    changes = []
    for _ in range(draw(st.integers(1, 2))):
        number = draw(st.integers(0, len(kinds) - 1))
        document = {**kinds[number], "metadata": {"name": f"r{number}"}, "spec": draw(specs)}
        target = draw(targets) if draw(st.booleans()) else None
        kind = {} if target is None else draw(st.sampled_from([RELEASE, RELEASE, DEPLOYMENT]))
        changes.append(patch({**document, **kind}, target))
    if draw(st.booleans()):
        changes.append(
            patch([{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}], {"name": "r0"})
        )
    inner: dict[str, Any] = kustomization("n.yaml", **draw(st.sampled_from([{}, {"namePrefix": "p-"}])))
    files["base/kustomization.yaml"] = json.dumps(inner)
    edited = kustomization(
        "../base", "binding.yaml", *(f"r{number}.yaml" for number in range(len(kinds))),
        namespace=draw(st.sampled_from(["", "shop"])), patches=changes,
        configMapGenerator=[{"name": "made", "literals": ["a=1"]}],
    )  # fmt: skip
    return files, edited


@settings(max_examples=40, deadline=None)
@given(folders())
def test_without_the_schema_a_build_gives_what_it_gives_with_it(
    case: tuple[dict[str, str], dict[str, Any]],
) -> None:
    is_without(*case)


def test_the_real_program_is_asked_which_it_is() -> None:
    renderer = RENDERERS["kustomize"]
    assert isinstance(renderer, KustomizeRenderer)
    assert renderer.takes_schema() is ("v5." in renderer.version())
