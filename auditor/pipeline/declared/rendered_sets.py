"""What rules over several resources say of an environment as it is rendered.

The set is what was rendered, and beside it what is written and rendered nowhere. A resource is taken for rendered
where one of its kind and name is, since Kustomize may set the namespace.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.findings.lifetimes import Sighting
from auditor.model import Outcome, Resource
from auditor.pipeline.declared.rendered_tip import RenderedTip, rendered_sighting
from auditor.pipeline.mining.sets import Member
from auditor.policy.judge import Judge
from auditor.policy.router import kind_of
from auditor.policy.sets import SetAnswer, SetQuestion, questions_about

Unanswered = tuple[str, str, str, str]
"""Rule, outcome, reason, environment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedSets:
    """Every violation that is about something rendered, what was not evaluated, and by rule how many rendered
    resources it looked at that a finding of it can be about."""

    sightings: tuple[Sighting, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    evaluated: Mapping[str, int] = field(default_factory=dict)


class Answers:
    """What was answered already, by question: most landings leave most environments as they were."""

    def __init__(self, judge: Judge) -> None:
        self.rules = judge.sets
        self._judge = judge
        self._known: dict[bytes, SetAnswer] = {}

    def to(self, questions: Sequence[SetQuestion]) -> list[SetAnswer]:
        """The answers, in order; what is new is asked together."""
        keys = [_digest(question) for question in questions]
        new = {key: question for key, question in zip(keys, questions, strict=True) if key not in self._known}
        answered = self._judge.judge_sets(list(new.values())) if new else []
        self._known.update(zip(new, answered, strict=True))
        return [self._known[key] for key in keys]


def _digest(question: SetQuestion) -> bytes:
    digest = hashlib.sha256(f"{question.group} {question.environment}".encode("utf-8", "surrogatepass"))
    for view in question.views:
        digest.update(b"\0%d\0" % len(view))
        digest.update(view)
    return digest.digest()


def rendered_together(
    resources: Sequence[Resource], rendered: RenderedTip, written: Iterable[Member], *, answers: Answers
) -> RenderedSets:
    """Asks the rules over several resources of each environment that something is rendered in. `resources` are
    rendered at one landing of `rendered`, `written` what stood in the files then."""
    beside: dict[str, list[Member]] = {}
    for member in written:
        beside.setdefault(member.environment, []).append(member)
    sightings: list[Sighting] = []
    unanswered: dict[Unanswered, None] = {}
    evaluated: Counter[str] = Counter()
    for environment in sorted({item.environment for item in resources}):
        items = [item for item in resources if item.environment == environment]
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
        asked = questions_about(answers.rules, environment, members)
        for (question, numbers), answer in zip(asked, answers.to([one for one, _ in asked]), strict=True):
            subjects = sum(
                answers.rules.is_subject(question.group, kind_of(*members[number][:2]))
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
