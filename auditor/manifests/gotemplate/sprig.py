"""sprig's functions (Masterminds/sprig 3.3) as Argo CD's ApplicationSets have them: without `env` and the like."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from auditor.errors import RenderError
from auditor.manifests.gotemplate.errors import TemplateError
from auditor.manifests.gotemplate.formatting import kind_name, type_name, weighed
from auditor.manifests.gotemplate.sprig_texts import TEXTS
from auditor.manifests.gotemplate.values import (
    a_list,
    a_map,
    a_text,
    decimal,
    equal,
    filled,
    overridden,
    string,
    whole,
    wrapped,
)
from auditor.manifests.rendering.versions import range_of, version_of

MAX_ENTRIES = 10_000


def _default(fallback: Any, *given: Any) -> Any:
    return given[0] if given and given[0] else fallback


def _dict(*pairs: Any) -> dict[str, Any]:
    values = [*pairs, ""] if len(pairs) % 2 else list(pairs)
    return {string(key): value for key, value in zip(values[::2], values[1::2], strict=True)}


def _set(values: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    a_map(values)[a_text(key)] = value
    weighed(values)
    return values


def _unset(values: dict[str, Any], key: str) -> dict[str, Any]:
    a_map(values).pop(key, None)
    return values


def _dig(*arguments: Any) -> Any:
    *path, fallback, values = arguments
    value: Any = a_map(values)
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return fallback
        value = value[key]
    return value


def _merged(how: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    def merge(target: dict[str, Any], *sources: dict[str, Any]) -> dict[str, Any]:
        result = a_map(target)
        for source in sources:
            result = how(result, a_map(source))
        weighed(result)
        target.clear()
        target.update(result)
        return target

    return merge


def _until(start: int, stop: int, step: int) -> list[int]:
    if step == 0 or (stop - start) * step <= 0:
        return []
    if abs(stop - start) // abs(step) > MAX_ENTRIES:
        raise TemplateError(f"more than {MAX_ENTRIES} entries")
    return list(range(start, stop, step))


def _seq(*bounds: int) -> str:
    first, last, step = 1, 1, 0
    if len(bounds) == 1:
        last = bounds[0]
    elif len(bounds) == 2:
        first, last = bounds
    elif len(bounds) == 3:
        first, step, last = bounds
    else:
        return ""
    step = step or (1 if last >= first else -1)
    return " ".join(map(str, _until(first, last + (1 if step > 0 else -1), step)))


def _quotient(first: Any, second: Any) -> int:
    one, other = whole(first), whole(second)
    if other == 0:
        raise TemplateError("integer divide by zero")
    result = abs(one) // abs(other)
    return wrapped(result if (one < 0) is (other < 0) else -result)


def _product(first: Any, *others: Any) -> int:
    result = whole(first)
    for other in others:
        result = wrapped(result * whole(other))
    return result


def _rounded(value: Any, places: int, half: float = 0.5) -> float:
    if not 0 <= places <= 300:
        raise TemplateError("too many places")
    shifted = decimal(value) * 10**places
    below = math.floor(shifted)
    return float((below + (1 if shifted - below >= half else 0)) / 10**places)


def _semver_compare(constraint: str, version: str) -> bool:
    found = version_of(a_text(version))
    if found is None:
        raise TemplateError("invalid semantic version")
    try:
        return range_of(a_text(constraint)).holds(found)
    except RenderError as error:
        raise TemplateError("improper constraint") from error


def _unique(values: list[Any]) -> list[Any]:
    weighed(a_list(values))
    found: list[Any] = []
    for value in values[:MAX_ENTRIES]:
        if not any(equal(value, known) for known in found):
            found.append(value)
    return found


def _chunks(size: int, values: list[Any]) -> list[list[Any]]:
    if size < 1:
        raise TemplateError("a chunk of no entries")
    return [a_list(values)[at : at + size] for at in range(0, len(values), size)]


def _sliced(values: list[Any], *bounds: Any) -> list[Any]:
    start = whole(bounds[0]) if bounds else 0
    end = whole(bounds[1]) if len(bounds) > 1 else len(a_list(values))
    if not 0 <= start <= end <= len(values):
        raise TemplateError("index out of range")
    return a_list(values)[start:end]


def _ternary(yes: Any, no: Any, condition: Any) -> Any:
    if not isinstance(condition, bool):
        raise TemplateError("wrong type: expected bool")
    return yes if condition else no


def _fail(message: str) -> str:
    raise TemplateError(a_text(message))


def _copy(value: Any) -> Any:
    if isinstance(weighed(value), dict):
        return {key: _copy(entry) for key, entry in value.items()}
    return [_copy(entry) for entry in value] if isinstance(value, list) else value


def _concat(*lists: list[Any]) -> list[Any]:
    return [entry for values in lists for entry in a_list(values)]


def _without(values: list[Any], *left: Any) -> list[Any]:
    return [value for value in a_list(values) if not any(equal(value, entry) for entry in left)]


_LISTS: dict[str, Callable[..., Any]] = {
    "append": lambda values, value: [*a_list(values), value],
    "push": lambda values, value: [*a_list(values), value],
    "prepend": lambda values, value: [value, *a_list(values)],
    "first": lambda values: a_list(values)[0] if values else None,
    "last": lambda values: a_list(values)[-1] if values else None,
    "rest": lambda values: a_list(values)[1:],
    "initial": lambda values: a_list(values)[:-1],
    "reverse": lambda values: a_list(values)[::-1],
    "uniq": _unique,
    "without": _without,
    "has": lambda value, values: values is not None and any(equal(value, entry) for entry in a_list(values)),
    "compact": lambda values: [value for value in a_list(values) if value],
    "slice": _sliced,
    "chunk": _chunks,
    "deepCopy": _copy,
    "merge": _merged(filled),
    "mergeOverwrite": _merged(overridden),
}

SPRIG: Mapping[str, Callable[..., Any]] = {
    **TEXTS,
    **_LISTS,
    **{f"must{name[0].upper()}{name[1:]}": function for name, function in _LISTS.items()},
    "list": lambda *values: list(values),
    "tuple": lambda *values: list(values),
    "concat": _concat,
    "dict": _dict,
    "get": lambda values, key: a_map(values).get(key, ""),
    "set": _set,
    "unset": _unset,
    "hasKey": lambda values, key: a_text(key) in a_map(values),
    "pluck": lambda key, *maps: [entry[key] for entry in map(a_map, maps) if key in entry],
    "keys": lambda *maps: [key for entry in map(a_map, maps) for key in sorted(entry)],
    "values": lambda values: [a_map(values)[key] for key in sorted(values)],
    "pick": lambda values, *keys: {key: a_map(values)[key] for key in keys if key in values},
    "omit": lambda values, *keys: {key: entry for key, entry in a_map(values).items() if key not in keys},
    "dig": _dig,
    "default": _default,
    "empty": lambda value: not value,
    "coalesce": lambda *values: next((value for value in values if value), None),
    "all": lambda *values: all(values),
    "any": lambda *values: any(values),
    "ternary": _ternary,
    "fail": _fail,
    "typeOf": type_name,
    "typeIs": lambda name, value: type_name(value) == name,
    "typeIsLike": lambda name, value: type_name(value) in (name, f"*{name}"),
    "kindOf": kind_name,
    "kindIs": lambda name, value: kind_name(value) == name,
    "deepEqual": lambda first, second: equal(weighed(first), weighed(second)),
    "int": whole,
    "int64": whole,
    "float64": decimal,
    "atoi": lambda text: whole(text) if a_text(text).lstrip("+-").isdigit() else 0,
    "toDecimal": lambda value: int(string(value), 8) if string(value).isdigit() else 0,
    "add1": lambda value: wrapped(whole(value) + 1),
    "add": lambda *values: wrapped(sum(map(whole, values))),
    "sub": lambda first, second: wrapped(whole(first) - whole(second)),
    "div": _quotient,
    "mod": lambda first, second: wrapped(whole(first) - _quotient(first, second) * whole(second)),
    "mul": _product,
    "max": lambda first, *others: max(map(whole, (first, *others))),
    "biggest": lambda first, *others: max(map(whole, (first, *others))),
    "min": lambda first, *others: min(map(whole, (first, *others))),
    "maxf": lambda first, *others: max(map(decimal, (first, *others))),
    "minf": lambda first, *others: min(map(decimal, (first, *others))),
    "ceil": lambda value: float(math.ceil(decimal(value))),
    "floor": lambda value: float(math.floor(decimal(value))),
    "round": _rounded,
    "until": lambda count: _until(0, count, 1 if count >= 0 else -1),
    "untilStep": _until,
    "seq": _seq,
    "semverCompare": _semver_compare,
}
"""By name."""

_RANDOM = "it is another with every run"
_TIME = "it tells the time, and is another with every run"
_SPELLING = "how it tells words apart is not followed here"
NOT_HERE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "shuffle", "uuidv4", "bcrypt",
            "htpasswd", "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey",
            "genSignedCert", "genSignedCertWithKey", "encryptAES",
        ),
        _RANDOM,
    ),
    **dict.fromkeys(
        (
            "ago", "date", "date_in_zone", "date_modify", "dateInZone", "dateModify", "duration", "durationRound", "htmlDate",
            "htmlDateInZone", "must_date_modify", "mustDateModify", "mustToDate", "now", "toDate", "unixEpoch",
        ),
        _TIME,
    ),
    **dict.fromkeys(("snakecase", "camelcase", "kebabcase", "wrap", "wrapWith", "abbrevboth"), _SPELLING),
    **dict.fromkeys(
        (
            "derivePassword", "buildCustomCert", "decryptAES", "semver", "urlParse", "urlJoin", "add1f", "addf", "subf",
            "divf", "mulf", "js", "call", "osBase", "osClean", "osDir", "osExt", "osIsAbs",
        ),
        "it is seldom used",
    ),
}  # fmt: skip
"""Functions that Argo CD has and that are not done here, with the reason."""
