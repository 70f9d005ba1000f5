"""Argo CD's `Application`: what each of its sources renders to, and where that goes.

Fields: argoproj.io/v1alpha1 of argo-cd 3.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.argo_destination import (
    IN_CLUSTER,
    Destination,
    destination_of,
    into_namespace,
)
from auditor.manifests.deployments.argo_directory import directory_work
from auditor.manifests.deployments.argo_helm import helm_work, values_sources
from auditor.manifests.deployments.argo_kustomize import kustomize_work
from auditor.manifests.deployments.argo_source import (
    ArgoSource,
    Tool,
    revision_note,
    sources_of,
    tool_of,
)
from auditor.manifests.deployments.argo_variables import BuildVariables, build_variables
from auditor.manifests.deployments.chart_checks import checked
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
from auditor.manifests.deployments.values import mapping, mappings, text, texts
from auditor.manifests.rendering.chart_schemas import ReleaseRef
from auditor.manifests.rendering.interface import Work
from auditor.model import Document

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

GROUP = "argoproj.io"
NAME = "argo-application"


class ArgoApplication:
    """The Deployer of Argo CD's Applications."""

    name = NAME

    def is_for(self, document: Document) -> bool:
        """As Deployer.is_for."""
        return document.kind == "Application" and document.id.group == GROUP

    def folder(self, document: Document) -> str | None:
        """As Deployer.folder: that of its first source with a path, unless it may be of another repository."""
        spec = mapping(document.manifest.get("spec"))
        for source in mappings(spec.get("sources")) or [mapping(spec.get("source"))]:
            if text(source.get("path")) and not source.get("chart"):
                return text(source.get("path"))
        return None

    def plan(self, found: Found, scene: Scene, *, final: bool) -> Plan:
        """As Deployer.plan."""
        document = found.document
        spec = mapping(document.manifest.get("spec"))
        title = f"Application {document.name}"
        making = _Making(title=title, path=found.path)
        sources: list[ArgoSource] = []
        try:
            sources = sources_of(spec, document.name, scene)
        except RenderError as error:
            making.problems.append(failed(found.path, title, error))
        if not sources and not making.problems:
            making.says(ProblemCause.REFERENCE, "names no source")
        destination = destination_of(found, spec, sources, scene)
        for source in sources:
            if not source.is_reference:
                making.source(source, sources, destination, document, scene)
        return Plan(
            deployment=_deployment(found, spec, sources, destination, making, scene),
            work=tuple(making.work),
            problems=tuple(making.problems),
        )


@dataclass(kw_only=True)
class _Making:
    """Collects the work and the problems of one Application."""

    title: str
    path: str
    work: list[Work] = field(default_factory=list)
    problems: list[DeclaredProblem] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def says(self, cause: ProblemCause, message: str) -> None:
        self.problems.append(DeclaredProblem(path=self.path, message=f"{self.title} {message}", cause=cause))

    def source(
        self,
        source: ArgoSource,
        sources: list[ArgoSource],
        destination: Destination,
        document: Document,
        scene: Scene,
    ) -> None:
        """Adds the work of one source, or says why there is none."""
        if not source.is_local and not source.chart and not source.url.startswith("oci://"):
            self.tools.append("elsewhere")
            shown = source.as_ref().url or "a repository without address"
            self.says(ProblemCause.ELSEWHERE, f"takes {source.folder or '.'} of {shown}, another repository")
            return
        broken = ProblemCause.BUILD
        try:
            tool = tool_of(source, scene)
            self.tools.append(tool)
            if tool is Tool.HELM:
                broken = ProblemCause.TEMPLATE
            if tool is Tool.PLUGIN:
                name = text(mapping(source.options.get("plugin")).get("name"))
                plugin = f"the plugin {name}" if name else "a plugin"
                self.says(ProblemCause.UNSUPPORTED, f"is rendered by {plugin}, which auditor does not run")
                return
            self.work += self._by(tool)(source, sources, destination, document, scene)
        except RenderError as error:
            if source.is_local:
                scene.refused(source.folder)
            self.problems.append(failed(self.path, self.title, error, broken=broken))

    def _by(self, tool: Tool) -> Callable[..., list[Work]]:
        return {
            Tool.DIRECTORY: self._directory,
            Tool.KUSTOMIZE: self._kustomize,
            Tool.HELM: self._helm,
        }[tool]

    def _directory(
        self, source: ArgoSource, _: Any, destination: Destination, document: Document, scene: Scene
    ) -> list[Work]:
        options = mapping(source.options.get("directory"))
        work, programs = directory_work(source.folder, options, scene, into_namespace(destination, scene))
        for path in programs:
            self.says(ProblemCause.UNSUPPORTED, f"applies {path}, and auditor does not run Jsonnet")
        return [work]

    def _kustomize(
        self, source: ArgoSource, _: Any, destination: Destination, document: Document, scene: Scene
    ) -> list[Work]:
        variables = self._variables(source, destination, document)
        options = mapping(source.options.get("kustomize"))
        return [kustomize_work(source.folder, options, variables, scene, into_namespace(destination, scene))]

    def _helm(
        self,
        source: ArgoSource,
        sources: list[ArgoSource],
        destination: Destination,
        document: Document,
        scene: Scene,
    ) -> list[Work]:
        work, note, given = helm_work(
            source,
            sources,
            self._variables(source, destination, document),
            application=document.name,
            namespace=destination.namespace,
            path=self.path,
            scene=scene,
            afterwards=into_namespace(destination, scene),
            says=self.says,
        )
        self.notes.append(note)
        works, told = checked(
            work,
            given,
            values_sources(self.path, document.name, work),
            about=ReleaseRef(
                environment=destination.environment,
                api_version=document.api_version,
                kind=document.kind,
                namespace=document.namespace,
                name=document.name,
            ),
            title=self.title,
            scene=scene,
        )
        self.problems += told
        return list[Work](works)

    def _variables(self, source: ArgoSource, destination: Destination, document: Document) -> BuildVariables:
        return build_variables(
            source,
            application=document.name,
            namespace=destination.namespace,
            project=_project(document.manifest),
        )


def _project(manifest: Mapping[str, Any]) -> str:
    return text(mapping(manifest.get("spec")).get("project")) or "default"


def _deployment(
    found: Found,
    spec: Mapping[str, Any],
    sources: list[ArgoSource],
    destination: Destination,
    making: _Making,
    scene: Scene,
) -> Deployment:
    document = found.document
    applied = [source for source in sources if not source.is_reference]
    first = applied[0] if applied else sources[0] if sources else None
    sync = mapping(spec.get("syncPolicy"))
    return Deployment(
        id=DeploymentId(
            environment=destination.environment, kind=NAME, namespace=document.namespace, name=document.name
        ),
        path=found.path,
        line=document.line,
        title=making.title,
        folder=(first.chart or first.folder or ".") if first is not None else "",
        folders=tuple(dict.fromkeys(source.folder for source in applied if source.is_local)),
        source=first.as_ref() if first is not None else SourceRef(kind="git", is_local=False),
        prunes=_prunes(sync),
        settings=_settings(document.manifest, sync, sources, destination, making, scene.options.branch),
    )


def _automated(sync: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is said of automatic synchronisation; None where somebody has to start it."""
    automated = sync.get("automated")
    if not isinstance(automated, Mapping) or automated.get("enabled") is False:
        return None
    return automated


def _prunes(sync: Mapping[str, Any]) -> bool | None:
    automated = _automated(sync)
    return None if automated is None else automated.get("prune") is True


def _settings(
    manifest: Mapping[str, Any],
    sync: Mapping[str, Any],
    sources: list[ArgoSource],
    destination: Destination,
    making: _Making,
    branch: str,
) -> dict[str, str]:
    automated = _automated(sync)
    spec = mapping(manifest.get("spec"))
    facts = {
        "project": _project(manifest),
        "tool": ", ".join(making.tools),
        "sources": ", ".join(_shown(source) for source in sources) if len(sources) > 1 else "",
        "revision": ", ".join(dict.fromkeys(source.revision for source in sources if source.revision))
        if len(sources) > 1
        else "",
        "cluster": destination.cluster or IN_CLUSTER,
        "namespace": destination.namespace,
        "sync": "by hand" if automated is None else "automatic",
        "self-heal": "yes" if automated is not None and automated.get("selfHeal") is True else "",
        "options": ", ".join(texts(sync.get("syncOptions"))),
        "ignored differences": str(len(mappings(spec.get("ignoreDifferences"))) or ""),
        "note": "; ".join(
            dict.fromkeys(
                note
                for note in (*(revision_note(source, branch) for source in sources), *making.notes)
                if note
            )
        ),
    }
    return {name: value for name, value in facts.items() if value}


def _shown(source: ArgoSource) -> str:
    place = source.chart or source.folder or "."
    return f"${source.ref}" if source.is_reference else place
