"""Flux' `Kustomization`: which folder it applies, and what it does to what the folder renders to.

Fields: kustomize.toolkit.fluxcd.io/v1 of kustomize-controller 1.9.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from auditor.errors import MissingFolderError, RenderError
from auditor.manifests.deployments.flux_overlay import (
    build_path,
    edited_kustomization,
    generated_kustomization,
    is_applied,
    with_common_metadata,
)
from auditor.manifests.deployments.flux_sources import GIT, FluxSource, source_of
from auditor.manifests.deployments.interface import (
    DeclaredProblem,
    Deployment,
    DeploymentId,
    Found,
    Plan,
    ProblemCause,
    failed,
)
from auditor.manifests.deployments.substitution import Known, known_variables, substituted
from auditor.manifests.deployments.values import mapping, mappings, text
from auditor.manifests.rendering.work import Afterwards, KustomizeWork
from auditor.model import UNKNOWN_ENVIRONMENT, Document, JsonObject

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

GROUP = "kustomize.toolkit.fluxcd.io"
_SAID = ("deletionPolicy", "serviceAccountName", "targetNamespace", "interval", "retryInterval", "timeout")


class FluxKustomization:
    """The Deployer of Flux' Kustomizations."""

    name = "flux-kustomization"

    def is_for(self, document: Document) -> bool:
        """As Deployer.is_for."""
        return document.kind == "Kustomization" and document.id.group == GROUP

    def folder(self, document: Document) -> str | None:
        """As Deployer.folder."""
        spec = mapping(document.manifest.get("spec"))
        source = text(mapping(spec.get("sourceRef")).get("kind")) or GIT
        return build_path(text(spec.get("path"))) if source == GIT else None

    def plan(self, found: Found, scene: Scene, *, final: bool) -> Plan:
        """As Deployer.plan."""
        document = found.document
        spec = mapping(document.manifest.get("spec"))
        folder = build_path(text(spec.get("path")))
        environment = found.environment
        if environment == UNKNOWN_ENVIRONMENT:
            environment = scene.environment_of(posixpath.join(folder, "kustomization.yaml"))
        title = f"Kustomization {document.namespace or 'default'}/{document.name}"
        source = source_of(found, environment, folder, scene)
        known, refused = Known(variables=None), None
        try:
            known = known_variables(document, environment, scene, final=final)
        except RenderError as error:
            refused = failed(found.path, title, error)
        deployment = Deployment(
            id=DeploymentId(
                environment=environment, kind=self.name, namespace=document.namespace, name=document.name
            ),
            path=found.path,
            line=document.line,
            title=title,
            folder=folder,
            source=source.ref,
            depends_on=tuple(
                DeploymentId(
                    environment=environment,
                    kind=self.name,
                    namespace=text(entry.get("namespace")) or document.namespace,
                    name=text(entry.get("name")),
                )
                for entry in mappings(spec.get("dependsOn"))
                if text(entry.get("name"))
            ),
            reads=known.reads,
            suspended=spec.get("suspend") is True,
            prunes=spec.get("prune") is True,
            lands_in=_other_cluster(spec, environment, scene),
            settings={**_settings(spec), **source.settings, **known.settings},
        )
        if source.elsewhere:
            what = " ".join(part for part in (source.ref.kind, source.ref.name) if part)
            where = f" ({source.ref.url})" if source.ref.url else ""
            message = f"{title} takes {what}{where}, {source.elsewhere}"
            problem = DeclaredProblem(path=found.path, message=message, cause=ProblemCause.ELSEWHERE)
            return Plan(deployment=deployment, problems=(problem,))
        if known.waits_for and not final:
            return Plan(deployment=deployment, waits_for=known.waits_for)
        if refused is not None:
            return Plan(deployment=deployment, problems=(refused,))
        try:
            work = _work(document, folder, source, known, scene)
        except RenderError as error:
            scene.refused(folder)
            return Plan(deployment=deployment, problems=(failed(found.path, title, error),))
        return Plan(deployment=deployment, work=(work,))


def _work(document: Document, folder: str, source: FluxSource, known: Known, scene: Scene) -> KustomizeWork:
    spec = mapping(document.manifest.get("spec"))
    workspace = scene.place(source.copies).workspace
    kustomizations = workspace.kustomizations
    if folder not in workspace.index.folders or (not folder and not workspace.index.files):
        message = f"there is no folder {folder or '.'} in its source"
        raise MissingFolderError(message, hint="correct the path")
    is_generated = folder not in kustomizations.manifests

    def exists(component: str) -> bool:
        path = posixpath.normpath(posixpath.join(folder, component))
        return path in workspace.index.folders or path in workspace.index.files

    if is_generated:
        manifest: Mapping[str, Any] = generated_kustomization(
            workspace.manifests_below(folder, is_manifest=lambda _: True)
        )
    else:
        manifest = kustomizations.manifests[folder]
    edited = edited_kustomization(
        manifest,
        spec,
        version=document.api_version.rpartition("/")[2],
        is_generated=is_generated,
        exists=exists,
    )
    return scene.kustomize(
        folder,
        # What cannot be read is built as it is, so that Kustomize says what is wrong with it.
        edited=None if folder in kustomizations.unreadable else edited,
        afterwards=_afterwards(spec, known),
        copies=source.copies,
    )


def _afterwards(spec: Mapping[str, Any], known: Known) -> Afterwards:
    common = mapping(spec.get("commonMetadata"))
    labels, annotations = mapping(common.get("labels")), mapping(common.get("annotations"))
    variables = known.variables

    def change(manifest: JsonObject) -> JsonObject:
        result = substituted(manifest, variables) if variables is not None else manifest
        return with_common_metadata(result, labels, annotations) if labels or annotations else result

    # What it does beside that is the same for every Kustomization, and so no part of the key.
    key = {
        "variables": None
        if variables is None
        else [dict(variables.values), sorted(variables.withheld), variables.complete, variables.strict],
        "labels": labels,
        "annotations": annotations,
    }
    return Afterwards(change=change, key=key, keeps=is_applied)


def _other_cluster(spec: Mapping[str, Any], environment: str, scene: Scene) -> str:
    """The environment that a `kubeConfig` leads to, '' for the Kustomization's own."""
    config = mapping(spec.get("kubeConfig"))
    name = next(
        (
            text(mapping(config.get(field)).get("name"))
            for field in ("secretRef", "configMapRef")
            if config.get(field)
        ),
        "",
    )
    if not name:
        return ""
    configured = next((entry for entry in scene.options.clusters if entry.name == name), None)
    if configured is not None:
        return configured.environment or configured.name
    short = name.removesuffix("kubeconfig").removeprefix("kubeconfig").strip("-.")
    return short or f"{environment}-remote"


def _settings(spec: Mapping[str, Any]) -> dict[str, str]:
    """What people want to know of it beside its folder, source and variables."""
    settings = {name: str(spec[name]) for name in _SAID if isinstance(spec.get(name), str) and spec[name]}
    settings |= {
        name: "true" for name in ("force", "wait", "ignoreMissingComponents") if spec.get(name) is True
    }
    provider = text(mapping(spec.get("decryption")).get("provider"))
    if provider:
        settings["decryption"] = provider
    return settings
