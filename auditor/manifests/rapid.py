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
from typing import Any

import ryml

from auditor.manifests.json_text import deeper_than
from auditor.manifests.limits import Limits
from auditor.manifests.scalars import ScalarError, json_float, json_integer, value_of

_MAX_CHARACTERS = 1024 * 1024
_MAX_ALIASES = 8
_MAX_SCALAR_ALIASES = 200

_ORDINARY_BYTES = bytes([0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)])
_BREAKS_AND_MARKS = re.compile("[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]")
_ESCAPES = re.compile(r"\\[uUxNLP_0\n]")
_EXPLICIT_KEY = re.compile(r"(?:^[ -]*|[,\[{][ ]*)\?[ \n]", re.MULTILINE)
_COLON_IN_FLOW = re.compile(r":[,?\[\]{}]|[,\[{][ ]*(?:[:?]|-(?![0-9.]))|:[ ]+[:?]")
_TAG = re.compile("!")
_TOKEN_MAY_START = re.compile(r"(?:^|[:,\[{?-]|(?:^|[\s\[{,])[&!]\S*)[ ]*\Z")
_ANCHOR_OR_ALIAS = re.compile(r"[&*][^\s,\[\]{}]*")
_ANCHOR_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_ON_A_SCALAR = re.compile(r" [^\s\[{|>&!#\"']")
_STARTS_NOTHING = "]},@`%?"
_RESOLVED_OTHERWISE = re.compile(
    r"\"(?<![^ \[{,\n]\")(?=(?:("
    r"(?!(?:true|false|null)\")[yYnNoOtTfFiI~]"
    r"(?:es|ES|o|O|n|N|ff|FF|rue|RUE|alse|ALSE|ull|ULL|nf|NF|nfinity|NFINITY|a[nN]|AN)?"
    r"|[-+.](?:\.?(?:[iI]nf|INF|[nN]a[nN]|NAN|[iI]nfinity|INFINITY))"
    r"|[-+]?(?:0[0-9_xXbBoO]|\.[0-9])[0-9a-fA-F_.+-]*"
    r"|[-+]?[0-9][0-9.eE+-]*_[0-9.eE_+-]*"
    r"|[\]},@`%?][^\"\\]*"
    r")\""
    r"|((?:null|[-+]?[0-9]*\.[0-9]*|[-+]?[0-9]*\.?[0-9]*[eE][-+]?[0-9]+|[-+]?[0-9]{18,}|\+[0-9]+|)\": )"
    r"|[\]},@`%?][^\"\\]*\\"
    r"))"
)


class _LeaveItError(ValueError):
    """The exact reader has to look."""


@dataclass(frozen=True, slots=True)
class Quick:
    """What the fast reader found: each document's value, and every name that says what a value is.

    `names` are all keys, and the `name` of every mapping that has a `value` (environment variables).
    """

    values: list[Any]
    names: frozenset[str]


def read(text: str, limits: Limits, bounds: Sequence[tuple[int, int]]) -> Quick | None:
    """The documents of `text`, which stand at `bounds`, or None where the exact reader has to look."""
    if len(text) > _MAX_CHARACTERS or _is_unusual(text):
        return None
    has_aliases = False
    if "&" in text or "*" in text:
        found = _anchors_and_aliases(text, bounds)
        if found is None:
            return None
        has_aliases = found
    if deeper_than(text, limits.depth):
        return None
    names: set[str] = set()
    try:
        with _silence():
            tree = ryml.parse_in_arena(text.encode())
            if has_aliases:
                tree.resolve()
            root = tree.root_id()
            is_stream = tree.is_stream(root)
            # Not emit_json_malloc (nor emit_json): the binding never frees what it gives.
            buffer = bytearray(ryml.compute_json_length(tree, root))
            emitted = str(ryml.emit_json_in_place(tree, buffer, root), "utf-8")
        resolved = _resolved(text, emitted)
        if resolved is None or len(resolved) > limits.expanded_bytes:
            return None
        value = _decoder(names).decode(resolved)
    except Exception:
        return None
    values = value if is_stream else [value]
    if not isinstance(values, list) or len(values) != len(bounds) or not all(map(_is_ordinary, values)):
        return None
    return Quick(values=values, names=frozenset(names))


def _is_unusual(text: str) -> bool:
    """True where the two parsers may differ: each test is cheap and says yes too often rather than too rarely."""
    if text.encode("utf-8", "replace").translate(None, _ORDINARY_BYTES):
        return True
    if not text.isascii() and _BREAKS_AND_MARKS.search(text):
        return True
    if "<<" in text or "- - - - " in text or "\n%" in text or "\n..." in text or text[0] in "%.":
        return True
    if _COLON_IN_FLOW.search(text):
        return True
    if text[-1] != "\n" and ("|" in text or ">" in text):
        return True
    if "\\" in text and '"' in text and _ESCAPES.search(text):
        return True
    if "!" in text and _has_tag(text):
        return True
    return ("? " in text or "?\n" in text) and _EXPLICIT_KEY.search(text) is not None


def _has_tag(text: str) -> bool:
    """True where a tag may stand."""
    return any(_may_start_token(text, match.start()) for match in _TAG.finditer(text))


def _may_start_token(text: str, position: int) -> bool:
    line = text.rfind("\n", 0, position) + 1
    return _TOKEN_MAY_START.search(text[max(line, position - 200) : position]) is not None


def _resolved(text: str, emitted: str) -> str | None:
    """The emitted JSON with every scalar as go-yaml reads it; None where that cannot be told from here.

    A doubtful string that only ever stands between quotes in the text is the string that it seems; one
    that never does is resolved, if each of its places in the text is one in the JSON.
    """
    seen: set[str] = set()
    plain: list[str] = []
    for match in _RESOLVED_OTHERWISE.finditer(emitted):
        word = match[1]
        if word is None or _is_infinite(word):
            return None
        if word in seen or (word[0] not in _STARTS_NOTHING and _is_text(word)):
            continue
        seen.add(word)
        occurrences = text.count(word)
        if text.count(f'"{word}"') + text.count(f"'{word}'") == occurrences > 0:
            continue
        if word[0] in _STARTS_NOTHING:
            return None
        values = emitted.count(f': "{word}"')
        if not values == emitted.count(f'"{word}"') == text.count(f": {word}\n") == occurrences:
            return None
        plain.append(word)
    for word in plain:
        emitted = emitted.replace(f': "{word}"', f": {json.dumps(value_of(word))}")
    return emitted


def _is_infinite(word: str) -> bool:
    """True for what `rapidyaml` emits for words of its own: it writes `inf` as `.inf`."""
    return word.lstrip("+-.").lower() in ("inf", "nan", "infinity")


def _is_text(word: str) -> bool:
    """True where go-yaml reads the plain scalar as text."""
    try:
        return value_of(word) == word
    except ScalarError:
        return False


def _anchors_and_aliases(text: str, bounds: Sequence[tuple[int, int]]) -> bool | None:
    """Whether there are any; None where aliases could multiply, or one has no anchor before it.

    Anchors on scalars cannot nest, so that many aliases of them stay small.
    """
    found = False
    aliases = 0
    only_scalars = True
    for begin, end in bounds:
        anchors: set[str] = set()
        for match in _ANCHOR_OR_ALIAS.finditer(text, begin, end):
            start = match.start()
            if start and text[start - 1] not in " \n,[{":
                continue
            name = match[0][1:]
            if not _ANCHOR_NAME.match(name):
                if _may_start_token(text, start):
                    return None
            elif text[start] == "&":
                found = True
                anchors.add(name)
                only_scalars = only_scalars and _ON_A_SCALAR.match(text, match.end()) is not None
            elif name in anchors:
                aliases += 1
            else:
                return None
    return None if aliases > (_MAX_SCALAR_ALIASES if only_scalars else _MAX_ALIASES) else found


def _is_ordinary(value: Any) -> bool:
    """False for what is no mapping, and for lists, whose items' lines only the exact reader knows."""
    return isinstance(value, dict) and not str(value.get("kind", "")).endswith("List")


def _decoder(names: set[str]) -> json.JSONDecoder:
    """A decoder that refuses keys given twice and gathers names."""

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            raise _LeaveItError("a key is given twice")
        names.update(built)
        if "value" in built:
            name = built.get("name")
            if isinstance(name, str):
                names.add(name)
        return built

    return json.JSONDecoder(
        object_pairs_hook=build, parse_float=_float, parse_int=json_integer, parse_constant=_refuse
    )


def _float(text: str) -> int | float:
    try:
        return json_float(float(text))
    except ScalarError as error:
        raise _LeaveItError(text) from error


def _refuse(text: str) -> Any:
    raise _LeaveItError(text)


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
