"""A rule with nothing to judge is not applicable; one that was not asked, or whose object nobody saw, is not."""

from __future__ import annotations

import pytest
from histories.audits import Audit
from histories.builder import History

from auditor.pipeline.declared.subjects import Unseen, bringing_in, with_those_that_met_nothing
from auditor.settings import PolicySetting, Settings

INGRESS, ARGO, TERRAFORM, WAIVER = "AUD-NET-0002", "AUD-ARGO-0001", "AUD-TF-0005", "AUD-WAIVER-0001"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
spec: {interval: 1h, chart: {spec: {chart: web, version: 1.2.3, sourceRef: {kind: HelmRepository, name: shop}}}}
"""
BROKEN = "apiVersion: v1\nkind: Namespace\nmetadata: [\n"


def statuses(audit: Audit) -> dict[str, str]:
    """The status of the four rules above."""
    return dict(
        audit.rows(
            "SELECT DISTINCT rule_id, status FROM controls WHERE list_contains"
            f"(['{INGRESS}', '{ARGO}', '{TERRAFORM}', '{WAIVER}'], rule_id) ORDER BY ALL"
        )
    )


NOTHING, UNKNOWN = "not applicable", "not evaluated"


@pytest.mark.parametrize(
    ("files", "ingress", "argo", "terraform"),
    [
        pytest.param({"a.yaml": NAMESPACE}, NOTHING, NOTHING, NOTHING, id="nothing of the kind"),
        pytest.param({"a.yaml": NAMESPACE, "b.yaml": RELEASE}, UNKNOWN, NOTHING, NOTHING, id="a chart"),
        pytest.param(
            {"a.yaml": NAMESPACE, "b.yaml": BROKEN}, UNKNOWN, UNKNOWN, NOTHING, id="a broken manifest"
        ),
        pytest.param({"a.yaml": NAMESPACE, "b.tf": "a {"}, NOTHING, NOTHING, UNKNOWN, id="broken Terraform"),
    ],
)
def test_nothing_to_judge_is_not_applicable_where_all_was_seen(
    story: History, audit: Audit, files: dict[str, str], ingress: str, argo: str, terraform: str
) -> None:
    story.commit("first", files)
    audit.scan()
    assert statuses(audit) == {ARGO: argo, INGRESS: ingress, TERRAFORM: terraform, WAIVER: NOTHING}


def test_a_chart_that_nobody_renders_is_named(story: History, audit: Audit) -> None:
    story.commit("first", {"web.yaml": RELEASE})
    audit.scan()
    assert audit.rows("SELECT outcome, occurrences, example FROM gaps WHERE subject = 'charts'") == [
        ("skipped", 1, "web.yaml")
    ]


def test_a_rule_that_is_disabled_has_no_answer(story: History, audit: Audit) -> None:
    story.commit("first", {"a.yaml": NAMESPACE})
    audit.scan(
        settings=Settings(
            engine="embedded", policies=PolicySetting(disabled=(INGRESS, ARGO, TERRAFORM, WAIVER))
        )
    )
    assert set(statuses(audit).values()) == {UNKNOWN}


def test_a_waiver_is_something_to_judge(story: History, audit: Audit) -> None:
    entry = "{rule: AUD-POD-0001, resource: {name: web}, reason: known, owner: ann, expires: 2999-01-01}"
    story.commit(
        "first",
        {"a.yaml": NAMESPACE, ".auditor/waivers.yaml": f"version: 1\nwaivers:\n  - {entry}\n"},
    )
    audit.scan()
    assert statuses(audit)[WAIVER] == "pass"


@pytest.mark.parametrize(
    ("kinds", "hiding"),
    [
        (("apps/Deployment",), 4),
        (("*",), 4),
        (("argoproj.io/Application", "argoproj.io/ApplicationSet"), 1),
        (("argoproj.io/Application", "ConfigMap"), 4),
        (("argoproj.io/Rollout",), 4),
        (("kustomize.toolkit.fluxcd.io/Kustomization",), 1),
        (("terraform/aws_s3_bucket",), 2),
        (("docker/Dockerfile",), 2),
        ((), 0),
    ],
)
def test_what_may_hold_an_object_of_a_kind(kinds: tuple[str, ...], hiding: int) -> None:
    unseen = Unseen(
        unread=("a.yaml", "main.tf", "Dockerfile"),
        unrendered=("apps",),
        bringing=bringing_in(
            [
                ("helm.toolkit.fluxcd.io/HelmRelease", "r.yaml"),
                ("helm.toolkit.fluxcd.io/HelmRelease", "s.yaml"),
                ("apps/Deployment", "d.yaml"),
            ]
        ),
    )
    assert unseen.hiding(kinds) == hiding


def test_what_answered_stays() -> None:
    unseen = Unseen(unread=("a.yaml",))
    asked = {"A": ("Pod",), "B": ("Pod",), "C": ("Pod",), "D": ("Pod",)}
    results = {"A": (3, 1, 0, 0), "B": (0, 0, 0, 2), "C": (0, 0, 0, 0), "X": (1, 0, 0, 0)}
    assert with_those_that_met_nothing(results, asked, unseen) == {
        "A": (3, 1, 0, 0),
        "B": (0, 0, 0, 2),
        "C": (0, 0, 1, 0),
        "D": (0, 0, 1, 0),
        "X": (1, 0, 0, 0),
    }
