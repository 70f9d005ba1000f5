"""The plug point for where live state comes from."""

from __future__ import annotations

from typing import Protocol

from auditor.model import Snapshot


class ClusterSource(Protocol):
    """Something that can give the state of one cluster: a recording, or the cluster itself."""

    def snapshot(self) -> Snapshot:
        """The state as the source has it, Secret values already replaced. Raises SnapshotError."""
        ...
