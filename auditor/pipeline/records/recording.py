"""One run into the store, in one transaction: records are added, results replaced, the log's head moved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from auditor.changecontrol.judge import RULE_IDS
from auditor.findings.lifetimes import Lifetimes
from auditor.git.mirror import Mirror
from auditor.manifests.secrets import Redactor
from auditor.model import Commit, FileChange
from auditor.pipeline.declared.tip import TipState
from auditor.pipeline.evidence.change_evidence import ChangeEvidence
from auditor.pipeline.evidence.changes import ChangeFindings, judge_changes
from auditor.pipeline.evidence.judged_again import ChangesToJudge
from auditor.pipeline.evidence.news import News, record_gathered
from auditor.pipeline.evidence.people import directory_of
from auditor.pipeline.mining.attribution import NOBODY, Authors
from auditor.pipeline.mining.contents import Contents
from auditor.pipeline.mining.resource_changes import ResourceChange
from auditor.pipeline.mining.starting import PARSER_VERSION, Start, engine_of
from auditor.pipeline.records.recorded_findings import FindingsToRecord, record_findings
from auditor.pipeline.records.recorded_history import record_history
from auditor.pipeline.records.rows import Redact, content_rows
from auditor.pipeline.records.waived import record_waived
from auditor.pipeline.records.waiver_findings import (
    WaiverRun,
    earlier_waiver_findings,
    record_waiver_findings,
    record_waiver_results,
)
from auditor.policy.judge import Judge
from auditor.policy.library import Library
from auditor.settings import Settings
from auditor.store.database import Database
from auditor.store.previous import PreviousRun, log_head
from auditor.store.renderings import record_renderings
from auditor.store.results import Touched, record_results
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
    settings_digest: str
    judging_digest: str
    auditor_version: str
    counts: Mapping[str, int]
    incomplete: tuple[str, ...]
    generation: int


@dataclass(frozen=True, kw_only=True)
class NewHistory:
    """What a run read that the run before it had not: of the whole history where it began anew."""

    commits: Mapping[str, Commit]
    changes: list[FileChange]
    resource_changes: list[ResourceChange]
    contents: Contents
    lifetimes: Lifetimes
    authors: Authors
    tip: TipState


@dataclass(kw_only=True)
class Recording:
    """Everything that one run leaves. Without `history` nothing landed since the `previous` run, whose results stay."""

    facts: RunFacts
    judge: Judge | None
    library: Library
    mirror: Mirror
    settings: Settings
    redactor: Redactor
    redact: Redact
    start: Start
    judges_changes: bool
    news: News
    to_judge: ChangesToJudge
    history: NewHistory | None
    previous: PreviousRun | None
    change_findings: ChangeFindings = field(init=False)

    def __post_init__(self) -> None:
        self.change_findings = ChangeFindings(disabled=frozenset(self.settings.policies.disabled))

    @property
    def fresh(self) -> bool:
        """True where the whole history was looked at, so that every result is said anew."""
        return self.start.after is None

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Why no statement about the whole can be made, rules on changes that broke included."""
        forge = self.news.forge_error
        return (*self.facts.incomplete, *([forge] if forge else []), *self.change_findings.broken())


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
        of_waivers = _record_waived(writer, recording, about_waivers)
        if recording.history is not None:
            _record_tip(writer, recording, recording.history.tip)
            record_renderings(writer, facts.repo, recording.history.tip.renderings)
        _record_change_results(writer, recording)
        record_waiver_results(writer, _waiver_run(recording))
        _record_repository(writer, recording)
        writer.append("gap", _gap_rows(recording))
        writer.append("remark", _remark_rows(recording))
        _repeat_gaps(writer, recording)
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
        rendered_opened=new.tip.rendered_opened if new else "",
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


def _record_tip(writer: Writer, recording: Recording, tip: TipState) -> None:
    repo = recording.facts.repo
    writer.replace("resource", ((repo, *row) for row in tip.resources), repo=repo)
    _join_last_change(writer, repo, recording.facts.generation)
    kept = set(recording.change_findings.results())
    results = {rule: counts for rule, counts in tip.results.items() if rule not in kept}
    writer.execute(
        "DELETE FROM trail.rule_result WHERE repo = ? AND rule_id NOT IN (SELECT unnest(?::VARCHAR[]))",
        [repo, sorted(kept)],
    )
    writer.append("rule_result", ((repo, rule, *counts) for rule, counts in sorted(results.items())))
    writer.replace(
        "rule",
        (
            (
                info.id,
                info.title,
                info.description,
                info.severity.value,
                info.category,
                info.remediation,
                info.id in recording.library.advisory,
            )
            for info in recording.library.infos
        ),
    )
    writer.replace("control", _control_rows(recording.library))
    writer.replace(
        "framework",
        (
            (f.name, f.title, f.version, f.url, f.source, f.scope, f.titled_by_us)
            for f in recording.library.frameworks
        ),
    )


def _record_change_results(writer: Writer, recording: Recording) -> None:
    """Results of the rules on changes: added to those of earlier runs, as landings stay judged, or anew."""
    repo = recording.facts.repo
    results = recording.change_findings.results()
    if not recording.to_judge.all_of_them:
        rows = writer.execute(
            "SELECT rule_id, evaluated, failed, skipped, errors FROM trail.rule_result WHERE repo = ?", [repo]
        ).fetchall()
        for rule_id, *before in rows:
            if rule_id in results:
                evaluated, failed, skipped, errors = (
                    new + old for new, old in zip(results[rule_id], before, strict=True)
                )
                results[rule_id] = (evaluated, failed, skipped, errors)
    writer.execute(
        "DELETE FROM trail.rule_result WHERE repo = ? AND rule_id IN (SELECT unnest(?::VARCHAR[]))",
        [repo, sorted(RULE_IDS)],
    )
    writer.append("rule_result", ((repo, rule, *counts) for rule, counts in sorted(results.items())))


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
        for position, control in enumerate(framework.controls):
            for rule_id in control.rules:
                yield framework.name, control.id, control.title, rule_id, "", position
            if control.people or not control.rules:
                yield framework.name, control.id, control.title, "", control.people, position


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


def _gap_rows(recording: Recording) -> Iterator[tuple[Any, ...]]:
    facts = recording.facts
    for reason in facts.incomplete:
        yield facts.id, facts.repo, "error", "repository", reason, 1, ""
    if recording.news.forge_error:
        yield facts.id, facts.repo, "error", "forge", recording.redact(recording.news.forge_error), 1, ""
    if recording.history is not None:
        for gap in recording.history.tip.gaps:
            subject, reason, example = map(recording.redact, (gap.subject, gap.reason, gap.example))
            yield facts.id, facts.repo, gap.outcome, subject, reason, gap.occurrences, example
    for untold in recording.change_findings.gaps:
        reason, example = recording.redact(untold.reason), recording.redact(untold.example)
        yield facts.id, facts.repo, untold.outcome, untold.rule_id, reason, untold.occurrences, example


def _remark_rows(recording: Recording) -> Iterator[tuple[Any, ...]]:
    """What a reader should know of the rules that this run asked."""
    facts = recording.facts
    for position, remark in enumerate(recording.judge.remarks if recording.judge else ()):
        yield facts.id, facts.repo, position, recording.redact(remark)


def _repeat_gaps(writer: Writer, recording: Recording) -> None:
    """What the previous run could not evaluate and this one did not look at still could not be."""
    if recording.previous is None:
        return
    of_changes = "subject IN (SELECT unnest($rules::VARCHAR[]))"
    kept = [f"NOT {of_changes}"] if recording.history is None else []
    if not recording.to_judge.all_of_them:
        kept.append(of_changes)
    if not kept:
        return
    writer.execute(
        f"""
        CREATE TEMP TABLE gaps_together AS
        SELECT outcome, subject, reason, sum(occurrences)::BIGINT AS occurrences, arg_max(example, run = $run) AS example
        FROM trail.gap
        WHERE repo = $repo AND (run = $run OR run = $previous AND subject NOT IN ('repository', 'forge') AND ({" OR ".join(kept)}))
        GROUP BY ALL
        """,  # noqa: S608 - the conditions are ours
        {
            "repo": recording.facts.repo,
            "run": recording.facts.id,
            "previous": recording.previous.id,
            "rules": sorted(RULE_IDS),
        },
    )
    writer.execute("DELETE FROM trail.gap WHERE run = ?", [recording.facts.id])
    writer.execute(
        "INSERT INTO trail.gap SELECT ?, ?, * FROM gaps_together ORDER BY ALL",
        [recording.facts.id, recording.facts.repo],
    )
    writer.execute("DROP TABLE gaps_together")
