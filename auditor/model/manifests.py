"""Documents, resources and the files that they stand in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from auditor.model.base import JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceId:
    """group/kind/namespace/name: a resource's name, whichever file or API version holds it.

    The core group is ''. `namespace` is '' for cluster-scoped resources and where the file names none.
    """

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        kind = f"{self.group}/{self.kind}" if self.group else self.kind
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{kind} {name}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One Kubernetes object out of a file, independent of where that file stands.

    `manifest` is redacted: no secret value is in it. `digest` is the SHA-256 (hex) of its canonical
    JSON, so equal documents have equal digests wherever they come from. `index` counts the YAML
    documents of the file from 0; `item` counts inside a `List` (else None); `line` is 1-based.
    """

    index: int
    item: int | None
    line: int
    api_version: str
    kind: str
    namespace: str
    name: str
    manifest: JsonObject
    digest: str

    @property
    def id(self) -> ResourceId:
        """The identity without environment."""
        group = self.api_version.rpartition("/")[0]
        return ResourceId(group=group, kind=self.kind, namespace=self.namespace, name=self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why a file, or a document in it, could not be read as kubectl would read it.

    `code` is one of 'syntax', 'duplicate-key', 'null-key', 'unsupported-value', 'not-utf8',
    'limit', 'untyped', 'template'. Only 'template' is no finding: the file is made to be rendered first.
    """

    code: str
    message: str
    line: int
    column: int
    document: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedBlob:
    """All that one blob's bytes say, whatever its path.

    `fragments` are the paths (as written, relative to the file) that a kustomization uses as pieces
    and not as resources: patches, replacements, values, generator files. `by_name` is True where a
    file with another name than a kustomization's would say something else.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    is_kustomization: bool = False
    fragments: tuple[str, ...] = ()
    by_name: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A document in its place: a path, an environment, and what it was rendered from ('' if raw).

    `sources` are the files that a rendered resource was made of, where that is known.
    """

    environment: str
    path: str
    document: Document
    rendered_from: str = ""
    sources: tuple[str, ...] = ()

    @property
    def id(self) -> ResourceId:
        """The identity without environment."""
        return self.document.id


class SourceTree(Protocol):
    """A tree of files, at a commit or on disk; symlinks and submodules are not in it."""

    def paths(self) -> Iterable[str]:
        """Every regular file's path, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The file's bytes; KeyError where there is none."""
        ...
