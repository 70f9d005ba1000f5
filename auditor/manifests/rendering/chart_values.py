"""How values for a chart are put together: maps merged over one another, and single values set at paths.

Paths are those of Helm's `--set` (its page "The Format and Limitations of --set").
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from auditor.errors import RenderError
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob

MAX_INDEX = 65_536
MAX_DEPTH = 30
"""Helm's own bounds on what `--set` may address."""

MAX_VALUES_BYTES = 8 * 1024 * 1024
_LIMITS = Limits(blob_bytes=MAX_VALUES_BYTES)


def values_in(content: bytes, what: str) -> dict[str, Any]:
    """The values that a file's or an object's text holds; none for an empty one.

    Raises RenderError naming `what` where it is no mapping, or larger than a values file may be here.
    """
    if not content.strip():
        return {}
    read = read_blob(content, _LIMITS, untyped=True)
    if read.problems:
        raise RenderError(f"{what} cannot be read: {read.problems[0].message}", hint="correct it")
    value = read.documents[0].value if read.documents else None
    if value is None and len(content) > MAX_VALUES_BYTES:
        raise RenderError(f"{what} is larger than {MAX_VALUES_BYTES} bytes", hint="make it smaller")
    if value is None and (read.documents or _says_nothing(content)):
        return {}
    if not isinstance(value, dict):
        raise RenderError(f"{what} holds no mapping of values", hint="values are written as `key: value`")
    return value


def _says_nothing(content: bytes) -> bool:
    lines = (line.strip() for line in content.splitlines())
    return all(not line or line.startswith((b"#", b"---", b"...")) for line in lines)


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`: maps are merged, everything else is replaced. Parts are shared, not copied."""
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            result[key] = merged(under, value)
        else:
            result[key] = value
    return result


def given_values(
    layers: Sequence[Mapping[str, Any]],
    sets: Sequence[tuple[str, str]] = (),
    set_files: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """What `helm template` takes of values files and of options (`set`, `set-string`, `set-literal` with their
    arguments), in its order: each sort of option after the one before. Raises RenderError for what Helm refuses."""
    result: dict[str, Any] = {}
    for layer in layers:
        result = merged(result, layer)
    # Setting goes on in place, and the layers are others'.
    result = copy.deepcopy(result) if sets or set_files else result
    for wanted in ("set", "set-string"):
        for option, argument in sets:
            path, _, text = argument.partition("=")
            if option == wanted:
                set_at(result, path, text, as_text=option == "set-string")
    literals = [argument.partition("=") for option, argument in sets if option == "set-literal"]
    for path, text in (*set_files, *((path, text) for path, _, text in literals)):
        set_literal(result, path, text)
    return result


def way_of(path: str) -> tuple[str | int, ...]:
    """The way that a path of `--set` names: `a.b[0].c`; a `\\` takes a dot as it is."""
    steps: list[str | int] = []
    for part in path.replace("\\.", "\0").split("."):
        name, *indices = part.replace("]", "").split("[")
        if name:
            steps.append(name.replace("\0", "."))
        steps += [int(index) for index in indices if index.isdigit()]
    return tuple(steps)


def set_at(values: dict[str, Any], path: str, text: str, *, as_text: bool = False) -> None:
    """Sets a value at a path as `--set path=text` does, in place; `as_text` as `--set-string` does.

    `text` may itself go on with `,other=value`, and may be a list, `{a,b}`. Raises RenderError for what Helm
    refuses.
    """
    _Reader(f"{path}={text}", as_text).run(values)


def set_literal(values: dict[str, Any], path: str, text: str) -> None:
    """Sets the text as it is, as `--set-literal` does, in place. Raises RenderError for a wrong path."""
    _Reader(f"{path}=", True, literal=text).run(values)


class _EndError(Exception):
    """Nothing is left to read."""


class _Reader:
    def __init__(self, line: str, as_text: bool, *, literal: str | None = None) -> None:
        self._line = line
        self._as_text = as_text
        self._literal = literal
        self._at = 0

    def run(self, values: dict[str, Any]) -> None:
        while True:
            try:
                self._key(values, 0)
            except _EndError:
                return

    def _key(self, values: dict[str, Any], depth: int) -> None:
        key, stop = self._until("=[,.")
        if stop is None:
            if not key:
                raise _EndError
            raise self._wrong(f"key {key!r} has no value")
        if stop == "[":
            index = self._index()
            items = values.get(key, [])
            if not isinstance(items, list):
                raise self._wrong(f"{key!r} is no list")
            self._put(values, key, lambda: self._item(items, index, depth))
        elif stop == "=":
            self._put(values, key, self._value)
        elif stop == ",":
            raise self._wrong(f"key {key!r} has no value")
        else:
            if depth >= MAX_DEPTH:
                raise self._wrong(f"more than {MAX_DEPTH} levels")
            inner = values.get(key, {})
            if not isinstance(inner, dict):
                raise self._wrong(f"{key!r} is no mapping")
            try:
                self._key(inner, depth + 1)
            finally:
                if inner and key:
                    values[key] = inner

    def _put(self, values: dict[str, Any], key: str, read: Callable[[], tuple[Any, bool]]) -> None:
        value, ended = read()
        if key:
            values[key] = value
        if ended:
            raise _EndError

    def _item(self, items: list[Any], index: int, depth: int) -> tuple[list[Any], bool]:
        """The list with the value at `index`; a list that has it is changed in place, as Helm does."""
        key, stop = self._until("[.=")
        if key or stop is None:
            raise self._wrong("nothing may follow a list's index")
        ended = False
        value: Any
        if stop == "=":
            value, ended = self._value()
        elif stop == "[":
            further = self._index()
            there = items[index] if index < len(items) else None
            if there is not None and not isinstance(there, list):
                raise self._wrong("an entry is no list")
            value, ended = self._item(there or [], further, depth)
        else:
            there = items[index] if index < len(items) else {}
            value = there if isinstance(there, dict) else {}
            if index < len(items):
                items[index] = value
            try:
                self._key(value, depth)
            except _EndError:
                ended = True
        if index >= len(items):
            items = [*items, *[None] * (index + 1 - len(items))]
        items[index] = value
        return items, ended

    def _index(self) -> int:
        text, stop = self._until("]")
        if stop is None or not text.isascii() or not text.isdigit() or int(text[:9]) > MAX_INDEX:
            raise self._wrong(f"{text!r} is no index of a list")
        return int(text)

    def _value(self) -> tuple[Any, bool]:
        """What is set, and whether nothing follows."""
        if self._literal is not None:
            return self._literal, True
        if self._line[self._at : self._at + 1] == "{":
            self._at += 1
            return self._list(), False
        text, stop = self._until(",")
        return _typed(text, self._as_text), stop is None

    def _list(self) -> list[Any]:
        found: list[Any] = []
        while True:
            text, stop = self._until(",}")
            if stop is None:
                raise self._wrong("a list has to end with }")
            found.append(_typed(text, self._as_text))
            if stop == "}":
                if self._line[self._at : self._at + 1] == ",":
                    self._at += 1
                return found

    def _until(self, stops: str) -> tuple[str, str | None]:
        """The text before the next of `stops`, and which one it was; `\\` takes what follows it as it is."""
        found: list[str] = []
        for letter, escaped in self._letters():
            if not escaped and letter in stops:
                return "".join(found), letter
            found.append(letter)
        return "".join(found), None

    def _letters(self) -> Iterator[tuple[str, bool]]:
        while self._at < len(self._line):
            letter = self._line[self._at]
            self._at += 1
            if letter == "\\" and self._literal is None:
                if self._at == len(self._line):
                    return
                yield self._line[self._at], True
                self._at += 1
            else:
                yield letter, False

    def _wrong(self, reason: str) -> RenderError:
        path = self._line.partition("=")[0]
        return RenderError(f"a value cannot be set at {path!r}: {reason}", hint="correct the path")


_WORDS: Mapping[str, bool | int | None] = {"true": True, "false": False, "null": None, "0": 0}


def _typed(text: str, as_text: bool) -> Any:
    if as_text:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    number = text.removeprefix("-") if not text.startswith("+") else text[1:]
    if number.isascii() and number.isdigit() and not text.startswith("0") and len(number) <= 19:
        value = int(text)
        return value if -(2**63) <= value < 2**63 else text
    return text
