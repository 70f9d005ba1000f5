"""Each row of known false positives: the excuse, and beside it the nearest thing that is no excuse."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from crosscheck.cases import (
    History,
    applied,
    brief,
    canary,
    check,
    config_map,
    container_of,
    deployment,
    live_deployment,
    only,
    owned,
)

REPLICAS = [("unauthorised", "Deployment/web", "spec.replicas")]


def autoscaler(least: int = 2, most: int = 10) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "minReplicas": least,
            "maxReplicas": most,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "metrics": [metric("cpu", 80), metric("memory", 70)],
        },
    }


def metric(name: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": name, "target": target}}


def scaled(replicas: int, manager: str) -> dict[str, Any]:
    found = live_deployment(None, owned(manager, {"spec": {"replicas": replicas}}, subresource="scale"))
    del found["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"]
    found["spec"]["replicas"] = replicas
    return found


@pytest.mark.parametrize(
    ("replicas", "manager", "expected"),
    [
        (7, "kube-controller-manager", []),
        (11, "kube-controller-manager", REPLICAS),
        (1, "kube-controller-manager", REPLICAS),
        (7, "kubectl", REPLICAS),
    ],
)
def test_replicas_within_an_autoscaler_s_bounds(
    replicas: int, manager: str, expected: list[tuple[str, str, str]]
) -> None:
    hpa = autoscaler()
    result = check([deployment(), hpa], [scaled(replicas, manager), applied(hpa)])
    assert brief(result) == expected


def test_replicas_without_an_autoscaler_are_drift() -> None:
    assert brief(check(deployment(), scaled(7, "kube-controller-manager"))) == REPLICAS


@pytest.mark.parametrize(("replicas", "expected"), [(0, []), (30, []), (31, REPLICAS)])
def test_replicas_within_keda_s_bounds(replicas: int, expected: list[tuple[str, str, str]]) -> None:
    scaler = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"scaleTargetRef": {"name": "web"}, "maxReplicaCount": 30, "triggers": []},
    }
    result = check([deployment(), scaler], [scaled(replicas, "keda-operator"), applied(scaler)])
    assert brief(result) == expected


def test_metrics_of_an_autoscaler_are_a_multiset() -> None:
    hpa = autoscaler()
    found = applied(hpa)
    found["spec"]["metrics"].reverse()
    assert brief(check(hpa, found)) == []
    found["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] = 99
    assert only(check(hpa, found)).pointer == "spec.metrics"


def test_flagger_scales_its_target_to_zero_and_makes_the_primary() -> None:
    primary = live_deployment()
    metadata = {"name": "web-primary", "namespace": "shop", "uid": "uid-primary"}
    primary["metadata"] = metadata | {
        "ownerReferences": [
            {
                "apiVersion": "flagger.app/v1beta1",
                "kind": "Canary",
                "name": "web",
                "uid": "uid-Canary-web",
                "controller": True,
            }
        ]
    }
    result = check([deployment(), canary()], [scaled(0, "flagger"), applied(canary()), primary])
    assert brief(result) == []
    primary["metadata"]["ownerReferences"][0]["uid"] = "forged"
    result = check([deployment(), canary()], [scaled(0, "flagger"), applied(canary()), primary])
    assert brief(result) == [("unmanaged", "Deployment/web-primary", "")]
    assert "no such object exists" in only(result).evidence


def test_a_person_who_scales_a_canary_s_target_to_zero_is_drift() -> None:
    result = check([deployment(), canary()], [scaled(0, "kubectl"), applied(canary())])
    assert brief(result) == REPLICAS


def service(selector: str = "web") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": selector}, "ports": [{"port": 80, "targetPort": 8080}]},
    }


@pytest.mark.parametrize(
    ("selector", "manager", "drifts"),
    [("web-primary", "flagger", False), ("other", "flagger", True), ("web-primary", "kubectl-edit", True)],
)
def test_flagger_points_the_apex_service_at_the_primary(selector: str, manager: str, drifts: bool) -> None:
    found = applied(service(), owned(manager, {"spec": {"selector": {"app": selector}}}))
    del found["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:selector"]
    found["spec"]["selector"] = {"app": selector}
    result = check([service(), canary()], [found, applied(canary())])
    assert [pointer for _, _, pointer in brief(result)] == (["spec.selector"] if drifts else [])


def webhook(bundle: str | None = None) -> dict[str, Any]:
    client: dict[str, Any] = {"service": {"name": "w", "namespace": "shop", "path": "/v"}}
    if bundle:
        client["caBundle"] = bundle
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "w"},
        "webhooks": [
            {
                "name": "w.example.com",
                "clientConfig": client,
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }
        ],
    }


@pytest.mark.parametrize(
    ("declared", "manager", "expected"),
    [
        (None, "cert-manager-cainjector", []),
        ("Cg==", "cert-manager-cainjector", []),
        (None, "kubectl-patch", ["added"]),
        ("Cg==", "kubectl-patch", ["unauthorised"]),
    ],
)
def test_ca_bundles_are_the_injector_s_and_nobody_else_s(
    declared: str | None, manager: str, expected: list[str]
) -> None:
    trie = {"f:webhooks": {'k:{"name":"w.example.com"}': {"f:clientConfig": {"f:caBundle": {}}}}}
    found = applied(webhook(declared), {**owned(manager, {}), "fieldsV1": trie})
    own = found["metadata"]["managedFields"][0]
    own["fieldsV1"] = {"f:webhooks": {'k:{"name":"w.example.com"}': {".": {}, "f:name": {}}}}
    found["webhooks"][0]["clientConfig"]["caBundle"] = "TlVMTA=="
    found["webhooks"][0] |= {"failurePolicy": "Fail", "matchPolicy": "Equivalent", "timeoutSeconds": 10}
    result = check(webhook(declared), found)
    assert [str(item.verdict) for item in result.drift] == expected
    assert {item.pointer for item in result.drift} <= {"webhooks[name=w.example.com].clientConfig.caBundle"}


def test_the_rules_of_an_aggregated_cluster_role_are_a_controller_s() -> None:
    declared: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "monitoring"},
        "aggregationRule": {
            "clusterRoleSelectors": [{"matchLabels": {"rbac.example.com/monitoring": "true"}}]
        },
        "rules": [],
    }
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    found = applied(declared, owned("clusterrole-aggregation-controller", {"rules": rules}, "Apply"))
    found["rules"] = rules
    assert brief(check(declared, found)) == []
    del declared["aggregationRule"]
    assert [pointer for _, _, pointer in brief(check(declared, found))][-1] == "rules"


def made_by_kubernetes() -> list[dict[str, Any]]:
    token = {"kubernetes.io/service-account.name": "default"}
    return [
        config_map(name="kube-root-ca.crt"),
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "shop"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kubernetes", "namespace": "default"}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "default-token", "namespace": "shop", "annotations": token},
            "type": "kubernetes.io/service-account-token",
        },
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", "namespace": "shop"}},
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "w", "namespace": "shop"},
        },
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": "l", "namespace": "shop"},
        },
        {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop"}},
        {
            "apiVersion": "wgpolicyk8s.io/v1alpha2",
            "kind": "PolicyReport",
            "metadata": {"name": "p", "namespace": "shop"},
        },
        {"apiVersion": "cilium.io/v2", "kind": "CiliumIdentity", "metadata": {"name": "1"}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "coredns", "namespace": "kube-system"},
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "system:node"},
        },
    ]


@pytest.mark.parametrize(
    "manifest", made_by_kubernetes(), ids=lambda item: f"{item['kind']}-{item['metadata']['name']}"
)
def test_what_the_cluster_makes_by_itself_is_not_unmanaged(manifest: dict[str, Any]) -> None:
    assert brief(check(deployment(), [live_deployment(), manifest])) == []


@pytest.mark.parametrize(
    "manifest",
    [
        config_map(name="kube-root-ca.crt.bak"),
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer", "namespace": "shop"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kubernetes", "namespace": "shop"}},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "own", "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}},
        },
    ],
    ids=lambda item: f"{item['kind']}-{item['metadata']['name']}",
)
def test_what_only_looks_like_the_cluster_s_own_is_unmanaged(manifest: dict[str, Any]) -> None:
    result = check(deployment(), [live_deployment(), manifest])
    assert [verdict for verdict, _, _ in brief(result)] == ["unmanaged"]


def test_a_namespace_s_name_label_and_finalizers_are_no_additions() -> None:
    declared = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    piece = {
        "metadata": {"labels": {"kubernetes.io/metadata.name": "shop"}},
        "spec": {"finalizers": ["kubernetes"]},
    }
    found = applied(declared, owned("kubectl-create", piece))
    found["metadata"] |= {"labels": {"kubernetes.io/metadata.name": "shop"}}
    found["spec"] = {"finalizers": ["kubernetes"]}
    assert brief(check(declared, found)) == []


def test_children_of_a_controller_that_exists_are_skipped() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web-1",
            "namespace": "shop",
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": "web-1",
                    "uid": "rs",
                    "controller": True,
                }
            ],
        },
    }
    result = check(deployment(), [live_deployment(), pod])
    assert brief(result) == []
    assert any("ReplicaSet" in item.reason for item in result.unknown), "its kind was not recorded"
    result = check(deployment(), [live_deployment(), pod], kinds=[("apps", "ReplicaSet")])
    assert brief(result) == [("unmanaged", "Pod/web-1", "")]


def test_a_manual_restart_is_reported_low() -> None:
    key = "kubectl.kubernetes.io/restartedAt"
    piece = {"spec": {"template": {"metadata": {"annotations": {key: "2026-08-30T10:15:00Z"}}}}}
    found = live_deployment(None, owned("kubectl-rollout", piece))
    found["spec"]["template"]["metadata"]["annotations"] = {key: "2026-08-30T10:15:00Z"}
    drift = only(check(deployment(), found))
    assert drift.pointer == f'spec.template.metadata.annotations["{key}"]'
    assert (drift.verdict, drift.severity) == ("added", "low")
    assert "manual restart" in drift.evidence


def test_volume_claim_templates_are_compared_by_what_git_declares_of_them() -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}},
    }
    declared = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"serviceName": "db", "volumeClaimTemplates": [claim]},
    }
    found = applied(declared)
    template = found["spec"]["volumeClaimTemplates"][0]
    template |= {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}}
    template["metadata"]["creationTimestamp"] = None
    template["spec"]["volumeMode"] = "Filesystem"
    template["spec"]["resources"]["requests"]["storage"] = "1Gi"
    assert brief(check(declared, found)) == []
    template["spec"]["accessModes"] = ["ReadWriteMany"]
    assert only(check(declared, found)).pointer == "spec.volumeClaimTemplates[0].spec.accessModes"


@pytest.mark.parametrize(
    ("where", "word", "drifts"),
    [
        ("ssa", "IfNotPresent", False),
        ("ssa", "Ignore", False),
        ("reconcile", "disabled", False),
        ("ssa", "Override", True),
    ],
)
def test_what_git_tells_flux_to_leave_alone(where: str, word: str, drifts: bool) -> None:
    declared = config_map()
    declared["metadata"]["annotations"] = {f"kustomize.toolkit.fluxcd.io/{where}": word}
    found = applied(declared)
    found["data"] = {"mode": "test"}
    result = check(declared, found)
    assert bool(result.drift) is drifts
    not_compared = word in ("Ignore", "disabled")
    assert bool(result.unknown) is not_compared, "what is not compared is said to be unknown"


def test_ssa_merge_lets_others_add_but_not_change() -> None:
    declared = config_map()
    declared["metadata"]["annotations"] = {"kustomize.toolkit.fluxcd.io/ssa": "Merge"}
    found = applied(declared, owned("operator", {"data": {"extra": "1"}}))
    found["data"]["extra"] = "1"
    assert brief(check(declared, found)) == []
    found["data"]["mode"] = "test"
    assert only(check(declared, found)).pointer == "data.mode"


def test_an_instruction_that_only_the_cluster_has_is_not_obeyed() -> None:
    note = {"metadata": {"annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"}}}
    found = applied(config_map(), owned("kubectl-annotate", note))
    found["metadata"]["annotations"] = note["metadata"]["annotations"]
    found["data"] = {"mode": "test"}
    assert [pointer for _, _, pointer in brief(check(config_map(), found))] == [
        "data.mode",
        'metadata.annotations["kustomize.toolkit.fluxcd.io/reconcile"]',
    ]


def test_what_git_told_flux_not_to_prune_stays_without_a_finding() -> None:
    kept = config_map(name="kept")
    kept["metadata"]["labels"] = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}
    history = History(config_map(), removed=[kept])
    assert brief(check(config_map(), [applied(config_map()), applied(kept)], history)) == []
    loud = copy.deepcopy(kept)
    del loud["metadata"]["labels"]
    history = History(config_map(), removed=[loud])
    assert brief(check(config_map(), [applied(config_map()), applied(kept)], history)) == [
        ("unpruned", "ConfigMap/kept", "")
    ]


def test_a_job_that_its_time_to_live_ended_is_not_deleted() -> None:
    job: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate", "namespace": "shop"},
        "spec": {"ttlSecondsAfterFinished": 60, "template": {"spec": {"containers": []}}},
    }
    other = applied(config_map())
    assert brief(check([job, config_map()], other, kinds=[("batch", "Job")])) == []
    del job["spec"]["ttlSecondsAfterFinished"]
    assert brief(check([job, config_map()], other, kinds=[("batch", "Job")])) == [
        ("deleted", "Job/migrate", "")
    ]


@pytest.mark.parametrize(
    ("rule", "expected", "unknown"),
    [
        ({"jsonPointers": ["/spec/replicas"]}, [], 0),
        ({"jqPathExpressions": [".spec.replicas"]}, [], 0),
        ({"jqPathExpressions": [".spec.template.spec.containers[].image"]}, REPLICAS, 0),
        ({"managedFieldsManagers": ["kubectl"]}, [], 0),
        ({"jqPathExpressions": [".spec | select(.replicas > 1)"]}, REPLICAS, 1),
    ],
)
def test_argo_cd_s_ignored_differences(
    rule: dict[str, Any], expected: list[tuple[str, str, str]], unknown: int
) -> None:
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {"ignoreDifferences": [{"group": "apps", "kind": "Deployment", **rule}]},
    }
    result = check([deployment(), application], [scaled(7, "kubectl"), applied(application)])
    assert brief(result) == expected
    assert len(result.unknown) == unknown


def test_a_copied_tracking_annotation_does_not_make_an_orphan() -> None:
    copied = config_map(name="copy")
    copied["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "shop:/ConfigMap:shop/settings"}
    own = config_map(name="own")
    own["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "shop:/ConfigMap:shop/own"}
    result = check(config_map(), [applied(config_map()), copied, own])
    assert brief(result) == [("unmanaged", "ConfigMap/copy", ""), ("orphan", "ConfigMap/own", "")]


def test_what_a_declared_chart_installs_is_no_orphan_and_is_said_to_be_uncompared() -> None:
    release = {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "redis", "namespace": "shop"},
        "spec": {"interval": "10m"},
    }
    child = config_map(name="redis-config")
    child["metadata"]["labels"] = {
        "helm.toolkit.fluxcd.io/name": "redis",
        "helm.toolkit.fluxcd.io/namespace": "shop",
    }
    result = check(release, [applied(release), child])
    assert brief(result) == []
    assert any("HelmRelease shop/redis" in item.reason for item in result.unknown)


def test_an_image_changed_within_an_autoscaled_deployment_is_still_drift() -> None:
    hpa = autoscaler()
    found = scaled(7, "kube-controller-manager")
    container_of(found)["image"] = "evil.example/web:1"
    result = check([deployment(), hpa], [found, applied(hpa)])
    assert [pointer for _, _, pointer in brief(result)] == ["spec.template.spec.containers[name=web].image"]
