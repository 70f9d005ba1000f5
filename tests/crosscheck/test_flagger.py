"""What Flagger makes and changes, where the snapshot tells of Canaries and where only git does."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from crosscheck.cases import applied, brief, canary, check, owned

from auditor.crosscheck.flagger import made_for

CANARY = ("flagger.app", "Canary")


def made(api_version: str, kind: str, name: str, /, **owner: Any) -> dict[str, Any]:
    """An object that has the Canary as its controller."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{kind}-{name}",
            # Flagger copies the labels of the target, so the object looks as if Argo CD had put it there.
            "labels": {"argocd.argoproj.io/instance": "shop"},
            "ownerReferences": [
                {
                    "apiVersion": "flagger.app/v1beta1",
                    "kind": "Canary",
                    "name": "web",
                    "uid": "uid-of-the-canary",
                    "controller": True,
                    **owner,
                }
            ],
        },
    }


MADE = [
    ("apps/v1", "Deployment", "web-primary"),
    ("v1", "Service", "web"),
    ("v1", "Service", "web-primary"),
    ("v1", "Service", "web-canary"),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "web-scaler-primary"),
    ("networking.istio.io/v1", "VirtualService", "web"),
    ("networking.istio.io/v1", "DestinationRule", "web-primary"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", "web"),
    ("networking.k8s.io/v1", "Ingress", "front-canary"),
]


def full_canary() -> dict[str, Any]:
    return canary(
        autoscalerRef={
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "name": "web-scaler",
        },
        ingressRef={"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "front"},
    )


@pytest.mark.parametrize(("api_version", "kind", "name"), MADE)
def test_what_flagger_makes_for_a_canary_of_git_is_known(api_version: str, kind: str, name: str) -> None:
    result = check([full_canary()], [made(api_version, kind, name)])
    assert brief(result) == []


@pytest.mark.parametrize(
    "found",
    [
        made("apps/v1", "Deployment", "other-primary"),
        made("apps/v1", "StatefulSet", "web-primary"),
        made("apps/v1", "Deployment", "web-primary", name="another"),
        made("apps/v1", "Deployment", "web-primary", kind="Deployment", apiVersion="apps/v1"),
        made("v1", "ConfigMap", "web-config-primary"),
    ],
)
def test_what_only_claims_to_be_flaggers_is_not(found: dict[str, Any]) -> None:
    assert brief(check([full_canary()], [found])) != []


def test_copies_of_configuration_that_is_there() -> None:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web-config", "namespace": "shop"},
    }
    live = [applied(config), made("v1", "ConfigMap", "web-config-primary")]
    assert brief(check([canary(), config], live)) == []


def test_a_recorded_canary_counts_by_its_uid_alone() -> None:
    """Where the snapshot holds Canaries, a name proves nothing."""
    found = made("apps/v1", "Deployment", "web-primary")
    del found["metadata"]["labels"]
    verdicts = brief(check([canary()], [applied(canary()), found]))
    assert verdicts == [("unmanaged", "Deployment/web-primary", "")]


def test_a_service_of_another_name() -> None:
    names = made_for(canary(service={"name": "front", "port": 80}))
    assert {name for _, kind, name in names if kind == "Service"} == {
        "front",
        "front-primary",
        "front-canary",
    }
    assert ("apps", "Deployment", "web-primary") in names


def daemon_set() -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent", "namespace": "shop"},
        "spec": {
            "selector": {"matchLabels": {"app": "agent"}},
            "template": {
                "metadata": {"labels": {"app": "agent"}},
                "spec": {"containers": [{"name": "agent", "image": "agent:1"}]},
            },
        },
    }


@pytest.mark.parametrize(
    ("manager", "selector", "drifts"),
    [
        ("flagger", {"flagger.app/scale-to-zero": "true"}, False),
        ("kubectl-edit", {"flagger.app/scale-to-zero": "true"}, True),
        ("flagger", {"disk": "ssd"}, True),
    ],
)
@pytest.mark.parametrize("is_recorded", [True, False])
def test_flagger_takes_a_daemon_set_off_all_nodes(
    manager: str, selector: dict[str, str], drifts: bool, is_recorded: bool
) -> None:
    target = canary(targetRef={"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent"})
    piece = {"spec": {"template": {"spec": {"nodeSelector": selector}}}}
    found = applied(daemon_set(), owned(manager, piece))
    found["spec"] = copy.deepcopy(found["spec"])
    found["spec"]["template"]["spec"]["nodeSelector"] = selector
    live = [found, applied(target)] if is_recorded else [found]
    verdicts = brief(check([daemon_set(), target], live))
    of_target = [verdict for verdict in verdicts if verdict[1] == "DaemonSet/agent"]
    assert bool(of_target) is drifts
