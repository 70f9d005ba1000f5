"""From what is new in the history to what is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from auditor.git.history import read_changes
from auditor.manifests.secrets import Redactor
from auditor.model import FileChange
from auditor.pipeline.declared.images import ImageReading
from auditor.pipeline.declared.rendering import TipRendering, WhatLanded
from auditor.pipeline.declared.tip import TipState, tip_state
from auditor.pipeline.declared.traces import RenderedAtTip, shown_at_tip, traced_tip
from auditor.pipeline.declared.window import RenderedHistory, begins_at
from auditor.pipeline.deployment_options import deployment_options
from auditor.pipeline.evidence.refs import observe_refs
from auditor.pipeline.mining.attribution import Authors
from auditor.pipeline.mining.contents import Contents
from auditor.pipeline.mining.mining import Mining
from auditor.pipeline.mining.reading import BlobReading, jobs_by_default
from auditor.pipeline.mining.starting import Start, starting_point
from auditor.pipeline.paths import counted_by
from auditor.pipeline.records.run import NewHistory
from auditor.pipeline.scan.context import ScanContext
from auditor.pipeline.scan.ending import record
from auditor.pipeline.scan.request import ScanResult
from auditor.store.previous import generations, previous_run
from auditor.store.renderings import rendered_since
from auditor.store.traces import TraceRow


def run_scan(context: ScanContext) -> ScanResult:
    """Reads, judges, renders and records what is new since the last run."""
    previous = previous_run(context.database, context.repo)
    start = starting_point(
        context.mirror,
        previous,
        generations=generations(context.database, context.repo),
        judge=context.judge,
        settings=context.request.settings,
        rendered_less=_rendered_less(context),
    )
    if start.note:
        context.notes.append(start.note)
    if context.judge is not None:
        context.notes.extend(context.judge.remarks)
    refs = observe_refs(
        context.database, context.mirror, context.repo, context.started, redact=context.redact
    )
    if start.after is not None and start.after.tip == context.mirror.tip:
        return record(context, start, None, {"new_commits": 0}, refs, {}, previous)
    mining = Mining(
        database=context.database,
        mirror=context.mirror,
        repo=context.repo,
        settings=context.request.settings,
        progress=context.request.progress,
        redact=context.redact,
        judge=context.judge,
    )
    context.request.progress.stage("reading changes", len(start.skeleton.parents), "commits")
    since = start.after.tip if start.after else ""
    changes = list(read_changes(context.mirror, start.skeleton, after=since))
    may_hold_manifests = counted_by(context.request.settings)
    if context.session is not None and any(may_hold_manifests(change.path) for change in changes):
        context.session.start()  # it comes up while the work is planned
    contents, old_tree, tasks = mining.plan(changes, start)
    jobs = context.request.jobs or jobs_by_default()
    images = ImageReading(
        context.mirror,
        database=context.database,
        repo=context.repo,
        redactor=context.redactor,
        resumes=start.after is not None,
    )
    with _rendering(context, contents, start, changes, images) as rendering:
        with BlobReading(
            context.worker, tasks, jobs=jobs, judge=context.judge, session=context.session
        ) as reading:
            context.request.progress.stage("reading commits", len(start.skeleton.parents), "commits")
            commits = dict(mining.commits(start, since))
            mining.read_contents(reading, contents, tasks, start)
            lifetimes, replay = mining.replay(start, changes, contents, old_tree)
            mining.compare(reading, replay, contents, start)
            told = mining.together(reading, start, replay)
        lifetimes.take(told.lifetimes.open, told.lifetimes.closed, told.lifetimes.touched)
        tip = tip_state(
            replay,
            told,
            judge=context.judge,
            rendering=rendering,
            progress=context.request.progress,
            reading=images,
        )
    counts = {
        "new_commits": len(start.skeleton.parents),
        "new_landed_commits": len(start.skeleton.chain),
        "new_file_changes": len(changes),
        "new_blobs": len(contents.new_blobs),
        "new_documents_judged": len(contents.new_judgements),
        "resources_at_tip": len(tip.resources),
    }
    new = NewHistory(
        commits=commits,
        changes=changes,
        resource_changes=replay.changes,
        contents=contents,
        lifetimes=lifetimes,
        authors=Authors(commits, start.skeleton.landed_in, changes, replay.shows),
        tip=tip,
        traces=_traces(context, tip, changes),
    )
    return record(context, start, new, counts, refs, commits, previous)


def _traces(context: ScanContext, tip: TipState, changes: Sequence[FileChange]) -> Sequence[TraceRow]:
    """Where the findings on what is rendered at the tip come from."""
    if tip.at_tip.deployed is None:
        return ()
    context.request.progress.stage("tracing findings", None, "")
    return traced_tip(
        RenderedAtTip(resources=tip.at_tip.resources, deployed=tip.at_tip.deployed),
        shown_at_tip(tip.rendered),
        mirror=context.mirror,
        database=context.database,
        repo=context.repo,
        changes=changes,
        redact=context.redact,
    )


def _rendered_less(context: ScanContext) -> bool:
    """True where more of the history is to be rendered than earlier runs did."""
    history = RenderedHistory.of(context.request.settings.rendering.history)
    if history.known_only or not context.request.render or context.judge is None:
        return False
    since = rendered_since(context.database, context.repo)
    return since is None or since > begins_at(context.mirror, history)


def _rendering(
    context: ScanContext,
    contents: Contents,
    start: Start,
    changes: Sequence[FileChange],
    images: ImageReading,
) -> AbstractContextManager[TipRendering | None]:
    """What renders the tip meanwhile; nothing where that is not wanted or nothing judges."""
    if not context.request.render or context.judge is None:
        return nullcontext()
    return TipRendering(
        context.mirror,
        database=context.database,
        repo=context.repo,
        redactor=Redactor(context.worker.redaction_key),
        options=deployment_options(context.request.settings, context.mirror),
        known=contents.blobs,
        resumes=start.after is not None,
        history=RenderedHistory.of(context.request.settings.rendering.history),
        landed=_landed(start, changes),
        profile_of=context.judge.profile_of,
        look=images.look,
    )


def _landed(start: Start, changes: Sequence[FileChange]) -> WhatLanded:
    """What is new in the line, and the changes of each landing."""
    changes_of: dict[str, list[FileChange]] = {}
    for change in changes:
        if change.landed:
            changes_of.setdefault(change.sha, []).append(change)
    return WhatLanded(skeleton=start.skeleton, changes_of=changes_of)
