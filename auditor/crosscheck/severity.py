"""How bad a drift is: by what the field or object can do, and by what the difference means."""

from __future__ import annotations

import re

from auditor.model import DriftVerdict, ResourceId, Severity

_ACCESS_KINDS = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"})
_GATE_KINDS = frozenset(
    {
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "NetworkPolicy",
        "APIService",
    }
)
_WORKLOAD_KINDS = frozenset(
    {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"}
)

_FIELDS: tuple[tuple[re.Pattern[str], Severity], ...] = tuple(
    (re.compile(pattern), severity)
    for pattern, severity in (
        (r'.*\["kubectl\.kubernetes\.io/restartedAt"\]', Severity.LOW),
        (r"metadata\.(annotations|labels|finalizers|ownerReferences).*", Severity.LOW),
        (r".*\.metadata\.(annotations|labels).*", Severity.LOW),
        (r".*\.(privileged|hostPID|hostNetwork|hostIPC|allowPrivilegeEscalation)", Severity.CRITICAL),
        (r".*\.securityContext(\..*)?", Severity.HIGH),
        (r".*\.(initContainers|containers|ephemeralContainers)(\[[^\]]*\])?", Severity.HIGH),
        (r".*\.(image|command|args|hostPath(\..*)?)", Severity.HIGH),
        (r".*\.(serviceAccountName|automountServiceAccountToken)", Severity.HIGH),
        (r".*\.env(From|\[.*)?.*", Severity.MEDIUM),
        (r"spec\.(externalIPs|externalName|selector).*", Severity.HIGH),
        (r".*\.replicas", Severity.MEDIUM),
    )
)
"""The first pattern that the pointer matches decides; nothing matching is medium."""


def severity_of(verdict: DriftVerdict, identity: ResourceId, pointer: str) -> Severity:
    """The severity of one drift.

    A stale or unpruned value was reviewed once, so it counts one step less than the same value set by a stranger.
    """
    if not pointer:
        return _whole(verdict, identity.kind)
    if pointer.startswith("metadata."):
        full = Severity.LOW
    elif identity.kind in _ACCESS_KINDS:
        full = Severity.CRITICAL
    elif identity.kind in _GATE_KINDS or identity.kind == "Secret":
        full = Severity.HIGH
    else:
        full = next(
            (severity for pattern, severity in _FIELDS if pattern.fullmatch(pointer)), Severity.MEDIUM
        )
    reviewed = verdict in (DriftVerdict.STALE, DriftVerdict.UNPRUNED)
    return list(Severity)[max(full.rank - 1, 0)] if reviewed else full


def _whole(verdict: DriftVerdict, kind: str) -> Severity:
    if verdict is DriftVerdict.DELETED:
        return Severity.CRITICAL if kind in _GATE_KINDS else Severity.HIGH
    if kind in _ACCESS_KINDS | _GATE_KINDS | _WORKLOAD_KINDS:
        return Severity.MEDIUM if verdict is DriftVerdict.UNPRUNED else Severity.HIGH
    return Severity.LOW if verdict is DriftVerdict.UNPRUNED else Severity.MEDIUM
