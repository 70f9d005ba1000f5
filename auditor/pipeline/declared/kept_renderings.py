"""Renderings of earlier runs, kept in the database under everything that decided them.

A kept document has no manifest: what it said was judged when it was first rendered, and that is recorded under
its digest. A rendering of which a judgement is missing is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping

import orjson

from auditor.errors import RenderError, RestrictedReferenceError
from auditor.git.names import storable
from auditor.manifests.deployments.sources import KINDS_THAT_DECLARE
from auditor.manifests.rendering.interface import RenderedDocument, RendererStoppedError, Rendering
from auditor.manifests.rendering.keys import RENDERING_VERSION
from auditor.manifests.rendering.kustomize import RENDERERS
from auditor.manifests.secrets import Redactor
from auditor.model import Document
from auditor.pipeline.mining.starting import PARSER_VERSION
from auditor.store.renderings import RenderingRow, StoredRenderings

_FAILURES: Mapping[str, type[RenderError]] = {"build": RenderError, "outside": RestrictedReferenceError}


class KeptRenderings:
    """The cache of one run: finds what the last run left, and collects what this one leaves for the next."""

    def __init__(
        self,
        stored: StoredRenderings,
        *,
        tip: str,
        content: Callable[[str], str],
        judged: Collection[str],
        redactor: Redactor,
    ) -> None:
        """`content` gives the blob of a path at `tip`; `judged` are the digests whose judgements are known."""
        # A key of the redaction decides every digest; its own digest tells keys apart and nothing of them.
        self.scope = f"{PARSER_VERSION}:{redactor.digest('renderings')}"
        means = f"{self.scope}:{RENDERING_VERSION}:{RENDERERS['kustomize'].identity()}"
        self._made_with = hashlib.sha256(means.encode("utf-8", "surrogatepass")).hexdigest()
        self._stored = stored
        self._tip = tip
        self._content = content
        self._judged = judged
        self._redactor = redactor
        self._rows = {row.key: row for row in stored.rows if row.key}
        self._left: dict[str, RenderingRow] = {}
        self._not_again: list[RenderingRow] = []
        self.complete = True
        self.cancelled = False

    def content(self, path: str) -> str:
        """The blob id of the file."""
        return self._content(path)

    def find(self, key: str) -> Rendering | None:
        """The kept rendering, where all that it gave is judged."""
        if self.cancelled:
            raise InterruptedError
        row = self._rows.get(key)
        if row is None:
            return None
        if row.failure:
            return Rendering(error=_FAILURES[row.failure](row.message))
        documents = tuple(_document(entry) for entry in orjson.loads(row.documents))
        if any(entry.document.digest not in self._judged for entry in documents):
            return None
        return Rendering(documents=documents)

    def keep(self, key: str, rendering: Rendering, *, folder: str) -> None:
        """Takes a rendering for the next run."""
        if self.cancelled:
            raise InterruptedError
        if isinstance(rendering.error, RendererStoppedError):
            self.complete = False
        if not key:
            failure = "stopped" if isinstance(rendering.error, RendererStoppedError) else "refused"
            self._not_again.append(RenderingRow(self._shown(folder), "", failure, "", "[]"))
        elif key in self._rows:
            self._left[key] = self._rows[key]
        else:
            row = self._row(key, rendering, folder)
            if row is not None:
                self._left[key] = row

    def left(self) -> StoredRenderings:
        """What the next run starts from: what the tip needed, and nothing else."""
        rows = [*self._left.values(), *self._not_again]
        return StoredRenderings(
            tip=self._tip,
            scope=self._made_with,
            complete=self.complete,
            rows=rows,
            stored=self._stored.stored and sorted(rows) == sorted(self._stored.rows),
        )

    def follows(self, first_parent: str) -> bool:
        """True where the last run rendered exactly the tip's first parent, whole, and with the same means.

        What is new since then came with the tip.
        """
        before = self._stored
        return (
            bool(first_parent)
            and before.tip == first_parent
            and before.complete
            and self.complete
            and before.scope == self._made_with
        )

    def _row(self, key: str, rendering: Rendering, folder: str) -> RenderingRow | None:
        """None where a text could not come back from the database as it is now."""
        shown = self._shown(folder)
        error = rendering.error
        if error is not None:
            kind = next((name for name, known in _FAILURES.items() if type(error) is known), "")
            whole = bool(kind) and self._shown(error.message) == error.message
            return RenderingRow(shown, key, kind, error.message, "[]") if whole else None
        paths = {path for entry in rendering.documents for path in entry.sources}
        if any(self._shown(path) != path for path in paths):
            return None
        try:
            documents = orjson.dumps([_entry(entry) for entry in rendering.documents]).decode()
        except (TypeError, RecursionError):
            return None
        return RenderingRow(shown, key, "", "", documents)

    def _shown(self, text: str) -> str:
        return storable(self._redactor.redact_text(text))


def digests_in(stored: StoredRenderings) -> set[str]:
    """The digests of every document of stored renderings."""
    return {entry[_DIGEST] for row in stored.rows for entry in orjson.loads(row.documents)}


_DIGEST = 7


def _entry(rendered: RenderedDocument) -> list[object]:
    document = rendered.document
    manifest = document.manifest if document.kind in KINDS_THAT_DECLARE else None
    return [
        document.index, document.item, document.line, document.api_version, document.kind, document.namespace,
        document.name, document.digest, rendered.sources, manifest,
    ]  # fmt: skip


def _document(entry: list[object]) -> RenderedDocument:
    *facts, sources, manifest = entry
    names = ("index", "item", "line", "api_version", "kind", "namespace", "name", "digest")
    document = Document(**dict(zip(names, facts, strict=True)), manifest=manifest or {})  # type: ignore[arg-type]
    return RenderedDocument(document=document, sources=tuple(sources))  # type: ignore[arg-type]
