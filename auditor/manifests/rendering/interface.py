"""What renders a folder of a tree to plain manifests; one file an implementation, one line in the table.

And what keeps the results of earlier renderings, so that what has not changed is not rendered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from auditor.errors import RenderError
from auditor.model import Document


class RendererStoppedError(RenderError):
    """The renderer did not end by itself: over a limit, or killed. It might end another time."""


class Renderer(Protocol):
    """Turns a folder on disk into a stream of YAML documents, running nothing that the folder brings."""

    @property
    def name(self) -> str:
        """Its key in the table, and what reports call it."""
        ...

    def version(self) -> str:
        """The program and its version, for the record of a run. Raises MissingPartError."""
        ...

    def identity(self) -> str:
        """Another text whenever it may be another program; tells so without starting it."""
        ...

    def render(self, root: Path, folder: str, *, timeout_s: float, max_bytes: int) -> bytes:
        """What `folder` below `root` renders to; the same folder gives the same.

        Gives at most `max_bytes`, within `timeout_s` seconds. Raises RenderError naming the folder,
        RendererStoppedError where that could go another way the next time, MissingPartError where the
        program is not installed. Safe to call from several threads.
        """
        ...


@runtime_checkable
class TakesSchema(Protocol):
    """A Renderer that may be told by a kustomization's `openapi` which schema to merge by."""

    def takes_schema(self) -> bool:
        """True where such a schema decides how lists are merged, and nothing else. Raises MissingPartError."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedDocument:
    """A rendered document and the repository's files it was made of (its origin), where that is told."""

    document: Document
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """What a build gave: its documents in order, or the error that it ended with."""

    documents: tuple[RenderedDocument, ...] = ()
    error: RenderError | None = None


class RenderingCache(Protocol):
    """Renderings of earlier runs. A kept document may lack its manifest, unless Flux reads that to go on."""

    @property
    def scope(self) -> str:
        """Whatever decides how content is read and redacted; kept renderings of another scope are not given."""
        ...

    def content(self, path: str) -> str:
        """What stands for a file's content in the repository: equal for equal bytes only."""
        ...

    def find(self, key: str) -> Rendering | None:
        """What was kept under this key, None where nothing was."""
        ...

    def keep(self, key: str, rendering: Rendering, *, folder: str) -> None:
        """Takes a rendering; `key` is '' for one that must not be used again. `folder` names it for people."""
        ...


class Work(Protocol):
    """One thing to render: a Kustomize folder, a Helm release. Made in one thread, run in any."""

    @property
    def folder(self) -> str:
        """What is rendered, for people: a folder of the repository, or a chart."""
        ...

    @property
    def path(self) -> str:
        """The file of the repository that says how it is rendered, '' where none does."""
        ...

    def possible_keys(self) -> Sequence[str]:
        """Every key under which an earlier rendering of it may be kept: equal only where nothing that could
        decide the outcome differs. Empty where none may be used."""
        ...

    def run(self) -> tuple[str, Rendering]:
        """Renders, redacted, and gives the key to keep it under, '' for what must not be used again. An error of
        rendering is in the Rendering; raises MissingPartError where the program is not there."""
        ...


@runtime_checkable
class ReadsFiles(Protocol):
    """A Work that can tell what it reads of the repository."""

    def files(self) -> frozenset[str]:
        """Every file of the repository that rendering it may read; nothing is read for this."""
        ...
