"""What Kubernetes and its controllers make by themselves and no repository declares.

The source of each row is the component that writes it. Rows are by identity and by what the API server enforces
(a name that only the system may use), never by a label alone that anybody could set, except for the RBAC and
API objects that the API server reconciles back at every start.
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.crosscheck.tracking import texts
from auditor.model import LiveObject, ResourceId

EXCLUDED_KINDS = frozenset(
    {
        ("", "Endpoints"),
        ("", "Event"),
        ("", "Node"),
        ("", "ComponentStatus"),
        ("events.k8s.io", "Event"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("coordination.k8s.io", "Lease"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "CSIStorageCapacity"),
        ("storage.k8s.io", "VolumeAttachment"),
        ("networking.k8s.io", "IPAddress"),
        ("networking.k8s.io", "ServiceCIDR"),
        ("metrics.k8s.io", "PodMetrics"),
        ("metrics.k8s.io", "NodeMetrics"),
        ("wgpolicyk8s.io", "PolicyReport"),
        ("wgpolicyk8s.io", "ClusterPolicyReport"),
        ("openreports.io", "Report"),
        ("openreports.io", "ClusterReport"),
        ("reports.kyverno.io", "EphemeralReport"),
        ("reports.kyverno.io", "ClusterEphemeralReport"),
        ("cilium.io", "CiliumIdentity"),
        ("cilium.io", "CiliumEndpoint"),
        ("cilium.io", "CiliumNode"),
    }
)
"""Kinds that controllers write all the time; nobody declares them."""

_FIXED = frozenset(
    {
        ResourceId(group="", kind="Service", namespace="default", name="kubernetes"),
        *(
            ResourceId(group="", kind="Namespace", namespace="", name=name)
            for name in ("default", "kube-system", "kube-public", "kube-node-lease")
        ),
        *(
            ResourceId(group="scheduling.k8s.io", kind="PriorityClass", namespace="", name=name)
            for name in ("system-cluster-critical", "system-node-critical")
        ),
    }
)
_EVERY_NAMESPACE = frozenset({("", "ConfigMap", "kube-root-ca.crt"), ("", "ServiceAccount", "default")})
_TOKEN = "kubernetes.io/service-account-token"  # noqa: S105 - a Secret's type
_HELM_RELEASE = "helm.sh/release.v1"


def is_made_by_kubernetes(live: LiveObject) -> bool:
    """True for what the cluster makes by itself."""
    identity = live.id
    return (
        (identity.group, identity.kind) in EXCLUDED_KINDS
        or identity in _FIXED
        or (identity.group, identity.kind, identity.name) in _EVERY_NAMESPACE
        or _is_system_access(live)
        or _is_reconciled_api(live)
        or _is_book_keeping(live)
    )


def _is_system_access(live: LiveObject) -> bool:
    """RBAC that the API server bootstraps and restores: `system:*`, and its own user-facing roles."""
    if live.id.group != "rbac.authorization.k8s.io" or live.id.namespace:
        return False
    own = ("cluster-admin", "admin", "edit", "view")
    bootstrapped = texts(live.manifest, "labels").get("kubernetes.io/bootstrapping") == "rbac-defaults"
    return live.id.name.startswith("system:") or (live.id.name in own and bootstrapped)


def _is_reconciled_api(live: LiveObject) -> bool:
    if live.id.group == "apiregistration.k8s.io":
        spec = live.manifest.get("spec")
        return isinstance(spec, Mapping) and not spec.get("service")
    flow_control = live.id.group == "flowcontrol.apiserver.k8s.io"
    return flow_control and "apf.kubernetes.io/autoupdate-spec" in texts(live.manifest, "annotations")


def _is_book_keeping(live: LiveObject) -> bool:
    """Tokens of service accounts, and Helm's records of its releases."""
    if (live.id.group, live.id.kind) != ("", "Secret"):
        return False
    kind = live.manifest.get("type")
    if kind == _TOKEN:
        return "kubernetes.io/service-account.name" in texts(live.manifest, "annotations")
    return kind == _HELM_RELEASE and live.id.name.startswith("sh.helm.release.v1.")
