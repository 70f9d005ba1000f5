"""The kustomizations that a resource goes through on its way from its file to what is deployed, in their order."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auditor.manifests.rendering.work import KustomizeWork

_RESOURCES = ("resources", "bases", "crds")
_MOST = 200
"""Kustomizations on one way, of those that a repository may nest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A kustomization as it was built: `path` is its file in the repository ('' where nobody wrote one), `folder` the
    one that its paths are relative to, in the tree that was built. `own` is what its file itself says: what
    `manifest` has beyond that was put in by the object that deploys. `is_beside`: a component that changes what others
    bring, and does not bring it itself."""

    path: str
    folder: str
    manifest: Mapping[str, Any]
    own: Mapping[str, Any]
    is_beside: bool = False

    def number_of_own(self, field: str) -> int:
        """How many entries of a list its file wrote."""
        entries = self.own.get(field)
        return len(entries) if isinstance(entries, list) else 0


def layers(work: KustomizeWork, source: str) -> list[Layer]:
    """The kustomizations that what stands in `source` (a path of the repository, '' for what is generated) goes
    through, the innermost first."""
    walk = _Walk(work, source)
    found = walk.way(work.build.folder)
    if found is None:
        found = [walk.layer(work.build.folder)]
    around = _mapping_of(work.build.around)
    for component in texts(around.get("components")):
        folder = _normal(component.partition("/tree/")[2] or component)
        found += walk.component(folder)
    if around:
        found.append(Layer(path="", folder=work.build.folder, manifest=around, own={}))
    return found


class _Walk:
    def __init__(self, work: KustomizeWork, source: str) -> None:
        self._work = work
        self._source = source
        self._seen: set[str] = set()

    def way(self, folder: str) -> list[Layer] | None:
        """The layers from the file up to the folder's own; None where the folder does not take the file in."""
        if folder in self._seen or len(self._seen) > _MOST:
            return None
        self._seen.add(folder)
        layer = self.layer(folder)
        inner: list[Layer] | None = None
        for field in _RESOURCES:
            for name in texts(layer.manifest.get(field)):
                path = _normal(posixpath.join(folder, name))
                if self._work.origin(path) == self._source:
                    inner = []
                elif inner is None and path in self._work.workspace.kustomizations.manifests:
                    inner = self.way(path)
        components = [
            _normal(posixpath.join(folder, name)) for name in texts(layer.manifest.get("components"))
        ]
        after: list[Layer] = []
        for component in components:
            within = self.way(component) if inner is None else None
            if within is not None:
                inner = within
            elif inner is not None:
                after += self.component(component)
        if inner is None and self._generates(layer):
            inner = []
        return None if inner is None else [*inner, *after, layer]

    def component(self, folder: str) -> list[Layer]:
        """A component that changes what others brought, and those that it takes in, in their order."""
        if folder not in self._work.workspace.kustomizations.manifests or len(self._seen) > _MOST:
            return []
        self._seen.add(folder)
        layer = replace(self.layer(folder), is_beside=True)
        further = [
            entry
            for name in texts(layer.manifest.get("components"))
            if (path := _normal(posixpath.join(folder, name))) not in self._seen
            for entry in self.component(path)
        ]
        return [*further, layer]

    def layer(self, folder: str) -> Layer:
        """A folder's kustomization as it was built."""
        known = self._work.workspace.kustomizations
        path = known.files.get(folder, "")
        own = known.manifests.get(folder, {})
        written = path or posixpath.join(folder, "kustomization.yaml")
        edited = self._work.build.generated.get(written)
        return Layer(
            path=self._work.origin(path) if path else "",
            folder=folder,
            manifest=_mapping_of(edited) if edited else own,
            own=own,
        )

    def _generates(self, layer: Layer) -> bool:
        generators = (layer.manifest.get(name) for name in ("configMapGenerator", "secretGenerator"))
        return self._source in ("", layer.path) and any(generators)


def _mapping_of(text: str) -> Mapping[str, Any]:
    value = json.loads(text) if text else {}
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> Iterator[str]:
    """The texts in a list; none of anything else."""
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, str))


def mappings(value: Any) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """The mappings in a list, with their indexes; none of anything else."""
    entries = value if isinstance(value, list) else []
    return [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, Mapping)]


def _normal(path: str) -> str:
    path = posixpath.normpath(path)
    return "" if path == "." else path
