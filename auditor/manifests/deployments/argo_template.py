"""Fills in the templates of an ApplicationSet, in either of the two languages that it may be written in.

After argo-cd 3.4: applicationset/utils (`Replace`, `deeplyReplace`, `RenderTemplateParams`) and
applicationset/controllers/template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.manifests.deployments.argo_source import merge_patched
from auditor.manifests.deployments.values import mapping, text, texts
from auditor.manifests.gotemplate.errors import TemplateError
from auditor.manifests.gotemplate.executing import executed
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob

Parameters = Mapping[str, Any]
"""What a generator gives for one Application: flat names to texts, or nested values where Go's templates are used."""

MAX_DEPTH = 60
_IS_TEMPLATE = re.compile(r"\{\{.*\}\}")
_FINALIZER = "resources-finalizer.argocd.argoproj.io"


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """How an ApplicationSet's templates are written: `goTemplate` and its options."""

    is_go: bool
    options: tuple[str, ...] = ()

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Language:
        """As the ApplicationSet's `spec` says."""
        return cls(is_go=spec.get("goTemplate") is True, options=texts(spec.get("goTemplateOptions")))

    def filled(self, template: str, parameters: Parameters) -> str:
        """The text with parameters filled in. Raises TemplateError; one that is not known stays as it is, but in Go's."""
        if self.is_go:
            return executed(template, parameters, options=self.options)
        return _plainly_filled(template, parameters) if _IS_TEMPLATE.search(template) else template

    def filled_in(
        self, value: Any, parameters: Parameters, *, keeps: frozenset[str] = frozenset(), depth: int = 0
    ) -> Any:
        """A value with every text and key in it filled in, but what stands under a key in `keeps`."""
        if depth > MAX_DEPTH:
            raise TemplateError("nested too deep")
        if isinstance(value, str):
            return self.filled(value, parameters)
        if isinstance(value, Mapping):
            return {
                self.filled(str(key), parameters): entry
                if key in keeps
                else self.filled_in(entry, parameters, keeps=keeps, depth=depth + 1)
                for key, entry in value.items()
            }
        if isinstance(value, list):
            return [self.filled_in(entry, parameters, keeps=keeps, depth=depth + 1) for entry in value]
        return value


def _plainly_filled(template: str, parameters: Parameters) -> str:
    """`{{name}}` by the parameter of that name, which has to be a text."""
    parts: list[str] = []
    at = 0
    while (start := template.find("{{", at)) >= 0:
        end = template.find("}}", start + 2)
        if end < 0:
            raise TemplateError("cannot find the end of a tag")
        tag = template[start + 2 : end]
        value = parameters.get(tag.strip())
        parts += [template[at:start], value if isinstance(value, str) and tag.strip() else f"{{{{{tag}}}}}"]
        at = end + 2
    return "".join([*parts, template[at:]])


def application_of(
    template: Mapping[str, Any],
    parameters: Parameters,
    language: Language,
    *,
    spec: Mapping[str, Any],
    namespace: str,
) -> dict[str, Any]:
    """The Application that a template gives for parameters, with the ApplicationSet's `templatePatch`.

    `spec` and `namespace` are the ApplicationSet's. Raises TemplateError.
    """
    found = template if not parameters else language.filled_in(template, parameters)
    metadata = dict(mapping(found.get("metadata")))
    keeps = mapping(spec.get("syncPolicy")).get("preserveResourcesOnDeletion") is True
    if parameters and not keeps and not metadata.get("finalizers"):
        metadata["finalizers"] = [_FINALIZER]
    application: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": metadata,
        "spec": dict(mapping(found.get("spec"))),
    }
    patch = text(spec.get("templatePatch"))
    if patch:
        application = _patched(application, language.filled(patch, parameters))
    application["metadata"] = {**mapping(application["metadata"]), "namespace": namespace}
    if not namespace:
        del application["metadata"]["namespace"]
    return application


def _patched(application: dict[str, Any], patch: str) -> dict[str, Any]:
    """A strategic merge patch on an Application: of its lists only finalizers are merged. It cannot move the
    Application to another project."""
    if not patch.strip():
        return application
    read = read_blob(patch.encode("utf-8", "replace"), Limits())
    value = read.documents[0].value if read.documents else None
    if read.problems or not isinstance(value, dict | None):
        raise TemplateError("templatePatch is no YAML mapping once it is filled in")
    finalizers = texts(mapping(application.get("metadata")).get("finalizers"))
    result: dict[str, Any] = merge_patched(application, _without_directives(value or {}))
    further = texts(mapping(mapping(value).get("metadata")).get("finalizers"))
    if further:
        result["metadata"]["finalizers"] = list(dict.fromkeys((*finalizers, *further)))
    spec = dict(mapping(result.get("spec")))
    before = mapping(application.get("spec"))
    spec.pop("project", None)
    if "project" in before:
        spec["project"] = before["project"]
    return {**result, "apiVersion": application["apiVersion"], "kind": application["kind"], "spec": spec}


def _without_directives(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("$patch") == "delete":
            return None
        return {
            key: _without_directives(entry) for key, entry in value.items() if not str(key).startswith("$")
        }
    return value


def names_of(generators: Sequence[Mapping[str, Any]]) -> list[str]:
    """The kinds of generators, for people: `git directories`, `matrix of git files and clusters`."""
    return [name for generator in generators for name in [_name_of(generator)] if name]


def _name_of(generator: Mapping[str, Any], depth: int = 0) -> str:
    for kind, value in generator.items():
        if kind in ("selector", "template"):
            continue
        inner = mapping(value).get("generators")
        if isinstance(inner, list) and depth < 4:
            names = [_name_of(entry, depth + 1) for entry in inner if isinstance(entry, Mapping)]
            return f"{kind} of {' and '.join(filter(None, names))}"
        if kind == "git":
            return f"git {'files' if mapping(value).get('files') else 'directories'}"
        return str(kind)
    return ""
