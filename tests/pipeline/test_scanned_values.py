"""Findings on Helm charts after a scan: values that a schema refuses, with file and line, and charts that do not render."""

from __future__ import annotations

import json
from typing import Any

import pytest
from histories.audits import Audit
from histories.builder import History, link
from histories.manifests import kustomization
from manifests.helm_trees import CHART, below, helm_program, helm_release, in_git

HELM = helm_program()
pytestmark = [pytest.mark.needs_helm, pytest.mark.skipif(HELM is None, reason="helm is not there")]

SCHEMA = json.dumps({"type": "object", "properties": {"replicas": {"type": "integer"}}})
RELEASE = "apps/web.yaml"
OPEN = (
    "SELECT rule_id, path, line, pointer, kind, namespace, name, opened_sha FROM findings"
    " WHERE rule_id IN ('AUD-HELM-0010', 'AUD-HELM-0011', 'AUD-KUSTOMIZE-0001') AND state = 'open' ORDER BY ALL"
)
ASKED = (
    "SELECT rule_id, evaluated, failed, skipped FROM trail.rule_result"
    " WHERE rule_id IN ('AUD-HELM-0010', 'AUD-HELM-0011')"
    " ORDER BY rule_id"
)


@pytest.fixture(autouse=True)
def _helm_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HELM is not None
    monkeypatch.setenv("PATH", str(HELM.parent), prepend=":")


def release(**spec: Any) -> str:
    return json.dumps(json.loads(helm_release(chart=in_git(), **spec)), indent=1)


def start(**spec: Any) -> dict[str, Any]:
    return {**below("charts/app", {**CHART, "values.schema.json": SCHEMA}), RELEASE: release(**spec)}


def kustomization_object(**spec: Any) -> str:
    """Flux' Kustomization, of this repository."""
    source = {"kind": "GitRepository", "name": "flux-system"}
    manifest = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": "flux-system"},
        "spec": {"interval": "10m", "prune": True, "sourceRef": source, **spec},
    }
    return json.dumps(manifest)


def line(text: str, wanted: str) -> int:
    return next(number for number, one in enumerate(text.splitlines(), 1) if wanted in one)


def test_a_value_that_does_not_fit_is_one_finding_with_a_lifetime(story: History, audit: Audit) -> None:
    story.commit("start", start(values={"replicas": 2}))
    audit.scan(render=True)
    assert audit.rows(ASKED) == [("AUD-HELM-0010", 1, 0, 0), ("AUD-HELM-0011", 1, 0, 0)]
    opened = story.commit("many", {RELEASE: release(values={"replicas": "many"})})
    audit.scan(render=True)
    at = line(release(values={"replicas": "many"}), "replicas")
    found = ("AUD-HELM-0011", RELEASE, at, "values.replicas", "HelmRelease", "apps", "web", opened)
    assert audit.rows(OPEN) == [found]
    assert audit.rows(ASKED) == [("AUD-HELM-0010", 0, 0, 0), ("AUD-HELM-0011", 1, 1, 0)]
    # Another value that does not fit is the same refusal, and a moved line too.
    story.commit("few", {RELEASE: "\n" + release(values={"replicas": "few"})})
    audit.scan(render=True)
    assert audit.rows(OPEN) == [(*found[:2], at + 1, *found[3:])]
    fixed = story.commit("fixed", {RELEASE: release(values={"replicas": 3})})
    audit.scan(render=True)
    assert audit.rows(OPEN) == []
    assert audit.rows("SELECT opened_sha, fixed_sha FROM findings WHERE rule_id = 'AUD-HELM-0011'") == [
        (opened, fixed)
    ]


def test_a_chart_that_does_not_render_is_no_kustomization(story: History, audit: Audit) -> None:
    sha = story.commit("start", {**start(), "charts/app/templates/bad.yaml": '{{ fail "never" }}'})
    audit.scan(render=True)
    assert audit.rows(OPEN) == [("AUD-HELM-0010", RELEASE, 0, "", "", "", "", sha)]
    [(message,)] = audit.rows("SELECT message FROM findings WHERE rule_id = 'AUD-HELM-0010'")
    assert "never" in message


def test_a_schema_that_cannot_be_used_is_a_gap_of_the_rule(story: History, audit: Audit) -> None:
    remote = json.dumps({"$ref": "https://example.org/values.json"})
    story.commit("start", {**start(), "charts/app/values.schema.json": remote})
    audit.scan(render=True)
    assert audit.rows(OPEN) == []
    [(subject, reason)] = audit.rows("SELECT subject, reason FROM gaps WHERE reason LIKE '%not fetched%'")
    assert subject == "AUD-HELM-0011"
    assert audit.rows(ASKED) == [("AUD-HELM-0010", 1, 0, 0), ("AUD-HELM-0011", 0, 0, 1)]
    assert "https://example.org/values.json" in reason


def test_a_chart_of_links_follows_what_is_linked_from_landing_to_landing(
    story: History, audit: Audit
) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {{name: linked}}\nspec: {{hostNetwork: {}, containers: []}}\n"
    chart = {path: text for path, text in CHART.items() if not path.startswith("crds/")}
    story.commit(
        "start",
        {
            **below("charts/app", chart),
            "charts/app/templates/pod.yaml": link("../../../library/one.tpl"),
            "library/one.tpl": pod.format("false"),
            "library/two.tpl": pod.format("true"),
        },
    )
    audit.scan(render=True)
    hosts = "SELECT opened_sha FROM findings WHERE rule_id = 'AUD-POD-0002' AND name = 'linked' AND state = 'open'"
    linked = "SELECT DISTINCT path FROM resources WHERE kind = 'Pod' AND name = 'linked'"
    assert audit.rows(linked) == [("library/one.tpl",)]
    assert audit.rows(hosts) == []
    moved = story.commit("other link", {"charts/app/templates/pod.yaml": link("../../../library/two.tpl")})
    audit.scan(render=True)
    assert audit.rows(linked) == [("library/two.tpl",)]
    assert audit.rows(hosts) == [(moved,)]
    story.commit("out", {"charts/app/templates/pod.yaml": link("../../../../etc/passwd")})
    audit.scan(render=True)
    [(reason,)] = audit.rows("SELECT reason FROM gaps WHERE reason LIKE '%leads out%'")
    assert "charts/app/templates/pod.yaml" in reason


def test_a_release_that_a_kustomization_brings_keeps_the_place_of_its_value(
    story: History, audit: Audit
) -> None:
    """The line is the value's own, and no trace of a rendered field takes its place."""
    text = release(values={"replicas": "many"})
    story.commit(
        "start",
        {
            **below("charts/app", {**CHART, "values.schema.json": SCHEMA}),
            "flux/apps.yaml": kustomization_object(path="./apps"),
            "flux/kustomization.yaml": kustomization(resources=("apps.yaml",)),
            "apps/kustomization.yaml": kustomization(resources=("web.yaml",)),
            RELEASE: text,
        },
    )
    audit.scan(render=True)
    [found] = audit.rows(OPEN)
    assert found[:4] == ("AUD-HELM-0011", RELEASE, line(text, "replicas"), "values.replicas")
    assert audit.rows(
        "SELECT count(*) FROM traces t JOIN findings f ON f.id = t.finding WHERE f.rule_id = 'AUD-HELM-0011'"
    ) == [(0,)]
