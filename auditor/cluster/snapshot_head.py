"""What a recording in the product's own format says of itself, beside the objects in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

from auditor.cluster.redaction import KEY_CHECK
from auditor.errors import SnapshotError
from auditor.model import ListedKind, Snapshot, UnreadKind

FORMAT = "auditor-snapshot/v1"


def head_of(snapshot: Snapshot, digest: Callable[[str], str] | None) -> dict[str, Any]:
    """Everything but the objects; `digest` is the one that replaced the Secret values."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "cluster": snapshot.cluster,
        "taken_at": snapshot.taken_at.astimezone(UTC).isoformat() if snapshot.taken_at else None,
        "kubernetes_version": snapshot.kubernetes_version,
        "kinds": [{"group": group, "kind": kind} for group, kind in sorted(snapshot.kinds)],
    }
    if snapshot.listed:
        head["listed"] = [asdict(listed) for listed in snapshot.listed]
    if snapshot.unread:
        head["unread"] = [asdict(unread) for unread in snapshot.unread]
    if snapshot.remarks:
        head["remarks"] = list(snapshot.remarks)
    if digest is not None:
        head["secret_key_check"] = digest(KEY_CHECK)
    return head


def listed_in(head: Mapping[str, Any], path: Path) -> tuple[ListedKind, ...]:
    """How each kind was listed; () where the recording does not say. Raises SnapshotError."""
    try:
        return tuple(
            ListedKind(
                group=str(entry["group"]),
                kind=str(entry["kind"]),
                api_version=str(entry["api_version"]),
                resource_version=str(entry["resource_version"]),
                objects=int(entry["objects"]),
            )
            for entry in head.get("listed") or ()
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotError(f"{path}: `listed` does not say how kinds were listed", hint=_HOW) from error


def unread_in(head: Mapping[str, Any], path: Path) -> tuple[UnreadKind, ...]:
    """Which kinds were not read, and why; () where all were. Raises SnapshotError."""
    try:
        return tuple(
            UnreadKind(
                group=str(entry["group"]),
                kind=str(entry["kind"]),
                reason=str(entry["reason"]),
                left_out=entry.get("left_out") is True,
            )
            for entry in head.get("unread") or ()
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(f"{path}: `unread` is no list of group, kind and reason", hint=_HOW) from error


def remarks_in(head: Mapping[str, Any]) -> tuple[str, ...]:
    """What was to be known of the connection."""
    remarks = head.get("remarks")
    return tuple(map(str, remarks)) if isinstance(remarks, list) else ()


_HOW = "record it again with `auditor snapshot`"
