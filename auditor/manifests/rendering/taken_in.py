"""What a kustomization takes in, as Kustomize reads it, and what of that is refused before Kustomize starts.

Kustomize keeps to the folder for files alone: another folder with a kustomization it takes from anywhere on the disk.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from auditor.errors import RemoteReferenceError, RestrictedReferenceError
from auditor.manifests.fragments import remote_references
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob


def as_kustomize_reads(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The kustomization with the names of its fields as Kustomize takes them: whatever their case, since that is how
    Go reads JSON; of two spellings of one field the last counts."""
    found: dict[str, Any] = {}
    for name in sorted(manifest, key=str):
        known = _FIELDS.get(str(name).casefold(), name)
        found.pop(known, None)
        found[known] = _folded(manifest[name]) if known in _WITH_FILES else manifest[name]
    return found


def leads_out(manifest: Mapping[str, Any], folder: str) -> str:
    """The first of a kustomization's folders, as written, that is not in the tree; '' where there is none. Files need
    no look: Kustomize itself refuses those from outside the folder."""
    for name in TAKES_FOLDERS:
        value = manifest.get(name)
        for entry in value if isinstance(value, list) else (value,):
            # A line feed makes no difference: Kustomize shortens `x/..` before it looks.
            if isinstance(entry, str) and _is_outside(posixpath.normpath(posixpath.join(folder, entry))):
                return entry
    return ""


TAKES_FOLDERS = ("resources", "bases", "components", "generators", "transformers", "validators")
"""The fields of a kustomization that may name a folder, with a kustomization of its own in it."""

_WITH_FILES = frozenset({"patches", "patchesJson6902", "replacements", "openapi"}) | {
    "configMapGenerator",
    "secretGenerator",
    "helmCharts",
    "helmChartInflationGenerator",
}
_FIELDS = {
    name.casefold(): name
    for name in (
        *TAKES_FOLDERS, *_WITH_FILES, "kind", "apiVersion", "patchesStrategicMerge", "configurations", "crds",
        "buildMetadata", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations",
        "images", "replicas", "vars", "generatorOptions", "sortOptions", "helmGlobals", "metadata",
    )
}  # fmt: skip
_IN_ENTRIES = {
    name.casefold(): name
    for name in (
        "path",
        "files",
        "envs",
        "env",
        "valuesFile",
        "values",
        "additionalValuesFiles",
        "valuesFiles",
    )
}


def _folded(value: Any) -> Any:
    """The value of a field that may name files, with the names that lead to them as they are written commonly."""
    if isinstance(value, list):
        return [_folded(entry) for entry in value]
    if not isinstance(value, Mapping):
        return value
    return {_IN_ENTRIES.get(str(name).casefold(), name): value[name] for name in sorted(value, key=str)}


def _is_outside(path: str) -> bool:
    return path == ".." or path.startswith(("../", "/"))


def refuse_leading_out(manifest: Mapping[str, Any], folder: str, where: str) -> None:
    """Raises RestrictedReferenceError where a kustomization takes in a folder that is not in the tree."""
    outside = leads_out(manifest, folder)
    if outside:
        raise RestrictedReferenceError(
            f"{where} takes in {outside[:200]!r}, which leads out of the tree",
            hint="keep what is taken in in the repository",
        )


def refuse_addresses(manifest: Mapping[str, Any], where: str) -> None:
    """Raises RemoteReferenceError where a kustomization takes in something from the network."""
    remote = remote_references(manifest)
    if remote:
        raise RemoteReferenceError(
            f"{where} takes {remote[0]} from the network",
            hint="keep a copy of it in the repository: nothing is fetched while auditing",
        )


def refuse_fetching_plugins(
    manifests: Iterable[Mapping[str, Any]], files: Iterable[str], read: Callable[[str], bytes], where: str
) -> None:
    """Raises RemoteReferenceError where the configuration of one of Kustomize's own plugins names an address, in the
    kustomizations or in the files of a build: it fetches from this machine past any proxy."""
    plugins = [entry for manifest in manifests for name in _PLUGINS for entry in _entries(manifest.get(name))]
    if not plugins:
        return
    contents = [*(entry.encode("utf-8", "replace") for entry in plugins), *map(read, files)]
    for content in contents:
        if b"builtin" not in content:
            continue
        for document in read_blob(content, Limits()).documents:
            value = document.value
            if isinstance(value, Mapping) and value.get("apiVersion") == "builtin":
                address = next((text for text in _texts(value) if _ADDRESS.match(text)), "")
                if address:
                    raise RemoteReferenceError(
                        f"{where} has a plugin take {address[:200]} from the network",
                        hint="keep a copy of it in the repository: nothing is fetched while auditing",
                    )


_PLUGINS = ("generators", "transformers", "validators")
_ADDRESS = re.compile(r"(?:[^\s=]*=)?\s*https?://", re.IGNORECASE)


def _entries(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            if str(name).casefold() != "literals":
                yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
