"""Who may hold a value that git does not declare: the GitOps managers, and a table of known controllers.

An entry says who (manager and operation, through which subresource), on which kind, and which path. There is
no entry that allows everything to anybody but the GitOps managers, and those only what they apply for git.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from auditor.crosscheck.managedfields import Owner

GITOPS_MANAGERS = frozenset(
    {
        "kustomize-controller",
        "helm-controller",
        "argocd-controller",
        "argocd-application-controller",
        "flux",
        "flux-operator",
        "notification-controller",
    }
)
"""Field managers that act for git: Flux' controllers and its bootstrap, Argo CD (client-side and server-side)."""

_FLUX_COMMAND = "flux"

_CONTROLLERS = ("kube-controller-manager", "k3s", "kubelite", "cloud-controller-manager")
"""What the built-in controllers call themselves: upstream, K3s and RKE2, MicroK8s, cloud providers'."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowEntry:
    """`*` in any field stands for any text. `declared` entries also excuse a declared value that is different."""

    manager: str
    path: str
    kind: str = "*"
    operation: str = "*"
    subresource: str = "*"
    declared: bool = False
    why: str = ""

    def covers(self, owner: Owner | None, kind: str, path: str) -> bool:
        """True where this entry is about the owner, kind and pointer; an unknown owner needs manager `*`."""
        if owner is None:
            who = self.manager == "*"
        else:
            who = (
                _glob(self.manager, owner.manager)
                and _glob(self.operation, owner.operation)
                and _glob(self.subresource, owner.subresource)
            )
        return who and _glob(self.kind, kind) and _glob(self.path, path)


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowList:
    """The whole allow-list. `system_namespaces` hold what no git repository declares on purpose."""

    gitops_managers: frozenset[str] = GITOPS_MANAGERS
    entries: tuple[AllowEntry, ...] = ()
    system_namespaces: frozenset[str] = frozenset({"kube-system", "kube-public", "kube-node-lease"})

    def is_gitops(self, owner: Owner) -> bool:
        """True for managers that act for git, by the name they give themselves.

        `flux` is both: its bootstrap applies (Apply), and people type `flux suspend` (Update).
        """
        if owner.manager == _FLUX_COMMAND and owner.operation == "Update":
            return False
        return owner.manager in self.gitops_managers

    def allows(self, owners: tuple[Owner, ...], kind: str, path: str, *, declared: bool = False) -> bool:
        """True where the table allows the path to every one of the owners."""
        entries = [entry for entry in self.entries if entry.declared or not declared]
        return all(any(entry.covers(owner, kind, path) for entry in entries) for owner in owners or (None,))


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in glob.split("*")), re.DOTALL)


def _glob(glob: str, text: str) -> bool:
    return glob == "*" or _pattern(glob).fullmatch(text) is not None


def _controllers(kind: str, *paths: str) -> tuple[AllowEntry, ...]:
    return tuple(
        AllowEntry(manager=manager, operation="Update", kind=kind, path=path)
        for manager in _CONTROLLERS
        for path in paths
    )


_CA_BUNDLES = (
    ("*WebhookConfiguration", "webhooks[*].clientConfig.caBundle"),
    ("CustomResourceDefinition", "spec.conversion.webhook.clientConfig.caBundle"),
    ("APIService", "spec.caBundle"),
)

DEFAULT_ALLOW = AllowList(
    entries=(
        *_controllers("Deployment", 'metadata.annotations["deployment.kubernetes.io/revision"]'),
        *_controllers("DaemonSet", 'metadata.annotations["deprecated.daemonset.template.generation"]'),
        *_controllers("ClusterRole", "rules"),
        *_controllers(
            "PersistentVolumeClaim",
            "spec.volumeName",
            'metadata.annotations["pv.kubernetes.io/*"]',
            'metadata.annotations["volume.*kubernetes.io/*"]',
        ),
        *_controllers(
            "PersistentVolume",
            "spec.claimRef",
            'metadata.annotations["pv.kubernetes.io/*"]',
        ),
        *_controllers("ServiceAccount", "secrets*", "imagePullSecrets*"),
        *_controllers("HorizontalPodAutoscaler", 'metadata.annotations["autoscaling.alpha.kubernetes.io/*"]'),
        *_controllers(
            "Service", 'metadata.annotations["service.*kubernetes.io/*"]', "spec.loadBalancerClass"
        ),
        AllowEntry(
            manager="kube-scheduler",
            operation="Update",
            kind="PersistentVolumeClaim",
            path='metadata.annotations["volume.kubernetes.io/selected-node"]',
        ),
        AllowEntry(manager="*", path="metadata.finalizers*", why="controllers' own clean-up"),
        AllowEntry(manager="*", kind="Namespace", path='metadata.labels["kubernetes.io/metadata.name"]'),
        AllowEntry(manager="*", kind="Job", path='*.labels["batch.kubernetes.io/*"]'),
        AllowEntry(manager="*", kind="Job", path="*.labels.controller-uid"),
        AllowEntry(manager="*", kind="Job", path="*.labels.job-name"),
        *(
            AllowEntry(
                manager=manager,
                kind=kind,
                path=path,
                declared=True,
                why="the certificate authority of the day",
            )
            for manager in ("cert-manager-cainjector", "cainjector")
            for kind, path in _CA_BUNDLES
        ),
        # What GitOps managers put onto everything that they apply.
        *(
            AllowEntry(manager=manager, path=path)
            for manager in sorted(GITOPS_MANAGERS)
            for path in (
                'metadata.labels["kustomize.toolkit.fluxcd.io/*"]',
                'metadata.labels["helm.toolkit.fluxcd.io/*"]',
                'metadata.labels["app.kubernetes.io/managed-by"]',
                'metadata.labels["app.kubernetes.io/instance"]',
                'metadata.labels["argocd.argoproj.io/instance"]',
                'metadata.annotations["argocd.argoproj.io/*"]',
                'metadata.annotations["kustomize.toolkit.fluxcd.io/checksum"]',
                'metadata.annotations["meta.helm.sh/*"]',
            )
        ),
        # `flux reconcile` asks a controller to look now; that changes nothing.
        AllowEntry(manager="flux", path='metadata.annotations["reconcile.fluxcd.io/*"]'),
    )
)
"""The built-in allow-list; `auditor.yaml` can only be more exact about a cluster, never say `*` for all."""
