"""One live cluster as a source of state: what it serves is read kind by kind, and what could not be read is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.cluster.decoding import without_collection
from auditor.cluster.live.accounts import Account
from auditor.cluster.live.connection import Connection, RefusedError, SilentError
from auditor.cluster.live.discovery import ServedKind, discover
from auditor.cluster.live.limits import DEFAULT_LIMITS, Limits
from auditor.cluster.live.listing import OnPage, list_kind
from auditor.cluster.live.stores import KindStore, MemoryStore, RecordingStore, Redact, cleaning
from auditor.errors import ClusterError
from auditor.model import ListedKind, Snapshot, UnreadKind

GroupKind = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How to read: names and limits, and what is not asked for.

    `skipped` are kinds that nothing is made of, such as events; `left_out` those that the operator does not want read
    (by kind, or `group/Kind`). `digest` and `redact` replace secret values, as for recordings.
    """

    digest: Callable[[str], str]
    redact: Redact | None = None
    cluster: str = ""
    skipped: frozenset[GroupKind] = frozenset()
    left_out: frozenset[str] = frozenset()
    limits: Limits = DEFAULT_LIMITS
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_page: OnPage = lambda kind, count: None


class LiveCluster:
    """A ClusterSource that asks an API server. Nothing is asked before `snapshot` or `record`."""

    def __init__(self, account: Account, reading: Reading) -> None:
        self._account, self._reading = account, reading

    @property
    def name(self) -> str:
        """What the cluster is called: as the operator says, else the context's name."""
        return self._reading.cluster or self._account.name

    def snapshot(self, *, prefer: Collection[str] = ()) -> Snapshot:
        """The state now, in memory. `prefer` are apiVersions in which kinds are wanted, where they are served.

        A kind that cannot be read whole is in `unread` and nothing of it in `objects`. Raises ClusterError where
        nothing at all can be read, UsageError for a wrong kubeconfig.
        """
        reading = self._reading
        store = MemoryStore(self.name, cleaning(reading.digest, reading.redact), reading.limits.total_bytes)
        with without_collection():
            told = self._read(store, prefer)
        return Snapshot(**told, objects=tuple(store.objects))

    def record(self, path: Path) -> Snapshot:
        """The state now, into a file in the product's own format; what comes back has no objects.

        Raises as `snapshot` does, and SnapshotError where the file cannot be written; it is then not there.
        """
        reading = self._reading
        clean = cleaning(reading.digest, reading.redact)
        with RecordingStore(path, clean, reading.limits.total_bytes) as store:
            told = Snapshot(**self._read(store, ()), objects=())
            store.finish(told, reading.digest)
        return told

    def _read(self, store: KindStore, prefer: Collection[str]) -> Mapping[str, Any]:
        """Everything of a Snapshot but its objects."""
        reading = self._reading
        taken_at = reading.now()
        with Connection(self._account, reading.limits, now=reading.now) as connection:
            remarks = connection.access.remarks
            version = kubernetes_version(connection)
            served = discover(connection, prefer=prefer)
            listed, unread = self._list(connection, served.kinds, store)
        unread = [*served.unread, *unread]
        incomplete = {(entry.group, entry.kind) for entry in unread}
        return {
            "cluster": self.name,
            "taken_at": taken_at,
            "kubernetes_version": version,
            "kinds": frozenset((entry.group, entry.kind) for entry in listed) - incomplete,
            "listed": tuple(listed),
            "unread": tuple(unread),
            "remarks": remarks,
        }

    def _list(
        self, connection: Connection, kinds: Collection[ServedKind], store: KindStore
    ) -> tuple[list[ListedKind], list[UnreadKind]]:
        reading = self._reading
        listed: list[ListedKind] = []
        unread: list[UnreadKind] = []
        silences, gave_up = 0, ""
        for kind in kinds:
            if (kind.group, kind.kind) in reading.skipped:
                continue
            if is_left_out(kind, reading.left_out):
                unread.append(_unread(kind, "left out by --without", left_out=True))
                continue
            if gave_up:
                unread.append(_unread(kind, gave_up))
                continue
            try:
                listed.append(list_kind(connection, kind, store, reading.limits, reading.on_page))
            except ClusterError as error:
                store.drop()
                unread.append(_unread(kind, error.message))
                silences = silences + 1 if isinstance(error, SilentError) else 0
                if silences == reading.limits.silences or _is_signed_out(error):
                    gave_up = f"not asked any more after {kind.kind}: {error.message}"
            else:
                store.keep()
                silences = 0
        return listed, unread


def kubernetes_version(connection: Connection) -> str:
    """What the server calls itself, such as v1.37.2; '' where it does not tell. Raises ClusterError without sign-in."""
    try:
        said = connection.get("/version").json()
    except RefusedError as error:
        if _is_signed_out(error):
            raise
        return ""
    return str(said.get("gitVersion") or "") if isinstance(said, dict) else ""


def is_left_out(kind: ServedKind, left_out: Collection[str]) -> bool:
    """Whether the operator named it: `Secret`, or `apps/Deployment`."""
    return kind.kind in left_out or f"{kind.group}/{kind.kind}" in left_out


def _unread(kind: ServedKind, reason: str, *, left_out: bool = False) -> UnreadKind:
    return UnreadKind(group=kind.group, kind=kind.kind, reason=reason, left_out=left_out)


def _is_signed_out(error: ClusterError) -> bool:
    return isinstance(error, RefusedError) and error.status == 401
