"""Roles of files, by table and against the obvious way: computing everything again."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.manifests.documents import parse
from auditor.manifests.layout import (
    FileRole,
    Layout,
    chart_folders,
    fragments_at,
    is_candidate,
    is_kustomization_name,
    role,
)
from auditor.manifests.secrets import Redactor
from auditor.model import ParsedBlob

PLAIN = ParsedBlob(documents=(), problems=())


def kustomization(*fragments: str) -> ParsedBlob:
    return ParsedBlob(documents=(), problems=(), is_kustomization=True, fragments=tuple(fragments))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.yaml", True),
        ("b.yml", True),
        ("b.json", True),
        ("a/Kustomization", True),
        (".github/workflows/x.yaml", True),
        ("README.md", False),
        ("a/kustomization", False),
        ("a/b.yaml.j2", False),
        ("yaml", False),
    ],
)
def test_candidates(path: str, expected: bool) -> None:
    assert is_candidate(path) is expected


def test_roles_in_a_tree() -> None:
    layout = Layout()
    tree: dict[str, ParsedBlob | None] = {
        "apps/kustomization.yaml": kustomization(
            "patch.yaml", "./values/../values/web.yaml", "../shared/p.yaml"
        ),
        "apps/patch.yaml": PLAIN,
        "apps/deployment.yaml": PLAIN,
        "apps/values/web.yaml": PLAIN,
        "shared/p.yaml": PLAIN,
        "apps/other-name.yaml": kustomization("deployment.yaml"),
        "charts/web/Chart.yaml": PLAIN,
        "charts/web/values.yaml": PLAIN,
        "charts/web/values-prod.yaml": PLAIN,
        "charts/web/ci/test-values.yaml": PLAIN,
        "charts/web/templates/a/deployment.yaml": PLAIN,
        "charts/web/crds/thing.yaml": PLAIN,
        "charts/web/charts/sub/Chart.yaml": PLAIN,
        "charts/web/charts/sub/templates/x.yaml": PLAIN,
        "charts/templates/x.yaml": PLAIN,
        "README.md": None,
    }
    layout.apply(tree, ())
    roles = {path: layout.role(path).value for path in tree}
    assert roles == {
        "apps/kustomization.yaml": "kustomization",
        "apps/patch.yaml": "fragment",
        "apps/deployment.yaml": "manifest",
        "apps/values/web.yaml": "fragment",
        "shared/p.yaml": "fragment",
        "apps/other-name.yaml": "kustomization",
        "charts/web/Chart.yaml": "chart",
        "charts/web/values.yaml": "chart-values",
        "charts/web/values-prod.yaml": "chart-values",
        "charts/web/ci/test-values.yaml": "chart-values",
        "charts/web/templates/a/deployment.yaml": "chart-template",
        "charts/web/crds/thing.yaml": "manifest",
        "charts/web/charts/sub/Chart.yaml": "chart",
        "charts/web/charts/sub/templates/x.yaml": "chart-template",
        "charts/templates/x.yaml": "manifest",
        "README.md": "other",
    }
    assert [path for path in tree if layout.is_judged(path)] == [
        path for path, name in roles.items() if name in ("manifest", "kustomization")
    ]


def test_a_patch_that_is_no_longer_listed_becomes_a_manifest() -> None:
    layout = Layout()
    layout.apply({"k/kustomization.yaml": kustomization("p.yaml"), "k/p.yaml": PLAIN, "k/q.yaml": PLAIN}, ())
    assert layout.apply({"k/kustomization.yaml": kustomization("q.yaml")}, ()) == {"k/p.yaml", "k/q.yaml"}
    assert layout.is_judged("k/p.yaml")
    assert not layout.is_judged("k/q.yaml")
    assert layout.apply({}, ["k/kustomization.yaml"]) == {"k/q.yaml"}


def test_a_file_listed_twice_stays_a_fragment_until_both_let_go() -> None:
    layout = Layout()
    layout.apply({"a/kustomization.yaml": kustomization("../p.yaml"), "p.yaml": PLAIN}, ())
    assert layout.apply({"b/kustomization.yaml": kustomization("../p.yaml")}, ()) == frozenset()
    assert layout.apply({}, ["a/kustomization.yaml"]) == frozenset()
    assert layout.apply({}, ["b/kustomization.yaml"]) == {"p.yaml"}


def test_a_chart_that_appears_takes_its_templates_and_gives_them_back() -> None:
    layout = Layout()
    layout.apply({"c/templates/d/x.yaml": PLAIN, "c/values.yaml": PLAIN, "c/y.yaml": PLAIN}, ())
    assert layout.apply({"c/Chart.yaml": PLAIN}, ()) == {"c/templates/d/x.yaml", "c/values.yaml"}
    assert layout.apply({}, ["c/Chart.yaml"]) == {"c/templates/d/x.yaml", "c/values.yaml"}


def test_fragments_come_from_every_field_and_leave_resources_alone() -> None:
    text = b"""
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [deployment.yaml, both.yaml]
patches:
  - path: a.yaml
  - path: ./both.yaml
  - patch: |-
      - op: remove
        path: /spec
patchesStrategicMerge:
  - b.yaml
  - |-
    apiVersion: v1
    kind: ConfigMap
patchesJson6902: [{path: c.yaml, target: {kind: X}}]
replacements: [{path: d.yaml}, {source: {kind: X}}]
configMapGenerator: [{name: x, files: [e.yaml, key=f.yaml], envs: [g.env]}]
secretGenerator: [{name: y, env: h.env}]
helmCharts: [{name: z, valuesFile: i.yaml, additionalValuesFiles: [j.yaml]}]
openapi: {path: k.json}
configurations: [l.yaml]
transformers: [m.yaml]
generators: [n.yaml]
validators: [o.yaml]
"""
    parsed = parse(text, redactor=Redactor(b"0" * 32))
    assert parsed.is_kustomization
    assert parsed.fragments == tuple(
        sorted([*(f"{letter}.yaml" for letter in "abcdefijlmno"), "g.env", "h.env", "k.json"])
    )


def test_patches_as_old_kustomizations_list_them_are_fragments() -> None:
    # Plain texts, as before Kustomize 3.3; today's refuses to build the folder, and the file is no resource either.
    text = b"""
resources: [web.yaml, kept.yaml]
patches:
  - old.yaml
  - path: new.yaml
  - kept.yaml
  - |-
    apiVersion: v1
    kind: ConfigMap
"""
    parsed = parse(text, redactor=Redactor(b"0" * 32), is_kustomization_name=True)
    assert parsed.fragments == ("new.yaml", "old.yaml")
    layout = Layout()
    layout.apply({"a/kustomization.yaml": parsed, "a/old.yaml": PLAIN, "a/web.yaml": PLAIN}, ())
    assert layout.role("a/old.yaml") is FileRole.FRAGMENT
    assert layout.role("a/web.yaml") is FileRole.MANIFEST


def slow_roles(tree: dict[str, ParsedBlob | None]) -> dict[str, FileRole]:
    charts = chart_folders(tree)
    fragments = {
        fragment
        for path, blob in tree.items()
        if blob is not None and blob.is_kustomization and is_kustomization_name(path)
        for fragment in fragments_at(path, blob.fragments)
    }

    def is_kustomization(path: str) -> bool:
        blob = tree.get(path)
        return blob is not None and blob.is_kustomization

    return {
        path: role(
            path,
            is_chart_folder=charts.__contains__,
            is_fragment=fragments.__contains__,
            is_kustomization=is_kustomization,
        )
        for path in tree
    }


FOLDERS = ["", "a", "a/templates", "a/ci", "b", "a/b", "a/charts/c", "a/charts/c/templates/d", "templates"]
NAMES = ["x.yaml", "values.yaml", "kustomization.yaml", "Kustomization", "Chart.yaml", "README.md"]
PATHS = st.builds(posixpath.join, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "x.yaml",
            "../x.yaml",
            "./b/../x.yaml",
            "a/x.yaml",
            "../../../x.yaml",
            "/x.yaml",
            "templates/x.yaml",
            "",
            ".",
        ]
    ),
    max_size=3,
)
BLOBS = st.one_of(st.none(), st.just(PLAIN), FRAGMENTS.map(lambda names: kustomization(*names)))
CHANGES = st.lists(
    st.tuples(st.dictionaries(PATHS, BLOBS, max_size=5), st.sets(PATHS, max_size=3)), max_size=8
)


@settings(max_examples=400, deadline=None)
@given(CHANGES)
def test_following_a_history_equals_computing_each_tree_again(
    changes: list[tuple[dict[str, ParsedBlob | None], set[str]]],
) -> None:
    layout = Layout()
    tree: dict[str, ParsedBlob | None] = {}
    for added, removed in changes:
        removed = removed - added.keys()
        before = slow_roles(tree)
        tree = {path: blob for path, blob in {**tree, **added}.items() if path not in removed}
        after = slow_roles(tree)
        flipped = layout.apply(added, removed)
        assert {path: layout.role(path) for path in tree} == after
        untouched = tree.keys() & before.keys() - added.keys()
        assert flipped == {path for path in untouched if before[path] is not after[path]}
