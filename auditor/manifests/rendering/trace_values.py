"""Where the values of a Helm release stand in files of the repository, those that count first."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from auditor.manifests.marks import marked_documents
from auditor.manifests.nodes import Node
from auditor.manifests.pointers import Step as PointerStep
from auditor.manifests.rendering.helm_work import HelmWork
from auditor.manifests.rendering.trace_objects import object_of
from auditor.manifests.rendering.trace_patches import inline_patch
from auditor.manifests.rendering.traced_files import leaves, reached, scalar
from auditor.manifests.rendering.tracing import Question, Step

Way = tuple[str | int, ...]
Value = tuple[Way, object, Step]
"""The way to a value among the values, what it is, and where it stands."""


def values_of(work: HelmWork, question: Question) -> Iterator[Value]:
    """Every scalar among the values that stands in a file of the repository; one may be under another of its way.

    What the object that installs the chart gives (HelmRelease `spec.values`; of an Application parameters, values,
    files), then the chart's own, where the chart is in the repository.
    """
    root = object_of(question)
    if root is not None:
        found = reached(root, ("spec", "values"))
        if found is not None:
            yield from _in_object(question, found[1])
        for source in _sources(root):
            yield from _of_source(work, question, source)
    path = work.chart.origins.get("values.yaml", "")
    if path:
        yield from _in_file(question, path)


def _sources(root: Node) -> Iterator[Node]:
    """The `helm` fields of an Application's sources."""
    single, several = reached(root, ("spec", "source")), reached(root, ("spec", "sources"))
    entries = [single[1]] if single is not None else several[1].items if several is not None else []
    for entry in entries:
        found = entry.get("helm")
        if found is not None:
            yield found[1]


def _of_source(work: HelmWork, question: Question, helm: Node) -> Iterator[Value]:
    listed = helm.get("parameters")
    for entry in reversed(listed[1].items if listed is not None else []):
        name, value = scalar(entry, "name"), entry.get("value")
        if isinstance(name, str) and value is not None and value[1].sort == "scalar":
            way = tuple(name.replace("\\.", "\0").split("."))
            clean: Way = tuple(part.replace("\0", ".") for part in way)
            yield clean, value[1].value, _step(question.by.path, value[0], clean)
    inline = helm.get("valuesObject")
    if inline is not None:
        yield from _in_object(question, inline[1])
    text = helm.get("values")
    if text is not None and inline is None and isinstance(text[1].value, str):
        patch = inline_patch(question.by.path, text[1])
        for document in marked_documents(text[1].value.encode("utf-8", "replace")).values():
            for way_in, place, node in leaves(document):
                path, line, column = patch.place(place)
                yield way_in, node.value, Step(path=path, line=line, column=column, what=_said(way_in))
    files = helm.get("valueFiles")
    for entry in reversed(files[1].items if files is not None else []):
        if isinstance(entry.value, str):
            yield from _in_file(question, _file(work, entry.value))


def _file(work: HelmWork, name: str) -> str:
    """A values file's path in the repository: `$ref/…` and `/…` begin at its root, others at the chart."""
    if name.startswith("$"):
        return posixpath.normpath(name.partition("/")[2])
    if name.startswith("/"):
        return posixpath.normpath(name.lstrip("/"))
    return posixpath.normpath(posixpath.join(work.folder, name))


def _in_object(question: Question, node: Node) -> Iterator[Value]:
    for way, place, value in leaves(node):
        yield way, value.value, _step(question.by.path, place, way)


def _in_file(question: Question, path: str) -> Iterator[Value]:
    for document in question.files.roots(path)[:1]:
        for way, place, value in leaves(document):
            yield way, value.value, _step(path, place, way)


def _step(path: str, place: Node, way: Way) -> Step:
    return Step(path=path, line=place.line, column=place.column, what=_said(way))


def _said(way: tuple[PointerStep, ...]) -> str:
    return f"value {'.'.join(map(str, way))}"
