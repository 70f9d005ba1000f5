"""A folder of plain manifests as a Work: what Argo CD's directory source applies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.manifests.documents import parse
from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.rendering.interface import RenderedDocument, Rendering
from auditor.manifests.rendering.keys import Keying
from auditor.manifests.rendering.work import Afterwards, changed
from auditor.manifests.secrets import Redactor
from auditor.model import SourceTree

SKIP_MARKER = b"+argocd:skip-file-rendering"
"""A file that holds this is passed over (Argo CD 2.14, reposerver)."""


@dataclass(frozen=True, kw_only=True)
class DirectoryWork:
    """A Work: the manifests in `paths`, in that order, which is the order in which they are declared.

    `origin` turns the tree's paths into the repository's; `keying` is None where nothing is kept. A file that cannot
    be read brings what can be read of it: that it is broken is told of the file itself.
    """

    tree: SourceTree
    folder: str
    paths: Sequence[str]
    redactor: Redactor
    origin: Callable[[str], str]
    afterwards: Afterwards | None = None
    keying: Keying | None = None

    @property
    def path(self) -> str:
        """No file says how it is rendered."""
        return ""

    def files(self) -> frozenset[str]:
        """As ReadsFiles.files."""
        return frozenset(map(self.origin, self.paths))

    def possible_keys(self) -> tuple[str, ...]:
        """As Work.possible_keys."""
        key = self._key()
        return (key,) if key else ()

    def run(self) -> tuple[str, Rendering]:
        """As Work.run."""
        documents = []
        for path in self.paths:
            content = self.tree.read(path)
            if SKIP_MARKER in content:
                continue
            parsed = parse(content, redactor=self.redactor, is_kustomization_name=is_kustomization_name(path))
            for document in parsed.documents:
                finished = changed(document, self.afterwards.change) if self.afterwards else document
                documents.append(RenderedDocument(document=finished, sources=(self.origin(path),)))
        return self._key(), Rendering(documents=tuple(documents))

    def _key(self) -> str:
        if self.keying is None:
            return ""
        after: Any = self.afterwards.key if self.afterwards else None
        return self.keying.plain_key({"directory": self.folder, "afterwards": after}, self.paths)
