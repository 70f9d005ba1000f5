"""A recording as a source of state."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from auditor.cluster.snapshot import Redact, read_snapshot
from auditor.model import Snapshot


class RecordedCluster:
    """A ClusterSource that reads a file, once, when it is made."""

    def __init__(
        self, path: Path, *, digest: Callable[[str], str], redact: Redact | None = None, cluster: str = ""
    ) -> None:
        """As `read_snapshot` takes them. Raises SnapshotError."""
        self._snapshot = read_snapshot(path, digest=digest, redact=redact, cluster=cluster)

    @property
    def name(self) -> str:
        """As the recording or the operator says; '' where neither does."""
        return self._snapshot.cluster

    def snapshot(self, *, prefer: Collection[str] = ()) -> Snapshot:
        """What was recorded, in the versions that it was recorded in."""
        return self._snapshot
