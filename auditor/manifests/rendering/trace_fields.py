"""Fields of a kustomization that set a field of every resource, or of those of a name: images, replicas, and others."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from auditor.manifests.pointers import Step as PointerStep
from auditor.manifests.rendering.trace_layers import Layer, mappings, texts
from auditor.manifests.rendering.trace_patches import UNKNOWN, Wanted, fits
from auditor.manifests.rendering.traced_files import reached
from auditor.manifests.rendering.tracing import Question, Step

FieldRule = Callable[[Layer, Wanted, Question], Step | None]
"""Where a layer's field sets what is wanted; None where it does not."""


def image_parts(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image reference, as Kustomize takes it apart."""
    name, _, digest = image.partition("@")
    at = name.rfind(":")
    if at > name.rfind("/"):
        return name[:at], name[at + 1 :], digest
    return name, "", digest


def place_in(layer: Layer, steps: tuple[PointerStep, ...], what: str, question: Question) -> Step | None:
    """The place of a field in the layer's own file."""
    roots = question.files.roots(layer.path) if layer.path else ()
    found = reached(roots[0], steps) if roots else None
    if found is None:
        return None
    return Step(path=layer.path, line=found[0].line, column=found[0].column, what=what)


def image_field(entry: Mapping[str, Any], value: Any) -> str:
    """Which field of an `images` entry made the value: 'digest', 'newTag' or 'newName'; '' where it did not."""
    if not isinstance(value, str):
        return ""
    name, tag, digest = image_parts(value)
    if name not in (entry.get("newName") or entry.get("name"), entry.get("name")):
        return ""
    if entry.get("digest") and digest == str(entry["digest"]):
        return "digest"
    if entry.get("newTag") is not None and tag == str(entry["newTag"]):
        return "newTag"
    return "newName" if entry.get("newName") == name else ""


def _images(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    if not wanted.steps or wanted.steps[-1] != "image":
        return None
    for index, entry in reversed(mappings(layer.own.get("images"))):
        field = image_field(entry, wanted.value)
        if field:
            return place_in(layer, ("images", index, field), "set by images", question)
    return None


def _replicas(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    if wanted.steps != ("spec", "replicas"):
        return None
    for index, entry in reversed(mappings(layer.own.get("replicas"))):
        if entry.get("name") in wanted.names and wanted.value in (entry.get("count"), UNKNOWN):
            return place_in(layer, ("replicas", index, "count"), "set by replicas", question)
    return None


def _annotations(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    if len(wanted.steps) < 3 or wanted.steps[-2] != "annotations":
        return None
    common = layer.own.get("commonAnnotations")
    if isinstance(common, Mapping) and wanted.value in (common.get(wanted.steps[-1]), UNKNOWN):
        return place_in(layer, ("commonAnnotations", wanted.steps[-1]), "set by commonAnnotations", question)
    return None


def _labels(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    if len(wanted.steps) < 3 or wanted.steps[-2] not in ("labels", "matchLabels", "selector"):
        return None
    name = wanted.steps[-1]
    for index, entry in reversed(mappings(layer.own.get("labels"))):
        pairs = entry.get("pairs")
        if isinstance(pairs, Mapping) and name in pairs and wanted.value in (pairs[name], UNKNOWN):
            return place_in(layer, ("labels", index, "pairs", name), "set by labels", question)
    common = layer.own.get("commonLabels")
    if isinstance(common, Mapping) and name in common and wanted.value in (common[name], UNKNOWN):
        return place_in(layer, ("commonLabels", name), "set by commonLabels", question)
    return None


def _names(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    if wanted.steps != ("metadata", "name") or not isinstance(wanted.value, str):
        return None
    prefix, suffix = layer.own.get("namePrefix"), layer.own.get("nameSuffix")
    if isinstance(prefix, str) and prefix and wanted.value.startswith(prefix):
        return place_in(layer, ("namePrefix",), "set by namePrefix", question)
    if isinstance(suffix, str) and suffix and wanted.value.endswith(suffix):
        return place_in(layer, ("nameSuffix",), "set by nameSuffix", question)
    return None


def _namespace(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    if wanted.steps != ("metadata", "namespace") or layer.own.get("namespace") != wanted.value:
        return None
    return place_in(layer, ("namespace",), "set by namespace", question)


def _replacements(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    written = ".".join(str(part) if part is not None else "*" for part in wanted.parts)
    for index, entry in reversed(mappings(layer.own.get("replacements"))):
        for number, target in mappings(entry.get("targets")):
            select = target.get("select")
            if not isinstance(select, Mapping) or not fits(select, wanted):
                continue
            for which, path in enumerate(texts(target.get("fieldPaths"))):
                if _same_field(path, written):
                    steps = ("replacements", index, "targets", number, "fieldPaths", which)
                    return place_in(layer, steps, "set by replacements", question)
    return None


def _same_field(path: str, written: str) -> bool:
    given, wanted = path.split("."), written.split(".")
    return len(given) == len(wanted) and all(
        one == other or other == "*" or one == "*" or one.startswith("[")
        for one, other in zip(given, wanted, strict=True)
    )


def _generated(layer: Layer, wanted: Wanted, question: Question) -> Step | None:
    """What a generator of ConfigMaps or Secrets made: a literal, else the generator."""
    field = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}.get(wanted.kind, "")
    if not field:
        return None
    key = wanted.steps[1] if len(wanted.steps) == 2 and wanted.steps[0] in ("data", "stringData") else None
    for index, entry in mappings(layer.own.get(field)):
        name = entry.get("name")
        if not isinstance(name, str) or not any(name in known for known in wanted.names):
            continue
        for number, literal in enumerate(texts(entry.get("literals"))):
            if literal.partition("=")[0] == key:
                return place_in(layer, (field, index, "literals", number), f"made by {field}", question)
        for number, file in enumerate(texts(entry.get("files"))):
            name_in, _, path = file.rpartition("=")
            if key is not None and (name_in or posixpath.basename(path)) == key:
                return place_in(layer, (field, index, "files", number), f"made by {field}", question)
        if key is not None:
            return place_in(layer, (field, index), f"made by {field}", question)
    return None


FIELD_RULES: tuple[FieldRule, ...] = (
    _replacements,
    _images,
    _replicas,
    _annotations,
    _labels,
    _names,
    _namespace,
    _generated,
)
"""Every rule; what Kustomize applies last comes first."""
