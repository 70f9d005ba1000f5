"""JSON Schemas out of CustomResourceDefinitions: structural OpenAPI v3 schemas, turned into draft 2020-12.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.model import JsonObject

Gvk = tuple[str, str, str]
"""(group, version, kind)."""

_OBJECT_FIELDS = ("properties", "patternProperties")
_LIST_FIELDS = ("allOf", "anyOf", "oneOf")
_PLAIN_FIELDS = (
    "enum",
    "required",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "multipleOf",
)


def schemas_of_crds(crds: Iterable[JsonObject]) -> dict[Gvk, dict[str, Any]]:
    """One schema a served version; a definition that is not well-formed gives none for that version."""
    found: dict[Gvk, dict[str, Any]] = {}
    for crd in crds:
        spec = crd.get("spec")
        if not isinstance(spec, Mapping):
            continue
        names = spec.get("names")
        kind = names.get("kind") if isinstance(names, Mapping) else None
        for version in spec.get("versions") or ():
            schema = _version_schema(version)
            if schema is not None and isinstance(kind, str):
                found[(str(spec.get("group")), str(version.get("name")), kind)] = schema
    return found


def _version_schema(version: Any) -> dict[str, Any] | None:
    if not isinstance(version, Mapping) or not isinstance(version.get("schema"), Mapping):
        return None
    source = version["schema"].get("openAPIV3Schema")
    if not isinstance(source, Mapping):
        return None
    schema = convert(source)
    properties = schema.setdefault("properties", {})
    properties.update(
        {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    )
    return schema


def convert(source: Mapping[str, Any], *, inside_junctor: bool = False) -> dict[str, Any]:
    """A structural schema as JSON Schema.

    Unknown fields are refused where the definition lists the fields (the API server would drop them in
    silence), except inside anyOf/oneOf/allOf/not, which only add value checks.
    """
    if source.get("x-kubernetes-embedded-resource") and not source.get("properties"):
        return {"type": "object"}
    target: dict[str, Any] = {name: source[name] for name in _PLAIN_FIELDS if name in source}
    _type(source, target)
    _bounds(source, target)
    for name in _OBJECT_FIELDS:
        if isinstance(source.get(name), Mapping):
            target[name] = {key: _sub(value, inside_junctor) for key, value in source[name].items()}
    for name in _LIST_FIELDS:
        if isinstance(source.get(name), list):
            target[name] = [_sub(value, True) for value in source[name]]
    if isinstance(source.get("not"), Mapping):
        target["not"] = _sub(source["not"], True)
    if isinstance(source.get("items"), Mapping):
        target["items"] = _sub(source["items"], inside_junctor)
    _additional(source, target, inside_junctor)
    return target


def _sub(value: Any, inside_junctor: bool) -> dict[str, Any]:
    return convert(value, inside_junctor=inside_junctor) if isinstance(value, Mapping) else {}


def _type(source: Mapping[str, Any], target: dict[str, Any]) -> None:
    if source.get("x-kubernetes-int-or-string"):
        types = ["integer", "string"]
    elif isinstance(source.get("type"), str):
        types = [source["type"]]
    else:
        return
    if source.get("nullable"):
        types.append("null")
        if "enum" in target:
            target["enum"] = [*target["enum"], None]
    target["type"] = types


def _bounds(source: Mapping[str, Any], target: dict[str, Any]) -> None:
    # OpenAPI 3.0 has a boolean beside the bound where JSON Schema has another keyword.
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if bound in source:
            target[exclusive if source.get(exclusive) is True else bound] = source[bound]


def _additional(source: Mapping[str, Any], target: dict[str, Any], inside_junctor: bool) -> None:
    additional = source.get("additionalProperties")
    if isinstance(additional, Mapping):
        target["additionalProperties"] = _sub(additional, inside_junctor)
    elif (
        additional is None
        and not inside_junctor
        and "properties" in target
        and not source.get("x-kubernetes-preserve-unknown-fields")
    ):
        target["additionalProperties"] = False
