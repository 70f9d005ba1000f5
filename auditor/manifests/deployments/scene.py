"""What planning a deployment may look at: the tree, what was found so far, what the operator configured."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from auditor.errors import RenderError
from auditor.manifests.deployments.artifacts import ArtifactTree, Copies, artifacts_of
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.sources import Sources
from auditor.manifests.environment import environment_of
from auditor.manifests.rendering.interface import Renderer, Rendering, RenderingCache
from auditor.manifests.rendering.keys import Keying
from auditor.manifests.rendering.work import Afterwards, KustomizeWork
from auditor.manifests.rendering.workspace import Workspace
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
        self._renderer = renderer
        self._stack = ExitStack()
        self._places: dict[Copies | None, Place] = {}
        self._known: dict[str, dict[ObjectName, Document]] = {}
        self._folders = {
            "/".join(parts[:n])
            for path in tree.paths()
            for parts in [path.split("/")]
            for n in range(1, len(parts))
        }
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

    def artifact(self, environment: str, name: str) -> Copies | None:
        """What an ArtifactGenerator of the environment copies into the artifact; None where none makes it here."""
        return self._artifacts.get((environment, name))

    def place(self, copies: Copies | None = None) -> Place:
        """The repository, or an artifact made of it; each opened once, on first use."""
        if copies not in self._places:
            origin: Callable[[str], str]
            if copies is None:
                workspace = Workspace(
                    self.tree, renderer=self._renderer, is_manifest=self.sources.is_manifest
                )
                origin = same_path
            else:
                artifact = ArtifactTree(self.tree, copies)
                workspace, origin = Workspace(artifact, renderer=self._renderer), artifact.origin
            self._stack.enter_context(workspace)
            keying = Keying(workspace, origin, self.cache) if self.cache is not None else None
            self._places[copies] = Place(workspace=workspace, origin=origin, keying=keying)
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
        copies: Copies | None = None,
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
