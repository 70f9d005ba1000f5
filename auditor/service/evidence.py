"""Reads manifests and diffs for the pages, through `auditor.evidence` where that is installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

from auditor.errors import NotAvailableError

_MODULE = "auditor.evidence"


class RepositoryEvidence:
    """An EvidenceSource over the repositories that a database was made from."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def excerpt(self, repo: str, sha: str, path: str) -> str:
        """The redacted text of the file at a commit."""
        return _reader("excerpt")(self._database, repo, sha, path)

    def diff(self, repo: str, sha: str, path: str) -> str:
        """The redacted diff of a path in a commit."""
        return _reader("diff")(self._database, repo, sha, path)


def _reader(name: str) -> Callable[[Path, str, str, str], str]:
    if importlib.util.find_spec(_MODULE) is None:
        raise NotAvailableError("this installation cannot read files out of the repository yet")
    reader: Callable[[Path, str, str, str], str] = getattr(importlib.import_module(_MODULE), name)
    return reader
