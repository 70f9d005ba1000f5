"""Flux' `HelmRelease`: which chart it installs, with which values, and what it does to the chart's output.

Fields: helm.toolkit.fluxcd.io/v2 of helm-controller 1.x, and v2beta1 and v2beta2, which it still reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.chart_checks import checked
from auditor.manifests.deployments.flux_charts import ChartChoice, chart_choice, chosen_chart
from auditor.manifests.deployments.flux_helm_values import ReleaseValues, release_values
from auditor.manifests.deployments.interface import (
    DeclaredProblem,
    Deployment,
    DeploymentId,
    Found,
    Plan,
    ProblemCause,
    failed,
)
from auditor.manifests.deployments.values import mapping, mappings, text
from auditor.manifests.rendering.chart_links import Links
from auditor.manifests.rendering.chart_places import InObject, ValueSources
from auditor.manifests.rendering.chart_schemas import GivenValues, ReleaseRef
from auditor.manifests.rendering.helm_work import Release
from auditor.manifests.rendering.work import Afterwards
from auditor.manifests.rendering.workspace import normal_folder
from auditor.manifests.scopes import is_cluster_scoped
from auditor.model import Document, JsonObject

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

GROUP = "helm.toolkit.fluxcd.io"
_LONGEST_NAME = 53
_HASH_LENGTH = 12


class FluxHelmRelease:
    """The Deployer of Flux' HelmReleases."""

    name = "flux-helm-release"

    def is_for(self, document: Document) -> bool:
        """As Deployer.is_for."""
        return document.kind == "HelmRelease" and document.id.group == GROUP

    def folder(self, document: Document) -> str | None:
        """As Deployer.folder: a chart in the repository."""
        chart = mapping(mapping(mapping(document.manifest.get("spec")).get("chart")).get("spec"))
        is_here = mapping(chart.get("sourceRef")).get("kind") in ("GitRepository", "Bucket")
        folder = text(chart.get("chart")).removeprefix("./").strip("/")
        return folder if is_here and folder not in ("", ".") else None

    def plan(self, found: Found, scene: Scene, *, final: bool) -> Plan:
        """As Deployer.plan."""
        document, environment = found.document, found.environment
        spec = mapping(document.manifest.get("spec"))
        title = f"HelmRelease {document.namespace or 'default'}/{document.name}"
        choice = chart_choice(
            spec, scene=scene, environment=environment, namespace=document.namespace, final=final
        )
        values = release_values(
            found, scene=scene, environment=environment, namespace=document.namespace, title=title
        )
        waits = (*values.waits_for, *choice.waits_for)
        deployment = self._deployment(found, spec, choice, values, title)
        if waits and not final:
            return Plan(deployment=deployment, waits_for=waits)
        try:
            chart = chosen_chart(choice, scene)
        except RenderError as error:
            if choice.problem is not None:
                problem = DeclaredProblem(
                    path=found.path, message=f"{title}: {error.message}", cause=choice.problem
                )
            else:
                problem = failed(found.path, title, error, broken=ProblemCause.TEMPLATE)
            return Plan(deployment=deployment, problems=(*values.problems, problem))
        settings = dict(deployment.settings)
        if choice.ref is None and choice.copies is None:
            # source-controller packs regular files alone.
            left_out = Links(scene.tree).below(choice.folder)
            settings["left out"] = f"symbolic links: {', '.join(left_out)}" if left_out else ""
        settings = {name: value for name, value in settings.items() if value}
        if chart.note:
            settings["chart version"] = chart.note
        work = scene.helm(
            chart,
            _release(document, spec, values),
            path=found.path,
            lacks=values.lacks,
            afterwards=_afterwards(document, spec),
        )
        works, told = checked(
            work,
            GivenValues(values=values.values, certain=values.certain, opened=values.opened),
            _sources(found, choice, values, scene),
            about=ReleaseRef(
                environment=environment,
                api_version=document.api_version,
                kind=document.kind,
                namespace=document.namespace,
                name=document.name,
            ),
            title=title,
            scene=scene,
        )
        return Plan(
            deployment=replace(deployment, settings=settings),
            work=tuple(works),
            problems=(*values.problems, *told),
        )

    def _deployment(
        self, found: Found, spec: Mapping[str, Any], choice: ChartChoice, values: ReleaseValues, title: str
    ) -> Deployment:
        document = found.document
        return Deployment(
            id=self._id(found.environment, document.namespace, document.name),
            path=found.path,
            line=document.line,
            title=title,
            folder=choice.folder or (choice.ref.name if choice.ref is not None else ""),
            source=choice.source,
            depends_on=tuple(
                self._id(
                    found.environment, text(entry.get("namespace")) or document.namespace, str(entry["name"])
                )
                for entry in mappings(spec.get("dependsOn"))
                if entry.get("name")
            ),
            reads=tuple(values.reads),
            suspended=spec.get("suspend") is True,
            prunes=True,
            settings=_settings(document, spec, choice, values),
        )

    def _id(self, environment: str, namespace: str, name: str) -> DeploymentId:
        return DeploymentId(environment=environment, kind=self.name, namespace=namespace, name=name)


def _sources(found: Found, choice: ChartChoice, values: ReleaseValues, scene: Scene) -> ValueSources:
    """The files that the values stand in, as far as they are files of the repository."""
    below: list[str | InObject] = []
    for name, key in values.texts:
        path = scene.written_in(found.environment, "ConfigMap", found.document.namespace, name)
        if path:
            below.append(InObject(path=path, kind="ConfigMap", name=name, key=key))
    if choice.ref is None and choice.copies is None:
        below += [normal_folder(name) for name in reversed(choice.values_files)]
    return ValueSources(path=found.path, kind=found.document.kind, name=found.document.name, below=below)


def release_name(document: Document) -> str:
    """The name of the Helm release: as given, else `[targetNamespace-]name`, shortened as the controller does."""
    spec = mapping(document.manifest.get("spec"))
    target = text(spec.get("targetNamespace"))
    name = text(spec.get("releaseName")) or (f"{target}-{document.name}" if target else document.name)
    if len(name) <= _LONGEST_NAME:
        return name
    short = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: _LONGEST_NAME - _HASH_LENGTH - 1]}-{short}"


def _release(document: Document, spec: Mapping[str, Any], values: ReleaseValues) -> Release:
    install = mapping(spec.get("install"))
    return Release(
        name=release_name(document),
        namespace=text(spec.get("targetNamespace")) or document.namespace,
        values=(values.values,),
        include_crds=_crds(spec) != "Skip",
        no_hooks=install.get("disableHooks") is True,
        skip_schema=install.get("disableSchemaValidation") is True,
        post=tuple(
            _post_renderer(mapping(entry.get("kustomize")))
            for entry in mappings(spec.get("postRenderers"))
            if isinstance(entry.get("kustomize"), Mapping)
        ),
    )


def _crds(spec: Mapping[str, Any]) -> str:
    """What becomes of the chart's `crds/`: `Skip`, `Create` (once, and never again), `CreateReplace`."""
    install, upgrade = mapping(spec.get("install")), mapping(spec.get("upgrade"))
    on_install = text(install.get("crds")) or ("Skip" if install.get("skipCRDs") is True else "Create")
    on_upgrade = text(upgrade.get("crds")) or "Skip"
    known = ("Skip", "Create", "CreateReplace")
    return max(
        (name for name in (on_install, on_upgrade) if name in known), key=known.index, default="Create"
    )


def _post_renderer(kustomize: Mapping[str, Any]) -> dict[str, Any]:
    """A kustomization of a post renderer's fields. Patches are inline: a `path` could name any file."""
    patches: list[dict[str, Any]] = [
        {key: patch[key] for key in ("patch", "target") if key in patch}
        for patch in mappings(kustomize.get("patches"))
    ]
    # Fields of v2beta1 and v2beta2.
    patches += [{"patch": json.dumps(patch)} for patch in mappings(kustomize.get("patchesStrategicMerge"))]
    patches += [
        {"patch": json.dumps(patch.get("patch")), "target": patch.get("target")}
        for patch in mappings(kustomize.get("patchesJson6902"))
    ]
    result: dict[str, Any] = {"patches": patches} if patches else {}
    if mappings(kustomize.get("images")):
        result["images"] = mappings(kustomize.get("images"))
    return result


def _afterwards(document: Document, spec: Mapping[str, Any]) -> Afterwards:
    """What the controller does to each object: its labels of origin, the common metadata, Helm's namespace."""
    common = mapping(spec.get("commonMetadata"))
    labels = {
        **mapping(common.get("labels")),
        f"{GROUP}/name": document.name,
        f"{GROUP}/namespace": document.namespace,
    }
    annotations = dict(mapping(common.get("annotations")))
    namespace = text(spec.get("targetNamespace")) or document.namespace

    def change(manifest: JsonObject) -> JsonObject:
        metadata = dict(mapping(manifest.get("metadata")))
        metadata["labels"] = {**mapping(metadata.get("labels")), **labels}
        if annotations:
            metadata["annotations"] = {**mapping(metadata.get("annotations")), **annotations}
        if namespace and not metadata.get("namespace") and not is_cluster_scoped(manifest, frozenset()):
            metadata["namespace"] = namespace
        return {**manifest, "metadata": metadata}

    return Afterwards(change=change, key=[labels, annotations, namespace])


def _settings(
    document: Document, spec: Mapping[str, Any], choice: ChartChoice, values: ReleaseValues
) -> dict[str, str]:
    storage = text(spec.get("storageNamespace"))
    facts = {
        "chart": choice.shown,
        "release": release_name(document),
        "namespace": text(spec.get("targetNamespace")) or document.namespace,
        "storage namespace": storage if storage != document.namespace else "",
        "CRDs": _crds(spec) if _crds(spec) != "Create" else "",
        "values files": ", ".join(choice.values_files),
        "values not known": ", ".join(values.lacks),
        "secrets among the values": "" if values.is_whole else "digests stand for them in what is rendered",
        "values that may be missing": ", ".join(values.optional),
        "drift detection": text(mapping(spec.get("driftDetection")).get("mode")),
        "cluster": "another one, by kubeConfig" if spec.get("kubeConfig") else "",
    }
    return {name: value for name, value in facts.items() if value}
