"""What planning a deployment may look at: the tree, what was found so far, what the operator configured."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from auditor.errors import RenderError
from auditor.manifests.deployments.artifacts import ArtifactTree, Copies, artifacts_of
from auditor.manifests.deployments.flux_version import is_strict
from auditor.manifests.deployments.git_artifacts import GitArtifact, GitArtifactTree
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.own_addresses import own_addresses
from auditor.manifests.deployments.sources import KINDS_THAT_DECLARE, Sources
from auditor.manifests.environment import environment_of
from auditor.manifests.rendering.chart_cache import ChartCache
from auditor.manifests.rendering.charts import Chart, Charts
from auditor.manifests.rendering.helm_work import HelmWork, Release
from auditor.manifests.rendering.interface import Renderer, Rendering, RenderingCache
from auditor.manifests.rendering.keys import Keying
from auditor.manifests.rendering.work import Afterwards, KustomizeWork
from auditor.manifests.rendering.workspace import Workspace, normal_folder
from auditor.manifests.scopes import cluster_kinds
from auditor.manifests.secrets import Redactor
from auditor.model import Document, SourceTree

ObjectName = tuple[str, str, str]
"""kind, namespace, name."""


def same_path(path: str) -> str:
    """The path, unchanged."""
    return path


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A tree that is deployed from: the repository, or an artifact made of it. `origin` turns its paths into the
    repository's; `keying` is None where no rendering is kept."""

    tree: SourceTree
    workspace: Workspace
    origin: Callable[[str], str]
    keying: Keying | None


class Scene:
    """Everything of one run; objects become known while deployments are followed. Not for several threads."""

    def __init__(
        self,
        tree: SourceTree,
        sources: Sources,
        redactor: Redactor,
        options: DeploymentOptions,
        *,
        renderer: Renderer | None = None,
        cache: RenderingCache | None = None,
    ) -> None:
        """Nothing is rendered or written here. Use it in a `with` block, which closes what was opened."""
        self.tree = tree
        self.sources = sources
        self.redactor = redactor
        self.options = options
        self.cache = cache
        self.charts = Charts(ChartCache(options.charts))
        self._renderer = renderer
        self._stack = ExitStack()
        self._places: dict[Copies | GitArtifact | None, Place] = {}
        self._known: dict[str, dict[ObjectName, Document]] = {}
        self._folders = {
            "/".join(parts[:n])
            for path in tree.paths()
            for parts in [path.split("/")]
            for n in range(1, len(parts))
        }
        self._cluster_kinds: frozenset[tuple[str, str]] | None = None
        self._artifacts: dict[tuple[str, str], Copies] = {
            (self.environment_of(path), name): copied
            for path, blob in sources.parsed.items()
            for document in blob.documents
            for name, copied in artifacts_of(document).items()
        }

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *reason: object) -> None:
        self._stack.close()

    def environment_of(self, path: str) -> str:
        """The environment that a path of the repository belongs to."""
        return environment_of(path, self.options.rules)

    def has_folder(self, path: str) -> bool:
        """True where the repository has that folder, below its root."""
        return posixpath.normpath(path) in self._folders if path else False

    def know(self, environment: str, documents: Iterable[Document]) -> None:
        """Objects that the environment is found to get; a later one of the same name counts."""
        known = self._known.setdefault(environment, {})
        for document in documents:
            known[(document.kind, document.namespace, document.name)] = document

    def find(self, environment: str, kind: str, namespace: str, name: str) -> Document | None:
        """An object that the environment gets, as far as is known by now; one without a namespace is taken too,
        since what applies it may give it one."""
        known = self._known.get(environment, {})
        return known.get((kind, namespace, name)) or known.get((kind, "", name))

    def cluster_kinds(self) -> frozenset[tuple[str, str]]:
        """(group, kind) that the repository's own definitions put in no namespace; read once, on first use."""
        if self._cluster_kinds is None:
            paths = {
                path
                for path, blob in self.sources.parsed.items()
                if any(document.kind == "CustomResourceDefinition" for document in blob.documents)
            }
            self._cluster_kinds = cluster_kinds(self.tree.read(path) for path in sorted(paths))
        return self._cluster_kinds

    @cached_property
    def strict_substitution(self) -> bool:
        """True where Flux refuses variables that are not set and have no default."""
        said = self.options.strict_substitution
        return is_strict(self.tree) if said is None else said

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        """The addresses that mean the audited repository, as far as that is known."""
        return own_addresses(self.sources, self.options.repository_urls)

    def written(self, environment: str, kind: str, namespace: str, name: str) -> Document | None:
        """An object as a file of the tree has it, whether anything applies that or not: one of the environment
        first, then one of any."""
        found = self._written_at(environment, kind, namespace, name)
        return found[1] if found else None

    def written_in(self, environment: str, kind: str, namespace: str, name: str) -> str:
        """The file that such an object stands in, '' where none has it."""
        found = self._written_at(environment, kind, namespace, name)
        return found[0] if found else ""

    def _written_at(
        self, environment: str, kind: str, namespace: str, name: str
    ) -> tuple[str, Document] | None:
        found = self._written.get((kind, name), ())
        places = [entry for entry in found if entry[1].namespace in (namespace, "")]
        near = [entry for entry in places if self.environment_of(entry[0]) == environment]
        return next(iter((*near, *places)), None)

    @cached_property
    def _written(self) -> Mapping[tuple[str, str], list[tuple[str, Document]]]:
        found: dict[tuple[str, str], list[tuple[str, Document]]] = {}
        for path, blob in self.sources.parsed.items():
            if self.sources.layout.is_judged(path):
                for document in blob.documents:
                    if document.kind in KINDS_THAT_DECLARE:
                        found.setdefault((document.kind, document.name), []).append((path, document))
        return found

    def artifact(self, environment: str, name: str) -> Copies | None:
        """What an ArtifactGenerator of the environment copies into the artifact; None where none makes it here."""
        return self._artifacts.get((environment, name))

    def place(self, copies: Copies | GitArtifact | None = None) -> Place:
        """The repository, or an artifact made of it; each opened once, on first use."""
        if copies not in self._places:
            origin: Callable[[str], str]
            tree: SourceTree
            if copies is None:
                tree = self.tree
                workspace = Workspace(tree, renderer=self._renderer, is_manifest=self.sources.is_manifest)
                origin = same_path
            else:
                artifact: ArtifactTree | GitArtifactTree
                if isinstance(copies, GitArtifact):
                    artifact = GitArtifactTree(self.tree, copies)
                else:
                    artifact = ArtifactTree(self.tree, copies)
                tree = artifact
                workspace, origin = Workspace(artifact, renderer=self._renderer), artifact.origin
            self._stack.enter_context(workspace)
            keying = Keying(workspace, origin, self.cache) if self.cache is not None else None
            self._places[copies] = Place(tree=tree, workspace=workspace, origin=origin, keying=keying)
        return self._places[copies]

    def refused(self, folder: str) -> None:
        """Notes a folder of which no rendering can be kept, since it cannot even be prepared."""
        if self.cache is not None:
            self.cache.keep("", Rendering(error=RenderError(folder)), folder=folder)

    def kustomize(
        self,
        folder: str,
        *,
        overlay: Mapping[str, Any] | None = None,
        components: Sequence[str] = (),
        afterwards: Afterwards | None = None,
        copies: Copies | GitArtifact | None = None,
        edited: Mapping[str, Any] | None = None,
    ) -> KustomizeWork:
        """The work of building a folder; see Workspace.prepare. Raises RenderError."""
        place = self.place(copies)
        build = place.workspace.prepare(folder, overlay=overlay, components=components, edited=edited)
        return KustomizeWork(
            workspace=place.workspace,
            build=build,
            redactor=self.redactor,
            origin=place.origin,
            afterwards=afterwards,
            keying=place.keying,
        )

    def chart_in_tree(
        self, folder: str, copies: Copies | None = None, *, follows_links: bool = False
    ) -> Chart:
        """The chart in a folder (or package) of the repository or of an artifact, with what it depends on.
        `follows_links`: files that are symbolic links count, as git checks them out. Raises RenderError,
        MissingChartError where a dependency has to be fetched first."""
        place = self.place(copies)
        return self.charts.in_tree(
            place.tree, normal_folder(folder), place.origin, follows_links=follows_links
        )

    def helm(
        self,
        chart: Chart,
        release: Release,
        *,
        path: str,
        lacks: Sequence[str] = (),
        afterwards: Afterwards | None = None,
    ) -> HelmWork:
        """The work of rendering a release that the file `path` declares. `lacks` names values that git does not
        hold. The operator's Kubernetes version and APIs count where the release gives none."""
        options = self.options
        release = replace(
            release,
            kube_version=release.kube_version or options.kubernetes_version,
            api_versions=release.api_versions or tuple(options.api_versions),
        )
        return HelmWork(
            chart=chart,
            release=release,
            redactor=self.redactor,
            path=path,
            scope=self.cache.scope if self.cache is not None else None,
            lacks=lacks,
            afterwards=afterwards,
        )
