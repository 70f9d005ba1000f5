"""One run into the store, in one transaction: records are added, results replaced, the log's head moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auditor.findings.lifetimes import Lifetimes
from auditor.git.mirror import Mirror
from auditor.manifests.secrets import Redactor
from auditor.model import Commit, FileChange
from auditor.pipeline.attribution import Authors
from auditor.pipeline.change_evidence import ChangeEvidence
from auditor.pipeline.changes import ChangeFindings, judge_changes
from auditor.pipeline.contents import Contents
from auditor.pipeline.people import directory_of
from auditor.pipeline.recorded_findings import FindingsToRecord, record_findings
from auditor.pipeline.recorded_history import record_history
from auditor.pipeline.resource_changes import ResourceChange
from auditor.pipeline.rows import Redact, content_rows
from auditor.pipeline.starting import PARSER_VERSION, Start, engine_of
from auditor.pipeline.tip import TipState
from auditor.policy.judge import Judge
from auditor.policy.library import Library
from auditor.settings import Settings
from auditor.store.database import Database
from auditor.store.previous import PreviousRun, log_head
from auditor.store.renderings import record_renderings
from auditor.store.writer import Writer, writing
from auditor.trail.log import Log

_OF_THE_CONTENTS = ("blob", "document", "problem", "judgement", "verdict")


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What is said of a run whatever it found."""

    id: str
    repo: str
    location: str
    revision: str
    tip: str
    started: datetime
    now: datetime
    status: str
    settings_digest: str
    auditor_version: str
    counts: Mapping[str, int]
    incomplete: tuple[str, ...]
    generation: int


@dataclass(frozen=True, kw_only=True)
class NewHistory:
    """What a run read that the run before it had not: of the whole history where it began anew."""

    start: Start
    commits: Mapping[str, Commit]
    parents: Mapping[str, Commit]
    changes: list[FileChange]
    resource_changes: list[ResourceChange]
    contents: Contents
    lifetimes: Lifetimes
    authors: Authors
    tip: TipState


@dataclass(kw_only=True)
class Recording:
    """Everything that one run leaves. Without `history` it found nothing new, and what the run `repeats` could not
    evaluate still could not be."""

    facts: RunFacts
    judge: Judge | None
    library: Library
    mirror: Mirror
    settings: Settings
    redactor: Redactor
    redact: Redact
    history: NewHistory | None = None
    repeats: PreviousRun | None = None
    change_findings: ChangeFindings = field(default_factory=ChangeFindings)


def record_run(database: Database, recording: Recording) -> None:
    """Writes the run. Raises StoreError, and then nothing was written."""
    facts = recording.facts
    log = Log(*log_head(database))
    with writing(database) as writer:
        if recording.history is not None:
            _record_what_is_new(writer, log, recording, recording.history)
        _record_repository(writer, recording)
        writer.append("gap", _gap_rows(recording))
        if recording.repeats is not None:
            writer.execute(
                "INSERT INTO trail.gap SELECT ? AS run, * EXCLUDE (run) FROM trail.gap WHERE run = ?",
                [facts.id, recording.repeats.id],
            )
        writer.append("run", log.numbered("run", [_run_row(recording)]))
        writer.append("leaf", log.leaves())
        writer.append("tree_head", [(log.size, log.root(), log.frontier(), facts.id, facts.now)])
    database.checkpoint()


def _record_what_is_new(writer: Writer, log: Log, recording: Recording, new: NewHistory) -> None:
    facts, start = recording.facts, new.start
    record_history(
        writer,
        log,
        repo=facts.repo,
        run=facts.id,
        start=start,
        commits=new.commits,
        changes=new.changes,
        resource_changes=new.resource_changes,
        diffs=new.contents.diffs,
        redact=recording.redact,
    )
    if start.after is None:
        for table in _OF_THE_CONTENTS:
            writer.execute(f"DELETE FROM trail.{table} WHERE repo = ?", [facts.repo])  # noqa: S608 - ours
    for table, rows in content_rows(facts.repo, new.contents).items():
        writer.append(table, rows)
    recording.change_findings = judge_changes(
        ChangeEvidence(
            repo=facts.repo,
            generation=start.generation,
            chain=start.skeleton.chain,
            landed_in=start.skeleton.landed_in,
            commits={**new.parents, **new.commits},
            writer=writer,
            mirror=recording.mirror,
            settings=recording.settings,
            directory=directory_of(recording.settings),
            redactor=recording.redactor,
            now=facts.started,
        )
    )
    version = recording.judge.engine_version if recording.judge else ""
    record_findings(
        writer,
        FindingsToRecord(
            repo=facts.repo,
            run=facts.id,
            now=facts.now,
            tip=facts.tip,
            engine=f"{engine_of(recording.judge)[1]} {version}".strip(),
            fresh=start.after is None,
            lifetimes=new.lifetimes,
            rendered=new.tip.rendered,
            rendered_opened=new.tip.rendered_opened,
            of_changes=recording.change_findings.lifetimes,
            commits=new.commits,
            authors=new.authors,
            library=recording.library,
            redact=recording.redact,
        ),
    )
    _record_tip(writer, recording, new.tip, fresh=start.after is None)
    record_renderings(writer, facts.repo, new.tip.renderings)


def _record_tip(writer: Writer, recording: Recording, tip: TipState, *, fresh: bool) -> None:
    repo = recording.facts.repo
    writer.replace("resource", ((repo, *row) for row in tip.resources), repo=repo)
    _join_last_change(writer, repo, recording.facts.generation)
    # A rule that met no resource has its row too: "nothing to judge" is not "never asked".
    results = {info.id: (0, 0, 0, 0) for info in recording.library.infos} | tip.results
    results |= _change_results(writer, recording, fresh=fresh)
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


def _change_results(
    writer: Writer, recording: Recording, *, fresh: bool
) -> dict[str, tuple[int, int, int, int]]:
    """Results of the rules on landings: those of earlier runs and of this one, as landings stay judged."""
    results = recording.change_findings.results()
    if fresh:
        return results
    rows = writer.execute(
        "SELECT rule_id, evaluated, failed, skipped, errors FROM trail.rule_result WHERE repo = ?",
        [recording.facts.repo],
    ).fetchall()
    for rule_id, *before in rows:
        if rule_id in results:
            evaluated, failed, skipped, errors = (
                new + old for new, old in zip(results[rule_id], before, strict=True)
            )
            results[rule_id] = (evaluated, failed, skipped, errors)
    return results


def _join_last_change(writer: Writer, repo: str, generation: int) -> None:
    """Each resource of the tip gets the landed commit that last changed it, or a file it is rendered from."""
    writer.execute(
        """
        UPDATE trail.resource AS r SET sha = last.sha
        FROM (
            SELECT environment, kind, namespace, name,
                   CASE WHEN contains(api_version, '/') THEN split_part(api_version, '/', 1) ELSE '' END AS api_group,
                   arg_max(sha, position) AS sha
            FROM trail.resource_change WHERE repo = ? AND generation = ? AND landed
            GROUP BY ALL
        ) AS last
        WHERE r.repo = ? AND r.rendered_from = ''
          AND r.environment = last.environment AND r.kind = last.kind
          AND r.namespace = last.namespace
          AND r.name = last.name
          AND CASE WHEN contains(r.api_version, '/') THEN split_part(r.api_version, '/', 1) ELSE '' END = last.api_group
        """,
        [repo, generation, repo],
    )


def _control_rows(library: Library) -> Iterator[tuple[Any, ...]]:
    for framework in library.frameworks:
        for control in framework.controls:
            for rule_id in control.rules:
                yield framework.name, control.id, control.title, rule_id, ""
            if control.people or not control.rules:
                yield framework.name, control.id, control.title, "", control.people


def _record_repository(writer: Writer, recording: Recording) -> None:
    facts = recording.facts
    known = writer.execute("SELECT 1 FROM trail.repository WHERE repo = ?", [facts.repo]).fetchall()
    if not known:
        writer.append("repository", [(facts.repo, facts.location, facts.revision, facts.started)])


def _run_row(recording: Recording) -> tuple[Any, ...]:
    facts, judge = recording.facts, recording.judge
    bundle_digest, engine = engine_of(judge)
    return (
        facts.id,
        facts.repo,
        facts.started,
        facts.now,
        facts.tip,
        facts.status,
        engine,
        judge.engine_version if judge else "",
        bundle_digest,
        facts.settings_digest,
        PARSER_VERSION,
        judge.kubernetes_version if judge else "",
        facts.auditor_version,
        dict(facts.counts),
        facts.generation,
        recording.repeats.results_digest if recording.repeats else None,
    )


def _gap_rows(recording: Recording) -> Iterator[tuple[Any, ...]]:
    facts = recording.facts
    for reason in facts.incomplete:
        yield facts.id, facts.repo, "error", "repository", reason, 1, ""
    if recording.history is not None:
        for gap in recording.history.tip.gaps:
            subject, reason, example = map(recording.redact, (gap.subject, gap.reason, gap.example))
            yield facts.id, facts.repo, gap.outcome, subject, reason, gap.occurrences, example
    for untold in recording.change_findings.gaps:
        reason, example = recording.redact(untold.reason), recording.redact(untold.example)
        yield facts.id, facts.repo, untold.outcome, untold.rule_id, reason, untold.occurrences, example
