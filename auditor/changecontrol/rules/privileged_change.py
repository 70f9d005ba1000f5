"""What decides who may do what was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.changecontrol.evidence import ResourceTouch
from auditor.changecontrol.interface import Asked, ChangeVerdict, Known, LandedChange

PRIVILEGED_KINDS = {
    "rbac.authorization.k8s.io/Role": "who may do what in the namespace",
    "rbac.authorization.k8s.io/ClusterRole": "who may do what in the cluster",
    "rbac.authorization.k8s.io/RoleBinding": "who may do what in the namespace",
    "rbac.authorization.k8s.io/ClusterRoleBinding": "who may do what in the cluster",
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration": "what the API server admits",
    "admissionregistration.k8s.io/MutatingWebhookConfiguration": "what the API server admits, and changes",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy": "what the API server admits",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": "what the API server admits",
    "admissionregistration.k8s.io/MutatingAdmissionPolicy": "what the API server changes",
    "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding": "what the API server changes",
    "apiregistration.k8s.io/APIService": "who answers for an API",
    "/Secret": "a secret",
    "/ResourceQuota": "what holds for the whole namespace",
    "/LimitRange": "what holds for the whole namespace",
    "networking.k8s.io/NetworkPolicy": "what holds for the whole namespace",
    "cilium.io/CiliumNetworkPolicy": "what holds for the whole namespace",
    "cilium.io/CiliumClusterwideNetworkPolicy": "what holds for the whole cluster",
    "policy.networking.k8s.io/AdminNetworkPolicy": "what holds for the whole cluster",
    "kyverno.io/ClusterPolicy": "what the policy engine admits",
    "kyverno.io/Policy": "what the policy engine admits",
    "kyverno.io/PolicyException": "what the policy engine lets pass",
    "argoproj.io/AppProject": "what Argo CD may deploy, and where to",
}
"""`group/kind` → what it decides."""

PRIVILEGED_GROUPS = r"^(constraints|templates)\.gatekeeper\.sh$|^policies\.kyverno\.io$"
"""Groups of which every kind decides what a policy engine admits."""


class PrivilegedChange(Asked):
    """RBAC, admission, Secrets and policies of whole namespaces: by what the manifest means, not by its text.

    No fault in itself; an auditor looks at each of them.
    """

    id = "AUD-CHG-0026"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a resource."""
        touched = change.known.resources.get(change.commit.sha)
        if not touched:
            return ()
        return [
            _verdict(resource)
            for resource in touched
            if _decides(resource)
            and (resource.kind != "Namespace" or _security_labels_differ(resource, change.known))
        ]


def _decides(resource: ResourceTouch) -> str:
    if (resource.group, resource.kind) == ("", "Namespace"):
        return "how far its pods are restricted"
    known = PRIVILEGED_KINDS.get(f"{resource.group}/{resource.kind}")
    if known is not None:
        return known
    is_policy = resource.group in (
        "constraints.gatekeeper.sh",
        "templates.gatekeeper.sh",
        "policies.kyverno.io",
    )
    return "what the policy engine admits" if is_policy else ""


def _security_labels_differ(namespace: ResourceTouch, known: Known) -> bool:
    """A namespace is policy by its Pod Security labels alone."""
    old, new = (
        _security_labels(known.manifest(digest)) for digest in (namespace.old_digest, namespace.new_digest)
    )
    return old != new


def _security_labels(manifest: Mapping[str, Any] | None) -> dict[str, Any]:
    labels = ((manifest or {}).get("metadata") or {}).get("labels") or {}
    return {name: value for name, value in labels.items() if name.startswith("pod-security.kubernetes.io/")}


def _verdict(resource: ResourceTouch) -> ChangeVerdict:
    return ChangeVerdict(
        message=f"{resource} was {resource.change}: it decides {_decides(resource)}"
        if resource.kind != "Secret"
        else f"{resource} was {resource.change}",
        environment=resource.environment,
        path=resource.path,
        about=str(resource),
    )
