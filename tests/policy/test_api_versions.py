"""The deprecation guide of Kubernetes, written down from its text, against what the rules say of each version."""

import pytest
from policy.kubernetes_support import said
from policy.policy_support import document

from auditor.policy.judge import Judge, JudgeSpec

REMOVED, DEPRECATED = "AUD-API-0001", "AUD-API-0003"

# apiVersion, kinds, deprecated in, no longer served from (minors of 1.x)
# https://kubernetes.io/docs/reference/using-api/deprecation-guide/
GUIDE = [
    ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema PriorityLevelConfiguration", 29, 32),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema PriorityLevelConfiguration", 26, 29),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema PriorityLevelConfiguration", 23, 26),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26),
    ("batch/v1beta1", "CronJob", 21, 25),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25),
    ("policy/v1beta1", "PodDisruptionBudget PodSecurityPolicy", 21, 25),
    ("node.k8s.io/v1beta1", "RuntimeClass", 22, 25),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        16,
        22,
    ),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 16, 22),
    ("apiregistration.k8s.io/v1beta1", "APIService", 19, 22),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22),
    ("coordination.k8s.io/v1beta1", "Lease", 19, 22),
    ("networking.k8s.io/v1beta1", "Ingress IngressClass", 19, 22),
    ("extensions/v1beta1", "Ingress", 14, 22),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRole ClusterRoleBinding Role RoleBinding", 17, 22),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22),
    ("storage.k8s.io/v1beta1", "StorageClass VolumeAttachment CSIDriver", 19, 22),
    ("extensions/v1beta1", "DaemonSet Deployment ReplicaSet", 8, 16),
    ("extensions/v1beta1", "NetworkPolicy", 9, 16),
    ("apps/v1beta1", "Deployment StatefulSet", 8, 16),
    ("apps/v1beta2", "DaemonSet Deployment ReplicaSet StatefulSet", 9, 16),
    # By the lifecycle markers of k8s.io/api, beta versions since 1.25.
    (
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
        31,
        34,
    ),
    ("networking.k8s.io/v1beta1", "IPAddress ServiceCIDR", 34, 37),
    ("storage.k8s.io/v1beta1", "VolumeAttributesClass", 34, 37),
    ("resource.k8s.io/v1beta1", "ResourceClaim DeviceClass", 35, 38),
    ("resource.k8s.io/v1beta2", "ResourceClaimTemplate ResourceSlice", 36, 39),
    # Deprecated without an end.
    ("v1", "Endpoints", 33, 99),
]
CURRENT = [
    ("apps/v1", "Deployment"),
    ("policy/v1", "PodDisruptionBudget"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("autoscaling/v1", "HorizontalPodAutoscaler"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ("resource.k8s.io/v1", "ResourceClaim"),
    # The same group's version, of another kind.
    ("networking.k8s.io/v1", "NetworkPolicy"),
]


@pytest.mark.parametrize("minor", range(25, 38))
def test_the_guide_for_each_version(minor):
    cases = [(version, kind, *when) for version, kinds, *when in GUIDE for kind in kinds.split()]
    manifests = [
        {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}} for version, kind, *_ in cases
    ]
    of_removed = [number for number, case in enumerate(cases) if case[1] != "Endpoints"]
    with Judge(JudgeSpec(engine="embedded", schemas=False, kubernetes_version=f"1.{minor}")) as judge:
        deprecated = said(judge, DEPRECATED, *manifests)
        removed = dict(
            zip(of_removed, said(judge, REMOVED, *(manifests[n] for n in of_removed)), strict=True)
        )
    for number, (version, kind, since, until) in enumerate(cases):
        expected = "removed" if minor >= until else "deprecated" if minor >= since else "served"
        found = "removed" if removed.get(number) else "deprecated" if deprecated[number] else "served"
        assert (version, kind, found) == (version, kind, expected)


@pytest.mark.parametrize(("version", "kind"), CURRENT)
def test_versions_that_stay(version, kind):
    manifest = {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}}
    with Judge(JudgeSpec(engine="embedded", schemas=False)) as judge:
        verdicts = judge.judge([document(manifest)])[0].verdicts
    assert [one for one in verdicts if one.rule_id in (REMOVED, DEPRECATED)] == []
