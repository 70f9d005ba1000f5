"""What Argo CD does to a folder's kustomization before it is built: it edits the file in place.

After argo-cd 3.4 (util/kustomize), which calls `kustomize edit` of Kustomize 5 for each field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.argo_variables import BuildVariables
from auditor.manifests.deployments.values import mapping, mappings, text, texts
from auditor.manifests.rendering.workspace import normal_folder

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene
    from auditor.manifests.rendering.work import Afterwards, KustomizeWork

_KEPT = "*"
_NUMBER = re.compile(r"-?\d+")


def kustomize_work(
    folder: str,
    options: Mapping[str, Any],
    variables: BuildVariables,
    scene: Scene,
    afterwards: Afterwards | None,
) -> KustomizeWork:
    """The build of a folder as an Application's `kustomize` options (may be empty) have it. Raises RenderError."""
    manifests = scene.place().workspace.kustomizations.manifests
    if folder not in manifests:
        raise RenderError(
            f"{folder or '.'} has no kustomization, which its Application says that it has",
            hint="add a kustomization.yaml, or remove `kustomize` from the source",
        )
    changes = edited_kustomization(manifests[folder], folder, options, variables, scene)
    return scene.kustomize(folder, edited=changes, afterwards=afterwards)


def edited_kustomization(
    manifest: Mapping[str, Any],
    folder: str,
    options: Mapping[str, Any],
    variables: BuildVariables,
    scene: Scene,
) -> dict[str, Any] | None:
    """The kustomization with the options written into it; None where they change nothing. Raises RenderError for what
    makes `kustomize edit` fail."""
    result = dict(manifest)
    for name in ("namePrefix", "nameSuffix", "namespace"):
        if text(options.get(name)):
            result[name] = options[name]
    if options.get("images"):
        result["images"] = _images(result, [variables.filled(image) for image in texts(options["images"])])
    if options.get("replicas"):
        result["replicas"] = _replicas(result, mappings(options["replicas"]))
    _add_labels(result, options, variables)
    _add_annotations(result, options, variables)
    patches = [
        {key: patch[key] for key in ("path", "patch", "target", "options") if patch.get(key)}
        for patch in mappings(options.get("patches"))
    ]
    if patches:
        before = result.get("patches")
        result["patches"] = [*(before if isinstance(before, list) else []), *patches]
    components = _components(folder, options, scene)
    if components:
        before = result.get("components")
        known = before if isinstance(before, list) else []
        result["components"] = [*known, *(entry for entry in components if entry not in known)]
    return result if result != dict(manifest) else None


def _images(manifest: Mapping[str, Any], given: list[str]) -> list[dict[str, str]]:
    images = {image["name"]: image for image in map(_image, given)}
    for known in mappings(manifest.get("images")):
        name = text(known.get("name"))
        image = images.setdefault(name, {key: str(value) for key, value in known.items()})
        for field in ("newName", "newTag", "digest"):
            if image.get(field) == _KEPT:
                image[field] = str(known.get(field) or "")
    for image in images.values():
        for field in [field for field, value in image.items() if value in ("", _KEPT) and field != "name"]:
            del image[field]
    return [images[name] for name in sorted(images)]


def _image(given: str) -> dict[str, str]:
    """`name:tag`, `name@digest`, `name=other:tag@digest` as an entry of `images`."""
    key, separator, value = given.partition("=")
    value = value if separator else given
    rest, _, digest = value.partition("@")
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        name, tag = rest, ""
    if name == given or not (key if separator else name):
        raise RenderError(
            f"the image {given!r} names neither a tag, a digest nor another name",
            hint="write name:tag, name@digest or name=other:tag",
        )
    image = {"name": key, "newName": name} if separator else {"name": name}
    return {**image, **({"newTag": tag} if tag else {}), **({"digest": digest} if digest else {})}


def _replicas(manifest: Mapping[str, Any], given: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[str, Any] = {
        text(entry.get("name")): entry.get("count") for entry in mappings(manifest.get("replicas"))
    }
    for entry in given:
        count = str(entry.get("count"))
        if not _NUMBER.fullmatch(count):
            raise RenderError(
                f"replicas of {entry.get('name')} are no number: {count}", hint="write a number"
            )
        counts[text(entry.get("name"))] = int(count)
    return [{"name": name, "count": counts[name]} for name in sorted(counts)]


def _add_labels(manifest: dict[str, Any], options: Mapping[str, Any], variables: BuildVariables) -> None:
    labels = {
        str(name): variables.filled(str(value))
        for name, value in mapping(options.get("commonLabels")).items()
    }
    force = options.get("forceCommonLabels") is True
    if not labels:
        return
    templates = options.get("labelIncludeTemplates") is True
    if options.get("labelWithoutSelector") is not True:
        if templates:
            raise RenderError(
                "labelIncludeTemplates needs labelWithoutSelector", hint="set both, or neither of them"
            )
        manifest["commonLabels"] = _added(mapping(manifest.get("commonLabels")), labels, "label", force=force)
        return
    entries = [dict(entry) for entry in mappings(manifest.get("labels"))]
    for entry in entries:
        if bool(entry.get("includeSelectors")) is False and bool(entry.get("includeTemplates")) is templates:
            entry["pairs"] = _added(mapping(entry.get("pairs")), labels, "label", force=force)
            break
    else:
        entries.append({"pairs": labels, **({"includeTemplates": True} if templates else {})})
    manifest["labels"] = entries


def _add_annotations(manifest: dict[str, Any], options: Mapping[str, Any], variables: BuildVariables) -> None:
    given = {str(name): str(value) for name, value in mapping(options.get("commonAnnotations")).items()}
    if options.get("commonAnnotationsEnvsubst") is True:
        given = {name: variables.filled(value) for name, value in given.items()}
    if given:
        known = mapping(manifest.get("commonAnnotations"))
        force = options.get("forceCommonAnnotations") is True
        manifest["commonAnnotations"] = _added(known, given, "annotation", force=force)


def _added(known: Mapping[str, Any], given: Mapping[str, str], what: str, *, force: bool) -> dict[str, Any]:
    taken = sorted(known.keys() & given.keys())
    if taken and not force:
        raise RenderError(
            f"the kustomization has the {what} {taken[0]} already",
            hint="set forceCommonLabels or forceCommonAnnotations, or remove one of the two",
        )
    return {**known, **given}


def _components(folder: str, options: Mapping[str, Any], scene: Scene) -> list[str]:
    components = list(texts(options.get("components")))
    if options.get("ignoreMissingComponents") is not True:
        return components
    return [entry for entry in components if scene.has_folder(normal_folder(f"{folder}/{entry}"))]
