"""Argo CD's `ApplicationSet`: the Applications that it generates.

Fields: argoproj.io/v1alpha1 of argo-cd 3.4.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auditor.manifests.deployments.addresses import is_one_of, without_credentials
from auditor.manifests.deployments.argo_destination import GENERATED_BY
from auditor.manifests.deployments.argo_generators import GeneratorError, Generators
from auditor.manifests.deployments.argo_template import Language, application_of, names_of
from auditor.manifests.deployments.interface import (
    DeclaredProblem,
    Deployment,
    DeploymentId,
    Found,
    Plan,
    ProblemCause,
)
from auditor.manifests.deployments.values import mapping, mappings, text
from auditor.manifests.documents import document_of
from auditor.manifests.gotemplate.errors import TemplateError, UnsupportedTemplateError
from auditor.model import Document

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

_GROUP = "argoproj.io"


class ArgoApplicationSet:
    """The Deployer of Argo CD's ApplicationSets."""

    name = GENERATED_BY

    def is_for(self, document: Document) -> bool:
        """As Deployer.is_for."""
        return document.kind == "ApplicationSet" and document.id.group == _GROUP

    def folder(self, document: Document) -> str | None:
        """As Deployer.folder: it takes in none by itself."""
        return None

    def plan(self, found: Found, scene: Scene, *, final: bool) -> Plan:
        """As Deployer.plan."""
        document = found.document
        spec = mapping(document.manifest.get("spec"))
        making = _Making(found=found, scene=scene, title=f"ApplicationSet {document.name}")
        making.generate(spec)
        generators = mappings(spec.get("generators"))
        settings = {
            "generators": ", ".join(names_of(generators)),
            "applications": str(len(making.documents)),
            "templates": "Go" if spec.get("goTemplate") is True else "",
            "policy": text(mapping(spec.get("syncPolicy")).get("applicationsSync")),
        }
        return Plan(
            deployment=Deployment(
                id=DeploymentId(
                    environment=found.environment,
                    kind=self.name,
                    namespace=document.namespace,
                    name=document.name,
                ),
                path=found.path,
                line=document.line,
                title=making.title,
                settings={name: value for name, value in settings.items() if value},
            ),
            documents=tuple(making.documents.values()),
            problems=tuple(making.problems),
        )


@dataclass(kw_only=True)
class _Making:
    """Collects the Applications and the problems of one ApplicationSet."""

    found: Found
    scene: Scene
    title: str
    documents: dict[str, Document] = field(default_factory=dict)
    problems: list[DeclaredProblem] = field(default_factory=list)

    def says(self, cause: ProblemCause, message: str) -> None:
        problem = DeclaredProblem(path=self.found.path, message=f"{self.title} {message}", cause=cause)
        if problem not in self.problems:
            self.problems.append(problem)

    def generate(self, spec: Mapping[str, Any]) -> None:
        """A generator that fails hides no other; a template that fails for one set of parameters, no other set."""
        language = Language.of(spec)
        generators = Generators(language=language, scene=self.scene, is_local=self._is_local, says=self.says)
        for generator in mappings(spec.get("generators")):
            for template, parameters in self._generated(generators, generator, spec):
                # Functions such as `set` may change what they are given.
                own = copy.deepcopy(parameters)
                try:
                    application = application_of(
                        template, own, language, spec=spec, namespace=self.found.document.namespace
                    )
                except TemplateError as error:
                    self._failed(error)
                    continue
                self._add(application)

    def _generated(
        self, generators: Generators, generator: Mapping[str, Any], spec: Mapping[str, Any]
    ) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
        try:
            generated = generators.run(generator, mapping(spec.get("template")))
        except TemplateError as error:
            self._failed(error)
            return
        except GeneratorError as error:
            self.says(error.cause, self.scene.redactor.redact_text(str(error)))
            return
        for parameters in generated.parameters:
            yield generated.template, parameters

    def _failed(self, error: TemplateError) -> None:
        unsupported = isinstance(error, UnsupportedTemplateError)
        cause = ProblemCause.UNSUPPORTED if unsupported else ProblemCause.BUILD
        message = self.scene.redactor.redact_text(f"cannot be filled in: {error}")
        self.says(cause, message)

    def _add(self, application: dict[str, Any]) -> None:
        name = mapping(application["metadata"]).get("name")
        if not isinstance(name, str) or not name:
            self.says(ProblemCause.BUILD, "generates an Application without a name")
        elif name in self.documents:
            self.says(ProblemCause.BUILD, f"generates several Applications named {name}")
        else:
            redacted = self.scene.redactor.redact(application)
            self.documents[name] = document_of(redacted, line=self.found.document.line)

    def _is_local(self, url: str) -> bool:
        known = self.scene.options.repository_urls
        return is_one_of(without_credentials(url), known) if known else True
