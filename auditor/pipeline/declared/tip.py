"""The state at the audited tip: its resources as written and as rendered, what could not be evaluated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.findings.lifetimes import Sighting
from auditor.model import Outcome
from auditor.pipeline.declared.rendered_sets import rendered_together
from auditor.pipeline.declared.rendering import NOTHING_RENDERED, RenderedTip, TipRendering
from auditor.pipeline.mining.contents import Contents, JudgementRow
from auditor.pipeline.mining.problems import FILE_RULES
from auditor.pipeline.mining.replay import Replay
from auditor.pipeline.mining.resource_changes import resource_key
from auditor.pipeline.mining.together import IN_HISTORY, ToldOfSets
from auditor.pipeline.progress import Progress
from auditor.policy.builtin import DUPLICATE_KEY
from auditor.policy.judge import Judge
from auditor.store.renderings import StoredRenderings


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Something that was not evaluated, counted by reason. `outcome` is 'skipped' or 'error'."""

    outcome: str
    subject: str
    reason: str
    occurrences: int
    example: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TipState:
    """`resources` are rows of trail.resource without repo; `results` by rule (evaluated, failed, skipped,
    errors); `incomplete` says why no statement about the whole can be made. `rendered_opened` is the commit that
    brought in newly seen `rendered` findings, '' where that is not known; `renderings` are for the next run.
    """

    resources: list[tuple[Any, ...]]
    rendered: list[Sighting]
    results: dict[str, tuple[int, int, int, int]]
    gaps: list[Gap]
    incomplete: tuple[str, ...]
    rendered_opened: str
    renderings: StoredRenderings


def tip_state(
    replay: Replay,
    told: ToldOfSets,
    *,
    judge: Judge | None,
    rendering: TipRendering | None,
    progress: Progress,
) -> TipState:
    """Looks at the tip that the replay has reached, and at what `rendering` makes of it where anything judges.

    `told` is what rules over several resources said of the environments as they are written.
    """
    errors_in_history = list(_history_errors(replay.contents))
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
    judged = [(path, replay.contents.judgements.get(row.digest)) for path, row in written]
    judged += [(item.path, rendered.judgements.get(item.document.digest)) for item in rendered.resources]
    gaps = [
        *_verdict_gaps(judged),
        *errors_in_history,
        *_template_gaps(replay),
        *_unreadable_gaps(replay),
        *_render_gaps(rendered),
        *_set_gaps(told.unanswered),
    ]
    seen_together: tuple[Sighting, ...] = ()
    if judge is not None and rendered.resources:
        seen_together, unanswered = rendered_together(rendered, replay.members_at_tip(), judge=judge)
        gaps.extend(_set_gaps(unanswered))
    return TipState(
        resources=resources,
        rendered=list(_only_rendered((*rendered.sightings(), *seen_together), replay)),
        results=_results(judged) | _file_results(replay) | _set_results(told, seen_together),
        gaps=gaps,
        incomplete=_incomplete(gaps),
        rendered_opened=rendered.opened,
        renderings=rendered.left,
    )


def _only_rendered(sightings: Iterable[Sighting], replay: Replay) -> Iterator[Sighting]:
    """What rendering adds: not what the same field of the same resource already shows as it is written.

    Namespaces are left out of the comparison, as Kustomize sets them.
    """
    written = {
        (seen.sighting.rule_id, seen.sighting.kind, seen.sighting.name, seen.sighting.pointer)
        for seen in replay.lifetimes.open.values()
    }
    for sighting in sightings:
        if (sighting.rule_id, sighting.kind, sighting.name, sighting.pointer) not in written:
            yield sighting


def _results(judged: Iterable[tuple[str, JudgementRow | None]]) -> dict[str, tuple[int, int, int, int]]:
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


def _file_results(replay: Replay) -> dict[str, tuple[int, int, int, int]]:
    """The rules on reading answer once for each file that counts as manifests."""
    failed = Counter(
        rule_id
        for blob in replay.shown.values()
        for rule_id in {FILE_RULES.get(problem.code, "") for problem in replay.contents.blobs[blob].problems}
    )
    files = len(replay.shown)
    return {rule_id: (files, failed[rule_id], 0, 0) for rule_id in set(FILE_RULES.values())}


def _unreadable_gaps(replay: Replay) -> Iterator[Gap]:
    """Files of the tip that are a finding, and of which nothing else could be judged."""
    paths = [
        path
        for path, blob in sorted(replay.shown.items())
        if any(
            FILE_RULES.get(problem.code) not in (None, DUPLICATE_KEY)
            for problem in replay.contents.blobs[blob].problems
        )
    ]
    if paths:
        yield Gap(
            outcome="skipped",
            subject="manifests",
            reason="cannot be read, which is a finding, and so was not judged by any other rule",
            occurrences=len(paths),
            example=paths[0],
        )


def _verdict_gaps(judged: Iterable[tuple[str, JudgementRow | None]]) -> Iterator[Gap]:
    counted: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], str] = {}
    for path, judgement in judged:
        if judgement is None:
            continue
        for verdict in judgement.verdicts:
            if verdict.outcome != Outcome.FAIL:
                key = (verdict.outcome, verdict.rule_id, verdict.message)
                counted[key] += 1
                examples.setdefault(key, path)
    for key, count in counted.most_common():
        yield Gap(outcome=key[0], subject=key[1], reason=key[2], occurrences=count, example=examples[key])


def _set_gaps(unanswered: Iterable[tuple[str, str, str, str]]) -> Iterator[Gap]:
    for rule_id, outcome, reason, environment in unanswered:
        yield Gap(outcome=outcome, subject=rule_id, reason=reason, occurrences=1, example=environment)


def _set_results(told: ToldOfSets, rendered: Iterable[Sighting]) -> dict[str, tuple[int, int, int, int]]:
    """By rule: resources that it looked at in their environments, and those with a finding."""
    failing = Counter({rule_id: failed for rule_id, (_, failed) in told.results.items()})
    failing.update(
        rule_id
        for rule_id, _ in {
            (seen.rule_id, (seen.environment, seen.kind, seen.namespace, seen.name)) for seen in rendered
        }
    )
    missing = Counter(
        (rule_id, outcome) for rule_id, outcome, _, where in told.unanswered if where != IN_HISTORY
    )
    rules = {*failing, *(rule_id for rule_id, _ in missing)}
    return {
        rule_id: (
            max(told.results.get(rule_id, (0, 0))[0], failing[rule_id]),
            failing[rule_id],
            missing[(rule_id, "skipped")],
            missing[(rule_id, "error")],
        )
        for rule_id in rules
    }


def _history_errors(contents: Contents) -> Iterator[Gap]:
    """Rules that gave no answer on some version in history: lifetimes there may be wrong."""
    counted = Counter(
        (verdict.rule_id, verdict.message)
        for judgement in contents.new_judgements
        for verdict in judgement.verdicts
        if verdict.outcome == Outcome.ERROR
    )
    for (rule_id, message), count in counted.most_common():
        yield Gap(outcome="error", subject=rule_id, reason=message, occurrences=count, example="in history")


def _template_gaps(replay: Replay) -> Iterator[Gap]:
    """Files of the tip that are made to be rendered by a tool that is not known."""
    paths = [
        path
        for path, blob in sorted(replay.shown.items())
        if any(problem.code == "template" for problem in replay.contents.blobs[blob].problems)
    ]
    if paths:
        yield Gap(
            outcome="skipped",
            subject="manifests",
            reason="holds template markers and is no YAML before it is rendered",
            occurrences=len(paths),
            example=paths[0],
        )


def _render_gaps(rendered: RenderedTip) -> Iterator[Gap]:
    for reason, folders in _by_reason(rendered.skipped).items():
        yield Gap(
            outcome="skipped",
            subject="kustomize",
            reason=reason,
            occurrences=len(folders),
            example=folders[0],
        )


def _by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for folder, reason in sorted(reasons.items()):
        grouped[reason].append(folder)
    return grouped


def _incomplete(gaps: Iterable[Gap]) -> tuple[str, ...]:
    return tuple(
        f"{gap.subject}: {gap.reason} ({gap.occurrences}×, such as {gap.example})"
        for gap in gaps
        if gap.outcome == "error"
    )
