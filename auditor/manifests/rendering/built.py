"""What Kustomize wrote, as documents: each with the file that it came from, changed and redacted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any

from auditor.errors import RenderError, RestrictedReferenceError
from auditor.manifests.documents import document_of
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob
from auditor.manifests.rendering.interface import RenderedDocument
from auditor.manifests.secrets import Redactor
from auditor.model import JsonObject

MAX_RENDERED_BYTES = 64 * 1024 * 1024
SHOW_ORIGIN = "originAnnotations"
"""What a kustomization's `buildMetadata` asks for, so that Kustomize tells where each resource comes from."""

Change = Callable[[JsonObject], JsonObject]
"""What is done to a manifest as it was built; gives the very same object back where nothing is to be changed."""

_ORIGIN = "config.kubernetes.io/origin"
_ORIGIN_PATH = re.compile(r"^path: ['\"]?(.+?)['\"]?$", re.MULTILINE)
_RENDERED = Limits(blob_bytes=MAX_RENDERED_BYTES, nodes=5_000_000, expanded_bytes=4 * MAX_RENDERED_BYTES)


def built_documents(
    output: bytes,
    folder: str,
    *,
    redactor: Redactor,
    change: Change | None = None,
    keeps: Callable[[JsonObject], bool] | None = None,
    shows_origin: bool = False,
) -> list[RenderedDocument]:
    """The documents of a build, redacted. `folder` is where it was done: origins are relative to it, and those below
    `tree/` are told. `change` comes before redaction, and what `keeps` denies then is left out; `shows_origin` leaves the annotation in. Raises RenderError."""
    blob = read_blob(output, _RENDERED)
    if blob.problems:
        raise RenderError(f"what Kustomize wrote cannot be read: {blob.problems[0].message}")
    found: list[RenderedDocument] = []
    for read in blob.documents:
        if not isinstance(read.value, dict):
            continue
        manifest, path = _without_origin(read.value, folder, shows_origin=shows_origin)
        changed = change(manifest) if change is not None else manifest
        if keeps is not None and not keeps(changed):
            continue
        clean = blob.redact(redactor, manifest) if changed is manifest else redactor.redact(changed)
        document = document_of(clean, index=read.index, line=read.line)
        if document.api_version and document.kind:
            found.append(RenderedDocument(document=document, sources=(path,) if path else ()))
    return found


def _without_origin(
    manifest: dict[str, Any], folder: str, *, shows_origin: bool
) -> tuple[dict[str, Any], str]:
    """The manifest without the annotation that tells its origin, and that as a path in the tree, '' for none.
    Raises RestrictedReferenceError for one from outside."""
    metadata = manifest.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    origin = annotations.get(_ORIGIN) if isinstance(annotations, dict) else None
    if not isinstance(origin, str) or not isinstance(metadata, dict) or not isinstance(annotations, dict):
        return manifest, ""
    match = _ORIGIN_PATH.search(origin)
    path = posixpath.normpath(posixpath.join(folder, match[1])) if match else ""
    if path.startswith(("../", "/")):
        raise RestrictedReferenceError(
            "what is rendered holds something from outside the tree",
            hint="keep what is taken in in the repository",
        )
    path = path.removeprefix("tree/") if path.startswith("tree/") else ""
    if shows_origin:
        return manifest, path
    others = {name: value for name, value in annotations.items() if name != _ORIGIN}
    kept = {name: value for name, value in metadata.items() if name != "annotations"}
    return {**manifest, "metadata": {**kept, "annotations": others} if others else kept}, path
