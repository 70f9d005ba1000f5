"""Folders for what is no longer used: what of them counts all the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from independent.roles import environment, out_of_use

from auditor.manifests.attics import Attics, attic_in, attic_of, counts, left_out

Tree = dict[str, list[dict[str, Any]]]


def _flux(path: str | None, source: str = "") -> dict[str, Any]:
    spec: dict[str, Any] = {} if path is None else {"path": path}
    if source:
        spec["sourceRef"] = {"kind": "GitRepository", "name": source}
    return {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "spec": spec}


def _lists(*resources: str, field: str = "resources") -> dict[str, Any]:
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", field: list(resources)}


def _application(**source: Any) -> dict[str, Any]:
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": {"source": source}}


def _source(name: str, url: str) -> dict[str, Any]:
    meta = {"name": name}
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": meta,
        "spec": {"url": url},
    }


PLAIN = {"apiVersion": "v1", "kind": "ConfigMap"}


def _out(tree: Tree) -> set[str]:
    objects = [
        (path, str(value["apiVersion"]).rpartition("/")[0], value)
        for path, found in tree.items()
        for value in found
    ]
    return set(left_out({path: environment(path) for path in tree}, objects))


@pytest.mark.parametrize(
    ("path", "attic"),
    [
        ("archive/a.yaml", "archive"),
        (".archive/kubernetes/apps/a.yaml", ".archive"),
        ("kubernetes/archive/gitea/app/a.yaml", "kubernetes/archive"),
        ("apps/_Old/old/a.yaml", "apps/_Old"),
        ("apps/archive.yaml", ""),
        ("apps/old-school/a.yaml", ""),
        ("apps/archiver/a.yaml", ""),
        ("a.yaml", ""),
    ],
)
def test_attics_are_known_by_their_folders_names(path: str, attic: str):
    assert attic_of(path) == attic


def test_a_folder_that_names_the_environment_is_in_use():
    assert attic_in("old", "clusters/old/apps/a.yaml") == ""
    assert attic_in("default", "clusters/a/old/a.yaml") == "clusters/a/old"


STORED: Tree = {"archive/web/a.yaml": [PLAIN], "archive/web/kustomization.yaml": [_lists("a.yaml")]}


@pytest.mark.parametrize(
    ("beside", "out"),
    [
        ({}, True),
        ({"apps/kustomization.yaml": [_lists("../archive/web")]}, False),
        ({"apps/kustomization.yaml": [_lists("../archive/web", field="components")]}, False),
        ({"apps/kustomization.yaml": [_lists("../archive/web", field="bases")]}, False),
        ({"apps/kustomization.yaml": [_lists("../archive/till")]}, True),
        ({"apps/kustomization.yaml": [_lists("https://example.org/archive/web")]}, True),
        ({"flux/ks.yaml": [_flux("./archive/web")]}, False),
        ({"flux/ks.yaml": [_flux("./archive")]}, False),
        ({"flux/ks.yaml": [_flux("./")]}, False),
        ({"flux/ks.yaml": [_flux(None)]}, False),
        ({"flux/ks.yaml": [_flux("./")], "kustomization.yaml": [_lists("apps")]}, True),
        # The root of another repository is not this one's, once objects show what this one is called.
        ({"flux/ks.yaml": [_flux("./", "a")]}, False),
        ({"flux/ks.yaml": [_flux("./", "a"), _flux("./flux", "b")]}, True),
        ({"flux/ks.yaml": [_flux("./", "a"), _flux("./apps", "flux-system")]}, True),
        ({"flux/ks.yaml": [_flux("./", "flux-system"), _flux("./flux", "b")]}, False),
        (
            {
                "flux/ks.yaml": [_flux("./", "a"), _flux("./flux", "b")],
                "flux/sources.yaml": [_source("a", "https://example.org/a"), _source("b", "https://example.org/a")],
            },
            False,
        ),
        (
            {
                "flux/ks.yaml": [_flux("./", "a"), _flux("./flux", "b")],
                "flux/sources.yaml": [_source("a", "https://example.org/a"), _source("b", "https://example.org/b")],
            },
            True,
        ),
        ({"flux/ks.yaml": [_flux("./${WHERE}/web")], "kustomization.yaml": [_lists("apps")]}, False),
        ({"flux/ks.yaml": [_flux("./apps/${WHERE}")]}, True),
        ({"flux/ks.yaml": [_flux("./apps")]}, True),
        ({"argo/app.yaml": [_application(path="archive/web")]}, False),
        ({"argo/app.yaml": [_application(path=".")]}, True),
        ({"argo/app.yaml": [_application(path=".", directory={"recurse": True})]}, False),
        # An attic's own objects do not take it out of the attic, but for what a bootstrap leaves behind.
        ({"archive/ks.yaml": [_flux("./archive/web")]}, True),
        ({"archive/web/ks.yaml": [_flux("./archive/web")]}, False),
        ({"archive/flux-system/gotk-sync.yaml": [_flux("./archive")]}, False),
        ({"archive/till/ks.yaml": [_flux("./archive/web")]}, True),
        ({"archive/till/kustomization.yaml": [_lists("../web")]}, True),
        ({"old/ks.yaml": [_flux("./archive/web")]}, True),
        # What an object in use takes in leads on.
        (
            {"apps/kustomization.yaml": [_lists("../old/till")], "old/till/kustomization.yaml": [_lists("../../archive/web")]},
            False,
        ),
    ],
)  # fmt: skip
def test_what_something_in_use_leads_to_counts(beside: Tree, out: bool):
    tree = STORED | beside
    assert ("archive/web/a.yaml" in _out(tree)) is out
    assert ("archive/web/a.yaml" in out_of_use(tree, {path: environment(path) for path in tree})) is out


def _kind(manifest: dict[str, Any]) -> str:
    return str(manifest["apiVersion"]).rpartition("/")[0]


@pytest.mark.parametrize(
    ("manifest", "out"),
    [
        (
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "ApplicationSet",
                "spec": {"generators": [{"git": {"directories": [{"path": "archive/*"}]}}]},
            },
            False,
        ),
        (
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "ApplicationSet",
                "spec": {
                    "generators": [{"git": {"directories": [{"path": "apps/*"}]}}],
                    "template": {"spec": {"source": {"path": "{{path}}"}}},
                },
            },
            True,
        ),
        (
            {
                "apiVersion": "fluxcd.controlplane.io/v1",
                "kind": "FluxInstance",
                "spec": {"sync": {"path": "archive"}},
            },
            False,
        ),
        (
            {
                "apiVersion": "source.extensions.fluxcd.io/v1beta1",
                "kind": "ArtifactGenerator",
                "spec": {"artifacts": [{"copy": [{"from": "@repo/archive/**", "to": "@artifact/"}]}]},
            },
            False,
        ),
    ],
)
def test_what_generates_leads_wherever_it_may(manifest: dict[str, Any], out: bool):
    assert ("archive/web/a.yaml" in _out(STORED | {"flux/x.yaml": [manifest]})) is out


PATHS = (
    "",
    "apps",
    "apps/x",
    "apps/x/old",
    "apps/x/old/y",
    "archive",
    "archive/web",
    "archive/web/more",
    "clusters/old",
)
OBJECTS = st.one_of(
    st.just(PLAIN),
    st.builds(
        lambda path, source: _flux(f"./{path}", source),
        st.sampled_from(PATHS),
        st.sampled_from(("", "a", "b", "flux-system")),
    ),
    st.builds(_source, st.sampled_from(("a", "b")), st.sampled_from(("https://example.org/a", "https://example.org/b"))),
    st.sampled_from(("./apps/${A}", "./${A}", "./archive/${A}/x")).map(_flux),
    st.lists(st.sampled_from(("a.yaml", "x", "old", "../web", "../../archive", "../archive/web", "../x/old")), max_size=2).map(
        lambda names: _lists(*names)
    ),
    st.tuples(st.sampled_from(PATHS), st.booleans()).map(
        lambda drawn: _application(path=drawn[0], directory={"recurse": drawn[1]})
    ),
)  # fmt: skip
FILES = st.builds(
    lambda folder, name: f"{folder}/{name}" if folder else name,
    st.sampled_from(PATHS),
    st.sampled_from(("a.yaml", "b.yaml", "kustomization.yaml")),
)


@given(st.lists(st.tuples(FILES, st.lists(OBJECTS, max_size=2)), min_size=1, max_size=14))
def test_a_tree_that_changes_is_told_as_one_that_is_read_anew(
    changes: list[tuple[str, list[dict[str, Any]]]],
):
    attics, tree = Attics(), Tree()
    for path, objects in changes:
        for number in range(len(tree.pop(path, ()))):
            attics.take((path, number))
        if objects:
            tree[path] = objects
        for number, value in enumerate(objects):
            attics.put((path, number), path, _kind(value), value, attic=attic_in(environment(path), path))
        environments = {name: environment(name) for name in tree}
        stored = {name: attic for name in tree if (attic := attic_in(environments[name], name))}
        reached = attics.reached(set(stored.values()))
        out = {name for name in stored if not counts(name, reached)}
        assert out == out_of_use(tree, environments)
        assert out == _out(tree)
