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
from collections.abc import Iterator
from typing import Any

import ryml

from auditor.manifests.json_text import deeper_than
from auditor.manifests.limits import Limits
from auditor.manifests.scalars import ScalarError, json_float, json_integer

_MAX_CHARACTERS = 1024 * 1024
_MAX_ALIASES = 8
_MAX_SCALAR_ALIASES = 200

_ORDINARY_BYTES = bytes([0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)])
_BREAKS_AND_MARKS = re.compile("[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]")
_ESCAPES = re.compile(r"\\[uUxNLP_0\n]")
_EXPLICIT_KEY = re.compile(r"(?:^[ -]*|[,\[{][ ]*)\?[ \n]", re.MULTILINE)
_INDICATOR = re.compile(r"[!@`]")
_TOKEN_MAY_START = re.compile(r"(?:^|[:,\[{?-]|(?:^|[\s\[{,])&\S+)[ ]*\Z")
_ANCHOR_OR_ALIAS = re.compile(r"[&*][^\s,\[\]{}&*]+")
_ON_A_SCALAR = re.compile(r" [^\s\[{|>&!#\"']")
_RESOLVED_OTHERWISE = re.compile(
    r"\"(?:("
    r"[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|True|TRUE|False|FALSE|Null|NULL|~"
    r"|[-+]?\.?(?:[iI]nf|INF|[nN]a[nN]|NAN|[iI]nfinity|INFINITY)"
    r"|[-+]?(?:0[0-9_xXbBoO]|\.[0-9])[0-9a-fA-F_.+-]*"
    r"|[-+]?[0-9][0-9.eE+-]*_[0-9.eE_+-]*"
    r")\""
    r"|((?:null|[-+]?[0-9]*\.[0-9]*|[-+]?[0-9]*\.?[0-9]*[eE][-+]?[0-9]+|[-+]?[0-9]{18,}|\+[0-9]+|)\": )"
    r")"
)


class _LeaveItError(ValueError):
    """The exact reader has to look."""


def read(text: str, limits: Limits, count: int) -> list[Any] | None:
    """The value of each of the `count` documents, or None where the exact reader has to look."""
    if len(text) > _MAX_CHARACTERS or _is_unusual(text):
        return None
    has_aliases = False
    if "&" in text or "*" in text:
        found = _anchors_and_aliases(text)
        if found is None:
            return None
        has_aliases = found
    if deeper_than(text, limits.depth):
        return None
    try:
        with _silence():
            tree = ryml.parse_in_arena(text.encode())
            if has_aliases:
                tree.resolve()
            root = tree.root_id()
            is_stream = tree.is_stream(root)
            emitted = ryml.emit_json_malloc(tree, root)
        if not _means_the_same(text, emitted):
            return None
        value = _DECODER.decode(emitted)
    except Exception:
        return None
    values = value if is_stream else [value]
    if not isinstance(values, list) or len(values) != count or len(emitted) > limits.expanded_bytes:
        return None
    return None if any(_is_list(entry) for entry in values) else values


def _is_unusual(text: str) -> bool:
    """True where the two parsers may differ: each test is cheap and says yes too often rather than too rarely."""
    if text.encode("utf-8", "replace").translate(None, _ORDINARY_BYTES):
        return True
    if not text.isascii() and _BREAKS_AND_MARKS.search(text):
        return True
    if "<<" in text or "- - - - " in text or "\n%" in text or "\n..." in text or text[0] in "%.":
        return True
    if text[-1] != "\n" and ("|" in text or ">" in text):
        return True
    if "\\" in text and '"' in text and _ESCAPES.search(text):
        return True
    if ("!" in text or "@" in text or "`" in text) and _has_indicator(text):
        return True
    return ("? " in text or "?\n" in text) and _EXPLICIT_KEY.search(text) is not None


def _has_indicator(text: str) -> bool:
    """True where a tag, or a character that may start no plain scalar, stands where a token may start."""
    for match in _INDICATOR.finditer(text):
        start = match.start()
        line = text.rfind("\n", 0, start) + 1
        if _TOKEN_MAY_START.search(text[max(line, start - 200) : start]):
            return True
    return False


def _means_the_same(text: str, emitted: str) -> bool:
    """False where a string in the emitted JSON may be a plain scalar that go-yaml reads as something else.

    One that only ever stands between quotes in the text is the string that it seems.
    """
    seen: set[str] = set()
    for match in _RESOLVED_OTHERWISE.finditer(emitted):
        word = match[1]
        if word is None:
            return False
        if word not in seen:
            seen.add(word)
            quoted = text.count(f'"{word}"') + text.count(f"'{word}'")
            if not quoted or text.count(word) != quoted:
                return False
    return True


def _anchors_and_aliases(text: str) -> bool | None:
    """Whether there are any; None where aliases could multiply, or an anchor is given twice.

    Anchors on scalars cannot nest, so that many aliases of them stay small.
    """
    anchors: set[str] = set()
    aliases = 0
    only_scalars = True
    for match in _ANCHOR_OR_ALIAS.finditer(text):
        start = match.start()
        if start and text[start - 1] not in " \n,[{":
            continue
        if text[start] == "*":
            aliases += 1
        elif match[0] in anchors:
            return None
        else:
            anchors.add(match[0])
            only_scalars = only_scalars and _ON_A_SCALAR.match(text, match.end()) is not None
    most = _MAX_SCALAR_ALIASES if only_scalars else _MAX_ALIASES
    return None if aliases > most else bool(anchors) or aliases > 0


def _is_list(value: Any) -> bool:
    """Lists need the lines of their items, which only the exact reader knows."""
    return isinstance(value, dict) and str(value.get("kind", "")).endswith("List")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise _LeaveItError("a key is given twice")
    return built


def _float(text: str) -> int | float:
    try:
        return json_float(float(text))
    except ScalarError as error:
        raise _LeaveItError(text) from error


def _refuse(text: str) -> Any:
    raise _LeaveItError(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=json_integer, parse_constant=_refuse
)


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
