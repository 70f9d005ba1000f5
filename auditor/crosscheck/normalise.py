"""Brings an object, declared or live, into the form in which the two can be compared.

Only what Kubernetes itself treats as saying nothing goes: `status`, server-side metadata, the last-applied
annotation, nulls. Values stay as they are written; `compare` knows by type when two spellings are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.crosscheck.listkeys import KEY_DEFAULTS
from auditor.crosscheck.schema import FieldType
from auditor.crosscheck.schema.defaults import DEFAULTS

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_METADATA = ("labels", "annotations", "finalizers", "ownerReferences")


def normalise(manifest: Mapping[str, Any], kind: FieldType) -> dict[str, Any]:
    """A copy of `manifest` reduced to what is compared; normalising twice changes nothing more.

    `apiVersion` and `kind` go too: they are the resource's identity, which is matched beforehand.
    A Secret's `stringData` is merged over its `data`, as the API server does it.
    """
    body = {
        name: value
        for name, value in manifest.items()
        if name not in {"apiVersion", "kind", "status", "metadata"}
    }
    if kind.name == "core.v1.Secret":
        body = _secret(body)
    result: dict[str, Any] = {}
    metadata = _metadata(manifest.get("metadata"))
    if metadata:
        result["metadata"] = metadata
    for name, value in body.items():
        if value is not None:
            result[name] = _value(value, kind.child(name))
    return result


def _metadata(metadata: Any) -> dict[str, Any]:
    if not isinstance(metadata, Mapping):
        return {}
    kept = {name: metadata[name] for name in _METADATA if metadata.get(name)}
    annotations = kept.get("annotations")
    if isinstance(annotations, Mapping):
        kept["annotations"] = {name: text for name, text in annotations.items() if name != LAST_APPLIED}
        if not kept["annotations"]:
            del kept["annotations"]
    return {name: _value(value, FieldType(form="any")) for name, value in kept.items()}


def _secret(body: dict[str, Any]) -> dict[str, Any]:
    plain, encoded = body.pop("stringData", None), body.get("data")
    if isinstance(plain, Mapping) and plain:
        body["data"] = {**(encoded if isinstance(encoded, Mapping) else {}), **plain}
    return body


def _value(value: Any, kind: FieldType) -> Any:
    if isinstance(value, Mapping):
        skip_time = kind.name == "meta.v1.ObjectMeta"
        return {
            name: _value(inner, kind.child(name))
            for name, inner in value.items()
            if inner is not None and not (skip_time and name == "creationTimestamp")
        }
    if isinstance(value, list | tuple):
        return [_element(element, kind) for element in value]
    return value


def _element(element: Any, kind: FieldType) -> Any:
    """A list's element, with key fields that may be left out filled in, for both sides to have the same key."""
    result = _value(element, kind.item())
    if isinstance(result, dict):
        for name in kind.keys:
            if name not in result and (kind.item().name, name) in DEFAULTS:
                result[name] = KEY_DEFAULTS[name]
    return result
