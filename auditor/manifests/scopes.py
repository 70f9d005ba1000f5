"""Which kinds are in no namespace, as far as that is known without a cluster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob

CLUSTER_SCOPED: frozenset[tuple[str, str]] = frozenset(
    {
        ("", "ComponentStatus"),
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("internal.apiserver.k8s.io", "StorageVersion"),
        ("networking.k8s.io", "IPAddress"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "ServiceCIDR"),
        ("node.k8s.io", "RuntimeClass"),
        ("policy", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("resource.k8s.io", "DeviceClass"),
        ("resource.k8s.io", "DeviceTaintRule"),
        ("resource.k8s.io", "ResourceSlice"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"),
        ("storage.k8s.io", "VolumeAttributesClass"),
        ("storagemigration.k8s.io", "StorageVersionMigration"),
        # Kinds of projects whose definitions are seldom in the repository that uses them.
        ("acme.cert-manager.io", "ClusterIssuer"),
        ("argoproj.io", "ClusterAnalysisTemplate"),
        ("argoproj.io", "ClusterWorkflowTemplate"),
        ("cert-manager.io", "ClusterIssuer"),
        ("cilium.io", "CiliumClusterwideNetworkPolicy"),
        ("cilium.io", "CiliumLoadBalancerIPPool"),
        ("crd.projectcalico.org", "GlobalNetworkPolicy"),
        ("external-secrets.io", "ClusterExternalSecret"),
        ("external-secrets.io", "ClusterSecretStore"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("karpenter.k8s.aws", "EC2NodeClass"),
        ("karpenter.sh", "NodePool"),
        ("keda.sh", "ClusterTriggerAuthentication"),
        ("kyverno.io", "ClusterCleanupPolicy"),
        ("kyverno.io", "ClusterPolicy"),
        ("operator.tigera.io", "Installation"),
        ("pkg.crossplane.io", "Configuration"),
        ("pkg.crossplane.io", "Provider"),
        ("policy.networking.k8s.io", "AdminNetworkPolicy"),
        ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
        ("projectcalico.org", "GlobalNetworkPolicy"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotContent"),
        ("templates.gatekeeper.sh", "ConstraintTemplate"),
        ("trust.cert-manager.io", "Bundle"),
    }
)
"""(group, kind) of Kubernetes 1.37 (`kubectl api-resources --namespaced=false`) and of well-known operators."""

_ALL_IN_GROUP = frozenset({"constraints.gatekeeper.sh"})
_SAYS_CLUSTER = re.compile(rb"scope[\"']?\s*:\s*[\"']?Cluster")


def is_cluster_scoped(manifest: Mapping[str, Any], further: frozenset[tuple[str, str]]) -> bool:
    """True for an object of a kind in no namespace; `further` are (group, kind) known besides. A kind that is not
    known counts as namespaced, as it does for Argo CD."""
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    key = (group, str(manifest.get("kind", "")))
    return key in CLUSTER_SCOPED or group in _ALL_IN_GROUP or key in further


def cluster_kinds(contents: Iterable[bytes]) -> frozenset[tuple[str, str]]:
    """(group, kind) of every cluster-scoped CustomResourceDefinition in the files."""
    found: set[tuple[str, str]] = set()
    for content in contents:
        if not _SAYS_CLUSTER.search(content):
            continue
        for entry in read_blob(content, Limits()).documents:
            value = entry.value
            spec = value.get("spec") if isinstance(value, dict) else None
            if not isinstance(spec, dict) or value.get("kind") != "CustomResourceDefinition":
                continue
            names = spec.get("names")
            if spec.get("scope") == "Cluster" and isinstance(names, dict):
                found.add((str(spec.get("group", "")), str(names.get("kind", ""))))
    return frozenset(found)
