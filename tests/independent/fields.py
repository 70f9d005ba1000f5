"""A manifest as a flat table: pointer to JSON text. Written from the grammar of pointers alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any


def json_text(value: Any) -> str:
    """Compact JSON, keys sorted, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """(pointer, value) of every scalar, empty mapping, and list that holds neither mappings nor lists.

    What a Secret keeps under one key is one value, whatever it is.
    """
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            below = pointer + step_of_key(key, first=not pointer)
            if value.get("kind") == "Secret" and key in ("data", "stringData"):
                if isinstance(entry, dict) and entry:
                    yield from (
                        (below + step_of_key(name, first=False), kept) for name, kept in entry.items()
                    )
                else:
                    yield below, entry
            else:
                yield from leaves(entry, below)
    elif isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value):
        named = has_names(value)
        for index, entry in enumerate(value):
            yield from leaves(
                entry, f"{pointer}[name={shown(entry['name'])}]" if named else f"{pointer}[{index}]"
            )
    else:
        yield pointer, value


def has_names(entries: list[Any]) -> bool:
    """True where every entry is a mapping with a name of its own."""
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in entries]
    return all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)


def step_of_key(key: str, *, first: bool) -> str:
    """`.key`, without the dot at the beginning, or `["key"]` for what is no identifier."""
    if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$-]*", key):
        return key if first else "." + key
    return "[" + json.dumps(key, ensure_ascii=False) + "]"


def shown(name: str) -> str:
    """A name in brackets: JSON where it could be misread."""
    if re.fullmatch(r"-?[0-9]+|true|false|null", name) or re.search(r"[\[\],=\"\s]", name):
        return json.dumps(name, ensure_ascii=False)
    return name


def changes(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """(pointer, old, new) of every field that differs; None is absence and values are JSON text.

    `old` or `new` None stands for a resource that is not there.
    """
    before = {} if old is None else {pointer: json_text(value) for pointer, value in leaves(old)}
    after = {} if new is None else {pointer: json_text(value) for pointer, value in leaves(new)}
    return [
        (pointer, before.get(pointer), after.get(pointer))
        for pointer in sorted({*before, *after})
        if before.get(pointer) != after.get(pointer)
    ]
