"""Who brought a change in: the author of the side commit that a merge brought, not the merging person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.model import Commit, FileChange


class Authors:
    """Authors by landing commit and path. `changes` are those of all commits, side branches too."""

    def __init__(
        self, commits: Mapping[str, Commit], landed_in: Mapping[str, str], changes: Iterable[FileChange]
    ) -> None:
        self._commits = commits
        self._side: dict[tuple[str, str], str] = {}
        merges = {landing for sha, landing in landed_in.items() if sha != landing}
        for change in changes:
            if change.landed:
                continue
            landing = landed_in.get(change.sha)
            if landing in merges:
                for path in filter(None, (change.path, change.old_path)):
                    # Changes come newest first: the newest side commit that touched the path counts.
                    self._side.setdefault((landing, path), change.sha)

    def of(self, landing: str, path: str) -> str:
        """'Name <address>' of the commit that made the change; '' where the commit is not known."""
        commit = self._commits.get(self._side.get((landing, path), landing))
        return f"{commit.author.name} <{commit.author.email}>" if commit else ""
