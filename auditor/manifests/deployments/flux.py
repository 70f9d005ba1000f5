"""Flux' `Kustomization`: which folder it applies, and what it does to what the folder renders to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.manifests.scalars import ScalarError, value_of
from auditor.model import Document

GROUP = "kustomize.toolkit.fluxcd.io"
_LOCAL_SOURCES = frozenset({"GitRepository", ""})
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[=-])([^}]*))?\}")
_SUBSTITUTE = f"{GROUP}/substitute"


@dataclass(frozen=True, kw_only=True, slots=True)
class FluxKustomization:
    """One of them, as far as it decides what is declared. `where` names it for messages."""

    where: str
    path: str
    source_kind: str
    source_name: str
    suspended: bool
    overlay: Mapping[str, Any]
    substitutes: Mapping[str, str] | None
    components: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Equal for two that render alike."""
        source = (self.source_kind, self.source_name)
        return repr((source, self.path, self.overlay, self.components, self.substitutes))

    @property
    def is_local(self) -> bool:
        """True where its source may be this repository: a GitRepository, not a registry or bucket."""
        return self.source_kind in _LOCAL_SOURCES

    @property
    def artifact(self) -> str:
        """The name of the ExternalArtifact that it takes, else ''."""
        return self.source_name if self.source_kind == "ExternalArtifact" else ""


def flux_kustomization(document: Document) -> FluxKustomization | None:
    """Reads a document; None where it is another kind."""
    if document.kind != "Kustomization" or document.id.group != GROUP:
        return None
    spec = document.manifest.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    source = spec.get("sourceRef")
    source = source if isinstance(source, Mapping) else {}
    build = spec.get("postBuild")
    path = spec.get("path")
    return FluxKustomization(
        where=f"Kustomization {document.namespace or 'default'}/{document.name}",
        path=path if isinstance(path, str) else "",
        source_kind=str(source.get("kind", "")),
        source_name=str(source.get("name", "")),
        suspended=spec.get("suspend") is True,
        overlay=_overlay(spec),
        substitutes=_substitutes(build) if isinstance(build, Mapping) else None,
        components=_texts(spec.get("components")),
    )


def artifacts_of(document: Document) -> dict[str, tuple[tuple[str, str], ...]]:
    """The artifacts that an ArtifactGenerator makes of this repository: name to (from, to) of what it copies.

    Artifacts with a part that comes from elsewhere are left out. Paths are the tree's and the artifact's.
    """
    if document.kind != "ArtifactGenerator" or document.id.group != "source.extensions.fluxcd.io":
        return {}
    spec = document.manifest.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    local = {
        f"@{source.get('alias')}/"
        for source in _objects(spec.get("sources"))
        if source.get("kind") == "GitRepository"
    }
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for artifact in _objects(spec.get("artifacts")):
        copies = [
            (str(copy.get("from", "")), str(copy.get("to", ""))) for copy in _objects(artifact.get("copy"))
        ]
        if copies and all(any(source.startswith(alias) for alias in local) for source, _ in copies):
            found[str(artifact.get("name", ""))] = tuple(
                (source.partition("/")[2], target.removeprefix("@artifact").lstrip("/"))
                for source, target in copies
            )
    return found


def substituted(manifest: Mapping[str, Any], variables: Mapping[str, str]) -> Mapping[str, Any]:
    """The manifest after `postBuild`: `${NAME}` and `${NAME:=default}` filled in.

    As in Flux, a value that was filled in is read as YAML again, so that "${PORT}" may become a number.
    Variables without value or default stay as they are: they may come from a ConfigMap or Secret of the
    cluster. A resource labelled or annotated `substitute: disabled` is left alone.
    """
    metadata = manifest.get("metadata")
    if isinstance(metadata, Mapping):
        for field in ("labels", "annotations"):
            marks = metadata.get(field)
            if isinstance(marks, Mapping) and marks.get(_SUBSTITUTE) == "disabled":
                return manifest
    result = _filled(manifest, variables)
    return result if isinstance(result, dict) else manifest


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _overlay(spec: Mapping[str, Any]) -> dict[str, Any]:
    overlay: dict[str, Any] = {}
    if isinstance(spec.get("targetNamespace"), str) and spec["targetNamespace"]:
        overlay["namespace"] = spec["targetNamespace"]
    for name in ("namePrefix", "nameSuffix", "images"):
        if spec.get(name):
            overlay[name] = spec[name]
    # Flux' patches are inline; a `path` here would let a manifest name any file or address.
    patches = [
        {key: patch[key] for key in ("patch", "target") if key in patch}
        for patch in _objects(spec.get("patches"))
    ]
    if patches:
        overlay["patches"] = patches
    common = spec.get("commonMetadata")
    if isinstance(common, Mapping):
        if isinstance(common.get("labels"), Mapping):
            overlay["labels"] = [{"pairs": common["labels"], "includeSelectors": False}]
        if isinstance(common.get("annotations"), Mapping):
            overlay["commonAnnotations"] = common["annotations"]
    return overlay


def _substitutes(build: Mapping[str, Any]) -> dict[str, str]:
    values = build.get("substitute")
    if not isinstance(values, Mapping):
        return {}
    return {str(name): value for name, value in values.items() if isinstance(value, str)}


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled_text(value, variables)
    if isinstance(value, Mapping):
        return {key: _filled(entry, variables) for key, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry, variables) for entry in value]
    return value


def _filled_text(text: str, variables: Mapping[str, str]) -> Any:
    if "${" not in text:
        return text

    def fill(match: re.Match[str]) -> str:
        known = variables.get(match[1])
        if known or (known is not None and match[2] not in (":=", ":-")):
            return known
        return match[3] if match[2] else match[0]

    new = _VARIABLE.sub(fill, text)
    if new == text or "\n" in new:
        return new
    try:
        return value_of(new)
    except ScalarError:
        return new
