"""One folder to build with Kustomize, with what decides its outcome and what is done to it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from auditor.errors import RenderError
from auditor.manifests.documents import document_of
from auditor.manifests.rendering.build import Build
from auditor.manifests.rendering.interface import RendererStoppedError, Rendering
from auditor.manifests.rendering.keys import Keying, Scope
from auditor.manifests.rendering.workspace import Workspace
from auditor.manifests.secrets import Redactor
from auditor.model import Document, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Afterwards:
    """What happens to each manifest that was built; before it is redacted, where Kustomize built it. The very same
    object comes back where nothing is to be changed. `key` is other text (JSON values) for what would do otherwise.
    `keeps` tells of a changed manifest that Kustomize built whether it is declared at all."""

    change: Callable[[JsonObject], JsonObject]
    key: Any
    keeps: Callable[[JsonObject], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class KustomizeWork:
    """A Work: one Kustomize build. `origin` turns the workspace's paths into the repository's; `keying` is None
    where nothing is kept."""

    workspace: Workspace
    build: Build
    redactor: Redactor
    origin: Callable[[str], str]
    afterwards: Afterwards | None = None
    keying: Keying | None = None

    @property
    def folder(self) -> str:
        """The folder that is built."""
        return self.build.folder

    @property
    def path(self) -> str:
        """The folder's kustomization, '' where it has none."""
        found = self.workspace.kustomizations.files.get(self.build.folder, "")
        return self.origin(found) if found else ""

    def files(self) -> frozenset[str]:
        """As ReadsFiles.files."""
        return frozenset(map(self.origin, self.build.files))

    def possible_keys(self) -> tuple[str, ...]:
        """As Work.possible_keys."""
        return self.keying.keys(self.build, self._after()).all if self.keying else ()

    def run(self) -> tuple[str, Rendering]:
        """As Work.run."""
        scope, rendering = self._rendered()
        key = self.keying.keys(self.build, self._after()).of_scope(scope) if self.keying else ""
        return key, rendering

    def _after(self) -> Any:
        return self.afterwards.key if self.afterwards else None

    def _rendered(self) -> tuple[Scope, Rendering]:
        """What the build gives, and what of the tree decided that."""
        try:
            return Scope.CLOSURE, self._done(whole=False)
        except RendererStoppedError as error:
            return Scope.NONE, Rendering(error=error)
        except RenderError as error:
            narrow = error
        try:
            return Scope.TREE, self._done(whole=True)
        except RendererStoppedError as error:
            return Scope.NONE, Rendering(error=error)
        except RenderError as error:
            # It failed alike with and without the rest of the tree, so nothing in there was read before; that a
            # file which is missing now will be there decides whether it goes on.
            scope = Scope.NAMES if error.message == narrow.message else Scope.TREE
            return scope, Rendering(error=error)

    def _done(self, *, whole: bool) -> Rendering:
        change = self.afterwards.change if self.afterwards else None
        keeps = self.afterwards.keeps if self.afterwards else None
        documents = self.workspace.run(
            self.build, redactor=self.redactor, whole=whole, change=change, keeps=keeps
        )
        return Rendering(
            documents=tuple(
                replace(entry, sources=tuple(map(self.origin, entry.sources))) for entry in documents
            )
        )


def changed(document: Document, change: Callable[[JsonObject], JsonObject]) -> Document:
    """The document with its manifest changed."""
    return document_of(
        change(document.manifest), index=document.index, item=document.item, line=document.line
    )
