"""Paths into an object by list key, their text, and how a list's elements are told apart.

A path is a tuple of steps: a field's name (str), a position (int), a `ListKey` or a `SetValue`, the same
four that Kubernetes' FieldsV1 knows (`f:`, `i:`, `k:`, `v:`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.crosscheck.schema import MISSING, FieldType


@dataclass(frozen=True, slots=True)
class ListKey:
    """An element of a keyed list: its key fields and their values, sorted by field."""

    pairs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SetValue:
    """An element of a set, which is its own key; `text` is the element as JSON."""

    text: str


Step = str | int | ListKey | SetValue
Path = tuple[Step, ...]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
KEY_DEFAULTS: Mapping[str, Any] = {"protocol": "TCP"}
"""A key field that may be left out, and what it then is (container and Service ports)."""


def pointer(path: Path) -> str:
    """The path as text: `spec.template.spec.containers[name=web].image`, `metadata.labels["a.b/c"]`."""
    text = ""
    for step in path:
        if isinstance(step, str):
            plain = _PLAIN.fullmatch(step)
            text += (f".{step}" if text else step) if plain else f"[{json.dumps(step, ensure_ascii=False)}]"
        elif isinstance(step, ListKey):
            text += "[" + ",".join(f"{name}={_plain(value)}" for name, value in step.pairs) + "]"
        elif isinstance(step, SetValue):
            text += f"[={step.text}]"
        else:
            text += f"[{step}]"
    return text


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if re.search(r"[\[\],=\"\s]", value) else value
    return json.dumps(value)


def list_key(element: Any, keys: Sequence[str]) -> ListKey | None:
    """The element's key; None where it is no mapping or lacks a key field that has no default."""
    if not isinstance(element, Mapping):
        return None
    pairs = []
    for name in sorted(keys):
        value = element.get(name, KEY_DEFAULTS.get(name, MISSING))
        if value is MISSING or isinstance(value, Mapping | list):
            return None
        pairs.append((name, value))
    return ListKey(tuple(pairs))


def keyed(elements: Sequence[Any], keys: Sequence[str]) -> dict[ListKey, Any] | None:
    """Elements by key, in order; None where a key is missing or occurs twice, so that only position is left."""
    found: dict[ListKey, Any] = {}
    for element in elements:
        key = list_key(element, keys)
        if key is None or key in found:
            return None
        found[key] = element
    return found


def set_value(element: Any) -> SetValue:
    """The element of a set as its own key."""
    return SetValue(json.dumps(element, sort_keys=True, ensure_ascii=False))


def resolve(value: Any, path: Path) -> Any:
    """The value at the path; MISSING where there is none. Works without types, as FieldsV1 does."""
    for step in path:
        value = _enter(value, step)
        if value is MISSING:
            return MISSING
    return value


def _enter(value: Any, step: Step) -> Any:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    if not isinstance(value, list):
        return MISSING
    if isinstance(step, int):
        return value[step] if 0 <= step < len(value) else MISSING
    if isinstance(step, SetValue):
        return next((element for element in value if set_value(element) == step), MISSING)
    names = [name for name, _ in step.pairs]
    return next((element for element in value if list_key(element, names) == step), MISSING)


def type_at(kind: FieldType, path: Path) -> FieldType:
    """The type of the value at the path."""
    for step in path:
        kind = kind.child(step) if isinstance(step, str) else kind.item()
    return kind


def starts_with(path: Path, prefix: Path) -> bool:
    """True where `path` is `prefix` or lies beneath it."""
    return path[: len(prefix)] == prefix
