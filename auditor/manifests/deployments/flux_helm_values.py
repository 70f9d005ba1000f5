"""The values of a HelmRelease: `valuesFrom` and `values`, merged as helm-controller 1.x does."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.as_written import values_as_written
from auditor.manifests.deployments.interface import DeclaredProblem, Found, ProblemCause
from auditor.manifests.deployments.values import mapping, mappings, text
from auditor.manifests.rendering.chart_values import merged, set_at, set_literal, values_in, way_of
from auditor.manifests.rendering.values_schema import Way

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

_DEFAULT_KEY = "values.yaml"


@dataclass(kw_only=True)
class ReleaseValues:
    """`values` as far as git holds them. `lacks` names what it does not, `reads` the objects that are read,
    `waits_for` those not found so far; `optional` are objects that may be missing and are. `is_whole` is False where
    digests stand for secrets among the values. `certain` are those that nothing unknown can replace, None where all
    are known; `opened` the ways at which something unknown is set. `texts` are what values stand in besides the release:
    a ConfigMap's name and key, the last first."""

    values: dict[str, Any] = field(default_factory=dict)
    lacks: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    waits_for: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    problems: list[DeclaredProblem] = field(default_factory=list)
    is_whole: bool = True
    certain: dict[str, Any] | None = None
    opened: list[Way] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)


def release_values(
    found_at: Found, *, scene: Scene, environment: str, namespace: str, title: str
) -> ReleaseValues:
    """What a HelmRelease gives the chart, secrets in it as they are written; `title` is for problems.

    References are merged in their order, `values` over all of them. One with a `targetPath` is set into what was
    merged before it and `values`, in place: as in the controller, it then wins over lists and maps of `values` that
    it reaches into, and not over a value that `values` itself gives at the same place.
    """
    found = ReleaseValues()
    spec, path = mapping(found_at.document.manifest.get("spec")), found_at.path
    written, found.is_whole = values_as_written(found_at, scene)
    inline = copy.deepcopy(written)
    result: dict[str, Any] = {}
    for reference in mappings(spec.get("valuesFrom")):
        kind, name = text(reference.get("kind")), text(reference.get("name"))
        key = text(reference.get("valuesKey")) or _DEFAULT_KEY
        what = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        found.reads.append(what)
        target = text(reference.get("targetPath"))
        try:
            content = _content(found, reference, scene, environment, namespace, what, key)
            if content is None:
                _leave_open(found, target)
                continue
            found.texts.insert(0, (name, key))
            if not target:
                above = values_in(content.encode(), f"{what}, key {key}")
                result = merged(result, above)
                found.certain = merged(found.certain, above) if found.certain is not None else None
                continue
            result = merged(result, inline)
            _set(result, target, content, literal=reference.get("literal") is True)
            if found.certain is not None:
                found.certain = merged(found.certain, inline)
                _set(found.certain, target, content, literal=reference.get("literal") is True)
        except RenderError as error:
            _leave_open(found, target)
            message = f"{title}: {error.message}"
            found.problems.append(DeclaredProblem(path=path, message=message, cause=ProblemCause.REFERENCE))
            found.lacks.append(what)
    found.values = merged(result, inline)
    found.certain = merged(found.certain, inline) if found.certain is not None else None
    for entry in found.lacks:
        message = f"{title}: rendered without the values of {entry}, which git does not hold"
        if not any(entry in problem.message for problem in found.problems):
            found.problems.append(DeclaredProblem(path=path, message=message, cause=ProblemCause.UNKNOWN))
    return found


def _leave_open(found: ReleaseValues, target: str) -> None:
    """Notes that something unknown comes over what was merged so far, or is set at `target`."""
    if target:
        found.opened.append(way_of(target))
    else:
        found.certain = {}


def _content(
    found: ReleaseValues,
    reference: Mapping[str, Any],
    scene: Scene,
    environment: str,
    namespace: str,
    what: str,
    key: str,
) -> str | None:
    """The text that a reference names; None where it is not known, which is then noted."""
    kind, name = text(reference.get("kind")), text(reference.get("name"))
    is_optional = reference.get("optional") is True
    if kind == "Secret":
        found.lacks.append(what)
        return None
    if kind != "ConfigMap":
        raise RenderError(
            f"values are taken from ConfigMaps and Secrets, not from a {kind}", hint="correct it"
        )
    document = scene.find(environment, kind, namespace, name)
    if document is None:
        found.waits_for.append(what)
        (found.optional if is_optional else found.lacks).append(what)
        return None
    value = mapping(document.manifest.get("data")).get(key)
    if isinstance(value, str):
        return value
    if is_optional:
        found.optional.append(f"{what}, key {key}")
        return None
    raise RenderError(f"{what} has no key {key}", hint="correct `valuesKey`")


def _set(values: dict[str, Any], target: str, content: str, *, literal: bool) -> None:
    if literal:
        set_literal(values, target, content)
        return
    for quote in ("'", '"'):
        if content.startswith(quote) and content.endswith(quote):
            set_at(values, target, content.strip("'\""), as_text=True)
            return
    set_at(values, target, content)
