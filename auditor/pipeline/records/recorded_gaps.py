"""What a run could not evaluate, and what is to be known of the rules that it asked, into the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.changecontrol.judge import RULE_IDS
from auditor.pipeline.records.run import Recording
from auditor.store.writer import Writer


def gap_rows(recording: Recording) -> Iterator[tuple[Any, ...]]:
    """Rows of trail.gap: what this run could not evaluate."""
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


def remark_rows(recording: Recording) -> Iterator[tuple[Any, ...]]:
    """Rows of trail.remark: what a reader should know of the rules that this run asked."""
    facts = recording.facts
    for position, remark in enumerate(recording.judge.remarks if recording.judge else ()):
        yield facts.id, facts.repo, position, recording.redact(remark)


def repeat_gaps(writer: Writer, recording: Recording) -> None:
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
