"""What HelmReleases declare, with the real Helm: the chart's output as helm-controller changes it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from manifests.helm_trees import (
    CHART,
    REDACTOR,
    Tree,
    below,
    config_map,
    helm_program,
    helm_release,
    helm_repository,
    in_git,
    in_repository,
    packaged,
    source,
)

from auditor.manifests.deployments.declared import DeclaredSet, ProblemCause, declared_set
from auditor.manifests.deployments.flux_helm_release import release_name
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.documents import document_of
from auditor.manifests.rendering.chart_cache import ChartCache, ChartRef
from auditor.model import Resource

HELM = helm_program()
pytestmark = [pytest.mark.needs_helm, pytest.mark.skipif(HELM is None, reason="helm is not there")]

CRD_ORIGIN = {"helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "apps"}


@pytest.fixture(autouse=True)
def _helm_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HELM is not None
    monkeypatch.setenv("PATH", str(HELM.parent), prepend=":")


def declared(files: Mapping[str, str | bytes], **options: Any) -> DeclaredSet:
    return declared_set(
        Tree(files), environment=None, redactor=REDACTOR, options=DeploymentOptions(**options)
    )


def rendered(found: DeclaredSet) -> dict[str, Resource]:
    return {
        f"{entry.document.kind}/{entry.document.name}": entry
        for entry in found.resources
        if entry.rendered_from
    }


def only_deployment(found: DeclaredSet) -> Mapping[str, Any]:
    assert found.problems == ()
    return rendered(found)["Deployment/web-web"].document.manifest


def in_tree(**spec: Any) -> dict[str, str | bytes]:
    return {**below("charts/app", CHART), "apps/web.yaml": helm_release(chart=in_git(), **spec)}


def helm_template(folder: Path, *words: str) -> list[dict[str, Any]]:
    """What the real program itself writes for the chart of these tests."""
    for path, text in CHART.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    completed = subprocess.run(
        [str(HELM), "template", *words, str(folder)], capture_output=True, check=True, text=True
    )
    return [entry for entry in yaml.safe_load_all(completed.stdout) if entry]


def without_flux(manifest: Mapping[str, Any], namespace: str = "apps") -> dict[str, Any]:
    """A manifest without what helm-controller adds to Helm's output."""
    metadata = dict(manifest["metadata"])
    labels = {
        key: value for key, value in metadata.get("labels", {}).items() if not key.startswith("helm.toolkit.")
    }
    metadata.pop("labels", None)
    if labels:
        metadata["labels"] = labels
    if metadata.get("namespace") == namespace:
        del metadata["namespace"]
    return {**manifest, "metadata": metadata}


def test_a_release_gives_what_helm_template_gives(tmp_path: Path) -> None:
    values = {"replicas": 3, "image": {"tag": "v7"}, "extra": {"key": "value", "number": "1"}}
    (tmp_path / "values.json").write_text(json.dumps(values))
    (tmp_path / "chart").mkdir()
    expected = helm_template(
        tmp_path / "chart",
        "web",
        "--namespace",
        "apps",
        "--include-crds",
        "-f",
        str(tmp_path / "values.json"),
    )
    found = rendered(declared(in_tree(values=values)))

    def key(entry: Mapping[str, Any]) -> str:
        return json.dumps(entry, sort_keys=True)

    ours = [without_flux(entry.document.manifest) for entry in found.values()]
    # The ConfigMap names its namespace itself, which is the release's: taken from both alike.
    theirs = [without_flux(entry) for entry in expected]
    assert sorted(ours, key=key) == sorted(theirs, key=key)
    assert len(ours) == 3


def test_each_resource_names_its_template_and_its_release() -> None:
    found = rendered(declared(in_tree(values={"extra": {"a": "b"}})))
    assert {name: entry.sources for name, entry in found.items()} == {
        "CustomResourceDefinition/widgets.acme.test": ("charts/app/crds/widget.yaml", "apps/web.yaml"),
        "Deployment/web-web": ("charts/app/templates/deployment.yaml", "apps/web.yaml"),
        "ConfigMap/web": ("charts/app/templates/config.yaml", "apps/web.yaml"),
    }
    assert {entry.rendered_from for entry in found.values()} == {"charts/app"}


def test_flux_marks_and_places_what_the_chart_gives() -> None:
    manifest = only_deployment(
        declared(
            in_tree(
                targetNamespace="elsewhere",
                releaseName="web",
                commonMetadata={"labels": {"team": "a", "app": "mine"}, "annotations": {"note": "n"}},
            )
        )
    )
    assert manifest["metadata"] == {
        "name": "web-web",
        "namespace": "elsewhere",
        "labels": {"app": "mine", "team": "a", **CRD_ORIGIN},
        "annotations": {"note": "n"},
    }
    assert manifest["spec"]["template"]["metadata"] == {"labels": {"app": "web"}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, "web"),
        ({"targetNamespace": "other"}, "other-web"),
        ({"releaseName": "given", "targetNamespace": "other"}, "given"),
        ({"targetNamespace": "n" * 60}, "n" * 40 + "-" + "7d0ab8dc6e0f"),
    ],
)
def test_the_name_of_a_release(spec: dict[str, Any], expected: str) -> None:
    name = release_name(document_of(json.loads(helm_release(**spec))))
    assert name[:40] == expected[:40]
    assert len(name) == len(expected) <= 53


def test_values_are_merged_in_the_order_of_their_references() -> None:
    files = in_tree(
        values={"image": {"tag": "inline"}},
        valuesFrom=[
            {"kind": "ConfigMap", "name": "first"},
            {"kind": "ConfigMap", "name": "second", "valuesKey": "more.yaml"},
            {"kind": "ConfigMap", "name": "third", "valuesKey": "count", "targetPath": "replicas"},
        ],
    )
    files["apps/maps.yaml"] = "\n---\n".join(
        [
            config_map("first", **{"values.yaml": "replicas: 2\nimage: {tag: first, repository: one}\n"}),
            config_map("second", **{"more.yaml": "image: {tag: second, repository: two}\n"}),
            config_map("third", count="5"),
        ]
    )
    manifest = only_deployment(declared(files))
    assert manifest["spec"]["replicas"] == 5
    assert manifest["spec"]["template"]["spec"]["containers"][0]["image"] == "two:inline"


def test_values_of_secrets_are_named_and_the_rest_is_rendered() -> None:
    files = in_tree(valuesFrom=[{"kind": "Secret", "name": "keys", "optional": True}])
    found = declared(files)
    assert [(entry.cause, entry.path) for entry in found.problems] == [
        (ProblemCause.UNKNOWN, "apps/web.yaml")
    ]
    assert "Secret apps/keys" in found.problems[0].message
    assert "Deployment/web-web" in rendered(found)
    (node,) = found.nodes.values()
    assert node.plan.deployment.reads == ("Secret apps/keys",)


def test_what_does_not_render_without_a_secrets_values_is_no_broken_build() -> None:
    files = in_tree(valuesFrom=[{"kind": "Secret", "name": "keys"}])
    files["charts/app/templates/needs.yaml"] = '{{ required "password is wanted" .Values.password }}\n'
    found = declared(files)
    assert {entry.cause for entry in found.problems} == {ProblemCause.UNKNOWN}
    assert any("password is wanted" in entry.message for entry in found.problems)
    files["apps/web.yaml"] = helm_release(chart=in_git())
    assert [entry.cause for entry in declared(files).problems] == [ProblemCause.TEMPLATE]


def test_a_config_map_that_is_not_in_git_is_named_unless_it_may_be_missing() -> None:
    wanted = [
        {"kind": "ConfigMap", "name": "settings", "optional": is_optional} for is_optional in (True, False)
    ]
    assert declared(in_tree(valuesFrom=wanted[:1])).problems == ()
    found = declared(in_tree(valuesFrom=wanted[1:]))
    assert [entry.cause for entry in found.problems] == [ProblemCause.UNKNOWN]


def test_values_files_replace_the_charts_own_values() -> None:
    files = in_tree()
    files["apps/web.yaml"] = helm_release(chart=in_git(valuesFiles=["charts/app/values.yaml", "prod.yaml"]))
    files["prod.yaml"] = "replicas: 9\n"
    assert only_deployment(declared(files))["spec"]["replicas"] == 9
    files["apps/web.yaml"] = helm_release(chart=in_git(valuesFiles=["prod.yaml"]))
    # Without its own values the chart has no image to name.
    assert [entry.cause for entry in declared(files).problems] == [ProblemCause.TEMPLATE]
    files["apps/web.yaml"] = helm_release(chart=in_git(valuesFiles=["missing.yaml"]))
    assert "missing.yaml" in declared(files).problems[0].message
    ignoring = in_git(valuesFiles=["missing.yaml", "charts/app/values.yaml"], ignoreMissingValuesFiles=True)
    files["apps/web.yaml"] = helm_release(chart=ignoring)
    assert only_deployment(declared(files))["spec"]["replicas"] == 1


def test_post_renderers_run_in_order_and_leave_the_charts_definitions() -> None:
    def patch(value: str, kind: str) -> dict[str, Any]:
        operation = [{"op": "add", "path": "/metadata/labels/patched", "value": value}]
        return {"patch": json.dumps(operation), "target": {"kind": kind}}

    found = declared(
        in_tree(
            postRenderers=[
                {"kustomize": {"patches": [patch("first", "Deployment")]}},
                {
                    "kustomize": {
                        "patches": [patch("second", ".*")],
                        "images": [{"name": "ghcr.io/acme/app", "newTag": "pinned"}],
                    }
                },
            ]
        )
    )
    manifest = only_deployment(found)
    assert manifest["metadata"]["labels"]["patched"] == "second"
    assert manifest["spec"]["template"]["spec"]["containers"][0]["image"] == "ghcr.io/acme/app:pinned"
    assert "annotations" not in manifest["metadata"]
    definition = rendered(found)["CustomResourceDefinition/widgets.acme.test"]
    assert "patched" not in definition.document.manifest["metadata"]["labels"]
    assert rendered(found)["Deployment/web-web"].sources[0] == "charts/app/templates/deployment.yaml"


@pytest.mark.parametrize(
    ("spec", "is_there"),
    [
        ({}, True),
        ({"install": {"crds": "Skip"}}, False),
        ({"install": {"crds": "Skip"}, "upgrade": {"crds": "CreateReplace"}}, True),
        ({"install": {"skipCRDs": True}}, False),
    ],
)
def test_the_charts_definitions_come_as_the_policy_says(spec: dict[str, Any], is_there: bool) -> None:
    found = rendered(declared(in_tree(**spec)))
    assert ("CustomResourceDefinition/widgets.acme.test" in found) is is_there


def test_a_suspended_release_is_rendered_and_says_so() -> None:
    found = declared(in_tree(suspend=True, dependsOn=[{"name": "db"}]))
    (node,) = found.nodes.values()
    assert node.plan.deployment.suspended
    assert [str(entry) for entry in node.plan.deployment.depends_on] == ["flux-helm-release apps/db"]
    assert "Deployment/web-web" in rendered(found)


def test_a_chart_of_the_cache_is_found_by_its_range(tmp_path: Path) -> None:
    cache = ChartCache(tmp_path)
    for version in ("1.2.3", "1.4.0", "2.0.0-rc.1", "2.0.0"):
        chart = {**CHART, "Chart.yaml": CHART["Chart.yaml"].replace("1.2.3", version)}
        cache.keep(ChartRef.of("https://charts.acme.test/", "app", version), packaged(chart))
    files: dict[str, str | bytes] = {"apps/repository.yaml": helm_repository()}
    for asked, expected in (("1.x", "1.4.0"), ("1.2.3", "1.2.3"), ("*", "2.0.0"), ("", "2.0.0")):
        files["apps/web.yaml"] = helm_release(chart=in_repository(version=asked))
        found = declared(files, charts=tmp_path)
        assert found.problems == ()
        entry = rendered(found)["Deployment/web-web"]
        assert entry.rendered_from == f"app {expected} (https://charts.acme.test)"
        assert entry.path == "apps/web.yaml"
    files["apps/web.yaml"] = helm_release(chart=in_repository(version=">3"))
    (problem,) = declared(files, charts=tmp_path).problems
    assert problem.cause is ProblemCause.CHART
    assert "chart app version >3 of https://charts.acme.test is not in the cache" in problem.message


@pytest.mark.parametrize(
    ("sources", "chart", "ref"),
    [
        (
            helm_repository("oci://ghcr.io/acme/charts", type="oci"),
            {"chart": in_repository(version="1.2.3")},
            ChartRef("oci://ghcr.io/acme/charts", "app", "1.2.3"),
        ),
        (
            source("OCIRepository", "app", url="oci://ghcr.io/acme/charts/app", ref={"tag": "1.2.3"}),
            {"chartRef": {"kind": "OCIRepository", "name": "app"}},
            ChartRef("oci://ghcr.io/acme/charts", "app", "1.2.3"),
        ),
        (
            helm_repository()
            + "\n---\n"
            + source(
                "HelmChart", "the-chart", chart="app", sourceRef={"kind": "HelmRepository", "name": "acme"}
            ),
            {"chartRef": {"kind": "HelmChart", "name": "the-chart"}},
            ChartRef("https://charts.acme.test", "app", ""),
        ),
    ],
)
def test_where_charts_come_from(tmp_path: Path, sources: str, chart: dict[str, Any], ref: ChartRef) -> None:
    files: dict[str, str | bytes] = {"apps/sources.yaml": sources, "apps/web.yaml": helm_release(**chart)}
    missing = declared(files, charts=tmp_path)
    assert dict(missing.charts) == {ref: ""}
    assert [entry.cause for entry in missing.problems] == [ProblemCause.CHART]
    ChartCache(tmp_path).keep(ChartRef(ref.repository, ref.name, "1.2.3"), packaged(CHART))
    assert only_deployment(declared(files, charts=tmp_path))["kind"] == "Deployment"


def test_a_source_that_nothing_declares_is_named() -> None:
    found = declared({"apps/web.yaml": helm_release(chart=in_repository())})
    assert [entry.cause for entry in found.problems] == [ProblemCause.REFERENCE]
    assert "HelmRepository apps/acme" in found.problems[0].message


def test_charts_in_the_repository_bring_what_they_depend_on(tmp_path: Path) -> None:
    parent = {
        "Chart.yaml": "apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n"
        "  - {name: app, version: ^1.0.0, repository: 'file://../app', alias: backend}\n"
        "  - {name: cached, version: ~2.1, repository: 'https://charts.acme.test'}\n",
        "values.yaml": "backend: {replicas: 4}\n",
    }
    cached = {
        "Chart.yaml": "apiVersion: v2\nname: cached\nversion: 2.1.7\n",
        "templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-cache}\n",
    }
    files = {
        **below("charts/app", CHART),
        **below("charts/parent", parent),
        "apps/web.yaml": helm_release(chart=in_git("charts/parent")),
    }
    (problem,) = declared(files, charts=tmp_path).problems
    assert problem.cause is ProblemCause.CHART
    ChartCache(tmp_path).keep(
        ChartRef.of("https://charts.acme.test", "cached", "2.1.7"), packaged(cached, "cached")
    )
    found = declared(files, charts=tmp_path)
    assert only_deployment(found)["spec"]["replicas"] == 4
    entries = rendered(found)
    assert "ConfigMap/from-cache" in entries
    assert entries["Deployment/web-web"].sources[0] == "charts/app/templates/deployment.yaml"


def test_vendored_packages_are_used(tmp_path: Path) -> None:
    parent = {
        "Chart.yaml": "apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n"
        "  - {name: app, version: 1.2.3, repository: 'https://nowhere.test'}\n",
        "charts/app-1.2.3.tgz": packaged(CHART),
    }
    found = declared(
        {**below("charts/parent", parent), "apps/web.yaml": helm_release(chart=in_git("charts/parent"))}
    )
    assert only_deployment(found)["spec"]["replicas"] == 1
    assert rendered(found)["Deployment/web-web"].path == "charts/parent/charts/app-1.2.3.tgz"


def test_secrets_that_a_chart_makes_are_redacted() -> None:
    files = in_tree(values={"login": {"user": "me"}})
    files["charts/app/templates/secret.yaml"] = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: 'hunter2-hunter2'}\n"
    )
    manifest = rendered(declared(files))["Secret/s"].document.manifest
    assert "hunter2" not in json.dumps(manifest)
    assert manifest["stringData"]["key"].startswith("auditor-redacted:secret:")


def test_values_that_the_charts_schema_refuses_are_no_broken_build() -> None:
    files = in_tree(values={"replicas": "many"})
    files["charts/app/values.schema.json"] = json.dumps(
        {"type": "object", "properties": {"replicas": {"type": "integer"}}}
    )
    (problem,) = declared(files).problems
    assert problem.cause is ProblemCause.VALUES
    assert (problem.path, problem.line, problem.pointer) == ("apps/web.yaml", 1, "values.replicas")
    assert "replicas" in problem.message
