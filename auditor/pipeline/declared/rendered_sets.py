"""What rules over several resources say of an environment as it is rendered.

The set is what was rendered, and beside it what is written and rendered nowhere. A resource is taken for rendered
where one of its kind and name is, since Kustomize may set the namespace.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.findings.lifetimes import Sighting
from auditor.model import Outcome
from auditor.pipeline.declared.rendering import RenderedTip, rendered_sighting
from auditor.pipeline.mining.together import Member
from auditor.policy.judge import Judge
from auditor.policy.router import kind_of
from auditor.policy.sets import questions_about

Unanswered = tuple[str, str, str, str]
"""Rule, outcome, reason, environment."""


def rendered_together(
    rendered: RenderedTip, written: Iterable[Member], *, judge: Judge
) -> tuple[tuple[Sighting, ...], tuple[Unanswered, ...]]:
    """Every violation that is about something rendered, and what was not evaluated."""
    beside: dict[str, list[Member]] = {}
    for member in written:
        beside.setdefault(member.environment, []).append(member)
    sightings: list[Sighting] = []
    unanswered: dict[Unanswered, None] = {}
    for environment in sorted({item.environment for item in rendered.resources}):
        items = [item for item in rendered.resources if item.environment == environment]
        same = {(kind_of(item.document.api_version, item.id.kind), item.id.name) for item in items}
        others = [
            member
            for member in beside.get(environment, ())
            if (kind_of(member.row.api_version, member.row.kind), member.row.name) not in same
        ]
        views = [rendered.judgements[item.document.digest].view.encode() for item in items]
        members = [
            (item.document.api_version, item.document.kind, view)
            for item, view in zip(items, views, strict=True)
        ]
        members += [(member.row.api_version, member.row.kind, member.view) for member in others]
        asked = questions_about(judge.sets, environment, members)
        for (_, numbers), answer in zip(asked, judge.judge_sets([one for one, _ in asked]), strict=True):
            for place, verdict in answer.verdicts:
                number = numbers[place] if place >= 0 else -1
                if verdict.outcome is not Outcome.FAIL:
                    unanswered[(verdict.rule_id, verdict.outcome.value, verdict.message, environment)] = None
                elif number < len(items):
                    sightings.append(
                        rendered_sighting(items[number], verdict.rule_id, verdict.pointer, verdict.message)
                    )
    return tuple(sightings), tuple(unanswered)
