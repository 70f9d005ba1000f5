"""The files of a tree by what they are for, as far as that decides what is declared."""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.manifests.deployments.deployers import deployer_of
from auditor.manifests.documents import parse
from auditor.manifests.layout import FileRole, Layout, fragments_at, is_candidate, is_kustomization_name
from auditor.manifests.rendering.chart_links import links_in
from auditor.manifests.secrets import Redactor
from auditor.model import Document, ParsedBlob, SourceTree

KINDS_THAT_DECLARE = frozenset(
    {"Kustomization", "HelmRelease", "ArtifactGenerator", "Application", "ApplicationSet", "AppProject"}
    | {"GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket", "ConfigMap", "Secret"}
)
"""Kinds whose manifests decide what else is declared. Of all others only identity and digest matter here."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """A tree's candidates, parsed; `plain` are manifests that no kustomization uses, `used` the files that one takes in
    as resources, `deploying` the objects that deploy something, each with its file."""

    parsed: Mapping[str, ParsedBlob]
    plain: Sequence[str]
    deploying: Sequence[tuple[str, Document]]
    layout: Layout
    used: frozenset[str] = frozenset()

    def is_manifest(self, path: str) -> bool:
        """True where the file is known to hold one; False says nothing."""
        blob = self.parsed.get(path)
        return blob is not None and bool(blob.documents)


class SerialTree:
    """A tree that is read by one thread at a time, since one pipe to git stands behind it."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._lock = threading.Lock()

    def paths(self) -> Iterable[str]:
        """As SourceTree."""
        return self._tree.paths()

    def read(self, path: str) -> bytes:
        """As SourceTree."""
        with self._lock:
            return self._tree.read(path)

    def links(self) -> Mapping[str, str]:
        """As HasLinks."""
        with self._lock:
            return links_in(self._tree)


def read_sources(tree: SourceTree, redactor: Redactor, parsed: Mapping[str, ParsedBlob]) -> Sources:
    """Parses what `parsed` (by path) does not hold yet, and sorts all of it."""
    blobs = {
        path: parsed[path]
        if path in parsed
        else parse(tree.read(path), redactor=redactor, is_kustomization_name=is_kustomization_name(path))
        for path in candidates(tree)
    }
    layout = Layout()
    layout.apply(blobs, ())
    used: set[str] = set()
    dead_folders: set[str] = set()
    for path, blob in blobs.items():
        if is_kustomization_name(path):
            dead_folders.add(posixpath.dirname(path))
            for document in blob.documents:
                entries = [
                    document.manifest.get(name) for name in ("resources", "components", "bases", "crds")
                ]
                names = [name for entry in entries if isinstance(entry, list) for name in entry]
                used |= fragments_at(path, [name for name in names if isinstance(name, str)])
    plain = [
        path
        for path, blob in blobs.items()
        if layout.role(path) is FileRole.MANIFEST
        and blob.documents
        and path not in used
        and posixpath.dirname(path) not in dead_folders
    ]
    deploying = [
        (path, document)
        for path, blob in blobs.items()
        if layout.role(path) is FileRole.MANIFEST
        for document in blob.documents
        if deployer_of(document) is not None
    ]
    return Sources(parsed=blobs, plain=plain, deploying=deploying, layout=layout, used=frozenset(used))


def candidates(tree: SourceTree) -> Iterable[str]:
    """The paths that may hold manifests."""
    return [path for path in tree.paths() if is_candidate(path)]


def is_wanted(environment: str | None, name: str) -> bool:
    """True where all environments are asked for, or this one."""
    return environment is None or environment == name


def path_inside(folder: str) -> str:
    """A path in the folder, for what is told by folders' names."""
    return posixpath.join(folder, "kustomization.yaml")


def is_below(path: str, folder: str) -> bool:
    """True where `path` is in the folder or in one below it."""
    return not folder or path.startswith(f"{folder}/")
