"""What lies between two versions of a manifest, field by field.

A manifest is a set of leaves, each at a pointer by list key (see `pointers`). A leaf is a scalar, an empty
mapping, an empty list, or a list of nothing but scalars (`args`, `finalizers`), which is one value. Two versions
differ where a pointer's leaf differs: an entry of a list that only moved is no difference.

Manifests come in redacted, so the value of a secret is its keyed digest here too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from auditor.manifests.pointers import ListKey, Step, format_pointer

VALUE_LIMIT = 8192
"""Characters of JSON text that are kept of a value; of a longer one its SHA-256 and length are."""

_CONTAINERS = (dict, list)


class FieldDiff(NamedTuple):
    """One field that differs: JSON texts (compact, keys sorted), None where the field is not there."""

    pointer: str
    old_value: str | None
    new_value: str | None


def field_diff(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[FieldDiff]:
    """The differences between two versions, sorted by pointer. None is a version that does not exist."""
    found: list[FieldDiff] = []
    if old is None or new is None:
        for pointer, leaf in _leaves("", old if old is not None else new):
            text = value_text(leaf)
            found.append(FieldDiff(pointer, text if new is None else None, None if new is None else text))
    else:
        _compare("", old, new, found)
    found.sort()
    return found


def leaves(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Every leaf of a manifest by pointer, as JSON text."""
    return {pointer: value_text(leaf) for pointer, leaf in _leaves("", manifest)}


def value_text(value: Any) -> str:
    """A value as JSON text; one over the limit as the JSON text of its SHA-256 and its length."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if len(text) <= VALUE_LIMIT:
        return text
    known = {"characters": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    return orjson.dumps(known, option=orjson.OPT_SORT_KEYS).decode()


def _compare(pointer: str, old: Any, new: Any, found: list[FieldDiff]) -> None:
    """Adds the differences at and under a pointer."""
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        _compare_entries(pointer, old, new, found, _field)
        return
    if isinstance(old, list) and isinstance(new, list):
        old_names, new_names = _entries(old), _entries(new)
        if old_names is not None and new_names is not None:
            _compare_entries(pointer, old_names, new_names, found, _entry)
            return
    if not isinstance(old, _CONTAINERS) and not isinstance(new, _CONTAINERS):
        found.append(FieldDiff(pointer, value_text(old), value_text(new)))
        return
    before = dict(_leaves(pointer, old))
    after = dict(_leaves(pointer, new))
    for at in before.keys() | after.keys():
        old_text = value_text(before[at]) if at in before else None
        new_text = value_text(after[at]) if at in after else None
        if old_text != new_text:
            found.append(FieldDiff(at, old_text, new_text))


def _compare_entries(
    pointer: str,
    old: Mapping[Any, Any],
    new: Mapping[Any, Any],
    found: list[FieldDiff],
    step: Callable[[str, Any], str],
) -> None:
    for key, value in old.items():
        if key in new:
            other = new[key]
            if not _same(value, other):
                _compare(step(pointer, key), value, other, found)
        else:
            found.extend(
                FieldDiff(at, value_text(leaf), None) for at, leaf in _leaves(step(pointer, key), value)
            )
    for key, value in new.items():
        if key not in old:
            found.extend(
                FieldDiff(at, None, value_text(leaf)) for at, leaf in _leaves(step(pointer, key), value)
            )


def _same(old: Any, new: Any) -> bool:
    """Equal as JSON: to Python, 1 and True are equal."""
    if old is new:
        return True
    if old != new:
        return False
    if isinstance(old, str):
        return True
    return orjson.dumps(old, option=orjson.OPT_SORT_KEYS) == orjson.dumps(new, option=orjson.OPT_SORT_KEYS)


def _leaves(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _leaves(_field(pointer, key), child)
    elif isinstance(value, list) and (entries := _entries(value)) is not None:
        for key, child in entries.items():
            yield from _leaves(_entry(pointer, key), child)
    else:
        yield pointer, value


def _entries(value: list[Any]) -> dict[str | int, Any] | None:
    """The entries by name or else by index; None where the list is one value."""
    if not any(isinstance(entry, _CONTAINERS) for entry in value):
        return None
    named: dict[str | int, Any] = {}
    for entry in value:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            return dict(enumerate(value))
        named[name] = entry
    return named if len(named) == len(value) else dict(enumerate(value))


_STEPS: dict[str, str] = {}
_ENTRIES: dict[str | int, str] = {}
_KEPT = 20_000
"""Texts of steps that are kept: the same names come millions of times."""


def _field(pointer: str, name: str) -> str:
    text = _STEPS.get(name)
    if text is None:
        text = _step(name)
        if len(_STEPS) < _KEPT:
            _STEPS[name] = text
    if text[0] == "[":
        return pointer + text
    return f"{pointer}.{text}" if pointer else text


def _entry(pointer: str, key: str | int) -> str:
    text = _ENTRIES.get(key)
    if text is None:
        text = _step(ListKey((("name", key),)) if isinstance(key, str) else key)
        if len(_ENTRIES) < _KEPT:
            _ENTRIES[key] = text
    return pointer + text


def _step(step: Step) -> str:
    return format_pointer((step,))
