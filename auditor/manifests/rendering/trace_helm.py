"""Where a field of what Helm rendered comes from: told by rendering again with another value.

A value whose text is in the field may have made it. Whether it has is seen where the field follows it: all such values
of a release are changed at once, each into something else, and the release is rendered once more; what may be true or
false is tried alone, as it may bring in or leave out whole objects. What nothing confirms is not claimed: the place is
then the chart's template, or the object that installs the chart, and is not exact.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auditor.manifests.pointers import PointerError, get, parse_pointer
from auditor.manifests.pointers import Step as PointerStep
from auditor.manifests.rendering.chart_values import merged
from auditor.manifests.rendering.helm_work import HelmWork
from auditor.manifests.rendering.interface import Work
from auditor.manifests.rendering.trace_fields import image_field
from auditor.manifests.rendering.trace_layers import mappings
from auditor.manifests.rendering.trace_objects import object_of
from auditor.manifests.rendering.trace_patches import MISSING, Wanted, inline_patch, patch_parts, set_by
from auditor.manifests.rendering.trace_values import Way, values_of
from auditor.manifests.rendering.traced_files import plain_value, reached
from auditor.manifests.rendering.tracing import Question, Step, Trace
from auditor.model import Document, ResourceId

_CHART: tuple[tuple[PointerStep, ...], ...] = (
    ("spec", "values"),
    ("spec", "chart"),
    ("spec", "chartRef"),
    ("spec", "source", "helm"),
    ("spec", "source"),
    ("spec", "sources"),
)
"""Where it says what it installs."""

_MOST_CANDIDATES = 6
"""Values tried for one field; of all releases together, renderings are bounded by _MOST_ALONE and one."""

_MOST_ALONE = 3
_SHORTEST = 2
_LATER = ("digest", "tag", "version")
"""Of the values that make one field, these say most about it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    """A value that may have made a field: its way among the values, what it is, and where it stands."""

    way: Way
    value: Any
    place: Step


class HelmTracer:
    """The Tracer of Helm releases."""

    def trace(self, work: Work, questions: Sequence[Question]) -> list[Trace | None]:
        """As Tracer.trace."""
        assert isinstance(work, HelmWork)  # noqa: S101 - by the table
        if any(not question.document.manifest for question in questions):
            documents = _rendered_with(work, {})
            questions = [
                replace(question, document=documents.get(question.document.id, question.document))
                for question in questions
            ]
        post = [_post_rendered(question) for question in questions]
        candidates = [
            [] if done is not None else list(_candidates(work, question))
            for done, question in zip(post, questions, strict=True)
        ]
        confirmed = _confirmed(work, questions, candidates)
        return [
            Trace(steps=(done, *_way(question, done)), is_exact=True)
            if done is not None
            else _answer(question, work, found)
            for question, done, found in zip(questions, post, confirmed, strict=True)
        ]


def _answer(question: Question, work: HelmWork, confirmed: Sequence[_Candidate]) -> Trace | None:
    if confirmed:
        best = max(
            confirmed, key=lambda found: (str(found.way[-1]) in _LATER, len(str(found.value)), found.way)
        )
        return Trace(steps=(best.place, *_way(question, best.place)), is_exact=True)
    template = question.sources[0] if question.sources else ""
    if template and template in work.chart.origins.values():
        step = Step(path=template, line=0, column=0, what="the chart's template")
        return Trace(steps=(step, *_way(question, step)), is_exact=False)
    found = _install(question)
    return Trace(steps=(found,), is_exact=False) if found is not None else None


def _way(question: Question, first: Step) -> list[Step]:
    """The template, and the object that installs the chart, where these are not the first place themselves."""
    steps = []
    template = question.sources[0] if question.sources else ""
    if template and template not in (first.path, question.by.path):
        steps.append(Step(path=template, line=0, column=0, what="the chart's template"))
    installed = _install(question)
    if installed is not None and installed.path != first.path:
        steps.append(installed)
    return steps


def _install(question: Question) -> Step | None:
    root = object_of(question)
    if root is None:
        return None
    found = next((place for steps in _CHART if (place := reached(root, steps)) is not None), (root, root))
    what = f"{question.by.title} installs the chart"
    return Step(path=question.by.path, line=found[0].line, column=found[0].column, what=what)


def _candidates(work: HelmWork, question: Question) -> Iterator[_Candidate]:
    """Values whose text is in the field, those that are likeliest first."""
    field, name = _field(question)
    if field is MISSING or isinstance(field, Mapping | list) or field is None:
        return
    scored: list[tuple[int, Way, _Candidate]] = []
    taken: set[Way] = set()
    for way, value, step in values_of(work, question):
        if way in taken:
            continue  # a value that is over it
        taken.add(way)
        score = _score(field, name, way, value)
        if score:
            scored.append((-score, way, _Candidate(way=way, value=value, place=step)))
    scored.sort(key=lambda entry: (entry[0], [str(part) for part in entry[1]]))
    for _, _, candidate in scored[:_MOST_CANDIDATES]:
        yield candidate


def _score(field: Any, name: str, way: Way, value: Any) -> int:
    last = str(way[-1]) if way else ""
    is_word = isinstance(value, bool) or value is None
    if isinstance(value, bool) != isinstance(field, bool) and is_word:
        return 0
    if value is None:
        return 0
    if str(field) == str(value):
        return 3 if last == name else 0 if is_word else 2
    if is_word or not isinstance(field, str) or len(str(value)) < _SHORTEST:
        return 0
    return 1 if str(value) in field else 0


def _field(question: Question) -> tuple[Any, str]:
    """The value of the field, MISSING where there is none or it is not known, and its name."""
    try:
        steps = parse_pointer(question.pointer)
        value = get(question.document.manifest, steps)
    except (PointerError, KeyError):
        return MISSING, ""
    name = next((step for step in reversed(steps) if isinstance(step, str)), "")
    return value, name


def _confirmed(
    work: HelmWork, questions: Sequence[Question], candidates: Sequence[Sequence[_Candidate]]
) -> list[list[_Candidate]]:
    """Of the candidates of each question those that the field follows."""
    every = {candidate.way: candidate for found in candidates for candidate in found if candidate.way}
    together = [found for found in every.values() if not isinstance(found.value, bool)]
    alone = [found for found in every.values() if isinstance(found.value, bool)][:_MOST_ALONE]
    follows: dict[tuple[ResourceId, str], set[Way]] = {}
    for batch in ([together] if together else []) + [[found] for found in alone]:
        changes = {found.way: _other(found.value, number) for number, found in enumerate(batch)}
        rendered = _rendered_with(work, changes)
        for question in questions:
            document = rendered.get(question.document.id)
            before, _ = _field(question)
            after, _ = _field(replace(question, document=document)) if document is not None else (MISSING, "")
            if after is MISSING:
                continue
            for way, (value, mark) in changes.items():
                if after != before and (after == value or (mark and mark in str(after))):
                    follows.setdefault((question.document.id, question.pointer), set()).add(way)
    return [
        [
            found
            for found in asked
            if found.way in follows.get((question.document.id, question.pointer), set())
        ]
        for question, asked in zip(questions, candidates, strict=True)
    ]


def _other(value: Any, number: int) -> tuple[Any, str]:
    """Another value of the same sort, and a text by which it is known in what it makes ('' for none)."""
    if isinstance(value, bool):
        return not value, ""
    if isinstance(value, int | float):
        other = int(value) + 7001 + number
        return other, str(other)
    mark = f"trace{number}x"
    return f"{value}{mark}", mark


def _rendered_with(work: HelmWork, changes: Mapping[Way, tuple[Any, str]]) -> dict[ResourceId, Document]:
    """What the release renders to with other values; nothing where it does not render with them."""
    values: dict[str, Any] = {}
    for given in work.release.values:
        values = merged(values, given)
    values = copy.deepcopy(values)
    for way, (value, _) in changes.items():
        _put(values, way, value)
    # What is set on the command line counts over values, and would hide the change.
    given_over = {".".join(map(str, way)) for way in changes}
    sets = [entry for entry in work.release.sets if entry[1].partition("=")[0] not in given_over]
    changed = replace(work, release=replace(work.release, values=(values,), sets=sets), scope=None)
    _, rendering = changed.run()
    return {entry.document.id: entry.document for entry in rendering.documents}


def _put(values: dict[str, Any], way: Way, value: Any) -> None:
    """Sets a value in place; one in a list that is not there is left."""
    under: Any = values
    for part in way[:-1]:
        if isinstance(under, dict) and not isinstance(under.get(part), dict | list):
            under[part] = {}
        if not _holds(under, part):
            return
        under = under[part]
    if isinstance(under, dict) or _holds(under, way[-1]):
        under[way[-1]] = value


def _holds(under: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(under, list) and part < len(under)
    return isinstance(under, dict) and part in under


def _post_rendered(question: Question) -> Step | None:
    """Where a post renderer of the object sets the field, which is after the chart."""
    root = object_of(question)
    listed = reached(root, ("spec", "postRenderers")) if root is not None else None
    field, _ = _field(question)
    if root is None or listed is None:
        return None
    document = question.document
    try:
        steps = parse_pointer(question.pointer)
    except PointerError:
        return None
    wanted = Wanted(
        kind=document.kind,
        names=frozenset({document.name}),
        steps=steps,
        value=field,
        parts=patch_parts(document.manifest, steps),
    )
    for index, entry in reversed(mappings(plain_value(listed[1]))):
        kustomize = entry.get("kustomize")
        above: tuple[PointerStep, ...] = ("spec", "postRenderers", index, "kustomize")
        for number, patch in reversed(
            mappings(kustomize.get("patches")) if isinstance(kustomize, Mapping) else ()
        ):
            place = reached(root, (*above, "patches", number, "patch"))
            target = patch.get("target")
            if place is None:
                continue
            text = inline_patch(question.by.path, place[1])
            at = set_by(text, target if isinstance(target, Mapping) else {}, wanted)
            if at is not None:
                return Step(path=at[0], line=at[1], column=at[2], what="set by a post renderer")
        for number, image in reversed(
            mappings(kustomize.get("images")) if isinstance(kustomize, Mapping) else ()
        ):
            name = image_field(image, field) if steps and steps[-1] == "image" else ""
            place = reached(root, (*above, "images", number, name)) if name else None
            if place is not None:
                return Step(
                    path=question.by.path,
                    line=place[0].line,
                    column=place[0].column,
                    what="set by a post renderer",
                )
    return None
