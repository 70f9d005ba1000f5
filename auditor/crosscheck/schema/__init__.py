"""What is known of a field's type: the ground on which two values are called equal.

Built-in kinds come from Kubernetes' own OpenAPI document (`kubernetes.json`, made by `generate.py`, which
names the release). Custom resources come from the CustomResourceDefinitions that the snapshot or git holds.
What neither knows is `ANY`: maps are compared key by key, lists as a whole, values as they are written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from auditor.model import ResourceId

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "<missing>", "__bool__": lambda _: False})()
"""No value at all; None is a value (`null`)."""

_LETTERS = {
    "s": "string",
    "b": "boolean",
    "i": "integer",
    "n": "number",
    "q": "quantity",
    "d": "duration",
    "p": "int-or-string",
    "t": "time",
    "*": "any",
}
_LISTS = {"L": "keyed", "S": "set", "A": "atomic", "P": "position", "B": "bag"}

_OVERRIDES: Mapping[tuple[str, str], str] = {
    # The API server fills apiVersion, kind, status and volumeMode into each template, and the list is atomic
    # only because it cannot be changed: what git declares of each is compared, element by element.
    ("apps.v1.StatefulSetSpec", "volumeClaimTemplates"): "P",
    # The HPA API stores v2 metrics through v1 annotations in some versions and gives them back re-ordered.
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "metrics"): "B",
}


@dataclass(frozen=True, slots=True)
class FieldType:
    """The type of one field.

    `form` is 'struct', 'map', 'list', 'any' or a scalar's: 'string', 'boolean', 'integer', 'number',
    'quantity', 'duration', 'int-or-string', 'time'. `merge` says how a list's elements are told apart:
    'keyed' (by `keys`), 'set', 'position', 'bag' (any order) or 'atomic'. An `atomic` struct or map is owned and
    compared as a whole. `zero_dropped`: the API server leaves false and 0 out, so they equal absence.
    """

    form: str
    name: str = ""
    element: FieldType | None = None
    keys: tuple[str, ...] = ()
    merge: str = ""
    atomic: bool = False
    zero_dropped: bool = False
    default: Any = MISSING
    fields: Mapping[str, FieldType] = field(default_factory=dict, compare=False, hash=False, repr=False)

    def child(self, name: str) -> FieldType:
        """The type of the field `name` of a struct, or of a map's values; ANY where it is not known."""
        if self.form == "struct":
            known = _fields(self.name) if self.name and not self.fields else self.fields
            return known.get(name, ANY)
        if self.form == "map" and self.element is not None:
            return self.element
        return ANY

    def item(self) -> FieldType:
        """The type of a list's elements; ANY where it is not known."""
        return self.element if self.form == "list" and self.element is not None else ANY


ANY = FieldType(form="any", merge="atomic")


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__name__).joinpath("kubernetes.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


@cache
def _fields(struct: str) -> Mapping[str, FieldType]:
    encoded = _table()["types"].get(struct, {})
    return {
        name: _decode(kind, _OVERRIDES.get((struct, name), ""))
        for name, kind in encoded.items()
        if name != "!"
    }


def _decode(kind: Any, override: str = "") -> FieldType:
    if isinstance(kind, list):
        letter, element = override or kind[0], _decode(kind[1])
        if letter in _LISTS:
            keys = tuple(kind[2]) if len(kind) > 2 else ()
            return FieldType(form="list", element=element, merge=_LISTS[letter], keys=keys)
        return FieldType(form="map", element=element, atomic=letter == "N")
    if kind.startswith("@"):
        return struct_type(kind[1:])
    if kind == "*":
        return ANY
    return FieldType(form=_LETTERS[kind[0]], zero_dropped=kind.endswith("z"))


@cache
def struct_type(name: str) -> FieldType:
    """The built-in struct `name` ('core.v1.PodSpec'); ANY where this release does not have it."""
    encoded = _table()["types"].get(name)
    if encoded is None:
        return ANY
    return FieldType(form="struct", name=name, atomic=bool(encoded.get("!")))


CUSTOM_RESOURCE = FieldType(form="struct", fields={"metadata": struct_type("meta.v1.ObjectMeta")})
"""A custom resource whose definition nobody recorded."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """Root types by kind: the built-in ones and those that recorded definitions add."""

    custom: Mapping[tuple[str, str, str], FieldType] = field(default_factory=dict)

    def of(self, resource: ResourceId, api_version: str) -> FieldType:
        """The type of a whole object; CUSTOM_RESOURCE where nothing is known but its metadata."""
        version = api_version.rpartition("/")[2]
        built_in = _table()["kinds"].get(f"{resource.group}/{version}/{resource.kind}")
        if built_in is not None:
            return struct_type(built_in)
        return self.custom.get((resource.group, version, resource.kind), CUSTOM_RESOURCE)
