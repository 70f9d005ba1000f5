"""The sources of an Argo CD Application: what each says, whether it is this repository, and what tool renders it.

After argo-cd 3.4: `ApplicationSource` (pkg/apis/application/v1alpha1), `GetAppSourceType` (reposerver) and
`Discover` (util/app/discovery).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.addresses import is_one_of, without_credentials
from auditor.manifests.deployments.interface import SourceRef
from auditor.manifests.deployments.values import mapping, mappings, text
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob
from auditor.manifests.rendering.workspace import normal_folder

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_TIP = frozenset({"", "HEAD"})
_FIXED = re.compile(r"[0-9a-f]{7,40}|refs/tags/.*|v?\d+(\.[\dx*]+)*([-+].*)?")


class Tool(StrEnum):
    """What makes manifests of a source."""

    DIRECTORY = "directory"
    KUSTOMIZE = "kustomize"
    HELM = "helm"
    PLUGIN = "plugin"


@dataclass(frozen=True, kw_only=True, slots=True)
class ArgoSource:
    """One source. `folder` is '' for the root and for what is no folder; `chart` names a chart of a Helm repository;
    `options` is the source with the overrides that its folder holds. `is_local` is True for this repository."""

    url: str
    revision: str
    folder: str
    chart: str
    ref: str
    name: str
    has_path: bool
    is_local: bool
    options: Mapping[str, Any]

    @property
    def is_reference(self) -> bool:
        """True for a source that only lends files to others."""
        return bool(self.ref) and not self.has_path and not self.chart

    def as_ref(self) -> SourceRef:
        """The source for the record."""
        kind = "oci" if self.url.startswith("oci://") else "helm" if self.chart else "git"
        return SourceRef(
            kind=kind,
            name=self.chart,
            url=without_credentials(self.url),
            revision=self.revision,
            is_local=self.is_local,
        )


def sources_of(spec: Mapping[str, Any], application: str, scene: Scene) -> list[ArgoSource]:
    """The Application's sources in their order; with `sources` the single `source` does not count. Raises RenderError
    where an override in the repository cannot be read, or a path leads out of it."""
    hydrator = mapping(mapping(spec.get("sourceHydrator")).get("drySource"))
    written = (
        mappings(spec.get("sources"))
        or [source for source in (mapping(spec.get("source")), hydrator) if source][:1]
    )
    return [_source(entry, application, scene) for entry in written]


def tool_of(source: ArgoSource, scene: Scene) -> Tool:
    """What renders the source. Raises RenderError where it names two tools."""
    named = [tool for tool in Tool if source.options.get(tool.value) is not None]
    if len(named) > 1:
        raise RenderError(
            f"several tools are named for one source: {', '.join(named)}", hint="name one of them"
        )
    if named:
        return named[0]
    if source.chart:
        return Tool.HELM
    found = Tool.DIRECTORY
    for name in sorted(_names_in(source.folder, scene)):
        # The walk goes by name and its last word counts: a kustomization beside a chart wins.
        if name.endswith("Chart.yaml"):
            found = Tool.HELM
        elif name in _KUSTOMIZATIONS:
            found = Tool.KUSTOMIZE
    return found


def revision_note(source: ArgoSource, branch: str) -> str:
    """Says so where another revision is deployed than the one that is audited; '' where that is not known."""
    revision = source.revision
    if not source.is_local or revision in _TIP:
        return ""
    if branch:
        is_same = revision.removeprefix("refs/heads/") == branch.removeprefix("refs/heads/")
    else:
        is_same = not _FIXED.fullmatch(revision)
    return "" if is_same else f"it deploys {revision}; what is rendered here is the audited revision"


def _source(written: Mapping[str, Any], application: str, scene: Scene) -> ArgoSource:
    url, path, chart = text(written.get("repoURL")), text(written.get("path")), text(written.get("chart"))
    is_local = _is_local(url, path, chart, scene)
    folder = normal_folder(path.removeprefix("./")) if is_local else path
    return ArgoSource(
        url=url,
        revision=text(written.get("targetRevision")),
        folder=folder,
        chart=chart,
        ref=text(written.get("ref")),
        name=text(written.get("name")),
        has_path=bool(path),
        is_local=is_local,
        options=_overridden(written, folder, application, scene) if is_local and path else written,
    )


def _is_local(url: str, path: str, chart: str, scene: Scene) -> bool:
    """Where no address of the audited repository is known, a folder that it has is taken for its own."""
    if chart or url.startswith("oci://"):
        return False
    known = scene.options.repository_urls
    if known:
        return is_one_of(url, known)
    return not path or path.strip("./") == "" or scene.has_folder(path.lstrip("/"))


def _overridden(written: Mapping[str, Any], folder: str, application: str, scene: Scene) -> Mapping[str, Any]:
    """The source with what `.argocd-source.yaml`, and that of the Application's own name, say instead."""
    found: Any = dict(written)
    for name in (".argocd-source.yaml", f".argocd-source-{application}.yaml"):
        path = f"{folder}/{name}" if folder else name
        try:
            content = scene.tree.read(path)
        except KeyError:
            continue
        read = read_blob(content, Limits())
        value = read.documents[0].value if read.documents else None
        if read.problems or not isinstance(value, dict | None):
            raise RenderError(f"{path} cannot be read as parameters of a source", hint="correct the file")
        found = merge_patched(found, value or {})
    # Where a source is cannot be overridden, only how it is rendered.
    kept = {key: written[key] for key in ("repoURL", "path", "chart", "targetRevision") if key in written}
    return {**found, **kept}


def merge_patched(target: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396) applied to a value."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patched(result.get(key), value)
    return result


def _names_in(folder: str, scene: Scene) -> list[str]:
    prefix = f"{folder}/" if folder else ""
    return [
        path[len(prefix) :]
        for path in scene.tree.paths()
        if path.startswith(prefix) and "/" not in path[len(prefix) :]
    ]
