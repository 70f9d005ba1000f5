"""JSON Schemas out of CustomResourceDefinitions (`apiextensions.k8s.io/v1`).

A structural OpenAPI v3 schema is turned into draft 2020-12 such that it fits exactly what the API server takes: unknown
fields (which it prunes, or refuses under strict field validation) do not fit; a null of a field that is not nullable is
dropped; a missing field that has a default is not missing.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/

Definitions are hostile input: depth, size and alternatives are bounded, and what lies beyond a bound is not judged and
said not to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.model import JsonObject
from auditor.policy.schemas.formats import FORMATS
from auditor.policy.schemas.served import Gvk, is_kubernetes_group

MAP_KEYS = "x-auditor-map-keys"
"""The keyword that a converted list of type map carries: {"keys": […], "defaults": {key: value}}."""

MAX_DEPTH = 90
MAX_NODES = 100_000
MAX_ALTERNATIVES = 5_000
"""Bounds on one version's schema. kube-prometheus' largest has 9,000 nodes and 400 alternatives."""

_API_VERSION = "apiextensions.k8s.io/v1"
_KIND = "CustomResourceDefinition"
_JUNCTORS = ("allOf", "anyOf", "oneOf")
_PLAIN_FIELDS = (
    "enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties", "multipleOf",
)  # fmt: skip
_INT32 = 2**31
_NULL = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a custom resource as a definition has it. `schema` is the OpenAPI schema, None for none."""

    served: bool
    schema: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Converted:
    """A JSON Schema, and pointers of the fields that it does not judge although the definition would."""

    schema: dict[str, Any]
    unjudged: tuple[str, ...]


def is_definition(manifest: Mapping[str, Any]) -> bool:
    """True for a manifest of a CustomResourceDefinition that today's API servers take."""
    return manifest.get("apiVersion") == _API_VERSION and manifest.get("kind") == _KIND


def counts(manifest: Mapping[str, Any]) -> bool:
    """True for a definition that an API server takes: in Kubernetes' own groups only what says that it is approved.

    https://github.com/kubernetes/enhancements/pull/1111
    """
    if not is_definition(manifest):
        return False
    group = _mapping(manifest.get("spec")).get("group")
    annotations = _mapping(_mapping(manifest.get("metadata")).get("annotations"))
    is_free = isinstance(group, str) and not is_kubernetes_group(group)
    return is_free or "api-approved.kubernetes.io" in annotations


def definitions(crds: Iterable[JsonObject]) -> dict[Gvk, list[Definition]]:
    """Every version of every definition. What is no definition gives nothing, nor does one of Kubernetes' own kinds."""
    found: dict[Gvk, list[Definition]] = {}
    for crd in crds:
        if not counts(crd):
            continue
        spec = _mapping(crd.get("spec"))
        group, kind = spec.get("group"), _mapping(spec.get("names")).get("kind")
        if not isinstance(group, str) or not isinstance(kind, str):
            continue
        for gvk, definition in _versions(group, kind, spec.get("versions")):
            found.setdefault(gvk, []).append(definition)
    return found


def _versions(group: str, kind: str, versions: Any) -> Iterator[tuple[Gvk, Definition]]:
    for version in versions if isinstance(versions, list) else ():
        version = _mapping(version)
        if isinstance(version.get("name"), str):
            schema = _mapping(version.get("schema")).get("openAPIV3Schema")
            served = version.get("served") is not False
            yield (
                (group, version["name"], kind),
                Definition(served, schema if isinstance(schema, Mapping) else None),
            )


def convert(source: Mapping[str, Any], *, strict: bool = True, metadata: Any = None) -> Converted:
    """A version's schema as JSON Schema. `metadata` is the schema of ObjectMeta; anything goes there by default."""
    conversion = _Conversion(strict)
    schema = conversion.root(source, metadata if metadata is not None else {"type": "object"})
    return Converted(schema, tuple(conversion.unjudged))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands. `inside` is True in anyOf and the like, which add checks and specify no field.

    `dropped` is True where the API server drops a null; `kept` where unknown fields stay by a list above it.
    """

    pointer: str
    depth: int
    inside: bool = False
    dropped: bool = False
    kept: bool = False
    defaulted: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Conversion:
    strict: bool
    unjudged: list[str] = field(default_factory=list)
    nodes: int = 0
    alternatives: int = 0

    def root(self, source: Mapping[str, Any], metadata: Any) -> dict[str, Any]:
        given = dict(_mapping(source.get("properties")))
        own = given.pop("metadata", None)
        schema = self.node({**source, "properties": given}, _Place("", 0))
        schema.setdefault("properties", {}).update(_object_meta(metadata))
        if isinstance(own, Mapping):  # it may restrict name and generateName, and nothing else
            restricted = self.node(own, _Place("metadata", 1, inside=True))
            schema["properties"]["metadata"] = {"allOf": [metadata, restricted]}
        return schema

    def node(self, source: Mapping[str, Any], place: _Place) -> dict[str, Any]:
        self.nodes += 1
        if place.depth > MAX_DEPTH or self.nodes > MAX_NODES:
            if place.pointer not in self.unjudged[-1:]:
                self.unjudged.append(place.pointer)
            return {}
        target: dict[str, Any] = {name: source[name] for name in _PLAIN_FIELDS if name in source}
        _format(source, target)
        _bounds(source, target)
        self._object(source, target, place)
        self._list(source, target, place)
        self._junctors(source, target, place)
        return _nullable(source, target, place)

    def _object(self, source: Mapping[str, Any], target: dict[str, Any], place: _Place) -> None:
        properties = source.get("properties")
        fields = properties if isinstance(properties, Mapping) else {}
        defaulted = place.defaulted | {name for name, sub in fields.items() if "default" in _mapping(sub)}
        required = [name for name in _names(source.get("required")) if name not in defaulted]
        if required or (place.inside and "required" in source):
            target["required"] = required
        if isinstance(properties, Mapping):
            target["properties"] = {
                str(name): self.node(
                    _mapping(sub),
                    _Place(
                        f"{place.pointer}.{name}".lstrip("."),
                        place.depth + 1,
                        inside=place.inside,
                        dropped=place.inside or name not in required,
                    ),
                )
                for name, sub in fields.items()
            }
        additional = source.get("additionalProperties")
        if isinstance(additional, Mapping):
            below = _Place(f"{place.pointer}[*]", place.depth + 1, inside=place.inside, dropped=True)
            target["additionalProperties"] = self.node(additional, below)
        elif additional is None and self._prunes(source, place):
            target["additionalProperties"] = False
        if source.get("x-kubernetes-embedded-resource") is True and not place.inside:
            target.setdefault("properties", {}).update(_object_meta({"type": "object"}))
            target["required"] = sorted({*required, "apiVersion", "kind"})

    def _prunes(self, source: Mapping[str, Any], place: _Place) -> bool:
        """True where the API server drops fields that are not listed."""
        keeps = place.kept or source.get("x-kubernetes-preserve-unknown-fields") is True
        is_object = source.get("type") == "object" or "properties" in source
        return self.strict and is_object and not place.inside and not keeps

    def _list(self, source: Mapping[str, Any], target: dict[str, Any], place: _Place) -> None:
        items = source.get("items")
        keeps = place.kept or source.get("x-kubernetes-preserve-unknown-fields") is True
        if isinstance(items, Mapping):
            below = _Place(f"{place.pointer}[*]", place.depth + 1, inside=place.inside, kept=keeps)
            target["items"] = self.node(items, below)
        merge = source.get("x-kubernetes-list-type")
        keys = _names(source.get("x-kubernetes-list-map-keys"))
        if merge == "set":
            target["uniqueItems"] = True
        elif merge == "map" and keys:
            fields = _mapping(_mapping(items).get("properties"))
            defaults = {key: _mapping(fields.get(key)).get("default") for key in keys}
            target[MAP_KEYS] = {"keys": keys, "defaults": defaults}

    def _junctors(self, source: Mapping[str, Any], target: dict[str, Any], place: _Place) -> None:
        fields = _mapping(source.get("properties"))
        defaulted = place.defaulted | {name for name, sub in fields.items() if "default" in _mapping(sub)}
        below = _Place(place.pointer, place.depth + 1, inside=True, defaulted=defaulted)
        for name in _JUNCTORS:
            given = source.get(name)
            if isinstance(given, list) and given:
                self.alternatives += len(given)
                if self.alternatives > MAX_ALTERNATIVES:
                    self.unjudged.append(place.pointer)
                    return
                target[name] = [self.node(_mapping(sub), below) for sub in given]
        if isinstance(source.get("not"), Mapping):
            target["not"] = self.node(source["not"], below)


def _object_meta(metadata: Any) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    return {"apiVersion": text, "kind": text, "metadata": metadata}


def _nullable(source: Mapping[str, Any], target: dict[str, Any], place: _Place) -> dict[str, Any]:
    """Sets the type, and lets null in where the definition takes or the API server drops it."""
    takes_null = source.get("nullable") is True or place.dropped
    if source.get("x-kubernetes-int-or-string") is True:
        types = ["integer", "string"]
    elif isinstance(source.get("type"), str):
        types = [source["type"]]
    else:
        types = []
    if types:
        target["type"] = [*types, "null"] if takes_null else types
    if not takes_null:
        return target
    if isinstance(target.get("enum"), list):
        target["enum"] = [*target["enum"], None]
    if any(name in target for name in (*_JUNCTORS, "not")):
        return {"anyOf": [_NULL, target]}
    return target


def _format(source: Mapping[str, Any], target: dict[str, Any]) -> None:
    if source.get("type") == "integer" and source.get("format") == "int32":
        target["minimum"], target["maximum"] = -_INT32, _INT32 - 1
    elif source.get("format") in FORMATS:
        target["format"] = source["format"]


def _bounds(source: Mapping[str, Any], target: dict[str, Any]) -> None:
    # OpenAPI 3.0 has a boolean beside the bound where JSON Schema has another keyword.
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        value = source.get(bound)
        if isinstance(value, int | float) and not isinstance(value, bool):
            target[exclusive if source.get(exclusive) is True else bound] = value


def _names(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
