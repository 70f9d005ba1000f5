"""Where a field of what Kustomize built comes from: the last of the kustomizations on its way that set it, else its file.

Told by the files alone: a patch, an image, a generator is the place where it is about the resource and says what the
field says now. Later ones win, as in Kustomize: each kustomization after those that it takes in, and in one of them
patches first, then namespace, prefix and suffix, labels, annotations, replicas, images, replacements (its
`api/internal/target/kusttarget_configplugin.go` and the order of its transformers).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.manifests.pointers import PointerError, child, parse_pointer
from auditor.manifests.pointers import Step as PointerStep
from auditor.manifests.rendering.interface import Work
from auditor.manifests.rendering.trace_fields import FIELD_RULES
from auditor.manifests.rendering.trace_layers import Layer, layers, mappings, texts
from auditor.manifests.rendering.trace_objects import variable_place, written_by_object
from auditor.manifests.rendering.trace_patches import (
    MISSING,
    UNKNOWN,
    PatchText,
    Wanted,
    inline_patch,
    patch_parts,
    same,
    set_by,
)
from auditor.manifests.rendering.traced_files import TracedFiles, reached, scalar
from auditor.manifests.rendering.tracing import Question, Step, Trace
from auditor.manifests.rendering.work import KustomizeWork


class KustomizeTracer:
    """The Tracer of Kustomize builds."""

    def trace(self, work: Work, questions: Sequence[Question]) -> list[Trace | None]:
        """As Tracer.trace."""
        assert isinstance(work, KustomizeWork)  # noqa: S101 - by the table
        ways: dict[str, list[Layer]] = {}
        found: list[Trace | None] = []
        for question in questions:
            source = question.sources[0] if question.sources else ""
            if source not in ways:
                ways[source] = layers(work, source)
            found.append(_Tracing(work, question, source, ways[source]).trace())
        return found


class _Tracing:
    def __init__(self, work: KustomizeWork, question: Question, source: str, way: list[Layer]) -> None:
        self._work = work
        self._question = question
        self._files: TracedFiles = question.files
        self._source = source
        self._way = way
        document = question.document
        self._origin = (
            self._files.object(source, document.kind, _origin_names(document.name)) if source else None
        )
        names = {document.name, str(scalar(self._origin, "metadata", "name")) if self._origin else ""}
        self._names = frozenset(names - {""})

    def trace(self) -> Trace | None:
        """The first that holds of: set by a layer, written in the file, set for something above the field."""
        try:
            steps = parse_pointer(self._question.pointer)
        except PointerError:
            return None
        manifest = self._question.document.manifest
        known = _known_length(manifest, steps) if manifest else len(steps)
        taken = self._set(steps, MISSING) if known < len(steps) else None
        if taken is not None:
            return self._whole(taken, is_exact=True)
        for length in range(known, -1, -1):
            value = _value(manifest, steps[:length])
            found = self._place(steps[:length], value)
            if found is not None:
                place, said = found
                is_exact = length == len(steps) and said
                return self._whole(place, is_exact=is_exact)
        last = next((layer for layer in self._way if layer.path), None)
        if last is None:
            return None
        place = Step(path=last.path, line=1, column=1, what="takes it in")
        return self._whole(place, is_exact=False)

    def _place(self, steps: Sequence[PointerStep], value: Any) -> tuple[Step, bool] | None:
        """Where the field is set or written, and whether the place says what it says now. What a patch changes within a
        mapping or a list does not make that the patch's."""
        if not steps or isinstance(value, Mapping | list):
            return self._written(steps, value) or (self._set(steps, value) if steps else None)
        return self._set(steps, value) or self._written(steps, value)

    def _whole(self, place: Step, *, is_exact: bool) -> Trace:
        steps = [place]
        if self._source and self._source != place.path:
            line = self._origin.line if self._origin is not None else 0
            column = self._origin.column if self._origin is not None else 0
            steps.append(Step(path=self._source, line=line, column=column, what="brings the resource in"))
        steps += [
            Step(path=layer.path, line=0, column=0, what="a kustomization on the way")
            for layer in self._way
            if layer.path and not layer.is_beside and layer.path not in (place.path, self._source)
        ]
        return Trace(steps=tuple(steps), is_exact=is_exact)

    def _written(self, steps: Sequence[PointerStep], value: Any) -> tuple[Step, bool] | None:
        """The place in the file that brings the resource in, and whether it says what the field says now."""
        if self._origin is None:
            return None
        found = reached(self._origin, steps)
        if found is None:
            return None
        place, node = found
        variable = variable_place(self._question, node)
        if variable is not None:
            return variable, True
        step = Step(path=self._source, line=place.line, column=place.column, what="written here")
        return step, same(value, node)

    def _set(self, steps: Sequence[PointerStep], value: Any) -> Any:
        document = self._question.document
        wanted = Wanted(
            kind=document.kind,
            names=self._names,
            steps=tuple(steps),
            value=value,
            parts=patch_parts(document.manifest, steps),
        )
        step = written_by_object(self._question, wanted) or next(self._places(wanted), None)
        if value is MISSING:
            return step
        return (step, True) if step is not None else None

    def _places(self, wanted: Wanted) -> Iterator[Step]:
        """Where the layers set the field, the last that does first."""
        for layer in reversed(self._way):
            if wanted.value is not MISSING:
                for rule in FIELD_RULES:
                    found = rule(layer, wanted, self._question)
                    if found is not None:
                        yield found
            yield from self._patched(layer, wanted)

    def _patched(self, layer: Layer, wanted: Wanted) -> Iterator[Step]:
        for field in ("patchesJson6902", "patches"):
            for index, entry in reversed(mappings(layer.manifest.get(field))):
                target = entry.get("target")
                text = self._patch(layer, field, index, entry)
                place = (
                    set_by(text, target if isinstance(target, Mapping) else {}, wanted)
                    if text is not None
                    else None
                )
                if place is not None:
                    yield _patch_step(place)
        own = list(enumerate(texts(layer.manifest.get("patchesStrategicMerge"))))
        for index, name in reversed(own):
            text = (
                self._inline(layer, "patchesStrategicMerge", index, ())
                if "\n" in name
                else self._file(layer, name)
            )
            place = set_by(text, {}, wanted) if text is not None else None
            if place is not None:
                yield _patch_step(place)

    def _patch(self, layer: Layer, field: str, index: int, entry: Mapping[str, Any]) -> PatchText | None:
        path = entry.get("path")
        if isinstance(path, str) and path:
            return self._file(layer, path)
        return self._inline(layer, field, index, ("patch",))

    def _file(self, layer: Layer, name: str) -> PatchText:
        path = self._work.origin(posixpath.normpath(posixpath.join(layer.folder, name)))
        return PatchText(path=path, roots=self._files.roots(path))

    def _inline(
        self, layer: Layer, field: str, index: int, further: tuple[PointerStep, ...]
    ) -> PatchText | None:
        own = layer.number_of_own(field)
        if index < own and layer.path:
            roots = self._files.roots(layer.path)
            found = reached(roots[0], (field, index, *further)) if roots else None
            return inline_patch(layer.path, found[1]) if found is not None else None
        return None  # the object's own: see written_by_object


def _patch_step(place: tuple[str, int, int]) -> Step:
    path, line, column = place
    return Step(path=path, line=line, column=column, what="set by a patch")


def _origin_names(name: str) -> tuple[str, ...]:
    """The names that an object may have had before a prefix or suffix was put to it, the likeliest first."""
    parts = name.split("-")
    shorter = [
        "-".join(parts[first:last]) for first in range(len(parts)) for last in range(len(parts), first, -1)
    ]
    return tuple(sorted(set(shorter[:200]), key=lambda entry: (-len(entry), entry)))


def _known_length(manifest: Any, steps: Sequence[PointerStep]) -> int:
    """How many steps of the way there are in the manifest."""
    value = manifest
    for number, step in enumerate(steps):
        try:
            value = child(value, step)
        except KeyError:
            return number
    return len(steps)


def _value(manifest: Any, steps: Sequence[PointerStep]) -> Any:
    if not manifest:
        return UNKNOWN
    value = manifest
    for step in steps:
        try:
            value = child(value, step)
        except KeyError:
            return MISSING
    return value
