"""The cross-check with an audit log: opens the log, joins it, and says how much of it could be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from auditor.cluster.auditlog import AuditLogReader
from auditor.crosscheck.attribution_check import with_audit_log
from auditor.crosscheck.check import CrossCheckResult
from auditor.manifests.secrets import Redactor
from auditor.model import AuditCoverage, DeclaredHistory, Resource, Snapshot


class AuditLog:
    """The audit log of one cross-check; without sources it changes nothing."""

    def __init__(self, sources: Sequence[Path], redactor: Redactor) -> None:
        """`redactor` is the one that the snapshot was read with. Raises UsageError for a source that is not there."""
        self._redactor = redactor
        self._reader = AuditLogReader(sources, digest=redactor.digest) if sources else None
        self.coverage: AuditCoverage | None = None
        self.incomplete: tuple[str, ...] = ()

    def joined(
        self,
        result: CrossCheckResult,
        declared: Sequence[Resource],
        snapshot: Snapshot,
        history: DeclaredHistory,
    ) -> CrossCheckResult:
        """The result with what the log adds; afterwards `coverage` and `incomplete` are known."""
        if self._reader is None:
            return result
        result, self.incomplete = with_audit_log(
            result,
            declared,
            snapshot,
            history,
            events=self._reader.events,
            coverage=self._reader.coverage,
            digest=self._redactor.digest,
        )
        self.coverage = self._reader.coverage()
        return result


def coverage_json(coverage: AuditCoverage) -> dict[str, Any]:
    """What the JSON output says of the log."""
    return {
        "first": coverage.first,
        "last": coverage.last,
        "files": coverage.files,
        "lines": coverage.lines,
        "writes": coverage.writes,
        "unreadable_lines": coverage.unreadable,
        "problems": list(coverage.problems),
        "unfinished": list(coverage.unfinished),
        "gaps": [{"after": gap.after, "before": gap.before, "why": gap.why} for gap in coverage.gaps],
    }
