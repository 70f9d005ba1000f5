"""What a compliance report asks of the store: one query each, for one period.

A period is half open: `start` belongs to it, `end` does not; both are times with a zone. A commit is
in it by its committer date, which is what the commit claims.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from auditor.store.records import (
    ActorCount,
    CheckpointRecord,
    CommitRecord,
    ControlRecord,
    DriftRecord,
    FindingRecord,
    FrameworkRecord,
    GapRecord,
    Integrity,
    Population,
    PopulationManifest,
    ReasonCount,
    RuleRecord,
    RunRecord,
    WaiverRecord,
)
from auditor.store.saved import saved_query

_DAYS = "date_diff('second', opened_at, fixed_at) / 86400.0"


class Evidence:
    """The queries, over one cursor, one period, and one repository or ('') all of them together.

    The log and its checkpoints are the database's: they are not divided by repository.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        start: datetime,
        end: datetime,
        repo: str = "",
        *,
        now: datetime | None = None,
    ) -> None:
        """`now` (default `end`) is when it is asked: of a period that is not over, the evidence ends there."""
        self._cursor = cursor
        last = min(end - timedelta(microseconds=1), now or end)
        self._last_day = last.astimezone(UTC).date()
        self._period = {"start": start, "end": end}
        self._repo = repo

    def repositories(self) -> tuple[str, ...]:
        """The names of all repositories that a run was over."""
        return tuple(row["repo"] for row in self._rows("SELECT DISTINCT repo FROM trail.run ORDER BY repo"))

    def runs(self) -> tuple[RunRecord, ...]:
        """The last run of each repository, by repository."""
        rows = self._rows(
            """
            SELECT r.id, r.repo, coalesce(p.location, '') AS location, coalesce(p.revision, '') AS revision,
                   r.started_at, r.finished_at, r.tip, r.status, r.engine, r.engine_version, r.bundle_digest,
                   r.kubernetes_version, r.auditor_version,
                   count(*) FILTER (WHERE r.finished_at >= $start AND r.finished_at < $end) OVER every
                       AS runs_in_period,
                   count(*) FILTER (WHERE r.finished_at >= $start AND r.finished_at < $end
                                    AND r.status <> 'complete') OVER every AS incomplete_in_period
            FROM trail.run r
            LEFT JOIN (SELECT repo, max_by(location, first_seen_at) AS location,
                              max_by(revision, first_seen_at) AS revision
                       FROM trail.repository GROUP BY repo) p ON p.repo = r.repo
            WHERE $repo = '' OR r.repo = $repo
            WINDOW every AS (PARTITION BY r.repo)
            QUALIFY row_number() OVER (PARTITION BY r.repo ORDER BY r.finished_at DESC, r.id DESC) = 1
            ORDER BY r.repo
            """
        )
        return tuple(RunRecord(**row) for row in rows)

    def gaps(self) -> tuple[GapRecord, ...]:
        """What the last run of each repository could not evaluate: errors first, then the most frequent."""
        rows = self._rows(
            """
            SELECT g.repo, g.outcome, g.subject, g.reason, g.occurrences, g.example
            FROM trail.gap g
            JOIN (SELECT repo, max_by(id, (finished_at, id)) AS run FROM trail.run GROUP BY repo) l
              ON l.repo = g.repo AND l.run = g.run
            WHERE $repo = '' OR g.repo = $repo
            ORDER BY g.repo, g.outcome, g.occurrences DESC, g.subject, g.reason
            """
        )
        return tuple(GapRecord(**row) for row in rows)

    def remarks(self) -> tuple[str, ...]:
        """What the last run of each repository had to say of the rules that it asked, each once."""
        rows = self._rows(
            """
            SELECT m.remark, min((m.repo, m.position)) AS place
            FROM trail.remark m
            JOIN (SELECT repo, max_by(id, (finished_at, id)) AS run FROM trail.run GROUP BY repo) l
              ON l.repo = m.repo AND l.run = m.run
            WHERE $repo = '' OR m.repo = $repo
            GROUP BY m.remark ORDER BY place
            """
        )
        return tuple(row["remark"] for row in rows)

    def population(self) -> Population:
        """The commits of the period, counted and listed."""
        inside = "committed_at >= $start AND committed_at < $end AND ($repo = '' OR repo = $repo)"
        totals = self._rows(
            f"""
            SELECT count(*) FILTER (WHERE landed) AS landed, count(*) FILTER (WHERE NOT landed AND NOT lost) AS not_landed,
                   min(committed_at) FILTER (WHERE landed) AS first_at,
                   max(committed_at) FILTER (WHERE landed) AS last_at
            FROM commits WHERE {inside}
            """  # noqa: S608 - a constant
        )[0]
        by_actor = self._rows(
            f"""
            SELECT actor_kind, count(*) AS landed, count(*) FILTER (WHERE is_merge) AS merges,
                   count(*) FILTER (WHERE pull_request = '' AND len(parents) = 1) AS without_request
            FROM commits WHERE landed AND {inside}
            GROUP BY actor_kind ORDER BY landed DESC, actor_kind
            """  # noqa: S608 - a constant
        )
        signatures = self._rows(
            f"""
            SELECT signature_status, count(*) AS n FROM commits WHERE landed AND {inside}
            GROUP BY signature_status ORDER BY n DESC, signature_status
            """  # noqa: S608 - a constant
        )
        pushes = self._rows(
            f"""
            SELECT repo, sha, committed_at, author_name || ' <' || author_email || '>' AS author, subject,
                   signature_status
            FROM commits
            WHERE landed AND len(parents) = 1 AND pull_request = '' AND actor_kind = 'person' AND {inside}
            ORDER BY committed_at, repo, position
            """  # noqa: S608 - a constant
        )
        ids = self._rows(
            f"SELECT sha FROM commits WHERE landed AND {inside} ORDER BY sha"  # noqa: S608 - a constant
        )
        digest = hashlib.sha256("".join(row["sha"] + "\n" for row in ids).encode()).hexdigest()
        return Population(
            **totals,
            by_actor=tuple(ActorCount(**row) for row in by_actor),
            signatures={row["signature_status"]: row["n"] for row in signatures},
            direct_pushes=tuple(CommitRecord(**row) for row in pushes),
            digest=digest,
        )

    def manifests(self) -> tuple[PopulationManifest, ...]:
        """The period's population by repository, from which tip to which."""
        fields = ("repo", "landed", "old_tip", "new_tip", "unbroken", "digest_of_ids")
        return tuple(
            PopulationManifest(**{name: row[name] for name in fields})
            for row in self._saved("population")
            if self._repo in ("", row["repo"])
        )

    def exclusions(self) -> tuple[ReasonCount, ...]:
        """Every recorded commit of every repository: in the period's population, or why not."""
        return tuple(
            ReasonCount(repo=row["repo"], reason=row["reason"], commits=row["commits"])
            for row in self._saved("population-exclusions")
            if self._repo in ("", row["repo"])
        )

    def integrity(self) -> Integrity:
        """What is known of the log, of refs, and of requests behind the period's changes."""
        head = self._rows(
            "SELECT size, lower(hex(root)) AS root FROM trail.tree_head ORDER BY size DESC, recorded_at DESC LIMIT 1"
        )
        records = head[0]["size"] if head else 0
        signed = self._rows("SELECT coalesce(max(size), 0) AS size FROM trail.checkpoint")[0]["size"]
        requests = self._rows(
            "SELECT confirmed, count(*) AS n FROM change_units WHERE landed_at >= $start AND landed_at < $end"
            " AND ($repo = '' OR repo = $repo)"
            " GROUP BY confirmed ORDER BY confirmed"
        )
        rewritten = self._rows(
            "SELECT move, count(*) AS n FROM ref_observations WHERE move IN ('rewritten', 'moved', 'deleted')"
            " AND ($repo = '' OR repo = $repo)"
            " GROUP BY move ORDER BY move"
        )
        return Integrity(
            records=records,
            root=head[0]["root"] if head else "",
            unsigned=max(0, records - signed),
            requests={row["confirmed"]: row["n"] for row in requests},
            rewritten={row["move"]: row["n"] for row in rewritten},
            lost=self._rows("SELECT count(*) AS n FROM commits WHERE lost AND ($repo = '' OR repo = $repo)")[
                0
            ]["n"],
        )

    def frameworks(self) -> tuple[str, ...]:
        """The names of the frameworks that the rules are mapped to."""
        rows = self._rows("SELECT DISTINCT framework FROM trail.control ORDER BY framework")
        return tuple(row["framework"] for row in rows)

    def framework(self, name: str) -> FrameworkRecord | None:
        """What the framework is; None where the last run was by a version that did not record it."""
        rows = self._rows(
            "SELECT title, version, url, source, scope, titled_by_us FROM frameworks WHERE framework = $framework",
            framework=name,
        )
        return FrameworkRecord(**rows[0]) if rows else None

    def controls(self, framework: str) -> tuple[ControlRecord, ...]:
        """The framework's rows, as the rule bundle of the last run maps them."""
        rows = self._rows(
            "SELECT DISTINCT control, title, rule_id, manual, coalesce(position, 0) AS position FROM trail.control"
            " WHERE framework = $framework ORDER BY position, control, rule_id",
            framework=framework,
        )
        return tuple(ControlRecord(**row) for row in rows)

    def rules(self) -> Mapping[str, RuleRecord]:
        """Every rule by id, with its answers on the tip."""
        rows = self._rows(
            """
            SELECT r.rule_id, any_value(r.title) AS title, any_value(r.severity) AS severity,
                   any_value(r.remediation) AS remediation, coalesce(bool_and(x.rule_id IS NOT NULL), false) AS ran,
                   coalesce(bool_and(a.whole), false) AS whole,
                   coalesce(sum(x.evaluated), 0)::BIGINT AS evaluated, coalesce(sum(x.failed), 0)::BIGINT AS failed,
                   coalesce(sum(x.skipped), 0)::BIGINT AS skipped, coalesce(sum(x.errors), 0)::BIGINT AS errors
            FROM trail.rule r
            LEFT JOIN trail.seen_whole a ON $repo = '' OR a.repo = $repo
            LEFT JOIN trail.rule_result x ON x.rule_id = r.rule_id AND x.repo = a.repo
            GROUP BY r.rule_id ORDER BY r.rule_id
            """
        )
        return {row["rule_id"]: RuleRecord(**row) for row in rows}

    def findings(self) -> tuple[FindingRecord, ...]:
        """Every finding open at some time of the period, or of unknown opening and not fixed before it."""
        rows = self._rows(
            f"""
            SELECT id, occurrence, repo, rule_id, severity, source, environment, kind, namespace, name, path, pointer,
                   message, opened_at, opened_sha, opened_by, fixed_at, fixed_sha, fixed_by, detected_at,
                   {_DAYS} AS days, coalesce(lost, false) AS lost,
                   coalesce(advisory, false) AS advisory
            FROM trail.finding
            WHERE (opened_at IS NULL OR opened_at < $end) AND (fixed_at IS NULL OR fixed_at >= $start)
              AND ($repo = '' OR repo = $repo)
            ORDER BY list_position(['low', 'medium', 'high', 'critical'], severity) DESC, opened_at NULLS LAST, rule_id,
                     id, occurrence
            """  # noqa: S608 - a constant
        )
        waivers = self._waivers()
        return tuple(
            FindingRecord(
                **row,
                waivers=()
                if row["fixed_sha"] or row["lost"]
                else tuple(waivers.get((row["repo"], row["id"]), ())),
            )
            for row in rows
        )

    def _waivers(self) -> Mapping[tuple[str, str], Sequence[WaiverRecord]]:
        """By repository and finding, what of the audited tip accepts it on the last day of the evidence."""
        rows = self._rows(
            """
            SELECT f.repo, f.finding, w.source, w.reason, w.owner, w.granted, w.expires, w.ticket, w.path, w.line
            FROM trail.waived f
            JOIN trail.waiver w ON w.repo = f.repo AND w.source = f.source AND w.path = f.path AND w.line = f.line
                               AND w.rule = f.rule
            WHERE (w.expires IS NULL OR w.expires > $day) AND (w.granted IS NULL OR w.granted <= $day)
              AND ($repo = '' OR f.repo = $repo)
            ORDER BY f.repo, f.finding, w.expires DESC NULLS FIRST, w.path, w.line
            """,
            day=self._last_day,
        )
        found: dict[tuple[str, str], dict[WaiverRecord, None]] = {}
        for row in rows:
            key = (row.pop("repo"), row.pop("finding"))
            found.setdefault(key, {})[WaiverRecord(**row)] = None
        return {key: tuple(waivers) for key, waivers in found.items()}

    def drift(self) -> tuple[DriftRecord, ...]:
        """Every difference that a run of the period saw, once however often it was seen."""
        rows = self._rows(
            """
            SELECT repo, cluster, environment, kind, namespace, name, pointer,
                   max_by(declared, seen_at) AS declared, max_by(live, seen_at) AS live, verdict,
                   max_by(severity, seen_at) AS severity, max_by(manager, seen_at) AS manager,
                   max(changed_at) AS changed_at, max_by(actor, seen_at) AS actor,
                   max_by(confidence, seen_at) AS confidence, max_by(evidence, seen_at) AS evidence,
                   min(seen_at) AS first_seen_at, max(seen_at) AS last_seen_at
            FROM trail.drift
            WHERE seen_at >= $start AND seen_at < $end AND ($repo = '' OR repo = $repo)
            GROUP BY repo, cluster, environment, api_version, kind, namespace, name, pointer, verdict,
                     CASE WHEN verdict = 'healed' THEN actor END
            ORDER BY list_position(['unauthorised', 'deleted', 'added', 'stale', 'unpruned', 'orphan', 'unmanaged',
                                    'healed'],
                                   verdict) NULLS LAST, cluster, environment, kind, namespace, name, pointer
            """
        )
        return tuple(DriftRecord(**row) for row in rows)

    def checkpoint(self) -> CheckpointRecord | None:
        """The newest checkpoint, None where the trail has none."""
        rows = self._rows(
            "SELECT size, root, signed_at, key_id FROM trail.checkpoint ORDER BY size DESC LIMIT 1"
        )
        return CheckpointRecord(**rows[0]) if rows else None

    def first_commit_at(self) -> datetime | None:
        """When the oldest commit of the trail says it was committed."""
        found: datetime | None = self._rows(
            "SELECT min(committed_at) AS at FROM commits WHERE $repo = '' OR repo = $repo"
        )[0]["at"]
        return found

    def _saved(self, name: str) -> Sequence[dict[str, Any]]:
        """A saved query over the period: the report says what whoever runs the query again is told."""
        since, until = (self._period[edge].isoformat() for edge in ("start", "end"))
        return self._rows(saved_query(name).sql, since=since, until=until)

    def _rows(self, sql: str, **parameters: Any) -> Sequence[dict[str, Any]]:
        used = {
            name: value
            for name, value in {**self._period, "repo": self._repo, **parameters}.items()
            if re.search(rf"\${name}\b", sql)
        }
        result = self._cursor.execute(sql, used)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
