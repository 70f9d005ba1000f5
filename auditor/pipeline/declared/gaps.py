"""What was not evaluated at the tip, counted by reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.model import Outcome
from auditor.pipeline.declared.rendered_tip import RenderedTip
from auditor.pipeline.declared.subjects import CHARTS, NOT_RENDERED, Unseen
from auditor.pipeline.mining.contents import Contents, JudgementRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Something that was not evaluated, counted by reason. `outcome` is 'skipped' or 'error'."""

    outcome: str
    subject: str
    reason: str
    occurrences: int
    example: str


def file_gaps(unreadable: Sequence[str], templates: Sequence[str]) -> Iterator[Gap]:
    """Files of which nothing was judged."""
    for paths, reason in (
        (templates, "holds template markers and is no YAML before it is rendered"),
        (unreadable, "cannot be read, which is a finding, and so was not judged by any other rule"),
    ):
        if paths:
            yield Gap(
                outcome="skipped",
                subject="manifests",
                reason=reason,
                occurrences=len(paths),
                example=paths[0],
            )


def chart_gaps(unseen: Unseen) -> Iterator[Gap]:
    """Objects that install what is not here."""
    for kind, (number, path) in unseen.bringing.items():
        yield Gap(
            outcome="skipped",
            subject=CHARTS,
            reason=f"{kind.rpartition('/')[2]}: {NOT_RENDERED}",
            occurrences=number,
            example=path,
        )


def verdict_gaps(judged: Iterable[tuple[str, JudgementRow | None]]) -> Iterator[Gap]:
    """Rules that gave no answer on a resource, the most frequent reason first."""
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


def set_gaps(unanswered: Iterable[tuple[str, str, str, str]]) -> Iterator[Gap]:
    """Rules that gave no answer on an environment: (rule, outcome, reason, environment)."""
    for rule_id, outcome, reason, environment in unanswered:
        yield Gap(outcome=outcome, subject=rule_id, reason=reason, occurrences=1, example=environment)


def history_errors(contents: Contents) -> Iterator[Gap]:
    """Rules that gave no answer on some version in history: lifetimes there may be wrong."""
    counted = Counter(
        (verdict.rule_id, verdict.message)
        for judgement in contents.new_judgements
        for verdict in judgement.verdicts
        if verdict.outcome == Outcome.ERROR
    )
    for (rule_id, message), count in counted.most_common():
        yield Gap(outcome="error", subject=rule_id, reason=message, occurrences=count, example="in history")


def render_gaps(rendered: RenderedTip) -> Iterator[Gap]:
    """Folders and releases that were not rendered."""
    for (subject, reason), folders in _by_reason(rendered.problems.skipped).items():
        yield Gap(
            outcome="error" if rendered.required.intersection(folders) else "skipped",
            subject=subject,
            reason=reason,
            occurrences=len(folders),
            example=folders[0],
        )


def _by_reason(reasons: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], list[str]]:
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (subject, folder), reason in sorted(reasons.items(), key=lambda entry: entry[0][::-1]):
        grouped[(subject, reason)].append(folder)
    return grouped


def incomplete(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """The errors among them, in words."""
    return tuple(
        f"{gap.subject}: {gap.reason} ({gap.occurrences}×, such as {gap.example})"
        for gap in gaps
        if gap.outcome == "error"
    )
