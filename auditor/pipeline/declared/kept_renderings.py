"""Renderings of earlier landings and runs, kept under everything that decided them: the last in the database.

A kept document has no manifest: what it said was judged when it was first rendered, and that is recorded under
its digest. A rendering of earlier runs of which a judgement is missing is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import orjson

from auditor.errors import RenderError, RestrictedReferenceError
from auditor.git.names import storable
from auditor.manifests.deployments.sources import KINDS_THAT_DECLARE
from auditor.manifests.rendering.interface import RenderedDocument, RendererStoppedError, Rendering
from auditor.manifests.rendering.keys import RENDERING_VERSION, is_wide
from auditor.manifests.secrets import Redactor
from auditor.model import Document
from auditor.pipeline.mining.starting import PARSER_VERSION
from auditor.store.renderings import RenderingRow, StoredRenderings

_FAILURES: Mapping[str, type[RenderError]] = {"build": RenderError, "outside": RestrictedReferenceError}

MOST_MADE = 5_000
"""Renderings of earlier landings that one run keeps in memory, the newest."""


class KeptRenderings:
    """The cache of one run: finds what the last run and earlier landings of this one left, and collects what the
    landing that is looked at leaves for the next run."""

    def __init__(
        self,
        stored: StoredRenderings,
        *,
        means: str,
        content: Callable[[str], str],
        judged: Collection[str],
        redactor: Redactor,
        whole: Collection[str] = (),
        look: Callable[[Document], None] = lambda document: None,
    ) -> None:
        """`content` gives the blob of a path at the commit that is looked at; `judged` are the digests whose
        judgements are known. `means` is other text wherever the operator's settings or the programs may make
        something else of the same files. Of the digests in `whole`, manifests are kept while the run lasts.
        `look` is shown every document of what is rendered anew, while it has its manifest.
        """
        # A key of the redaction decides every digest; its own digest tells keys apart and nothing of them.
        self.scope = f"{PARSER_VERSION}:{redactor.digest('renderings')}"
        means = f"{self.scope}:{RENDERING_VERSION}:{means}"
        self._made_with = hashlib.sha256(means.encode("utf-8", "surrogatepass")).hexdigest()
        self._stored = stored
        self._content = content
        self._judged = judged
        self._redactor = redactor
        self._whole = whole
        self._look = look
        self._rows = {row.key: row for row in stored.rows if row.key}
        self._found: dict[str, Rendering] = {}
        self._made: dict[str, Rendering] = {}
        self.cancelled = False
        self.begin()

    def begin(self) -> None:
        """Forgets which renderings the landing before needed; it is the next one's turn."""
        self._left: dict[str, str] = {}
        self._not_again: list[RenderingRow] = []
        self.complete = True
        for key in list(self._made)[: max(0, len(self._made) - MOST_MADE)]:
            del self._made[key]
        self.is_wide = False
        """Whether more decided what was rendered than the files that the renderings say they read."""

    def content(self, path: str) -> str:
        """The blob id of the file."""
        return self._content(path)

    def find(self, key: str) -> Rendering | None:
        """The kept rendering, where all that it gave is judged or was seen in this run."""
        if self.cancelled:
            raise InterruptedError
        made = self._made.get(key) or self._found.get(key)
        if made is not None:
            return made
        row = self._rows.get(key)
        if row is None:
            return None
        if row.failure:
            rendering = Rendering(error=_FAILURES[row.failure](row.message))
        else:
            rendering = Rendering(documents=tuple(_document(entry) for entry in orjson.loads(row.documents)))
            if any(entry.document.digest not in self._judged for entry in rendering.documents):
                return None
        self._found[key] = rendering
        return rendering

    def keep(self, key: str, rendering: Rendering, *, folder: str) -> None:
        """Takes a rendering of the landing that is looked at."""
        if self.cancelled:
            raise InterruptedError
        if isinstance(rendering.error, RendererStoppedError):
            self.complete = False
        self.is_wide |= is_wide(key)
        if not key:
            failure = "stopped" if isinstance(rendering.error, RendererStoppedError) else "refused"
            self._not_again.append(RenderingRow(self._shown(folder), "", failure, "", "[]"))
            return
        for entry in rendering.documents:
            self._look(entry.document)
        if key not in self._rows and key not in self._made:
            self._made[key] = self._without_manifests(rendering)
        self._left[key] = folder

    def left(self, tip: str, *, since: int, held: str) -> StoredRenderings:
        """What the next run starts from: what the landing `tip` needed, which was looked at last, and nothing else."""
        found = (
            self._rows.get(key) or self._row(key, self._made[key], folder)
            for key, folder in self._left.items()
        )
        rows = [*(row for row in found if row is not None), *self._not_again]
        return StoredRenderings(
            tip=tip,
            scope=self._made_with,
            complete=self.complete,
            since=since,
            held=held,
            rows=rows,
            stored=self._stored.stored and sorted(rows) == sorted(self._stored.rows),
        )

    def _without_manifests(self, rendering: Rendering) -> Rendering:
        documents = tuple(
            entry
            if entry.document.kind in KINDS_THAT_DECLARE or entry.document.digest in self._whole
            else replace(entry, document=replace(entry.document, manifest={}))
            for entry in rendering.documents
        )
        return replace(rendering, documents=documents)

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
