"""What the pages and the API of one process share: the open database and the evidence source.

Streamlit runs the pages' scripts inside the server's process, each run on a thread of its own, and
hands them no object of ours; so the process holds one context, set before the first request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from auditor.errors import StoreError
from auditor.service.interface import EvidenceSource
from auditor.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceContext:
    """An open database and where manifests and diffs are read from."""

    database: Database
    evidence: EvidenceSource

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for this thread; closed at the end."""
        cursor = self.database.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


_served: list[ServiceContext] = []


@contextmanager
def serving(context: ServiceContext) -> Iterator[None]:
    """Makes `context` the one of this process for as long as the block runs."""
    _served.append(context)
    try:
        yield
    finally:
        _served.remove(context)


def current() -> ServiceContext:
    """The context of this process. Raises StoreError where the pages run without `auditor serve`."""
    if not _served:
        raise StoreError(
            "the dashboard has no database: its pages run only inside the audit service",
            hint="start it with `auditor serve --db FILE`",
        )
    return _served[-1]
