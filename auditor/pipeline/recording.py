"""One run into the store, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auditor.findings.lifetimes import Lifetimes
from auditor.git.history import Skeleton
from auditor.model import Commit, FileChange
from auditor.pipeline.attribution import Authors
from auditor.pipeline.changes import ChangeFindings
from auditor.pipeline.contents import Contents
from auditor.pipeline.rendered import rendered_lifetimes
from auditor.pipeline.replay import ResourceChange
from auditor.pipeline.rows import Redact, change_rows, commit_rows, content_rows, finding_rows
from auditor.pipeline.tip import TipState
from auditor.policy.library import Library
from auditor.store.database import Database
from auditor.store.writer import Writer, writing

_OF_THE_REPOSITORY = (
    "commit_record", "file_change", "blob", "document", "problem", "judgement", "verdict", "resource_change",
    "finding",
)  # fmt: skip


@dataclass(kw_only=True)
class Recording:
    """Everything that one run leaves. Without `tip_state` the run found nothing new, and what the run `repeats`
    (an id) could not evaluate still could not be."""

    run: str
    repo: str
    location: str
    revision: str
    tip: str
    started: datetime
    now: datetime
    status: str
    engine: str
    engine_version: str
    bundle_digest: str
    settings_digest: str
    parser_version: int
    kubernetes_version: str
    auditor_version: str
    counts: Mapping[str, int]
    library: Library
    redact: Redact
    incomplete: tuple[str, ...]
    fresh: bool = False
    skeleton: Skeleton | None = None
    changes: list[FileChange] = field(default_factory=list)
    commits: Mapping[str, Commit] = field(default_factory=dict)
    contents: Contents = field(default_factory=Contents)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    change_findings: ChangeFindings = field(default_factory=ChangeFindings)
    resource_changes: list[ResourceChange] = field(default_factory=list)
    tip_state: TipState | None = None
    authors: Authors | None = None
    repeats: str = ""


def record_run(database: Database, recording: Recording) -> str:
    """Writes the run; its id. Raises StoreError, and then nothing was written."""
    with writing(database) as writer:
        if recording.tip_state is not None and recording.skeleton is not None:
            _record_findings(writer, recording)
            _record_history(writer, recording, recording.skeleton)
            _record_tip(writer, recording, recording.tip_state)
        _record_repository(writer, recording)
        writer.append("run", [_run_row(recording)])
        writer.append("gap", _gap_rows(recording))
        if recording.repeats:
            writer.execute(
                "INSERT INTO trail.gap SELECT ? AS run, * EXCLUDE (run) FROM trail.gap WHERE run = ?",
                [recording.run, recording.repeats],
            )
    database.checkpoint()
    return recording.run


def _record_history(writer: Writer, recording: Recording, skeleton: Skeleton) -> None:
    repo = recording.repo
    writer.append(
        "commit_record", commit_rows(repo, recording.commits.values(), skeleton.landed_in, recording.redact)
    )
    writer.append("file_change", change_rows(repo, recording.changes, recording.redact))
    for table, rows in content_rows(repo, recording.contents).items():
        writer.append(table, rows)
    writer.append("resource_change", ((repo, *change) for change in recording.resource_changes))


def _record_findings(writer: Writer, recording: Recording) -> None:
    """Replaces what this run says anew; findings keep the moment at which a run first said so."""
    repo, authors = recording.repo, recording.authors
    if authors is None:
        return
    said = writer.execute(
        "SELECT id, occurrence, detected_at, detected_run, opened_at, opened_by, opened_path"
        " FROM trail.finding WHERE repo = ?",
        [repo],
    ).fetchall()
    detected = {(row[0], row[1]): (row[2], row[3]) for row in said}
    earlier = {(row[0], row[1]): (row[4], row[5], row[6]) for row in said}
    lifetimes = recording.lifetimes
    every = [*lifetimes.open.values(), *lifetimes.closed]
    tip = recording.tip_state
    rendered = (
        rendered_lifetimes(writer, repo, tip.rendered, recording.tip, fresh=recording.fresh) if tip else []
    )
    if recording.fresh:
        for table in _OF_THE_REPOSITORY:
            writer.execute(f"DELETE FROM trail.{table} WHERE repo = ?", [repo])  # noqa: S608 - names are ours
    else:
        every = [item for item in every if (item.sighting.id, item.occurrence) in lifetimes.touched]
        said_again = [f"{item.sighting.id}#{item.occurrence}" for item in (*every, *rendered)]
        writer.execute(
            "DELETE FROM trail.finding WHERE repo = ? AND (id || '#' || occurrence) IN (SELECT unnest(?))",
            [repo, said_again],
        )
    writer.append(
        "finding",
        finding_rows(
            repo,
            [*every, *rendered, *recording.change_findings.lifetimes],
            rules={info.id: info for info in recording.library.infos},
            commits=recording.commits,
            authors=authors,
            detected=detected,
            earlier=earlier,
            now=recording.now,
            redact=recording.redact,
            run=recording.run,
            engine=f"{recording.engine} {recording.engine_version}",
        ),
    )


def _record_tip(writer: Writer, recording: Recording, tip: TipState) -> None:
    repo = recording.repo
    writer.replace("resource", ((repo, *row) for row in tip.resources), repo=repo)
    _join_last_change(writer, repo)
    # A rule that met no resource has its row too: "nothing to judge" is not "never asked".
    results = {info.id: (0, 0, 0, 0) for info in recording.library.infos} | tip.results
    results |= _change_results(writer, recording)
    writer.replace(
        "rule_result", ((repo, rule, *counts) for rule, counts in sorted(results.items())), repo=repo
    )
    writer.replace(
        "rule",
        (
            (info.id, info.title, info.description, info.severity.value, info.category, info.remediation)
            for info in recording.library.infos
        ),
    )
    writer.replace("control", _control_rows(recording.library))


def _change_results(writer: Writer, recording: Recording) -> dict[str, tuple[int, int, int, int]]:
    """Results of the rules on landings: those of earlier runs and of this one, as landings stay judged."""
    results = recording.change_findings.results()
    if recording.fresh:
        return results
    rows = writer.execute(
        "SELECT rule_id, evaluated, failed FROM trail.rule_result WHERE repo = ?", [recording.repo]
    ).fetchall()
    for rule_id, evaluated, failed in rows:
        if rule_id in results:
            new = results[rule_id]
            results[rule_id] = (new[0] + evaluated, new[1] + failed, 0, 0)
    return results


def _join_last_change(writer: Writer, repo: str) -> None:
    """Each resource of the tip gets the landed commit that last changed it, or a file it is rendered from."""
    writer.execute(
        """
        UPDATE trail.resource AS r SET sha = last.sha
        FROM (
            SELECT environment, kind, namespace, name,
                   CASE WHEN contains(api_version, '/') THEN split_part(api_version, '/', 1) ELSE '' END AS api_group,
                   arg_max(sha, position) AS sha
            FROM trail.resource_change WHERE repo = ? AND landed
            GROUP BY ALL
        ) AS last
        WHERE r.repo = ? AND r.rendered_from = ''
          AND r.environment = last.environment AND r.kind = last.kind
          AND r.namespace = last.namespace
          AND r.name = last.name
          AND CASE WHEN contains(r.api_version, '/') THEN split_part(r.api_version, '/', 1) ELSE '' END = last.api_group
        """,
        [repo, repo],
    )


def _control_rows(library: Library) -> Iterator[tuple[Any, ...]]:
    for framework in library.frameworks:
        for control in framework.controls:
            for rule_id in control.rules:
                yield framework.name, control.id, control.title, rule_id, ""
            if control.people or not control.rules:
                yield framework.name, control.id, control.title, "", control.people


def _record_repository(writer: Writer, recording: Recording) -> None:
    known = writer.execute("SELECT 1 FROM trail.repository WHERE repo = ?", [recording.repo]).fetchall()
    if not known:
        row = (recording.repo, recording.location, recording.revision, recording.started)
        writer.append("repository", [row])


def _run_row(recording: Recording) -> tuple[Any, ...]:
    return (
        recording.run,
        recording.repo,
        recording.started,
        recording.now,
        recording.tip,
        recording.status,
        recording.engine,
        recording.engine_version,
        recording.bundle_digest,
        recording.settings_digest,
        recording.parser_version,
        recording.kubernetes_version,
        recording.auditor_version,
        dict(recording.counts),
    )


def _gap_rows(recording: Recording) -> Iterator[tuple[Any, ...]]:
    for reason in recording.incomplete:
        yield recording.run, recording.repo, "error", "repository", reason, 1, ""
    if recording.tip_state is not None:
        for gap in recording.tip_state.gaps:
            subject, reason, example = map(recording.redact, (gap.subject, gap.reason, gap.example))
            yield recording.run, recording.repo, gap.outcome, subject, reason, gap.occurrences, example
