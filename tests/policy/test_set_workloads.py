"""Rules over an environment see workloads of kinds that are not Kubernetes' own."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.manifests.documents import document_of
from auditor.policy.judge import Judge, JudgeSpec

SELECTS_NOTHING = "AUD-NET-0012"
ACCOUNT_MISSING = "AUD-RBAC-0021"
OPEN_TO_ALL = "AUD-NET-0009"


@pytest.fixture(scope="module")
def judge():
    workloads = {"example.org/Fleet": "spec.ships.pod", "argoproj.io/Rollout": "spec.template.spec"}
    with Judge(JudgeSpec(engine="embedded", schemas=False, workloads=workloads)) as judge:
        yield judge


def _meta(name: str) -> dict[str, Any]:
    return {"name": name, "namespace": "shop"}


def _pods(app: str, account: str) -> dict[str, Any]:
    return {"labels": {"app": app}}, {
        "serviceAccountName": account,
        "containers": [{"name": "c", "image": "i"}],
    }


def rollout(account: str = "web") -> dict[str, Any]:
    metadata, pod = _pods("web", account)
    spec = {"template": {"metadata": metadata, "spec": pod}}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": _meta("web"), "spec": spec}


def fleet(account: str = "web") -> dict[str, Any]:
    metadata, pod = _pods("fleet", account)
    spec = {"ships": {"metadata": metadata, "pod": pod}}
    return {"apiVersion": "example.org/v1", "kind": "Fleet", "metadata": _meta("fleet"), "spec": spec}


def service(app: str) -> dict[str, Any]:
    spec = {"selector": {"app": app}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _meta(app), "spec": spec}


ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _meta("web")}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": _meta("shop"),
    "spec": {"template": {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": []}}},
}
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": _meta("one"),
    "spec": {"podSelector": {"matchLabels": {"app": "shop"}}, "policyTypes": ["Ingress"]},
}


def said(judge: Judge, rule: str, *manifests: dict[str, Any]) -> list[tuple[str, str]]:
    documents = [document_of(one, index=number, line=1) for number, one in enumerate(manifests)]
    _, verdicts = judge.judge_together("prod", documents)
    return sorted((documents[at].name, one.pointer) for at, one in verdicts if one.rule_id == rule)


def test_a_service_selects_pods_of_other_workloads(judge: Judge):
    manifests = [DEPLOYMENT, rollout(), fleet(), service("web"), service("fleet"), service("shop")]
    assert said(judge, SELECTS_NOTHING, *manifests) == []
    assert said(judge, SELECTS_NOTHING, DEPLOYMENT, service("web")) == [("web", "spec.selector")]


def test_their_service_accounts_are_looked_for(judge: Judge):
    assert said(judge, ACCOUNT_MISSING, ACCOUNT, rollout(), fleet()) == []
    assert said(judge, ACCOUNT_MISSING, ACCOUNT, rollout("no"), fleet("no")) == [
        ("fleet", "spec.ships.pod.serviceAccountName"),
        ("web", "spec.template.spec.serviceAccountName"),
    ]


def test_their_pods_are_open_without_a_policy(judge: Judge):
    assert said(judge, OPEN_TO_ALL, POLICY, DEPLOYMENT, rollout(), fleet()) == [("fleet", ""), ("web", "")]


def test_a_kind_that_nobody_named_is_no_workload():
    with Judge(JudgeSpec(engine="embedded", schemas=False)) as judge:
        assert said(judge, ACCOUNT_MISSING, ACCOUNT, fleet("no")) == []
        assert said(judge, ACCOUNT_MISSING, ACCOUNT, rollout("no")) != []


def test_a_kind_of_the_same_name_in_another_group_is_told_apart():
    spec = JudgeSpec(engine="embedded", schemas=False, workloads={"example.org/Deployment": "spec.pod"})
    own = {
        "apiVersion": "example.org/v1",
        "kind": "Deployment",
        "metadata": _meta("own"),
        "spec": {"pod": {"serviceAccountName": "no"}},
    }
    usual = {
        **DEPLOYMENT,
        "spec": {"template": {"spec": {"serviceAccountName": "nor this"}}},
    }
    with Judge(spec) as judge:
        assert said(judge, ACCOUNT_MISSING, ACCOUNT, own, usual) == [
            ("own", "spec.pod.serviceAccountName"),
            ("shop", "spec.template.spec.serviceAccountName"),
        ]
