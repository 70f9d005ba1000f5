"""The plug point for where live state comes from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from auditor.model import Snapshot


class ClusterSource(Protocol):
    """Something that can give the state of one cluster: a recording, or the cluster itself."""

    @property
    def name(self) -> str:
        """What the cluster is called; '' where nothing says."""
        ...

    def snapshot(self, *, prefer: Collection[str] = ()) -> Snapshot:
        """The state as the source has it, Secret values already replaced.

        `prefer` are the apiVersions in which kinds are wanted; a source that has them in one version gives that.
        Raises SnapshotError, ClusterError.
        """
        ...
