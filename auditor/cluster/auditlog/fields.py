"""Reduces a request's body to the fields that it sets: their names, and keyed digests instead of their values.

A body is a whole object (create, update, server-side apply), a JSON patch (a list), or a merge patch, strategic or
not. The audit log does not say which of them a patch is, so each is recognised by its form. Elements of lists are
named by the key fields that Kubernetes' own types use; a list whose elements have none is one value.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from auditor.model import ElementKey, FieldPath, WrittenField
from auditor.model.audit_log import json_text, value_digest

MAX_FIELDS = 5_000
"""More fields than this in one body are not kept apart: it then counts as not known which it sets."""

_DEPTH = 64
_KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "containers": (("name",),),
    "initContainers": (("name",),),
    "ephemeralContainers": (("name",),),
    "env": (("name",),),
    "volumes": (("name",),),
    "imagePullSecrets": (("name",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol")),
    "volumeMounts": (("mountPath",),),
    "volumeDevices": (("devicePath",),),
    "hostAliases": (("ip",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "ownerReferences": (("uid",),),
    "webhooks": (("name",),),
}
"""Lists whose elements have a key, by the list's name. Source: the Kubernetes API's list-map and merge keys."""

_KEY_DEFAULTS: Mapping[str, Any] = {"protocol": "TCP"}
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_METADATA = frozenset({"labels", "annotations", "finalizers", "ownerReferences"})
_MAPS = frozenset({"data", "binaryData", "stringData", "labels", "annotations"})
"""Where a number is a name and no position."""

_END = -1
"""The position behind a list's last element, `-` in a JSON pointer."""

_NOT_FIELDS = frozenset({"apiVersion", "kind", "status"})


class TooManyFieldsError(ValueError):
    """The body sets more fields, or nests them deeper, than is kept."""


def written_fields(body: Any, *, is_secret: bool, digest: Callable[[str], str]) -> tuple[WrittenField, ...]:
    """The fields that the body sets, in its order, without their values.

    Raises ValueError where it is neither an object nor a list of JSON patch operations, TooManyFieldsError.
    """
    fields: list[WrittenField] = []
    for path, value in _json_patch(body) if isinstance(body, list) else _object(body):
        if len(fields) >= MAX_FIELDS:
            raise TooManyFieldsError(f"more than {MAX_FIELDS:,} fields")
        fields.append(_field(path, value, is_secret, digest))
    return tuple(fields)


class _Removed:
    """Stands for a field that a patch takes away."""


_REMOVED = _Removed()
_Leaf = tuple[FieldPath, Any]


def _object(body: Any) -> Iterator[_Leaf]:
    if not isinstance(body, Mapping):
        raise ValueError(f"{type(body).__name__} where an object should be")
    for name, value in body.items():
        if name == "metadata" and isinstance(value, Mapping):
            for field, inner in value.items():
                if field.rpartition("/")[2] in _METADATA:
                    yield from _member(("metadata",), field, inner)
        elif name not in _NOT_FIELDS:
            yield from _member((), name, value)


def _member(prefix: FieldPath, name: str, value: Any) -> Iterator[_Leaf]:
    """One entry of a mapping; directives of strategic merge patches are no fields."""
    if name.startswith("$deleteFromPrimitiveList/"):
        yield (*prefix, name.partition("/")[2]), _REMOVED
    elif name == "$patch":
        if value == "delete":
            yield prefix, _REMOVED
    elif not name.startswith(("$setElementOrder/", "$retainKeys")) and name != _LAST_APPLIED:
        yield from _value((*prefix, name), value)


def _value(path: FieldPath, value: Any) -> Iterator[_Leaf]:
    if len(path) > _DEPTH:
        raise TooManyFieldsError(f"more than {_DEPTH} levels")
    if value is None:
        yield path, _REMOVED
    elif isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _member(path, name, inner)
    elif isinstance(value, list) and (keys := _keys_of(path, value)):
        for key, element in zip(keys, value, strict=True):
            yield from _element((*path, key), element, dict(key))
    else:
        yield path, value


def _element(path: FieldPath, element: Mapping[str, Any], key: Mapping[str, Any]) -> Iterator[_Leaf]:
    """An element of a keyed list; its key says which it is and is set only where nothing else is."""
    if element.get("$patch") == "delete":
        yield path, _REMOVED
        return
    more = element.keys() - key.keys()
    for name, inner in element.items():
        if name != "$patch" and not (more and name in key):
            yield from _member(path, name, inner)


def _keys_of(path: FieldPath, elements: list[Any]) -> list[ElementKey]:
    """A key for every element of the list; [] where it is one value."""
    name = path[-1]
    for names in _KEYS.get(name, ()) if isinstance(name, str) else ():
        keys = [_key(element, names) for element in elements]
        if keys and len(set(keys)) == len(keys) and () not in keys:
            return keys
    return []


def _key(element: Any, names: tuple[str, ...]) -> ElementKey:
    if not isinstance(element, Mapping):
        return ()
    pairs = tuple((name, element.get(name, _KEY_DEFAULTS.get(name))) for name in sorted(names))
    return pairs if all(isinstance(value, str | int) for _, value in pairs) else ()


def _json_patch(operations: list[Any]) -> Iterator[_Leaf]:
    """RFC 6902; `test` changes nothing, `move` takes away what it copies."""
    for operation in operations:
        if not isinstance(operation, Mapping) or not isinstance(operation.get("path"), str):
            raise ValueError("a list that is no JSON patch")
        what, path = operation.get("op"), _steps(operation["path"])
        if path[:1] == ("metadata",) and len(path) > 1 and path[1] not in _METADATA:
            continue
        if what == "move" and isinstance(operation.get("from"), str):
            yield _steps(operation["from"]), _REMOVED
        if path[:1] == ("status",) or what == "test":
            continue
        if what == "remove":
            yield path, _REMOVED
        elif what in ("add", "replace"):
            value = operation.get("value")
            yield from _value(path, value) if path else _object(value)
        elif what in ("copy", "move"):
            yield path, {"copied from": operation.get("from")}


def _steps(text: str) -> FieldPath:
    """A JSON pointer (RFC 6901); a number is taken for a position, as no field of Kubernetes is called so."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]
    if len(tokens) > _DEPTH:
        raise TooManyFieldsError(f"more than {_DEPTH} levels")
    if _MAPS.intersection((*tokens[:1], *tokens[-2:-1])):
        return tuple(tokens)
    return tuple(_step(step) for step in tokens)


def _step(text: str) -> str | int:
    if text == "-":
        return _END
    return int(text) if _is_position(text) else text


def _is_position(token: str) -> bool:
    return token.isascii() and token.isdecimal() and len(token) < 10


def _field(path: FieldPath, value: Any, is_secret: bool, digest: Callable[[str], str]) -> WrittenField:
    if is_secret and path[:1] == ("stringData",):
        path = ("data", *path[1:])
    elif is_secret and path[:1] == ("data",) and isinstance(value, str):
        value = _plain(value)
    if value is _REMOVED:
        return WrittenField(path=path, digest="", removed=True)
    shown = json_text(value) if isinstance(value, bool | int | float) and not is_secret else ""
    return WrittenField(path=path, digest=value_digest(value, digest), shown=shown)


def _plain(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text
