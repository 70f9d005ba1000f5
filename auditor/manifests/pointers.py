"""Pointers by list key: where a field is, in words that survive reordering.

The syntax, which every part of the product writes and reads:

    pointer  = "" | first *step                 "" is the whole resource
    first    = name | quoted | entry
    step     = "." name | quoted | entry
    name     = 1*( any character but . [ ] " = and white space )
    quoted   = "[" json-string "]"              metadata.annotations["example.org/owner"]
    entry    = "[" index "]"                    spec.rules[0]
             | "[" pair *( "," pair ) "]"       containers[name=web], ports[containerPort=80,protocol=TCP]
             | "[=" json "]"                    finalizers[="x"]: an element of a set, by its value
    pair     = name "=" ( json | text )         text goes to the next "," or "]"; JSON where it holds , ] = or "

A list whose entries are mappings with a `name` of their own (containers, initContainers, env, volumes, …)
is pointed into by name; every other list by index, from 0. A value that is not text is written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ListKey:
    """An entry of a list, by the fields that tell it from the others. Values are text or JSON scalars."""

    pairs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SetValue:
    """An entry of a list that is its own key."""

    value: Any


Step = str | int | ListKey | SetValue

_NAME = re.compile(r"[^.\[\]\"=\s]+")
_PLAIN_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")
_BARE_VALUE = re.compile(r"[^,\]]*")
_NEEDS_QUOTES = re.compile(r"[\[\],=\"\s]")
_INDEX = re.compile(r"\[([0-9]+)\]")
_DECODER = json.JSONDecoder()


class PointerError(ValueError):
    """A text that is no pointer; says where it stops being one."""


def parse_pointer(text: str) -> tuple[Step, ...]:
    """The steps of a pointer. Raises PointerError naming the position (from 0) that makes no sense."""
    steps: list[Step] = []
    position = 0
    while position < len(text):
        if text[position] == "[":
            step, position = _bracket(text, position)
        else:
            if steps:
                if text[position] != ".":
                    raise PointerError(f"expected '.' or '[' at {position} in pointer {text!r}")
                position += 1
            match = _NAME.match(text, position)
            if match is None:
                raise PointerError(f"expected a field's name at {position} in pointer {text!r}")
            step, position = match[0], match.end()
        steps.append(step)
    return tuple(steps)


def format_pointer(steps: Iterable[Step]) -> str:
    """The pointer's text; `parse_pointer` gives the steps back."""
    text = ""
    for step in steps:
        if isinstance(step, str):
            if _PLAIN_NAME.match(step):
                text += f".{step}" if text else step
            else:
                text += f"[{_json(step)}]"
        elif isinstance(step, int):
            text += f"[{step}]"
        elif isinstance(step, SetValue):
            text += f"[={_json(step.value)}]"
        else:
            text += "[" + ",".join(f"{name}={_value_text(value)}" for name, value in step.pairs) + "]"
    return text


def keyed_steps(manifest: Any, path: Iterable[str | int]) -> tuple[Step, ...]:
    """A path of names and indexes as steps by list key, wherever the entry has a name of its own."""
    steps: list[Step] = []
    value = manifest
    for step in path:
        if isinstance(step, int):
            entries = value if isinstance(value, list) else []
            value = entries[step] if 0 <= step < len(entries) else None
            steps.append(_entry_step(entries, step))
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
            steps.append(step)
    return tuple(steps)


def get(manifest: Any, pointer: str | Sequence[Step]) -> Any:
    """The value at a pointer. Raises KeyError where there is none."""
    value = manifest
    for step in parse_pointer(pointer) if isinstance(pointer, str) else pointer:
        value = child(value, step)
    return value


def replaced(manifest: Any, pointer: str | Sequence[Step], new: Any) -> Any:
    """A copy with the value at a pointer replaced; the last name may be new, what leads to it may not.

    Raises KeyError where the way does not exist. The original is not changed.
    """
    steps = parse_pointer(pointer) if isinstance(pointer, str) else tuple(pointer)
    if not steps:
        return new
    head, rest = steps[0], steps[1:]
    if isinstance(head, str):
        if not isinstance(manifest, Mapping) or (rest and head not in manifest):
            raise KeyError(head)
        return {**manifest, head: replaced(manifest.get(head), rest, new)}
    index = index_of(manifest, head)
    return [*manifest[:index], replaced(manifest[index], rest, new), *manifest[index + 1 :]]


def child(value: Any, step: Step) -> Any:
    """One step down. Raises KeyError where there is nothing."""
    if isinstance(step, str):
        if not isinstance(value, Mapping):
            raise KeyError(step)
        return value[step]
    return value[index_of(value, step)]


def index_of(value: Any, step: Step) -> int:
    """The position in a list that a step means. Raises KeyError where there is none."""
    if not isinstance(value, list):
        raise KeyError(str(step))
    if isinstance(step, int):
        if step < len(value):
            return step
    elif isinstance(step, SetValue):
        for index, entry in enumerate(value):
            if _json(entry) == _json(step.value):
                return index
    elif isinstance(step, ListKey):
        for index, entry in enumerate(value):
            if isinstance(entry, Mapping) and all(_equal(entry, name, wanted) for name, wanted in step.pairs):
                return index
    raise KeyError(str(step))


def _equal(entry: Mapping[str, Any], name: str, wanted: Any) -> bool:
    """A port's protocol may be left out: Kubernetes then takes TCP."""
    value = entry.get(name, "TCP" if name == "protocol" else None)
    return value == wanted or (
        isinstance(wanted, str) and not isinstance(value, str) and _json(value) == wanted
    )


def _entry_step(entries: Sequence[Any], index: int) -> Step:
    names = [entry.get("name") for entry in entries if isinstance(entry, Mapping)]
    entry = entries[index] if 0 <= index < len(entries) else None
    name = entry.get("name") if isinstance(entry, Mapping) else None
    if isinstance(name, str) and names.count(name) == 1:
        return ListKey((("name", name),))
    return index


def _bracket(text: str, start: int) -> tuple[Step, int]:
    index = _INDEX.match(text, start)
    if index:
        return int(index[1]), index.end()
    if text.startswith('["', start):
        value, end = _json_at(text, start + 1)
        return str(value), _closed(text, end)
    if text.startswith("[=", start):
        value, end = _json_at(text, start + 2)
        return SetValue(value), _closed(text, end)
    pairs: list[tuple[str, Any]] = []
    position = start + 1
    while True:
        name = _NAME.match(text, position)
        if name is None or text[name.end() : name.end() + 1] != "=":
            raise PointerError(f"expected name=value at {position} in pointer {text!r}")
        value, position = _pair_value(text, name.end() + 1)
        pairs.append((name[0], value))
        if text[position : position + 1] != ",":
            return ListKey(tuple(pairs)), _closed(text, position)
        position += 1


def _pair_value(text: str, start: int) -> tuple[Any, int]:
    if text[start : start + 1] == '"':
        return _json_at(text, start)
    match = _BARE_VALUE.match(text, start)
    bare = match[0] if match else ""
    end = start + len(bare)
    if re.fullmatch(r"-?[0-9]+|true|false|null", bare):
        return json.loads(bare) if len(bare) < 20 else bare, end
    return bare, end


def _json_at(text: str, start: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise PointerError(f"expected JSON at {start} in pointer {text!r}") from error


def _closed(text: str, position: int) -> int:
    if text[position : position + 1] != "]":
        raise PointerError(f"expected ']' at {position} in pointer {text!r}")
    return position + 1


def _value_text(value: Any) -> str:
    if not isinstance(value, str):
        return _json(value)
    looks_typed = not value or re.fullmatch(r"-?[0-9]+|true|false|null", value)
    return _json(value) if looks_typed or _NEEDS_QUOTES.search(value) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
