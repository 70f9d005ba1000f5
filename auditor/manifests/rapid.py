"""The fast YAML reader, for the plain majority of files; it knows when to leave a file to the exact one.

`rapidyaml` reads YAML 1.2 and emits JSON in which only JSON's own numbers, `true`, `false` and `null` are
typed. So a file goes to the exact reader when a plain scalar in it could mean anything else to go-yaml
(`yes`, `010`, `1_000`, a float as a key), when it holds what the two parsers treat differently (tags, merge
keys, tabs, directives, escapes) or what could grow without bound (many aliases), and whenever anything
fails. Tests hold the two readers' answers against each other.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import ryml

from auditor.manifests.emitted import (
    DOUBTFUL,
    NAMED,
    NUMBER,
    SHAPED,
    STARTS_NOTHING,
    VARIABLE,
    doubtful,
    facts_of,
    is_infinite,
)
from auditor.manifests.hazards import has_unusual_characters, hazards_in
from auditor.manifests.json_text import deeper_than
from auditor.manifests.limits import Limits
from auditor.manifests.scalars import ScalarError, json_float, json_integer, key_of, value_of
from auditor.manifests.structure import Structure, structure_of

_MAX_CHARACTERS = 1024 * 1024
_BUFFER = bytearray(128 * 1024)
"""What JSON is emitted into: filled and read within one call."""


class _LeaveItError(ValueError):
    """The exact reader has to look."""


@dataclass(slots=True)
class Quick:
    """What the fast reader found: each document's value and its canonical JSON.

    `names` and `shapes` are False where nothing in the values has the name, or the shape, of a secret.
    """

    values: list[Any]
    canonical: list[bytes]
    names: bool
    shapes: bool


def read(text: str, limits: Limits, bounds: Sequence[tuple[int, int]]) -> Quick | None:
    """The documents of `text`, which stand at `bounds`, or None where the exact reader has to look."""
    if len(text) > _MAX_CHARACTERS or text[0] == "." or (text[-1] != "\n" and ("|" in text or ">" in text)):
        return None
    structure: Structure | None = None
    hazards = hazards_in(text, len(text))
    if hazards.is_unusual or hazards.must_look:
        may_help = "<<: *" not in text and not has_unusual_characters(text)
        structure = structure_of(text) if may_help else None
        if structure is None:
            return None
        hazards = hazards_in(structure.text, len(text))
        if hazards.is_unusual or hazards.must_look:
            return None
    if deeper_than(text, limits.depth // 2):
        return None
    try:
        try:
            emitted, is_stream = _emitted(text, limits, has_aliases=hazards.has_anchors)
        except ryml.ExceptionParse:
            # It does not take a flow collection that is closed at the column of its key.
            structure = structure or structure_of(text)
            if structure is None or structure.joined is text:
                return None
            emitted, is_stream = _emitted(structure.joined, limits, has_aliases=hazards.has_anchors)
        return _judged(text, structure, emitted, is_stream=is_stream, documents=len(bounds), limits=limits)
    except Exception:
        return None


def _emitted(text: str, limits: Limits, *, has_aliases: bool) -> tuple[str, bool]:
    """The JSON that `rapidyaml` makes of the text, and whether it is a list of documents."""
    with _silence():
        tree = ryml.parse_in_arena(text.encode())
        if has_aliases:
            tree.resolve()
        root = tree.root_id()
        # Not emit_json_malloc (nor emit_json): the binding never frees what it gives.
        failed, size = ryml.emit_json_to_substr(tree, root, _BUFFER)
        if not failed:
            return str(memoryview(_BUFFER)[:size], "utf-8"), tree.is_stream(root)
        size = ryml.compute_json_length(tree, root)
        if size > limits.expanded_bytes:
            raise _LeaveItError("the text grows too large")
        buffer = bytearray(size)
        return str(ryml.emit_json_in_place(tree, buffer, root), "utf-8"), tree.is_stream(root)


def _judged(
    text: str, structure: Structure | None, emitted: str, *, is_stream: bool, documents: int, limits: Limits
) -> Quick | None:
    if "\n" + " " * limits.depth in emitted or _may_have_nodes(emitted, limits.nodes):
        return None
    facts = facts_of(emitted.split("\n"))
    if facts & DOUBTFUL:
        resolved = _resolved(text, structure, emitted)
        if resolved is None:
            return None
        emitted = resolved
    value = _DECODER.decode(emitted) if facts & NUMBER else orjson.loads(emitted)
    values = value if is_stream else [value]
    if not isinstance(values, list) or len(values) != documents or not all(map(_is_ordinary, values)):
        return None
    canonical = [orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for value in values]
    # A key given twice, with its quotes, is there once in the value: then the exact reader says so.
    if sum(text.count(b'"') for text in canonical) != emitted.count('"'):
        return None
    return Quick(
        values=values,
        canonical=canonical,
        names=bool(facts & NAMED or (facts & VARIABLE and '"value": ' in emitted)),
        shapes=bool(facts & SHAPED),
    )


def _may_have_nodes(emitted: str, most: int) -> bool:
    """True where there may be more keys and values than that."""
    return len(emitted) > most and 2 * (1 + sum(map(emitted.count, ",[{"))) > most


def _resolved(text: str, structure: Structure | None, emitted: str) -> str | None:
    """The emitted JSON with every scalar as go-yaml reads it; None where that cannot be told from here.

    A doubtful string that is nowhere plain in the text is the string that it seems. One that is nowhere
    quoted, nor all of a line that may be a block scalar's, is resolved, if each of its places in the text is
    one in the JSON.
    """
    for word in dict.fromkeys(doubtful(emitted)):
        if word is None or is_infinite(word):
            return None
        places = _Places.of(word)
        occurrences = len(places.any.findall(text))
        if not occurrences:
            continue
        values, keys = len(places.value.findall(text)), len(places.key.findall(text))
        is_quoted = f'"{word}"' in text or f"'{word}'" in text
        if is_quoted or occurrences != values + keys:
            structure = structure or structure_of(text)
            if structure is None:
                return None
            values, keys = structure.plain[word], len(places.key.findall(structure.text))
            is_quoted = structure.quoted[word] > 0
            if not values and not places.any.search(structure.text):
                continue
            if keys != len(places.any.findall(structure.text)):
                return None
        emitted_keys = emitted.count(f'"{word}": ')
        emitted_values = emitted.count(f'"{word}"') - emitted_keys
        if word[0] in STARTS_NOTHING or is_quoted or keys != emitted_keys or values != emitted_values:
            return None
        if keys:
            emitted = emitted.replace(f'"{word}": ', f'"{key_of(word)}": ')
        if values:
            emitted = places.emitted.sub(rf"\g<1>{json.dumps(value_of(word))}", emitted)
    return emitted


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a plain word is all of a value or a key in block style, wherever it may be a whole scalar, and
    where the JSON has it as a value on a line of its own."""

    value: re.Pattern[str]
    key: re.Pattern[str]
    any: re.Pattern[str]
    emitted: re.Pattern[str]

    @classmethod
    @lru_cache(maxsize=256)
    def of(cls, word: str) -> _Places:
        plain = re.escape(word)
        # The word comes first: a literal is found much faster than what stands around it.
        return cls(
            value=re.compile(rf"{plain}(?<=[:-] {plain})(?= *$| +#)", re.MULTILINE),
            key=re.compile(rf"{plain}(?<=[ \n]{plain}):(?=[ \n]|\Z)"),
            any=re.compile(
                rf"{plain}(?<![^ \n,\[{{]{plain})(?= *(?:$|[,\]}}]|:(?:[ ,\]}}]|$)|(?<= )#))", re.MULTILINE
            ),
            emitted=re.compile(rf'(": |^ *)"{plain}"(?=,?$)', re.MULTILINE),
        )


def _is_ordinary(value: Any) -> bool:
    """False for what is no mapping, and for lists, whose items' lines only the exact reader knows."""
    return value is None or (isinstance(value, dict) and not str(value.get("kind", "")).endswith("List"))


def _float(text: str) -> int | float:
    try:
        return json_float(float(text))
    except ScalarError as error:
        raise _LeaveItError(text) from error


def _refuse(text: str) -> Any:
    raise _LeaveItError(text)


_DECODER = json.JSONDecoder(parse_float=_float, parse_int=json_integer, parse_constant=_refuse)


def _c_stderr() -> ctypes.c_void_p | None:
    """The C library's `stderr` variable, where it can be reached."""
    try:
        return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")
    except (OSError, ValueError):
        return None


def _null_stream() -> int | None:
    """A C stream that swallows what is written to it."""
    try:
        opener = ctypes.CDLL(None).fopen
    except (OSError, AttributeError):
        return None
    opener.restype = ctypes.c_void_p
    opener.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    stream = opener(os.devnull.encode(), b"w")
    return int(stream) if stream else None


_STDERR = _c_stderr() if sys.platform == "linux" else None
_NULL = _null_stream() if _STDERR is not None else None


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keeps `rapidyaml`'s complaints, which quote the file, off the standard error.

    It writes them with C's `stderr`, which is pointed elsewhere for as long; Python's own stays as it is.
    Where that variable cannot be reached, the file descriptor is.
    """
    if _STDERR is not None and _NULL is not None:
        before = _STDERR.value
        _STDERR.value = _NULL
        try:
            yield
        finally:
            _STDERR.value = before
        return
    saved = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)
