"""What an account may list, and the role that it needs. Nothing is created to find out: each list is tried.

Access reviews would be POSTs; a list of one object's metadata answers the same question by reading, and brings no
value of a Secret with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from auditor.cluster.live.accounts import Account
from auditor.cluster.live.cluster import GroupKind, is_left_out, kubernetes_version
from auditor.cluster.live.connection import Connection
from auditor.cluster.live.discovery import ServedKind, discover
from auditor.cluster.live.limits import DEFAULT_LIMITS, Limits
from auditor.errors import ClusterError
from auditor.model import UnreadKind

_ONLY_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_VERBS = ("get", "list", "watch")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rights:
    """What was found: kinds that may be listed, and those that may not (or could not be tried), with the reason."""

    cluster: str
    server: str
    kubernetes_version: str
    readable: tuple[ServedKind, ...]
    refused: tuple[tuple[ServedKind, str], ...]
    unknown: tuple[UnreadKind, ...]
    remarks: tuple[str, ...]


def examine_rights(
    account: Account,
    *,
    skipped: Collection[GroupKind] = (),
    left_out: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Rights:
    """Tries to list one object of every kind. Raises ClusterError where the cluster cannot be asked at all."""
    readable: list[ServedKind] = []
    refused: list[tuple[ServedKind, str]] = []
    with Connection(account, limits) as connection:
        version = kubernetes_version(connection)
        served = discover(connection)
        for kind in served.kinds:
            if (kind.group, kind.kind) in skipped or is_left_out(kind, left_out):
                continue
            try:
                connection.get(kind.path, {"limit": 1}, accept=_ONLY_METADATA)
            except ClusterError as error:
                refused.append((kind, error.message))
            else:
                readable.append(kind)
        access = connection.access
    return Rights(
        cluster=account.name,
        server=access.server,
        kubernetes_version=version,
        readable=tuple(readable),
        refused=tuple(refused),
        unknown=served.unread,
        remarks=access.remarks,
    )


def roles_for(kinds: Iterable[ServedKind]) -> list[dict[str, Any]]:
    """The ClusterRoles that let these kinds be read: one for all but Secrets, and one for Secrets by itself."""
    by_group: dict[str, set[str]] = {}
    for kind in kinds:
        by_group.setdefault(kind.group, set()).add(kind.resource)
    has_secrets = "secrets" in by_group.get("", ())
    by_group.get("", set()).discard("secrets")
    rules = [
        {"apiGroups": [group], "resources": sorted(resources), "verbs": list(_VERBS)}
        for group, resources in sorted(by_group.items())
        if resources
    ]
    roles = [_role("auditor-reader", rules)]
    if has_secrets:
        secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": list(_VERBS)}
        roles.append(_role("auditor-reader-secrets", [secrets]))
    return roles


def _role(name: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": rules,
    }
