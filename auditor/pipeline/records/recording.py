"""One run into the store, in one transaction: records are added, results replaced, the log's head moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC
from typing import Any

from auditor.findings.lifetimes import Lifetimes
from auditor.pipeline.evidence.change_evidence import ChangeEvidence
from auditor.pipeline.evidence.changes import judge_changes
from auditor.pipeline.evidence.news import record_gathered
from auditor.pipeline.evidence.people import directory_of
from auditor.pipeline.mining.attribution import NOBODY
from auditor.pipeline.mining.starting import PARSER_VERSION, engine_of
from auditor.pipeline.records.recorded_findings import FindingsToRecord, record_findings
from auditor.pipeline.records.recorded_gaps import gap_rows, remark_rows, repeat_gaps
from auditor.pipeline.records.recorded_history import record_history
from auditor.pipeline.records.recorded_tip import record_change_results, record_tip
from auditor.pipeline.records.rows import content_rows
from auditor.pipeline.records.run import NewHistory, Recording
from auditor.pipeline.records.waived import record_waived
from auditor.pipeline.records.waiver_findings import (
    WaiverRun,
    earlier_waiver_findings,
    record_waiver_findings,
    record_waiver_results,
)
from auditor.store.database import Database
from auditor.store.previous import log_head
from auditor.store.renderings import record_renderings
from auditor.store.results import Touched, record_results
from auditor.store.traces import record_traces
from auditor.store.writer import Writer, writing
from auditor.trail.log import Log

_OF_THE_CONTENTS = ("blob", "document", "problem", "judgement", "verdict")


def record_run(database: Database, recording: Recording) -> tuple[str, ...]:
    """Writes the run; why it is incomplete (empty: it is not). Raises StoreError, and then nothing was written."""
    facts = recording.facts
    log = Log(*log_head(database))
    with writing(database) as writer:
        if recording.history is not None:
            _record_history(writer, log, recording, recording.history)
        record_gathered(
            writer,
            log,
            recording.news,
            repo=facts.repo,
            run=facts.id,
            mirror=recording.mirror,
            redact=recording.redact,
        )
        if recording.judges_changes and (recording.to_judge.chain or recording.to_judge.ref_moves):
            recording.change_findings = judge_changes(_evidence(writer, recording))
        about_waivers = earlier_waiver_findings(writer, facts.repo)
        findings = record_findings(writer, _findings(recording))
        if recording.history is not None:
            record_tip(writer, recording, recording.history.tip)
            record_renderings(writer, facts.repo, recording.history.tip.renderings)
            record_traces(writer, facts.repo, recording.history.traces)
        of_waivers = _record_waived(writer, recording, about_waivers)
        record_change_results(writer, recording)
        record_waiver_results(writer, _waiver_run(recording))
        _record_repository(writer, recording)
        writer.append("gap", gap_rows(recording))
        writer.append("remark", remark_rows(recording))
        repeat_gaps(writer, recording)
        digest = record_results(
            writer.cursor,
            facts.repo,
            facts.id,
            tables=_tables_written(recording, of_waivers),
            touched=_touched(recording, None if findings is None else {*findings, *of_waivers}),
            earlier=recording.previous.results_digest if recording.previous else None,
        )
        writer.append("run", log.numbered("run", [_run_row(recording, digest)]))
        writer.append("leaf", log.leaves())
        writer.append("tree_head", [(log.size, log.root(), log.frontier(), facts.id, facts.now)])
    database.checkpoint()
    return recording.incomplete


def _record_waived(writer: Writer, recording: Recording, earlier: list[tuple[Any, ...]]) -> frozenset[str]:
    """What is waived, and what is wrong with the waivers; the ids of the findings written."""
    facts = recording.facts
    accepted = record_waived(
        writer,
        recording.mirror,
        repo=facts.repo,
        settings=recording.settings,
        rules=recording.library.ids,
        redactor=recording.redactor,
        redact=recording.redact,
        today=facts.now.astimezone(UTC).date(),
    )
    return record_waiver_findings(writer, accepted, earlier, _waiver_run(recording))


def _waiver_run(recording: Recording) -> WaiverRun:
    facts = recording.facts
    return WaiverRun(
        repo=facts.repo,
        run=facts.id,
        tip=facts.tip,
        now=facts.now,
        engine=_findings(recording).engine,
        library=recording.library,
        disabled=frozenset(recording.settings.policies.disabled),
        complete=not recording.incomplete and recording.judge is not None,
        redact=recording.redact,
    )


def _record_history(writer: Writer, log: Log, recording: Recording, new: NewHistory) -> None:
    repo = recording.facts.repo
    record_history(
        writer,
        log,
        repo=repo,
        run=recording.facts.id,
        start=recording.start,
        commits=new.commits,
        changes=new.changes,
        resource_changes=new.resource_changes,
        diffs=new.contents.diffs,
        redact=recording.redact,
    )
    new.contents.diffs.clear()  # tens of megabytes that nobody asks for again
    if recording.fresh:
        for table in _OF_THE_CONTENTS:
            writer.execute(f"DELETE FROM trail.{table} WHERE repo = ?", [repo])  # noqa: S608 - ours
    for table, rows in content_rows(repo, new.contents).items():
        writer.append(table, rows)


def _evidence(writer: Writer, recording: Recording) -> ChangeEvidence:
    judged = recording.to_judge
    return ChangeEvidence(
        repo=recording.facts.repo,
        generation=recording.facts.generation,
        chain=judged.chain,
        landed_in=judged.landed_in,
        commits=judged.commits,
        writer=writer,
        mirror=recording.mirror,
        settings=recording.settings,
        directory=directory_of(recording.settings, platform_keys=recording.news.platform_keys),
        redactor=recording.redactor,
        now=recording.facts.started,
        ref_moves=judged.ref_moves,
        forge_error=recording.news.forge_error,
    )


def _findings(recording: Recording) -> FindingsToRecord:
    facts, new = recording.facts, recording.history
    version = recording.judge.engine_version if recording.judge else ""
    return FindingsToRecord(
        repo=facts.repo,
        run=facts.id,
        now=facts.now,
        tip=facts.tip,
        engine=f"{engine_of(recording.judge)[1]} {version}".strip(),
        fresh=recording.fresh,
        changes_anew=recording.to_judge.all_of_them,
        lifetimes=new.lifetimes if new else Lifetimes(),
        rendered=new.tip.rendered if new else None,
        positions={sha: place for place, sha in enumerate(recording.start.skeleton.chain)},
        rendered_since=recording.rendered_since,
        sources={row.finding: (row.path, row.line) for row in new.traces if not row.position} if new else {},
        of_changes=recording.change_findings.lifetimes,
        seen_at=recording.change_findings.seen_at,
        commits=new.commits if new else {},
        changed_by=recording.to_judge.commits,
        authors=new.authors if new else NOBODY,
        library=recording.library,
        disabled=frozenset(recording.settings.policies.disabled),
        redact=recording.redact,
    )


def _tables_written(recording: Recording, of_waivers: Collection[str]) -> Sequence[str] | None:
    """The tables whose digest this run has changed; None for all. `of_waivers` are findings about waivers."""
    if recording.history is not None or recording.previous is None:
        return None
    if recording.change_findings.lifetimes or recording.to_judge.all_of_them or of_waivers:
        return ("finding", "rule_result", "gap")
    # Rules on changes count what they looked at also where they found nothing.
    return ("rule_result", "gap")


def _touched(recording: Recording, findings: Collection[str] | None) -> Touched:
    """The keys of the rows that this run has written; nothing of a table that was written anew."""
    touched: dict[str, Collection[str]] = {}
    if findings is not None:
        touched["finding"] = findings
    if recording.history is not None and not recording.fresh:
        blobs = {row.blob for row in recording.history.contents.new_blobs}
        digests = {row.digest for row in recording.history.contents.new_judgements}
        touched.update(blob=blobs, document=blobs, problem=blobs, judgement=digests, verdict=digests)
    return touched


def _record_repository(writer: Writer, recording: Recording) -> None:
    facts = recording.facts
    known = writer.execute("SELECT 1 FROM trail.repository WHERE repo = ?", [facts.repo]).fetchall()
    if not known:
        writer.append("repository", [(facts.repo, facts.location, facts.revision, facts.started)])


def _run_row(recording: Recording, digest: str) -> tuple[Any, ...]:
    facts, judge = recording.facts, recording.judge
    bundle_digest, engine = engine_of(judge)
    return (
        facts.id,
        facts.repo,
        facts.started,
        facts.now,
        facts.tip,
        "incomplete" if recording.incomplete else "complete",
        engine,
        judge.engine_version if judge else "",
        bundle_digest,
        facts.settings_digest,
        PARSER_VERSION,
        judge.kubernetes_version if judge else "",
        facts.auditor_version,
        dict(facts.counts),
        facts.generation,
        digest,
        facts.judging_digest,
    )
