"""Reads manifests and diffs for the pages out of the mirrors that a scan keeps beside its database."""

from __future__ import annotations

from pathlib import Path

from auditor import evidence


class RepositoryEvidence:
    """An EvidenceSource over the repositories that a database was made from."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def excerpt(self, repo: str, sha: str, path: str) -> str:
        """The redacted text of the file at a commit."""
        return evidence.excerpt(self._database, repo, sha, path)

    def diff(self, repo: str, sha: str, path: str) -> str:
        """The redacted diff of a path in a commit."""
        return evidence.diff(self._database, repo, sha, path)
