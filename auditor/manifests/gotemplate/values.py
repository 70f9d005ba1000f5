"""What functions of templates share: Go's conversions, merging, and JSON's values as Go has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from auditor.manifests.gotemplate.errors import TemplateError
from auditor.manifests.gotemplate.formatting import as_text, weighed

_WHOLE = 2**63


def as_go(value: Any) -> Any:
    """A value of JSON or YAML as Go has it: every number is a float."""
    if isinstance(value, Mapping):
        return {str(key): as_go(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_go(entry) for entry in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 10**300 else str(value)
    return value


def as_json(value: Any) -> Any:
    """A value of a template for JSON or YAML: floats that are whole numbers are written as such."""
    if isinstance(value, dict):
        return {key: as_json(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_json(entry) for entry in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TemplateError("JSON has no such number")
        return int(value) if value.is_integer() and abs(value) < 1e21 else value
    return value


def whole(value: Any) -> int:
    """A whole number as sprig's toInt64 makes one: 0 for what is none; wrapped at 64 bits."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return wrapped(int(value)) if math.isfinite(value) else -_WHOLE
    if isinstance(value, int):
        return wrapped(value)
    if isinstance(value, str) and len(value) < 30:
        digits = value.lstrip("+-")
        is_octal = len(digits) > 1 and digits[0] == "0" and digits[1:].isdigit()
        try:
            return wrapped(int(value, 8 if is_octal else 0))
        except ValueError:
            return 0
    return 0


def wrapped(number: int) -> int:
    """The number as 64 bits hold it."""
    return (number + _WHOLE) % (2 * _WHOLE) - _WHOLE


def decimal(value: Any) -> float:
    """A float as sprig's toFloat64 makes one: 0 for what is none."""
    try:
        return float(value) if isinstance(value, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return 0.0


def string(value: Any) -> str:
    """A text as sprig's strval makes one."""
    return value if isinstance(value, str) else as_text(weighed(value))


def strings(value: Any) -> list[str]:
    """Texts as sprig's strslice makes them: of a list its entries but nothing, of anything else itself."""
    if value is None:
        return []
    weighed(value)
    if isinstance(value, list):
        return [string(entry) for entry in value if entry is not None]
    return [string(value)]


def a_list(value: Any) -> list[Any]:
    """The value, which has to be a list."""
    if not isinstance(value, list):
        raise TemplateError("a list is wanted")
    return value


def a_map(value: Any) -> dict[str, Any]:
    """The value, which has to be a map; nothing is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TemplateError("a map is wanted")
    return value


def a_text(value: Any) -> str:
    """The value, which has to be a text: Go does not turn a number into one."""
    if not isinstance(value, str):
        raise TemplateError("wrong type: expected string")
    return value


def filled(target: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """The target with what it lacks, or has empty, from the source, map by map (mergo.Merge)."""
    result = dict(target)
    for key, value in source.items():
        known = result.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            result[key] = filled(known, value)
        elif not known and (value or key not in result):
            result[key] = value
    return result


def overridden(target: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """The target with what the source has and is not empty, map by map (mergo.MergeWithOverwrite)."""
    result = dict(target)
    for key, value in source.items():
        known = result.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            result[key] = overridden(known, value)
        elif value or key not in result:
            result[key] = value
    return result


def equal(first: Any, second: Any) -> bool:
    """As reflect.DeepEqual: types count."""
    if type(first) is not type(second):
        return False
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal(first[key], second[key]) for key in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(equal, first, second))
    return bool(first == second)
