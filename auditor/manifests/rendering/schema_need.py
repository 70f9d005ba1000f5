"""Whether a Kustomize build can depend on the schema of Kubernetes' own kinds, which takes longer to read than the rest.

Kustomize looks into that schema for one purpose: to merge lists by key in a strategic merge patch, at the root of what
is patched and at every mapping in it that has an `apiVersion` and a `kind` of its own (kyaml's walk; a comment in
JSON may name a part of the schema too). Which kinds have no namespace it knows without (a table in kyaml's openapi).
So a build whose patches can only meet kinds of custom resources gives the same without the schema. What is not known
to be so is built with it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob, split

EMPTY_SCHEMA = (
    '{"swagger": "2.0", "info": {"title": "empty", "version": "1"}, "paths": {}, "definitions": {}}'
)
"""What stands in the place of the built-in schema."""

EMPTY_SCHEMA_NAME = "auditor-empty-schema.json"

_HARMLESS = frozenset(
    {"apiVersion", "kind", "metadata", "resources", "bases", "components", "namespace", "namePrefix", "nameSuffix",
     "labels", "commonLabels", "commonAnnotations", "configMapGenerator", "secretGenerator", "generatorOptions",
     "images", "replicas", "buildMetadata", "sortOptions", "patches"}
)  # fmt: skip
"""The fields of a kustomization that merge nothing, and `patches`, which are looked at one by one."""

_CUSTOM_KINDS = frozenset(
    {
        "HelmRelease",
        "HelmRepository",
        "HelmChart",
        "OCIRepository",
        "GitRepository",
        "ExternalSecret",
        "HTTPRoute",
    }
)
"""Kinds that no API of Kubernetes itself has, for patches whose target gives no group."""

_LARGEST_KEPT = 16_384

_OWN_GROUPS = ("", "apps", "autoscaling", "batch", "extensions", "policy")
"""The API groups of Kubernetes itself; all others of it end in the next one."""
_OWN_SUFFIX = "k8s.io"
_GROUP_PATTERN = re.compile(r"[a-z0-9.-]+")
_JSON_IN_A_COMMENT = re.compile(r"#[^\n]*\{")


def needs_schema(
    kustomizations: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    folders: Collection[str],
    read: Callable[[str], bytes | None],
) -> bool:
    """False where the build gives the same without the built-in schema, and quicker.

    `kustomizations` are all that it reads, each with its folder, `folders` those that have one of their own; `read`
    gives a file of the build, None where there is none. Where nothing is merged the answer is True: then the schema
    is not read anyway.
    """
    merges = False
    for folder, manifest in kustomizations:
        if not _HARMLESS.issuperset(manifest) or _has_own_type(manifest, is_root=True):
            return True
        for patch in _list(manifest.get("patches")):
            kind = _patch(patch, folder, read)
            if kind is None:
                return True
            merges |= kind
        for path in _files(manifest, folder, folders):
            content = read(path)
            if content is None or _documents(content) is None:
                return True
    return not merges


def _patch(patch: Any, folder: str, read: Callable[[str], bytes | None]) -> bool | None:
    """True for a patch that is merged, False for a JSON patch, None for one that may need the schema."""
    if not isinstance(patch, dict) or not {"patch", "path", "target"}.issuperset(patch):
        return None
    inline, path = patch.get("patch"), patch.get("path")
    content: bytes | None = None
    if isinstance(inline, str) and path is None:
        content = inline.encode("utf-8", "surrogatepass")
    elif isinstance(path, str) and inline is None:
        content = read(posixpath.normpath(posixpath.join(folder, path)))
    documents = None if content is None else _documents(content)
    if not documents:
        return None
    if any(isinstance(document, list) for document in documents):
        return False if all(map(_leaves_types, documents)) else None
    if "target" in patch:
        return True if _is_custom_target(patch["target"]) and all(map(_is_custom, documents)) else None
    # Without a target a patch is for the resource of its own type and name.
    return True if all("apiVersion" in entry and _is_custom(entry) for entry in documents) else None


def _is_custom_target(target: Any) -> bool:
    """True where only custom resources can match; the fields are regular expressions, matched as a whole."""
    if not isinstance(target, dict):
        return False
    group, kind = target.get("group"), target.get("kind")
    if group is None or group == "":
        return kind in _CUSTOM_KINDS
    if not isinstance(group, str) or not _GROUP_PATTERN.fullmatch(group) or "." not in group:
        return False
    own = any(re.fullmatch(group, name) for name in _OWN_GROUPS)
    return not own and not re.fullmatch(group[-len(_OWN_SUFFIX) :], _OWN_SUFFIX)


def _is_custom(document: Any) -> bool:
    """True for a patch that says it is of a custom resource, or does not say."""
    return "apiVersion" not in document or not _is_own_type(document["apiVersion"])


def _leaves_types(patch: Any) -> bool:
    """True for a JSON patch that changes no `apiVersion`, and the kind of no resource."""
    for change in _list(patch) or [None]:
        if not isinstance(change, dict):
            return False
        for name in ("path", "from"):
            pointer = change.get(name, "/spec")
            if not isinstance(pointer, str) or "apiVersion" in pointer or "~" in pointer:
                return False
            if pointer.strip("/") in ("", "kind"):
                return False
        if _has_own_type(change.get("value"), is_root=False):
            return False
    return True


def _files(manifest: Mapping[str, Any], folder: str, folders: Collection[str]) -> Iterator[str]:
    """The files that a kustomization takes in as resources."""
    for name in ("resources", "bases", "components"):
        for entry in _list(manifest.get(name)):
            path = posixpath.normpath(posixpath.join(folder, str(entry)))
            if (path if path != "." else "") not in folders:
                yield path


def _documents(content: bytes) -> list[Any] | None:
    """What a file of resources or of a patch holds; None where something in it, below its roots, may have a type of
    Kubernetes' own, or where it cannot be read."""
    return _few_documents(content) if len(content) <= _LARGEST_KEPT else _read_documents(content)


@lru_cache(maxsize=512)
def _few_documents(content: bytes) -> list[Any] | None:
    """As `_documents`; the builds of a tree share patches and components."""
    return _read_documents(content)


def _read_documents(content: bytes) -> list[Any] | None:
    blob = read_blob(content, Limits())
    text = content.decode("utf-8", "replace")
    if blob.problems or _JSON_IN_A_COMMENT.search(text):
        return None
    if not text.startswith("{") and len(blob.documents) < len(split(f"{text}\n")):
        return None  # what cannot be read, and names no type, is left out
    values = [entry.value for entry in blob.documents if entry.value is not None]
    if any(not isinstance(value, dict | list) or not _is_harmless(value) for value in values):
        return None
    return values


def _is_harmless(value: Any) -> bool:
    """True where nothing in it that may be merged has a type of Kubernetes' own, below the root."""
    is_resource = isinstance(value, dict) and isinstance(value.get("kind"), str) and "apiVersion" in value
    if is_resource and _is_own_type(value["apiVersion"]):
        # Nothing is merged into it: patches are for other groups, or for those kinds. What a list holds is resources.
        kind = value["kind"]
        if kind not in _CUSTOM_KINDS and not kind.endswith("List"):
            return True
    return not _has_own_type(value, is_root=True)


def _has_own_type(value: Any, *, is_root: bool) -> bool:
    """True where a mapping in `value` has an `apiVersion` of Kubernetes' own; that of the root counts where it is not
    said to be the root of a resource."""
    pending: list[tuple[Any, bool]] = [(value, is_root)]
    while pending:
        entry, at_root = pending.pop()
        if isinstance(entry, Mapping):
            if not at_root and "apiVersion" in entry and _is_own_type(entry["apiVersion"]):
                return True
            pending.extend((inner, False) for inner in entry.values())
        elif isinstance(entry, list):
            pending.extend((inner, False) for inner in entry)
    return False


def _is_own_type(api_version: Any) -> bool:
    if not isinstance(api_version, str):
        return True
    group = api_version.partition("/")[0] if "/" in api_version else ""
    return group in _OWN_GROUPS or "." not in group or group.endswith(_OWN_SUFFIX)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
