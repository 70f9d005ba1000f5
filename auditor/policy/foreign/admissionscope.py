"""What an admission policy is about: resource rules, selectors, and the resource names of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.errors import PolicyError
from auditor.policy.foreign.match import meets, selector
from auditor.policy.kinds import kubernetes_kinds
from auditor.policy.router import kind_of

NAME_LABEL = "kubernetes.io/metadata.name"


_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
"""Kubernetes' own kinds that are in no namespace."""


@dataclass(frozen=True, kw_only=True)
class AdmissionScope:
    """`matchConstraints` of a policy and `matchResources` of its binding: both have to match.

    `plurals` are the resource names of custom kinds ("group/Kind").
    """

    constraints: tuple[Mapping[str, Any], ...]
    plurals: Mapping[str, str] = field(default_factory=dict)

    def applies(self, manifest: Mapping[str, Any]) -> bool:
        """True where the policy is asked when the object is created. PolicyError where that cannot be said."""
        return all(self._matches(one, manifest) for one in self.constraints)

    def _matches(self, match: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
        metadata = manifest.get("metadata") or {}
        rules = match.get("resourceRules")
        exact = match.get("matchPolicy") == "Exact"
        if rules is not None and not any(self._in_rule(one, manifest, exact=exact) for one in rules):
            return False
        if any(self._in_rule(one, manifest, exact=exact) for one in match.get("excludeResourceRules") or ()):
            return False
        objects = selector(match.get("objectSelector"), "objectSelector")
        if not meets(objects, metadata.get("labels") or {}):
            return False
        return _in_namespace(selector(match.get("namespaceSelector"), "namespaceSelector") or [], manifest)

    def _in_rule(self, rule: Mapping[str, Any], manifest: Mapping[str, Any], *, exact: bool) -> bool:
        group, _, version = str(manifest.get("apiVersion") or "").rpartition("/")
        operations = rule.get("operations") or ["*"]
        names = rule.get("resourceNames") or []
        if not _holds(rule.get("apiGroups"), group) or (
            exact and not _holds(rule.get("apiVersions"), version)
        ):
            return False
        if "*" not in operations and "CREATE" not in operations and "UPDATE" not in operations:
            return False
        if names and str((manifest.get("metadata") or {}).get("name") or "") not in names:
            return False
        scope = rule.get("scope") or "*"
        if scope != "*" and (scope == "Cluster") is not is_cluster_scoped(manifest):
            return False
        resources = rule.get("resources") or []
        if "*" in resources or "*/*" in resources:
            return True
        return self._plural(group, str(manifest.get("kind"))) in resources

    def _plural(self, group: str, kind: str) -> str:
        name = f"{group}/{kind}" if group else kind
        if name in self.plurals:
            return self.plurals[name]
        if name in kubernetes_kinds():
            return guessed_plural(kind)
        raise PolicyError(
            f"the resource name of {name} is not known: its CustomResourceDefinition is not in the folder"
        )


def guessed_plural(kind: str) -> str:
    """The resource name of one of Kubernetes' own kinds, by the rule that Kubernetes itself names them with.

    k8s.io/apimachinery/pkg/api/meta: UnsafeGuessKindToResource.
    """
    name = kind.lower()
    if name.endswith("endpoints"):
        return name
    if name.endswith("s"):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def is_cluster_scoped(manifest: Mapping[str, Any]) -> bool:
    """True for an object in no namespace, as far as its kind or its manifest says so."""
    if kind_of(str(manifest.get("apiVersion") or ""), str(manifest.get("kind"))) in kubernetes_kinds():
        return manifest.get("kind") in _CLUSTER_SCOPED
    return not (manifest.get("metadata") or {}).get("namespace")


def _in_namespace(requirements: list[dict[str, Any]], manifest: Mapping[str, Any]) -> bool:
    metadata = manifest.get("metadata") or {}
    if not requirements:
        return True
    if manifest.get("kind") == "Namespace":
        labels = {**(metadata.get("labels") or {}), NAME_LABEL: metadata.get("name")}
        return meets(requirements, labels)
    if is_cluster_scoped(manifest):
        return True
    namespace = metadata.get("namespace")
    if namespace and all(one["key"] == NAME_LABEL for one in requirements):
        return meets(requirements, {NAME_LABEL: namespace})
    raise PolicyError("the policy selects by the labels of a namespace, which a manifest does not show")


def _holds(names: Any, name: str) -> bool:
    return not names or "*" in names or name in names
