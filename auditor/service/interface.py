"""What the pages need from outside the database: the text of manifests and diffs."""

from __future__ import annotations

from typing import Protocol


class EvidenceSource(Protocol):
    """Reads a repository's objects for people to look at; secrets are already redacted.

    Both raise AuditorError where the text cannot be had, with a message a reader can use.
    """

    def excerpt(self, repo: str, sha: str, path: str) -> str:
        """The text of the file at a commit, from its first line."""
        ...

    def diff(self, repo: str, sha: str, path: str) -> str:
        """The unified diff that a commit made to a path against its first parent."""
        ...
