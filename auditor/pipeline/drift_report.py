"""What a cross-check came to, and how programs read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from auditor.model import AuditCoverage, Drift, DriftVerdict, Unknown
from auditor.pipeline.audited import coverage_json


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftReport:
    """What differs and what could not be compared; `incomplete` is why the declared set is not whole."""

    cluster: str
    environment: str
    taken_at: datetime | None
    tip: str
    drift: tuple[Drift, ...]
    unknown: tuple[Unknown, ...]
    compared: int
    incomplete: tuple[str, ...]
    audit_log: AuditCoverage | None = None

    def summary(self) -> dict[str, int]:
        """Number of differences by verdict, every verdict named."""
        counted = Counter(entry.verdict for entry in self.drift)
        return {verdict.value: counted[verdict] for verdict in DriftVerdict}

    def as_dict(self) -> dict[str, Any]:
        """The JSON contract."""
        return {
            "version": 1,
            "drift": [_drift_json(entry) for entry in self.drift],
            "unknown": [_unknown_json(entry) for entry in self.unknown],
            "summary": {
                "cluster": self.cluster,
                "environment": self.environment,
                "compared": self.compared,
                "verdicts": self.summary(),
                "unknown": len(self.unknown),
                "incomplete": list(self.incomplete),
                **({"audit_log": coverage_json(self.audit_log)} if self.audit_log else {}),
            },
        }


def combined(reports: Sequence[DriftReport]) -> dict[str, Any]:
    """The JSON contract for several clusters: their entries one after another, sums in `summary`, each one's own
    summary in `summary.clusters`. What could not be compared names its cluster."""
    each = [report.as_dict() for report in reports]
    summaries = [told["summary"] for told in each]
    return {
        "version": 1,
        "drift": [entry for told in each for entry in told["drift"]],
        "unknown": [
            {**entry, "cluster": report.cluster}
            for report, told in zip(reports, each, strict=True)
            for entry in told["unknown"]
        ],
        "summary": {
            "cluster": ", ".join(report.cluster for report in reports),
            "environment": ", ".join(report.environment for report in reports if report.environment),
            "compared": sum(report.compared for report in reports),
            "verdicts": {
                verdict.value: sum(summary["verdicts"][verdict.value] for summary in summaries)
                for verdict in DriftVerdict
            },
            "unknown": sum(summary["unknown"] for summary in summaries),
            "incomplete": [
                f"{report.cluster}: {reason}" for report in reports for reason in report.incomplete
            ],
            "clusters": summaries,
        },
    }


def utc(moment: datetime | None) -> datetime | None:
    """The moment on the clock of UTC, if there is one."""
    return moment.astimezone(UTC) if moment is not None else None


def _drift_json(entry: Drift) -> dict[str, Any]:
    return {
        "cluster": entry.cluster,
        "api_version": entry.api_version,
        "kind": entry.id.kind,
        "namespace": entry.id.namespace,
        "name": entry.id.name,
        "pointer": entry.pointer,
        "declared": entry.declared,
        "live": entry.live,
        "verdict": entry.verdict.value,
        "severity": entry.severity.value,
        "manager": entry.manager,
        "changed_at": utc(entry.changed_at),
        "actor": entry.actor,
        "evidence": entry.evidence,
        "confidence": entry.confidence,
        "matches_commit": entry.matches_commit,
        "declared_sha": entry.declared_sha,
        "declared_by": entry.declared_by,
        "declared_at": utc(entry.declared_at),
    }


def _unknown_json(entry: Unknown) -> dict[str, Any]:
    identity = entry.id
    return {
        "kind": identity.kind if identity else "",
        "namespace": identity.namespace if identity else "",
        "name": identity.name if identity else "",
        "reason": entry.reason,
    }
