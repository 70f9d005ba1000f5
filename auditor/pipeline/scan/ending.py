"""The end of a scan: it is recorded, and the trail's head signed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import auditor
from auditor.model import Commit
from auditor.pipeline.evidence.judged_again import changes_to_judge
from auditor.pipeline.evidence.news import gather_news
from auditor.pipeline.evidence.refs import RefNews
from auditor.pipeline.integrity.checkpoints import sign_head
from auditor.pipeline.mining.reading import jobs_by_default
from auditor.pipeline.mining.starting import Start
from auditor.pipeline.records.recording import record_run
from auditor.pipeline.records.run import NewHistory, Recording, RunFacts
from auditor.pipeline.scan.context import ScanContext
from auditor.pipeline.scan.request import ScanResult
from auditor.pipeline.state import state_folder
from auditor.store.previous import PreviousRun
from auditor.store.renderings import rendered_since


def record(
    context: ScanContext,
    start: Start,
    new: NewHistory | None,
    counts: Mapping[str, int],
    refs: RefNews,
    commits: Mapping[str, Commit],
    previous: PreviousRun | None,
) -> ScanResult:
    """Records the run with what it found (`new`, None where the tip is the last run's), and says what it did."""
    settings = context.request.settings
    news = gather_news(
        context.database,
        context.mirror,
        context.repo,
        commits,
        refs,
        settings=settings,
        now=context.request.now,
        jobs=context.request.jobs or jobs_by_default(),
        progress=context.request.progress,
    )
    context.notes.extend(news.notes())
    context.request.progress.stage("recording", None, "")
    incomplete = (*context.mirror.lacks, *(new.tip.incomplete if new else ()))
    facts = RunFacts(
        id=str(uuid.uuid4()),
        repo=context.repo,
        location=context.mirror.location,
        revision=context.redact(context.mirror.revision),
        tip=context.mirror.tip,
        started=context.started,
        now=context.request.now(),
        settings_digest=settings.reading_digest,
        judging_digest=settings.judging_digest if context.request.judge_changes else "",
        auditor_version=auditor.__version__,
        counts=counts,
        incomplete=incomplete,
        generation=start.generation,
    )
    incomplete = record_run(
        context.database,
        Recording(
            facts=facts,
            judge=context.judge,
            library=context.library,
            mirror=context.mirror,
            settings=settings,
            redactor=context.redactor,
            redact=context.redact,
            start=start,
            judges_changes=context.request.judge_changes,
            news=news,
            to_judge=changes_to_judge(
                context.database,
                context.mirror,
                context.repo,
                start,
                commits,
                news,
                previous=previous,
                settings=settings,
            ),
            history=new,
            previous=start.after,
            rendered_since=rendered_since(context.database, context.repo),
        ),
    )
    unsigned = _sign(context)
    return ScanResult(
        repo=context.repo,
        run=facts.id,
        tip=facts.tip,
        revision=facts.revision,
        incremental=start.after is not None,
        engine=context.judge.engine_name if context.judge else "none",
        engine_version=context.judge.engine_version if context.judge else "",
        counts=counts,
        incomplete=(*incomplete, *unsigned),
        notes=tuple(context.notes),
    )


def _sign(context: ScanContext) -> tuple[str, ...]:
    """Signs the log's head where there is a key; the places that could not be written."""
    signed = sign_head(
        context.database,
        context.request.settings,
        state_folder(context.request.database),
        context.request.now(),
    )
    return tuple(f"the checkpoint was not written to {place}: {why}" for place, why in signed.failed)
