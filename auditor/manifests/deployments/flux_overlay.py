"""The kustomization that Flux builds: a folder's own, or one that lists its manifests, with the fields of the object.

Behaviour: github.com/fluxcd/pkg/kustomize 1.35 (its generator), as kustomize-controller 1.9 uses it.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from auditor.errors import RenderError
from auditor.manifests.deployments.values import mapping, mappings, text, texts

_FIELDS = frozenset(
    {
        "apiVersion",
        "kind",
        "metadata",
        "openapi",
        "namePrefix",
        "nameSuffix",
        "namespace",
        "labels",
        "commonLabels",
    }
    | {
        "commonAnnotations",
        "patchesStrategicMerge",
        "patchesJson6902",
        "patches",
        "images",
        "replacements",
        "vars",
    }
    | {
        "replicas",
        "sortOptions",
        "resources",
        "components",
        "crds",
        "bases",
        "configMapGenerator",
        "validators",
    }
    | {"secretGenerator", "helmGlobals", "helmCharts", "helmChartInflationGenerator", "generatorOptions"}
    | {"configurations", "generators", "transformers", "buildMetadata"}
)
"""What Kustomize 5 has in a kustomization. Flux drops anything else unread, where Kustomize itself refuses it."""

_LEFT_ALONE = {
    "kustomize.toolkit.fluxcd.io/reconcile": "disabled",
    "kustomize.toolkit.fluxcd.io/ssa": "ignore",
}
_OLD_VERSIONS = ("v1beta1", "v1beta2")
_NOT_LOCAL = re.compile(
    r"(?:git::|gh:|ssh://|https://|http://|git@|github\.com:|github\.com/).|(?:file://)?/", re.IGNORECASE
)
_SELECTOR = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")


def generated_kustomization(resources: Sequence[str]) -> dict[str, Any]:
    """What Flux puts into a folder that has no kustomization."""
    if not resources:
        return {"namespace": "_placeholder"}
    return {"resources": list(resources)}


def edited_kustomization(
    manifest: Mapping[str, Any],
    spec: Mapping[str, Any],
    *,
    version: str,
    is_generated: bool,
    exists: Callable[[str], bool],
) -> dict[str, Any]:
    """The kustomization with the fields of a Flux Kustomization's `spec`, written in the API's `version` ('v1').

    `exists` tells whether a component's path, as written, is there. Raises RenderError for a component that is none
    of the tree's.
    """
    result: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        **{name: value for name, value in manifest.items() if name in _FIELDS and value is not None},
    }
    if not is_generated and not result.get("resources"):
        result["buildMetadata"] = ["originAnnotations"]
    for name, field in (("targetNamespace", "namespace"), ("namePrefix",) * 2, ("nameSuffix",) * 2):
        if text(spec.get(name)):
            result[field] = spec[name]
    # Flux' patches are inline; a `path` here would let a manifest name any file or address.
    _append(result, "patches", [_patch(patch) for patch in mappings(spec.get("patches"))])
    _append(result, "components", _components(spec, exists))
    if version in _OLD_VERSIONS:
        merges = [json.dumps(patch) for patch in mappings(spec.get("patchesStrategicMerge"))]
        _append(result, "patchesStrategicMerge", merges)
        replaced = [
            {**_patch(patch), "patch": json.dumps(patch.get("patch"))}
            for patch in mappings(spec.get("patchesJson6902"))
        ]
        _append(result, "patchesJson6902", replaced)
    images = mappings(spec.get("images"))
    if images:
        result["images"] = _with_images(result.get("images"), images)
    if texts(spec.get("buildMetadata")):
        result["buildMetadata"] = list(texts(spec["buildMetadata"]))
    return result


def _append(result: dict[str, Any], field: str, entries: Sequence[Any]) -> None:
    if entries:
        before = result.get(field)
        result[field] = [*(before if isinstance(before, list) else []), *entries]


def _patch(patch: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"patch": patch.get("patch", "")}
    if isinstance(patch.get("target"), Mapping):
        found["target"] = {name: patch["target"][name] for name in _SELECTOR if name in patch["target"]}
    return found


def _components(spec: Mapping[str, Any], exists: Callable[[str], bool]) -> list[str]:
    found: list[str] = []
    for component in texts(spec.get("components")):
        if _NOT_LOCAL.match(component):
            raise RenderError(
                f"the path of component {component!r} must be local and relative",
                hint="name a folder of the source, relative to the Kustomization's path",
            )
        if exists(component) or spec.get("ignoreMissingComponents") is not True:
            found.append(component)
    return found


def _with_images(known: Any, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An image that the folder sets too keeps what the object says nothing of; tag and digest are one thing."""
    images = [dict(image) for image in mappings(known)]
    for image in given:
        name = image.get("name")
        fields = {key: image[key] for key in ("newName", "newTag", "digest") if image.get(key)}
        existing = next((entry for entry in images if entry.get("name") == name), None)
        if existing is None:
            images.append({"name": name, **fields})
            continue
        if "newTag" in fields or "digest" in fields:
            existing.pop("newTag", None)
            existing.pop("digest", None)
        existing.update(fields)
    return images


def build_path(path: str) -> str:
    """A Kustomization's `path` as a folder of its source: it never leads out, since `..` stops at the root."""
    return posixpath.normpath(f"/{path}").lstrip("/")


def is_applied(manifest: Mapping[str, Any]) -> bool:
    """False for an object that Flux is told, by label or annotation, to leave alone."""
    metadata = mapping(manifest.get("metadata"))
    for field in ("labels", "annotations"):
        marks = mapping(metadata.get(field))
        if any(str(marks.get(name, "")).lower() == value for name, value in _LEFT_ALONE.items()):
            return False
    return True


def with_common_metadata(
    manifest: Mapping[str, Any], labels: Mapping[str, Any], annotations: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The manifest with `commonMetadata`, which is set on the object alone: no template, no selector."""
    metadata = dict(mapping(manifest.get("metadata")))
    for field, values in (("labels", labels), ("annotations", annotations)):
        if values:
            metadata[field] = {**mapping(metadata.get(field)), **values}
    return {**manifest, "metadata": metadata}
