"""Which kinds there are: Kubernetes' own in every version we have schemas for, and those of GitOps tools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import orjson

from auditor.policy.router import expand_kinds
from auditor.policy.schemas import schema_folders

_FLUX_SOURCES = (
    "Bucket",
    "ExternalArtifact",
    "GitRepository",
    "HelmChart",
    "HelmRepository",
    "OCIRepository",
)

CUSTOM_KINDS: Mapping[str, tuple[str, ...]] = {
    "argoproj.io": ("AppProject", "Application", "ApplicationSet", "Rollout", "AnalysisTemplate"),
    "flagger.app": ("AlertProvider", "Canary", "MetricTemplate"),
    "helm.toolkit.fluxcd.io": ("HelmRelease",),
    "image.toolkit.fluxcd.io": ("ImagePolicy", "ImageRepository", "ImageUpdateAutomation"),
    "kustomize.config.k8s.io": ("Component", "Kustomization"),
    "kustomize.toolkit.fluxcd.io": ("Kustomization",),
    "notification.toolkit.fluxcd.io": ("Alert", "Provider", "Receiver"),
    "source.toolkit.fluxcd.io": _FLUX_SOURCES,
    "source.extensions.fluxcd.io": ("ArtifactGenerator",),
    "gateway.networking.k8s.io": (
        "GRPCRoute",
        "Gateway",
        "GatewayClass",
        "HTTPRoute",
        "ReferenceGrant",
        "TCPRoute",
        "TLSRoute",
        "UDPRoute",
    ),
}
"""Custom kinds by group, where we know all of a group's kinds."""

REMOVED_KINDS = frozenset(
    {
        *(
            f"extensions/{kind}"
            for kind in ("DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "ReplicaSet")
        ),
        "policy/PodSecurityPolicy",
    }
)
"""Kinds that were removed before the oldest version whose schemas we have."""

_SOURCE_KIND = re.compile(
    r"^(?:docker/Dockerfile|ci/(?:GitHubWorkflow|GitHubAction|GitLabPipeline)|terraform/(?:\*|(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*))$"
)
"""Dockerfiles, pipelines of CI, and Terraform's blocks and types, which are any provider's to name."""

_FORM = re.compile(r"^(?:([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)/)?([A-Z][A-Za-z0-9]*)$")


@lru_cache(maxsize=1)
def kubernetes_kinds() -> frozenset[str]:
    """Every kind of Kubernetes itself as "group/Kind", over all versions whose schemas are installed."""
    found: set[str] = set()
    for folder in schema_folders():
        definitions = orjson.loads((folder / "_definitions.json").read_bytes())["$defs"]
        for definition in definitions.values():
            for name in definition.get("x-kubernetes-group-version-kind", ()):
                found.add(f"{name['group']}/{name['kind']}" if name["group"] else name["kind"])
    return frozenset(found)


def is_known_kind(kind: str) -> bool:
    """True for "*", an alias, and a kind that exists. A foreign group's kinds are taken as they are."""
    if kind == "*" or expand_kinds([kind]) != (kind,):
        return True
    if _SOURCE_KIND.match(kind):
        return True
    form = _FORM.match(kind)
    if form is None:
        return False
    group = form[1] or ""
    if group in CUSTOM_KINDS:
        return form[2] in CUSTOM_KINDS[group]
    if kind in kubernetes_kinds() or kind in REMOVED_KINDS:
        return True
    return "." in group and not group.endswith(".k8s.io")
