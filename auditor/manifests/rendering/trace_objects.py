"""What the object that deploys puts on a build: fields of Flux' Kustomization and of Argo CD's Application."""

from __future__ import annotations

import re
from collections.abc import Mapping

from auditor.manifests.nodes import Node
from auditor.manifests.pointers import Step as PointerStep
from auditor.manifests.rendering.trace_fields import image_field
from auditor.manifests.rendering.trace_layers import mappings
from auditor.manifests.rendering.trace_patches import MISSING, Wanted, inline_patch, set_by
from auditor.manifests.rendering.traced_files import plain_value, reached
from auditor.manifests.rendering.tracing import Question, Step

_FLUX: Mapping[str, tuple[PointerStep, ...]] = {
    "patches": ("spec", "patches"),
    "images": ("spec", "images"),
    "namespace": ("spec", "targetNamespace"),
    "namePrefix": ("spec", "namePrefix"),
    "nameSuffix": ("spec", "nameSuffix"),
    "labels": ("spec", "commonMetadata", "labels"),
    "annotations": ("spec", "commonMetadata", "annotations"),
}
_ARGO: Mapping[str, tuple[PointerStep, ...]] = {
    "patches": ("spec", "source", "kustomize", "patches"),
    "images": ("spec", "source", "kustomize", "images"),
    "replicas": ("spec", "source", "kustomize", "replicas"),
    "namespace": ("spec", "source", "kustomize", "namespace"),
    "namePrefix": ("spec", "source", "kustomize", "namePrefix"),
    "nameSuffix": ("spec", "source", "kustomize", "nameSuffix"),
    "labels": ("spec", "source", "kustomize", "commonLabels"),
    "annotations": ("spec", "source", "kustomize", "commonAnnotations"),
}
_FIELDS: Mapping[str, Mapping[str, tuple[PointerStep, ...]]] = {"Kustomization": _FLUX, "Application": _ARGO}
"""By the kind of the object: where it says what a kustomization says in the field."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)")


def object_of(question: Question) -> Node | None:
    """The object that deploys, in its file."""
    by = question.by
    return question.files.object(by.path, by.kind, (by.name,)) if by.path else None


def written_by_object(question: Question, wanted: Wanted) -> Step | None:
    """Where the object itself sets the field, which is after every kustomization; None where it does not."""
    fields = _FIELDS.get(question.by.kind)
    root = object_of(question) if fields is not None else None
    if fields is None or root is None:
        return None
    if wanted.value is not MISSING:
        found = _simple(question, root, fields, wanted)
        if found is not None:
            return found
    listed = reached(root, fields["patches"])
    for index, entry in reversed(mappings(plain_value(listed[1])) if listed is not None else ()):
        place = reached(root, (*fields["patches"], index, "patch"))
        target = entry.get("target")
        if place is None:
            continue
        text = inline_patch(question.by.path, place[1])
        at = set_by(text, target if isinstance(target, Mapping) else {}, wanted)
        if at is not None:
            return Step(path=at[0], line=at[1], column=at[2], what=f"set by a patch of {question.by.title}")
    return None


def _simple(
    question: Question, root: Node, fields: Mapping[str, tuple[PointerStep, ...]], wanted: Wanted
) -> Step | None:
    steps = wanted.steps
    if len(steps) == 3 and steps[0] == "metadata" and steps[1] in ("labels", "annotations"):
        return _at(question, root, (*fields[str(steps[1])], steps[2]))
    if steps == ("metadata", "namespace"):
        return _at(question, root, fields["namespace"])
    if steps == ("metadata", "name"):
        return _at(question, root, fields["namePrefix"]) or _at(question, root, fields["nameSuffix"])
    if steps and steps[-1] == "image":
        listed = reached(root, fields["images"])
        for index, entry in reversed(mappings(plain_value(listed[1])) if listed is not None else ()):
            field = image_field(entry, wanted.value)
            if field:
                return _at(question, root, (*fields["images"], index, field))
    if steps == ("spec", "replicas") and "replicas" in fields:
        listed = reached(root, fields["replicas"])
        for index, entry in mappings(plain_value(listed[1])) if listed is not None else ():
            if entry.get("name") in wanted.names:
                return _at(question, root, (*fields["replicas"], index, "count"))
    return None


def _at(question: Question, root: Node, steps: tuple[PointerStep, ...]) -> Step | None:
    found = reached(root, steps)
    if found is None:
        return None
    name = f"set by {question.by.title}"
    return Step(path=question.by.path, line=found[0].line, column=found[0].column, what=name)


def variable_place(question: Question, node: Node) -> Step | None:
    """Where the value of the variable in a text stands, if the object itself gives it."""
    match = _VARIABLE.search(node.value) if node.sort == "scalar" and isinstance(node.value, str) else None
    root = object_of(question) if match is not None else None
    if match is None or root is None:
        return None
    found = reached(root, ("spec", "postBuild", "substitute", match[1]))
    if found is None:
        return None
    what = f"fills in ${{{match[1]}}} for {question.by.title}"
    return Step(path=question.by.path, line=found[0].line, column=found[0].column, what=what)
