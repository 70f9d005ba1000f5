"""What reads a sort of files that are no manifests (Terraform, Dockerfiles) as documents.

One file an implementation, one line in the table of `formats`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from auditor.model import JsonObject, Problem

if TYPE_CHECKING:
    from auditor.manifests.marks import Node
    from auditor.manifests.secrets import Redactor


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceText:
    """What a file of another format says: the root node of each document, and what could not be read.

    Each root is a mapping with apiVersion, kind and metadata, like a manifest's.
    """

    roots: tuple[Node, ...] = ()
    problems: tuple[Problem, ...] = ()


class SourceFormat(Protocol):
    """Reads files that are no Kubernetes manifests as documents. What they are called by decides, not what they say."""

    @property
    def name(self) -> str:
        """Its key in the table, and what people are told."""
        ...

    def is_named(self, path: str) -> bool:
        """True where a file with that path is of this format."""
        ...

    def read(self, content: bytes, path: str) -> SourceText:
        """Every document of the file at `path` (of the tree, or as it was given). Never raises."""
        ...

    def redact(self, manifest: JsonObject, redactor: Redactor) -> dict[str, Any]:
        """The manifest of one document with every secret value replaced."""
        ...
