"""Flux' `Kustomization`: which folder it applies, and what it does to what the folder renders to.

Fields: kustomize.toolkit.fluxcd.io/v1 of kustomize-controller 1.9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.interface import (
    DeclaredProblem,
    Deployment,
    DeploymentId,
    Found,
    Plan,
    ProblemCause,
    SourceRef,
    failed,
)
from auditor.manifests.rendering.work import Afterwards
from auditor.manifests.scalars import ScalarError, value_of
from auditor.model import UNKNOWN_ENVIRONMENT, Document

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

GROUP = "kustomize.toolkit.fluxcd.io"
_LOCAL_SOURCES = frozenset({"GitRepository", ""})
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[=-])([^}]*))?\}")
_SUBSTITUTE = f"{GROUP}/substitute"


class FluxKustomization:
    """The Deployer of Flux' Kustomizations."""

    name = "flux-kustomization"

    def is_for(self, document: Document) -> bool:
        """As Deployer.is_for."""
        return document.kind == "Kustomization" and document.id.group == GROUP

    def folder(self, document: Document) -> str | None:
        """As Deployer.folder."""
        spec = _object(document.manifest.get("spec"))
        source = str(_object(spec.get("sourceRef")).get("kind", ""))
        return _text(spec.get("path")) if source in _LOCAL_SOURCES else None

    def plan(self, found: Found, scene: Scene, *, final: bool) -> Plan:
        """As Deployer.plan."""
        document = found.document
        spec = _object(document.manifest.get("spec"))
        folder = _text(spec.get("path"))
        environment = found.environment
        if environment == UNKNOWN_ENVIRONMENT:
            environment = scene.environment_of(f"{folder.removeprefix('./')}/kustomization.yaml")
        reference = _object(spec.get("sourceRef"))
        kind, name = str(reference.get("kind", "")), str(reference.get("name", ""))
        copies = scene.artifact(environment, name) if kind == "ExternalArtifact" else None
        is_here = kind in _LOCAL_SOURCES or copies is not None or scene.has_folder(folder)
        title = f"Kustomization {document.namespace or 'default'}/{document.name}"
        deployment = Deployment(
            id=self._id(environment, document.namespace, document.name),
            path=found.path,
            line=document.line,
            title=title,
            folder=folder,
            source=SourceRef(
                kind=kind, namespace=_text(reference.get("namespace")), name=name, is_local=is_here
            ),
            depends_on=tuple(
                self._id(environment, _text(entry.get("namespace")) or document.namespace, str(entry["name"]))
                for entry in _objects(spec.get("dependsOn"))
                if entry.get("name")
            ),
            suspended=spec.get("suspend") is True,
            prunes=spec.get("prune") is True,
        )
        if not is_here:
            message = f"{title} takes a {kind}, which is not in this repository"
            problem = DeclaredProblem(path=found.path, message=message, cause=ProblemCause.ELSEWHERE)
            return Plan(deployment=deployment, problems=(problem,))
        try:
            work = scene.kustomize(
                folder,
                overlay=_overlay(spec),
                components=_texts(spec.get("components")),
                afterwards=_substitution(spec),
                copies=copies,
            )
        except RenderError as error:
            scene.refused(folder)
            return Plan(deployment=deployment, problems=(failed(found.path, title, error),))
        return Plan(deployment=deployment, work=(work,))

    def _id(self, environment: str, namespace: str, name: str) -> DeploymentId:
        return DeploymentId(environment=environment, kind=self.name, namespace=namespace, name=name)


def _substitution(spec: Mapping[str, Any]) -> Afterwards | None:
    build = spec.get("postBuild")
    if not isinstance(build, Mapping):
        return None
    variables = _substitutes(build)
    return Afterwards(change=lambda manifest: substituted(manifest, variables), key=variables)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


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
