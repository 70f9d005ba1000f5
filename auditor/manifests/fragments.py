"""Which files a kustomization uses as pieces of resources and not as resources.

Field list: the `Kustomization` type of Kustomize 5 (kubectl 1.37), with the deprecated spellings that
older files in a history still use, and the `valuesFiles` that Flux' and Helm's own files name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

KUSTOMIZE_GROUP = "kustomize.config.k8s.io"
_KINDS = frozenset({"Kustomization", "Component"})
_LISTS_OF_OBJECTS_WITH_PATH = ("patches", "patchesJson6902", "replacements")
_LISTS_OF_PATHS = (
    "patches",  # plain texts, as before Kustomize 3.3; since then it refuses them, and the file is no resource either
    "patchesStrategicMerge",
    "configurations",
    "transformers",
    "generators",
    "validators",
    "crds",
)
_REMOTE = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://|[A-Za-z]+::|[^/\s]+@[^/\s]+:|(?:github|gitlab|bitbucket)\.[a-z]+[:/]|[^\n]*\?ref="
)
_RESOURCES = ("resources", "components", "bases")
_GENERATORS = ("configMapGenerator", "secretGenerator")


def is_kustomization(api_version: str, kind: str) -> bool:
    """True for what Kustomize itself reads; Flux' own `Kustomization` is another kind of the same name."""
    return kind in _KINDS and api_version.partition("/")[0] == KUSTOMIZE_GROUP


def with_defaults(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A kustomization that names no apiVersion or kind, with those that Kustomize then assumes."""
    kind = manifest.get("kind") or "Kustomization"
    version = "v1alpha1" if kind == "Component" else "v1beta1"
    api_version = manifest.get("apiVersion") or f"{KUSTOMIZE_GROUP}/{version}"
    return {**manifest, "apiVersion": api_version, "kind": kind}


def fragments_of(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths, as written, of a kustomization's pieces; each once, sorted.

    What the same kustomization also takes as a resource is no fragment: it would be applied unseen.
    """
    resources = {posixpath.normpath(path) for name in _RESOURCES for path in _strings(manifest.get(name))}
    pieces = {path for path in _paths(manifest) if _is_path(path)}
    return tuple(sorted(path for path in pieces if posixpath.normpath(path) not in resources))


def references_of(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The local files and folders, as written, that a kustomization takes in as resources."""
    entries = (path for name in _RESOURCES for path in _strings(manifest.get(name)))
    return tuple(path for path in entries if not _is_remote(path))


def remote_references(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """What a kustomization would fetch: addresses and git repositories, as written, and Helm charts."""
    entries = [*(path for name in _RESOURCES for path in _strings(manifest.get(name))), *_paths(manifest)]
    return tuple(path for path in entries if isinstance(path, str) and _is_remote(path) and "\n" not in path)


def _is_remote(path: str) -> bool:
    """As Kustomize decides: a scheme, `git@host:`, a `git::` prefix, a query, or `host.tld/…//` paths."""
    return bool(_REMOTE.match(path))


def _paths(manifest: Mapping[str, Any]) -> Iterator[Any]:
    for name in _LISTS_OF_OBJECTS_WITH_PATH:
        yield from (entry.get("path") for entry in _objects(manifest.get(name)))
    for name in _LISTS_OF_PATHS:
        yield from _strings(manifest.get(name))
    for name in _GENERATORS:
        for generator in _objects(manifest.get(name)):
            yield from (_file_of(entry) for entry in _strings(generator.get("files")))
            yield from _strings(generator.get("envs"))
            yield generator.get("env")
    for chart in (
        *_objects(manifest.get("helmCharts")),
        *_objects(manifest.get("helmChartInflationGenerator")),
    ):
        yield chart.get("valuesFile")
        yield chart.get("values")
        yield from _strings(chart.get("additionalValuesFiles"))
        yield from _strings(chart.get("valuesFiles"))
    openapi = manifest.get("openapi")
    if isinstance(openapi, Mapping):
        yield openapi.get("path")


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _strings(value: Any) -> Iterable[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _file_of(entry: str) -> str:
    """`files` entries are `path` or `key=path`."""
    return entry.partition("=")[2] if "=" in entry else entry


def _is_path(value: Any) -> bool:
    """False for inline YAML, remote addresses and anything but text."""
    return isinstance(value, str) and bool(value) and "\n" not in value and "://" not in value
