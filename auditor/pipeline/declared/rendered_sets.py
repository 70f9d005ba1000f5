"""What rules over several resources say of an environment as it is rendered.

The set is what was rendered, and beside it what is written and rendered nowhere. A resource is taken for rendered
where one of its kind and name is, since Kustomize may set the namespace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.findings.lifetimes import Sighting
from auditor.model import Outcome
from auditor.pipeline.declared.rendering import RenderedTip, rendered_sighting
from auditor.pipeline.mining.sets import Member
from auditor.policy.judge import Judge
from auditor.policy.router import kind_of
from auditor.policy.sets import questions_about

Unanswered = tuple[str, str, str, str]
"""Rule, outcome, reason, environment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedSets:
    """Every violation that is about something rendered, what was not evaluated, and by rule how many rendered
    resources it looked at that a finding of it can be about."""

    sightings: tuple[Sighting, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    evaluated: Mapping[str, int] = field(default_factory=dict)


def rendered_together(rendered: RenderedTip, written: Iterable[Member], *, judge: Judge) -> RenderedSets:
    """Asks the rules over several resources of each environment that something is rendered in."""
    beside: dict[str, list[Member]] = {}
    for member in written:
        beside.setdefault(member.environment, []).append(member)
    sightings: list[Sighting] = []
    unanswered: dict[Unanswered, None] = {}
    evaluated: Counter[str] = Counter()
    for environment in sorted({item.environment for item in rendered.resources}):
        items = [item for item in rendered.resources if item.environment == environment]
        same = {(kind_of(item.document.api_version, item.id.kind), item.id.name) for item in items}
        others = [
            member
            for member in beside.get(environment, ())
            if (kind_of(member.row.api_version, member.row.kind), member.row.name) not in same
        ]
        judged = [rendered.judgement(item) for item in items]
        views = [judgement.view.encode() if judgement else b"" for judgement in judged]
        members = [
            (item.document.api_version, item.document.kind, view)
            for item, view in zip(items, views, strict=True)
        ]
        members += [(member.row.api_version, member.row.kind, member.view) for member in others]
        asked = questions_about(judge.sets, environment, members)
        for (question, numbers), answer in zip(
            asked, judge.judge_sets([one for one, _ in asked]), strict=True
        ):
            subjects = sum(
                judge.sets.is_subject(question.group, kind_of(*members[number][:2]))
                for number in numbers
                if number < len(items)
            )
            evaluated.update(dict.fromkeys(answer.evaluated, subjects))
            for place, verdict in answer.verdicts:
                number = numbers[place] if place >= 0 else -1
                if verdict.outcome is not Outcome.FAIL:
                    unanswered[(verdict.rule_id, verdict.outcome.value, verdict.message, environment)] = None
                elif number < len(items):
                    sightings.append(
                        rendered_sighting(items[number], verdict.rule_id, verdict.pointer, verdict.message)
                    )
    return RenderedSets(sightings=tuple(sightings), unanswered=tuple(unanswered), evaluated=evaluated)
