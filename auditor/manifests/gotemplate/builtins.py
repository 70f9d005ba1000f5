"""The functions that Go's templates have by themselves."""

from __future__ import annotations

import html
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from auditor.manifests.gotemplate.errors import TemplateError
from auditor.manifests.gotemplate.formatting import as_text, printf, weighed


def is_true(value: Any) -> bool:
    """Whether `if` takes the value for true: not false, 0, nothing, or empty."""
    return bool(value)


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise TemplateError("missing argument for comparison")
    for other in others:
        if first is None or other is None:
            if first is other:
                return True
            continue
        if isinstance(first, list | dict) or isinstance(other, list | dict):
            raise TemplateError("non-comparable type")
        if type(first) is not type(other):
            raise TemplateError("incompatible types for comparison")
        if first == other:
            return True
    return False


def _less(first: Any, second: Any) -> bool:
    if type(first) is not type(second):
        raise TemplateError("incompatible types for comparison")
    if isinstance(first, bool) or not isinstance(first, int | float | str):
        raise TemplateError("invalid type for comparison")
    return bool(first < second)


def _same(first: Any, second: Any) -> bool:
    return _equal(first, second)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            if not isinstance(key, str):
                raise TemplateError("a map is indexed with a text")
            value = value.get(key)
        elif isinstance(value, list | str):
            if isinstance(key, bool) or not isinstance(key, int):
                raise TemplateError("a list is indexed with a whole number")
            if not 0 <= key < len(value):
                raise TemplateError(f"index out of range: {key}")
            value = value[key] if isinstance(value, list) else value.encode()[key]
        else:
            raise TemplateError("index of a value that is neither a list nor a map")
    return value


def _slice(value: Any, *bounds: int) -> Any:
    if not isinstance(value, list | str) or len(bounds) > (2 if isinstance(value, str) else 3):
        raise TemplateError("can't slice this value")
    start = bounds[0] if bounds else 0
    end = bounds[1] if len(bounds) > 1 else len(value)
    if not 0 <= start <= end <= len(value):
        raise TemplateError("index out of range")
    return value[start:end]


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list | Mapping):
        return len(value)
    raise TemplateError("len of a value that has none")


def _print(*values: Any) -> str:
    weighed(list(values))
    text = ""
    for number, value in enumerate(values):
        if number and not isinstance(value, str) and not isinstance(values[number - 1], str):
            text += " "
        text += as_text(value)
    return text


def _println(*values: Any) -> str:
    weighed(list(values))
    return " ".join(map(as_text, values)) + "\n"


def _html(*values: Any) -> str:
    return html.escape(_print(*values), quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


BUILTINS: Mapping[str, Callable[..., Any]] = {
    "eq": _equal,
    "ne": lambda first, second: not _same(first, second),
    "lt": _less,
    "le": lambda first, second: _less(first, second) or _same(first, second),
    "gt": lambda first, second: _less(second, first),
    "ge": lambda first, second: _less(second, first) or _same(first, second),
    "not": lambda value: not is_true(value),
    "index": _index,
    "slice": _slice,
    "len": _length,
    "print": _print,
    "println": _println,
    "printf": lambda form, *values: printf(form, list(values)),
    "html": _html,
    "urlquery": lambda *values: urllib.parse.quote_plus(_print(*values)),
}
"""By name; `and` and `or` are with what runs templates, since they look no further than they need."""
