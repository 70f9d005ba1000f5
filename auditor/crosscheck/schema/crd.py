"""Types of custom resources, from CustomResourceDefinitions (`apiextensions.k8s.io/v1`).

Read of each version's `openAPIV3Schema`: structure, `x-kubernetes-list-type` and `-list-map-keys`,
`x-kubernetes-map-type`, `x-kubernetes-int-or-string`, `format`, `default`, and the two patterns by which
controller-gen marks quantities and durations. Nothing is concluded from a field's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.crosscheck.schema import ANY, MISSING, FieldType, struct_type

_QUANTITY_PATTERN = "(([KMGTPE]i)|[numkMGTPE]|"
"""The distinguishing part of the pattern that controller-gen writes for resource.Quantity."""

_DURATION_PATTERNS = frozenset(
    {
        r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$",
        r"^([0-9]+(\.[0-9]+)?(s|m|h))+$",
        r"^([0-9]+(\.[0-9]+)?(m|h))+$",
    }
)
"""The patterns that Flux' definitions use for metav1.Duration."""

_KNOWN_DURATIONS: Mapping[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    # cert-manager's API types these as metav1.Duration; its definitions say only `type: string`.
    ("cert-manager.io", "Certificate"): (("spec", "duration"), ("spec", "renewBefore")),
    ("cert-manager.io", "CertificateRequest"): (("spec", "duration"),),
}

_DEPTH = 64
"""Definitions are hostile input; deeper nesting than this is treated as untyped."""


def custom_types(definitions: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], FieldType]:
    """(group, version, kind) to root type, for CustomResourceDefinition manifests; malformed parts are untyped."""
    found: dict[tuple[str, str, str], FieldType] = {}
    for definition in definitions:
        spec = _mapping(definition.get("spec"))
        group, kind = str(spec.get("group", "")), str(_mapping(spec.get("names")).get("kind", ""))
        for version in spec.get("versions") or ():
            schema = _mapping(_mapping(_mapping(version).get("schema")).get("openAPIV3Schema"))
            found[group, str(_mapping(version).get("name", "")), kind] = _root(group, kind, schema)
    return found


def convertible(definitions: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    """(group, kind) of definitions whose versions differ in nothing but apiVersion (`strategy: None`)."""
    same = set()
    for definition in definitions:
        spec = _mapping(definition.get("spec"))
        if _mapping(spec.get("conversion")).get("strategy", "None") == "None":
            same.add((str(spec.get("group", "")), str(_mapping(spec.get("names")).get("kind", ""))))
    return frozenset(same)


def fallback(group: str, kind: str) -> FieldType:
    """What is known of a custom resource without its definition: metadata, and the known durations."""
    return _root(group, kind, {})


def _root(group: str, kind: str, schema: Mapping[str, Any]) -> FieldType:
    fields = dict(_type(schema, 0).fields)
    for path in _KNOWN_DURATIONS.get((group, kind), ()):
        parent = fields.get(path[0], ANY)
        inner = dict(parent.fields) | {path[1]: FieldType(form="duration")}
        fields[path[0]] = FieldType(form="struct", fields=inner)
    return FieldType(form="struct", fields=fields | {"metadata": struct_type("meta.v1.ObjectMeta")})


def _type(schema: Mapping[str, Any], depth: int) -> FieldType:
    default = schema.get("default", MISSING)
    if depth > _DEPTH:
        return ANY
    if schema.get("x-kubernetes-int-or-string"):
        is_quantity = _QUANTITY_PATTERN in str(schema.get("pattern", ""))
        return FieldType(form="quantity" if is_quantity else "int-or-string", default=default)
    kind = schema.get("type")
    if kind == "array":
        return _list(schema, depth, default)
    if kind == "object" or "properties" in schema:
        return _object(schema, depth, default)
    if kind == "string" and (
        schema.get("format") == "duration" or schema.get("pattern") in _DURATION_PATTERNS
    ):
        return FieldType(form="duration", default=default)
    if kind in {"string", "boolean", "integer", "number"}:
        return FieldType(form=str(kind), default=default)
    return ANY


def _list(schema: Mapping[str, Any], depth: int, default: Any) -> FieldType:
    element = _type(_mapping(schema.get("items")), depth + 1)
    marker = schema.get("x-kubernetes-list-type")
    keys = tuple(str(key) for key in schema.get("x-kubernetes-list-map-keys") or ())
    merge = "keyed" if marker == "map" and keys else "set" if marker == "set" else "atomic"
    return FieldType(form="list", element=element, merge=merge, keys=keys, default=default)


def _object(schema: Mapping[str, Any], depth: int, default: Any) -> FieldType:
    atomic = schema.get("x-kubernetes-map-type") == "atomic"
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        fields = {str(name): _type(_mapping(node), depth + 1) for name, node in properties.items()}
        return FieldType(form="struct", fields=fields, atomic=atomic, default=default)
    values = schema.get("additionalProperties")
    element = _type(values, depth + 1) if isinstance(values, Mapping) else ANY
    return FieldType(form="map", element=element, atomic=atomic, default=default)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
