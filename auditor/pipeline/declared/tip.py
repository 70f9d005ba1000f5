"""The state at the audited tip: its resources as written and as rendered, what could not be evaluated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.model import Outcome
from auditor.pipeline.declared.gaps import (
    Gap,
    chart_gaps,
    file_gaps,
    history_errors,
    incomplete,
    render_gaps,
    set_gaps,
    verdict_gaps,
)
from auditor.pipeline.declared.images import ImageReading, TipImages
from auditor.pipeline.declared.problems import rule_results
from auditor.pipeline.declared.rendered_sets import RenderedSets
from auditor.pipeline.declared.rendered_tip import NOTHING_RENDERED, RenderedTip
from auditor.pipeline.declared.rendering import TipRendering
from auditor.pipeline.declared.seen import SeenAt, seen_along
from auditor.pipeline.declared.subjects import (
    Counts,
    Unseen,
    bringing_in,
    with_those_that_met_nothing,
)
from auditor.pipeline.mining.contents import Contents, DocumentRow, JudgementRow
from auditor.pipeline.mining.problems import FILE_RULES
from auditor.pipeline.mining.replay import Replay
from auditor.pipeline.mining.resource_changes import resource_key
from auditor.pipeline.mining.together import IN_HISTORY, ToldOfSets
from auditor.pipeline.progress import Progress
from auditor.policy.builtin import BUILTIN_RULES, DUPLICATE_KEY, SCHEMA
from auditor.policy.judge import Judge
from auditor.policy.router import kind_of
from auditor.store.renderings import StoredRenderings


@dataclass(frozen=True, kw_only=True, slots=True)
class TipState:
    """`resources` are rows of trail.resource without repo; `results` by rule (evaluated, failed, skipped,
    errors), of every rule that was asked: all are 0 where nothing is there for it to judge. `incomplete` says why no statement about the whole can be made. `rendered` is what was seen at each landing
    that was rendered, `at_tip` what is rendered; `renderings` are for the next run.
    """

    resources: list[tuple[Any, ...]]
    rendered: Sequence[SeenAt]
    results: dict[str, Counts]
    gaps: list[Gap]
    incomplete: tuple[str, ...]
    renderings: StoredRenderings
    images: TipImages = field(default_factory=TipImages)
    at_tip: RenderedTip = NOTHING_RENDERED


def tip_state(
    replay: Replay,
    told: ToldOfSets,
    *,
    judge: Judge | None,
    rendering: TipRendering | None,
    progress: Progress,
    reading: ImageReading | None = None,
) -> TipState:
    """Looks at the tip that the replay has reached, and at what `rendering` makes of it where anything judges.

    `told` is what rules over several resources said of the environments as they are written; `reading` looks for images.
    """
    errors_in_history = list(history_errors(replay.contents))
    rendered = NOTHING_RENDERED
    if rendering is not None and judge is not None:
        progress.stage("rendering the tip", None, "")
        rendered = rendering.finish(replay, judge=judge)
    written = [
        (path, row)
        for path, blob in sorted(replay.shown.items())
        for row in replay.contents.blobs[blob].documents
    ]
    # What a file that cannot be read declared last is not known to have gone; it is not judged again either.
    held = [(path, row) for path in sorted(replay.shown) for row in replay.carried(path).documents]
    resources: list[tuple[Any, ...]] = []
    for path, row in (*written, *held):
        key = resource_key(replay.environment_of(path), path, row)
        resources.append(
            (
                key.environment,
                row.api_version,
                row.kind,
                row.namespace,
                key.name,
                path,
                row.line,
                "",
                "",
                row.digest,
            )
        )
    resources.extend(
        tuple(replay.redact(value) if isinstance(value, str) else value for value in row)
        for row in rendered.resource_rows()
    )
    judged = [(path, replay.contents.judgement(row.digest, replay.profile_of(path))) for path, row in written]
    judged += [(item.path, rendered.judgement(item)) for item in rendered.resources]
    unread, templates = _unreadable(replay), _templates(replay)
    followed = rendered.followed
    unseen = Unseen(
        unread=(*unread, *templates),
        unrendered=tuple(sorted(rendered.problems.unrendered)),
        bringing=bringing_in(
            (kind_of(row.api_version, row.kind), path) for path, row in written if path not in followed
        ),
    )
    gaps = [
        *verdict_gaps(judged),
        *errors_in_history,
        *file_gaps(unread, templates),
        *render_gaps(rendered),
        *chart_gaps(unseen),
        *set_gaps(told.unanswered),
    ]
    seen: Sequence[SeenAt] = ()
    together = RenderedSets()
    if judge is not None and rendered.landings:
        seen, together = seen_along(rendered, replay, judge=judge)
        gaps.extend(set_gaps(together.unanswered))
    return TipState(
        resources=resources,
        rendered=seen,
        results=with_those_that_met_nothing(
            _without(
                replay.disabled,
                _results(judged)
                | _file_results(replay)
                | _set_results(told, together)
                | (_build_results(rendered) if rendering is not None and judge is not None else {}),
            ),
            _asked(judge) if judge is not None else {},
            unseen,
        ),
        gaps=gaps,
        incomplete=incomplete(gaps),
        renderings=rendered.left,
        images=reading.read(
            replay.shown,
            carried=_holding(replay.contents, (row for _, row in held)),
            rendered=rendered.resources,
        )
        if reading is not None
        else TipImages(),
        at_tip=rendered,
    )


def _without(disabled: frozenset[str], results: Mapping[str, Counts]) -> dict[str, Counts]:
    """Of a rule that nobody asks there is no result, and so it passes nothing."""
    return {rule_id: counts for rule_id, counts in results.items() if rule_id not in disabled}


def _results(judged: Iterable[tuple[str, JudgementRow | None]]) -> dict[str, Counts]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for _, judgement in judged:
        if judgement is None:
            continue
        for rule_id in judgement.evaluated.split():
            counts[rule_id][0] += 1
        for rule_id, outcome in {(verdict.rule_id, verdict.outcome) for verdict in judgement.verdicts}:
            place = {Outcome.FAIL: 1, Outcome.SKIPPED: 2, Outcome.ERROR: 3}[Outcome(outcome)]
            counts[rule_id][place] += 1
    return {rule_id: (found[0], found[1], found[2], found[3]) for rule_id, found in counts.items()}


def _file_results(replay: Replay) -> dict[str, Counts]:
    """The rules on reading answer once for each file that counts as manifests."""
    failed = Counter(
        rule_id
        for blob in replay.shown.values()
        for rule_id in {FILE_RULES.get(problem.code, "") for problem in replay.contents.blobs[blob].problems}
    )
    files = len(replay.shown)
    return {rule_id: (files, failed[rule_id], 0, 0) for rule_id in set(FILE_RULES.values())}


def _build_results(rendered: RenderedTip) -> dict[str, Counts]:
    """The rules on rendering answer once for each folder or release that was rendered, or should have been."""
    built = {item.rendered_from for item in rendered.resources}
    return rule_results(rendered.problems, rendered.deployed, built)


def _asked(judge: Judge) -> dict[str, tuple[str, ...]]:
    """The rules that every object of their kinds meets, with these kinds. The others are counted where they answer."""
    others = {info.id for info in BUILTIN_RULES if info.id != SCHEMA}
    return {
        rule_id: judge.rule(rule_id).kinds
        for rule_id in sorted(judge.rule_ids - others - set(judge.disabled))
    }


def _unreadable(replay: Replay) -> list[str]:
    """Files of the tip that are a finding, and of which nothing else could be judged."""
    return [
        path
        for path, blob in sorted(replay.shown.items())
        if any(
            FILE_RULES.get(problem.code) not in (None, DUPLICATE_KEY)
            for problem in replay.contents.blobs[blob].problems
        )
    ]


def _holding(contents: Contents, rows: Iterable[DocumentRow]) -> set[str]:
    """The keys of contents that hold documents, one for each of them."""
    wanted = {row.digest for row in rows}
    if not wanted:
        return set()
    found = {row.digest: key for key, blob in contents.blobs.items() for row in blob.documents}
    return {found[digest] for digest in wanted if digest in found}


def _templates(replay: Replay) -> list[str]:
    """Files of the tip that are made to be rendered by a tool that is not known."""
    return [
        path
        for path, blob in sorted(replay.shown.items())
        if any(problem.code == "template" for problem in replay.contents.blobs[blob].problems)
    ]


def _set_results(told: ToldOfSets, rendered: RenderedSets) -> dict[str, Counts]:
    """By rule: resources that it looked at in their environments, and those with a finding."""
    failing = Counter({rule_id: failed for rule_id, (_, failed) in told.results.items()})
    failing.update(
        rule_id
        for rule_id, _ in {
            (seen.rule_id, (seen.environment, seen.kind, seen.namespace, seen.name))
            for seen in rendered.sightings
        }
    )
    missing = Counter(
        (rule_id, outcome) for rule_id, outcome, _, where in told.unanswered if where != IN_HISTORY
    )
    rules = {*failing, *rendered.evaluated, *(rule_id for rule_id, _ in missing)}
    return {
        rule_id: (
            # What is rendered is mostly written too: it counts where nothing written is looked at.
            max(told.results.get(rule_id, (0, 0))[0] or rendered.evaluated.get(rule_id, 0), failing[rule_id]),
            failing[rule_id],
            missing[(rule_id, "skipped")],
            missing[(rule_id, "error")],
        )
        for rule_id in rules
    }
