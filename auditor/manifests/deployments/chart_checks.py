"""Whether the values of a release fit the schema of its chart: asked before it is rendered, and apart from that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditor.manifests.deployments.interface import DeclaredProblem, ProblemCause, failed
from auditor.manifests.rendering.chart_places import ANY, MISSING, ValueSources, place_of
from auditor.manifests.rendering.chart_schemas import (
    GivenValues,
    JudgedValues,
    ReleaseRef,
    ValuesRefusedError,
    ValueViolation,
    judge_values,
)
from auditor.manifests.rendering.helm import HELM
from auditor.manifests.rendering.helm_work import HelmWork
from auditor.manifests.rendering.traced_files import TracedFiles
from auditor.manifests.rendering.values_schema import Way

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

_SHOWN = 5
_STANDS_FOR_ANOTHER = re.compile(r"auditor-redacted:|ENC\[[A-Z0-9_]+,|\$\{")
"""Secrets that are not kept, what SOPS encrypted, variables that Flux has yet to fill in."""


def checked(
    work: HelmWork,
    given: GivenValues,
    sources: ValueSources,
    *,
    about: ReleaseRef,
    title: str,
    scene: Scene,
) -> tuple[list[HelmWork], list[DeclaredProblem]]:
    """The work that is to be done, now that its values were held against the schema, and what is to be said of that.

    Values that do not fit make the work end in that. The defaults of a chart that nothing installs are a problem of the
    chart, and it is rendered all the same. There is no work without Helm, which is told.
    """
    work, problems = _checked(work, given, sources, about, title, scene)
    if HELM.is_there():
        return [work], problems
    if work.refused is not None:
        return [], [*problems, failed(work.path, title, work.refused)]
    message = f"{title}: not rendered: needs helm"
    return [], [*problems, DeclaredProblem(path=work.path, message=message, cause=ProblemCause.UNSUPPORTED)]


def _checked(
    work: HelmWork,
    given: GivenValues,
    sources: ValueSources,
    about: ReleaseRef,
    title: str,
    scene: Scene,
) -> tuple[HelmWork, list[DeclaredProblem]]:
    opened = (*given.opened, *_standing_in(given.values))
    given = replace(given, opened=opened)
    judged = judge_values(work.chart, given)
    if judged.judged == 0 and not judged.unjudged:
        return work, []
    if work.release.skip_schema:
        reason = "its values are not held against the schema of its chart: schema validation is turned off"
        return work, [
            DeclaredProblem(path=work.path, message=f"{title}: {reason}", cause=ProblemCause.SCHEMA)
        ]
    problems = [
        DeclaredProblem(path=work.path, message=f"{title}: {reason}", cause=ProblemCause.SCHEMA)
        for reason in judged.unjudged
    ]
    is_whole = given.certain is None and not opened and not given.is_only_defaults
    if not is_whole or judged.refers_outside:
        # Helm would refuse what is only not known here, and fetch or read what the schema refers to.
        work = replace(work, release=replace(work.release, skip_schema=True))
    if judged.violations:
        refused = _refused(judged, given, sources, work, about, scene)
        if given.is_only_defaults:
            return work, [*problems, failed(work.path, title, refused)]
        return replace(work, refused=refused), problems
    return (replace(work, about=about) if not judged.unjudged else work), problems


def _refused(
    judged: JudgedValues,
    given: GivenValues,
    sources: ValueSources,
    work: HelmWork,
    about: ReleaseRef,
    scene: Scene,
) -> ValuesRefusedError:
    first = judged.violations[0]
    place = place_of(
        first.way, _value(first, given.values), sources, work.chart, TracedFiles(scene.tree.read)
    )
    shown = [f"{_path(one)}: {one.message} ({one.chart})" for one in judged.violations[:_SHOWN]]
    more = len(judged.violations) - len(shown)
    shown += [f"and {more} more"] if more else []
    message = scene.redactor.redact_text(f"its values do not fit the schema: {'; '.join(shown)}")
    return ValuesRefusedError(message, about=about, path=place.path, line=place.line, pointer=first.pointer)


def _path(violation: ValueViolation) -> str:
    return violation.pointer.removeprefix("values").removeprefix(".") or "the values"


def _value(violation: ValueViolation, values: Mapping[str, Any]) -> Any:
    """The value as the release gives it; ANY where it does not, MISSING where nothing does."""
    if violation.is_missing:
        return MISSING
    found: Any = values
    for step in violation.way:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and step < len(found) else ANY
        else:
            found = found.get(step, ANY) if isinstance(found, Mapping) else ANY
    return found


def _standing_in(values: Any) -> Iterator[Way]:
    """The ways to texts that stand for something else."""
    pending: list[tuple[Way, Any]] = [((), values)]
    while pending:
        way, value = pending.pop()
        if isinstance(value, str):
            if _STANDS_FOR_ANOTHER.search(value):
                yield way
        elif isinstance(value, Mapping):
            pending.extend(((*way, key), entry) for key, entry in value.items())
        elif isinstance(value, Sequence):
            pending.extend(((*way, index), entry) for index, entry in enumerate(value))
