"""Where a manifest names images: containers, values of charts, Kustomize's and Argo CD's overrides, Dockerfiles, CI.

Fields are found by their pointers (see `fields`), so that a reference can be held against the changes of its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from auditor.manifests.fields import leaves
from auditor.manifests.image_references import ImageReference, parse_reference
from auditor.manifests.image_values import ValueFields, value_fields

IMAGE_LIST = "argocd-image-updater.argoproj.io/image-list"
"""The annotation of Argo CD Image Updater: `[alias=]image[:constraint], …`."""

_CONTAINER = re.compile(r"(?:^|\.)(containers|initContainers|ephemeralContainers)\[[^\]]*\]\.image\Z")
_CONTAINER_FIELDS = {"containers": "container", "initContainers": "init", "ephemeralContainers": "ephemeral"}
_PIECE = re.compile(
    r"(?P<place>.*)\.(?P<piece>repository|registry|tag|digest|sha|newName|newTag)\Z", re.DOTALL
)
_ENTRY_NAME = re.compile(r"\[(?:name=(?:\"((?:[^\"\\]|\\.)*)\"|([^\]]*))|\d+)\]\Z")
_VALUES = re.compile(r"(?:^|\.)(?:values|valuesObject|valuesInline|valuesContent|parameters)(?=[.\[]|\Z)")
_KUSTOMIZE_IMAGE = re.compile(r"(?:^images|^spec(?:\.components)?\.images|\.kustomize\.images)\[[^\]]*\]\Z")
_ARGO_IMAGES = re.compile(r"\.kustomize\.images\Z")
_DOCKER_STAGE = re.compile(r"stages\[[^\]]*\]\.image\Z")
_DOCKER_COPY = re.compile(r"stages\[[^\]]*\]\.copy\[\d+\]\.from\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundImage:
    """One reference: where (`pointer`), in what sort of field, as written, and taken apart (None: cannot be read).

    `pointers` are the fields that it is written in: a chart's values and Kustomize write it in pieces.
    """

    pointer: str
    field: str
    image: str
    reference: ImageReference | None
    pointers: tuple[str, ...]


def images_in(manifest: Mapping[str, Any]) -> tuple[FoundImage, ...]:
    """Every image that a document names, by pointer. Of texts only values of charts are looked into (`helm.values` of
    an Application), and no ConfigMap's file."""
    kind, api_version = str(manifest.get("kind", "")), str(manifest.get("apiVersion", ""))
    known = leaves(manifest)
    further = value_fields(manifest, known)
    texts = {pointer: orjson.loads(text) for pointer, text in known.items() if _may_name(pointer)}
    # A parameter's own fields say nothing: what it sets stands where it would stand as a value.
    texts = {pointer: value for pointer, value in texts.items() if ".helm.parameters[" not in pointer}
    texts.update((pointer, value) for pointer, value in further.values.items() if _may_name(pointer))
    if api_version.startswith("docker/"):
        found = _of_dockerfile(manifest, texts)
    else:
        found = _of_manifest(texts, api_version, kind, frozenset(further.parameters))
    images = (_where_written(image, further) for image in found)
    return tuple(sorted(images, key=lambda image: image.pointer))


def _where_written(image: FoundImage, further: ValueFields) -> FoundImage:
    """The image with the fields that it is really written in."""
    if not any(pointer in further.written_in for pointer in image.pointers):
        return image
    written = tuple(sorted({further.written_in.get(pointer, pointer) for pointer in image.pointers}))
    if further.parameters.isdisjoint(image.pointers):
        return replace(image, pointers=written)
    return replace(
        image,
        pointer=written[0] if len(written) == 1 else image.pointer,
        field="argo-helm-parameters",
        pointers=written,
    )


def _may_name(pointer: str) -> bool:
    return "mage" in pointer or _PIECE.match(pointer) is not None or _DOCKER_COPY.match(pointer) is not None


def _of_dockerfile(manifest: Mapping[str, Any], texts: Mapping[str, Any]) -> Iterator[FoundImage]:
    stages = [stage for stage in manifest.get("stages", ()) if isinstance(stage, dict)]
    names = {str(stage.get("name")) for stage in stages} | {str(index) for index in range(len(stages))}
    inherited = {str(stage.get("image")) for stage in stages if stage.get("fromStage")}
    for pointer, text in texts.items():
        if not isinstance(text, str) or text == "scratch":
            continue
        if _DOCKER_STAGE.match(pointer) and text not in inherited:
            yield _found(pointer, "dockerfile FROM", text)
        elif _DOCKER_COPY.match(pointer) and text.lower() not in names:
            yield _found(pointer, "dockerfile COPY", text)


def _of_manifest(
    texts: Mapping[str, Any], api_version: str, kind: str, parameters: frozenset[str]
) -> Iterator[FoundImage]:
    group = api_version.partition("/")[0]
    pieces: dict[str, dict[str, tuple[str, Any]]] = {}
    for pointer, value in texts.items():
        if isinstance(value, dict | list):
            if _ARGO_IMAGES.search(pointer) and isinstance(value, list):
                yield from _of_argo(pointer, value)
            continue
        if match := _PIECE.match(pointer):
            pieces.setdefault(match["place"], {})[match["piece"]] = (pointer, value)
        elif pointer == f'metadata.annotations["{IMAGE_LIST}"]':
            yield from _of_image_updater(pointer, value)
        elif isinstance(value, str) and (pointer == "image" or pointer.endswith(".image")):
            if not value and _VALUES.search(pointer):
                continue  # a chart takes it for none given
            yield _found(pointer, _sort(pointer, group, kind), value)
    for place, parts in pieces.items():
        is_set = not parameters.isdisjoint(pointer for pointer, _ in parts.values())
        yield from _in_pieces(place, parts, is_set=is_set)


def _sort(pointer: str, group: str, kind: str) -> str:
    if _VALUES.search(pointer):
        return "helm-values"
    if match := _CONTAINER.search(pointer):
        return _CONTAINER_FIELDS[match[1]]
    if group == "image.toolkit.fluxcd.io":
        return "flux-image-repository"
    return {"terraform": "terraform", "flagger.app": "flagger", "ci": "ci"}.get(group, "other")


def _in_pieces(place: str, parts: Mapping[str, tuple[str, Any]], *, is_set: bool) -> Iterator[FoundImage]:
    """An image in several fields: name and newTag of Kustomize, registry, repository and tag of a chart's values.
    `is_set`: by a parameter, and so it is told even where the chart alone names the image, and this its tag."""
    pointers = tuple(sorted(pointer for pointer, _ in parts.values()))
    said = {piece: str(value) for piece, (_, value) in parts.items() if value not in (None, "")}
    entry = _ENTRY_NAME.search(place)
    if _KUSTOMIZE_IMAGE.search(place):
        name = said.get("newName") or ((entry[1] or entry[2] or "") if entry else "")
        tag = said.get("newTag", "")
        field = "kustomize-images"
    elif "repository" in said and ("mage" in place or "tag" in parts or "digest" in parts):
        # Outside of values a `repository` is a chart's or a git repository as often.
        if not (_VALUES.search(place) or "mage" in place):
            return
        name, tag = said["repository"], said.get("tag", "")
        if "registry" in said and not _names_host(name):
            name = f"{said['registry']}/{name}"
        field = "helm-values" if _VALUES.search(place) else "other"
    elif is_set and "mage" in place:
        name, tag, field = "", said.get("tag", ""), "helm-values"
    else:
        return
    digest = said.get("digest") or said.get("sha", "")
    if digest and ":" not in digest:
        digest = f"sha256:{digest}"
    if not name and not (is_set and (tag or digest)):
        return
    image = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    yield _found(place, field, image, pointers)


def _names_host(name: str) -> bool:
    first, slash, _ = name.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def _of_argo(pointer: str, values: list[Any]) -> Iterator[FoundImage]:
    """`[name=]newName[:tag][@digest]` of an Application's Kustomize source; `name:tag` alone changes the tag."""
    for index, value in enumerate(values):
        if isinstance(value, str) and value:
            image = value.partition("=")[2] or value
            yield _found(f"{pointer}[{index}]", "argo-kustomize-images", image, (pointer,))


def _of_image_updater(pointer: str, value: Any) -> Iterator[FoundImage]:
    if not isinstance(value, str):
        return
    for index, entry in enumerate(part.strip() for part in value.split(",")):
        image = entry.partition("=")[2] or entry
        # What follows the colon is a constraint on versions here, and no tag: `~1.2`, `1.x`.
        name, colon, rest = image.rpartition(":")
        if colon and "/" not in rest:
            image = name
        if image:
            yield _found(f"{pointer}[{index}]", "argo-image-updater", image, (pointer,))


def _found(pointer: str, field: str, image: str, pointers: tuple[str, ...] = ()) -> FoundImage:
    return FoundImage(
        pointer=pointer,
        field=field,
        image=image,
        reference=parse_reference(image),
        pointers=pointers or (pointer,),
    )
