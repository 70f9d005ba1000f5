"""Who an audit event's user is: a person, a GitOps tool, one of Kubernetes' own controllers, another account.

The user, and whom it impersonates, are the API server's own word; a person is whoever has no `system:` name.
"""

from __future__ import annotations

from enum import StrEnum

from auditor.crosscheck.allow import GITOPS_MANAGERS
from auditor.model import AuditEvent

_SERVICE_ACCOUNT = "system:serviceaccount:"
_KUBE_ACCOUNTS = _SERVICE_ACCOUNT + "kube-system:"
_COMPONENTS = frozenset(
    {
        "system:kube-controller-manager",
        "system:kube-scheduler",
        "system:apiserver",
        "system:cloud-controller-manager",
        "system:k3s-controller",
    }
)
_AUTOSCALER = "horizontal-pod-autoscaler"
_GITOPS_ACCOUNTS = GITOPS_MANAGERS - {"flux"}
_OPERATORS = frozenset({"flagger", "keda-operator", "cert-manager", "cert-manager-cainjector"})
"""Service accounts of operators that write into what others declare, by the names that their charts give them."""


class WriterKind(StrEnum):
    """What sort of account a write came from."""

    PERSON = "person"
    GITOPS = "GitOps tool"
    CONTROLLER = "controller"
    ACCOUNT = "service account"


def writer_kind(event: AuditEvent) -> WriterKind:
    """The sort of the account that was authenticated; whom it impersonated makes a person no controller.

    Service accounts of GitOps tools and operators are known by their names, as the tools' own manifests give them.
    """
    user = event.user
    if user.startswith(_SERVICE_ACCOUNT):
        name = user.rpartition(":")[2]
        if name in _GITOPS_ACCOUNTS:
            return WriterKind.GITOPS
        is_known = user.startswith(_KUBE_ACCOUNTS) or name in _OPERATORS
        return WriterKind.CONTROLLER if is_known else WriterKind.ACCOUNT
    if user in _COMPONENTS or user.startswith("system:node:"):
        return WriterKind.CONTROLLER
    return WriterKind.PERSON


def actor_of(event: AuditEvent) -> str:
    """Who did it: the user, and whom it acted as."""
    return f"{event.user} as {event.impersonated}" if event.impersonated else event.user


def described(event: AuditEvent) -> str:
    """The write in words: who, what, when, with which program, from where, and where the log says so."""
    what = f"{event.verb} of {event.resource}" + (f"/{event.subresource}" if event.subresource else "")
    note = _note(event)
    text = f"{actor_of(event)}{note}, {what} at {event.completed_at:%Y-%m-%dT%H:%M:%SZ}"
    if event.user_agent:
        text += f" with {event.user_agent.partition(' ')[0]}"
    if event.source_ips:
        text += f" from {event.source_ips[-1]}"
    return f"{text} (audit id {event.audit_id}, {event.place})"


def _note(event: AuditEvent) -> str:
    kind = writer_kind(event)
    if kind is WriterKind.CONTROLLER:
        if _AUTOSCALER in event.user or _AUTOSCALER in event.user_agent:
            return " (controller: horizontal pod autoscaler)"
        return " (controller)"
    if kind is WriterKind.GITOPS:
        return " (GitOps tool)"
    if event.impersonated:
        return " (authenticated as the first, acting as the second)"
    return ""


def borrowed_name(event: AuditEvent) -> bool:
    """True where a person wrote under the field manager of a GitOps tool, as `--field-manager` lets anybody."""
    return writer_kind(event) is WriterKind.PERSON and event.manager in _GITOPS_ACCOUNTS
