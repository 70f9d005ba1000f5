"""JSON files: kubectl reads a file that starts with `{` as a stream of JSON objects."""

from __future__ import annotations

import json
import re
from typing import Any

from auditor.manifests.limits import Limits
from auditor.manifests.loading import Loaded
from auditor.manifests.scalars import ScalarError, json_float, json_integer

_SPACE = re.compile(r"[ \t\r\n]*")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json(text: str, limits: Limits) -> list[Loaded] | None:
    """Every object of a JSON stream; None where the text is not JSON (a YAML flow mapping may be).

    JSON near a limit is left to the YAML reader as well, which counts exactly.
    """
    if deeper_than(text, limits.depth) or sum(map(text.count, ",:[{")) > limits.nodes:
        return None
    duplicates: list[str] = []
    decoder = _decoder(duplicates)
    may_have_surrogates = "\\ud" in text or "\\uD" in text
    loaded: list[Loaded] = []
    position = _SPACE.match(text).end()  # type: ignore[union-attr]
    while position < len(text) and len(loaded) <= limits.documents:
        line = text.count("\n", 0, position) + 1
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return None
        if may_have_surrogates:
            value = _without_lone_surrogates(value)
        loaded.append(Loaded(value=value, line=line, duplicates=[(key, line, 1) for key in duplicates]))
        duplicates.clear()
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]
    return loaded


def deeper_than(text: str, depth: int) -> bool:
    """True where brackets may nest deeper than `depth`; brackets within strings count as well."""
    if text.count("{") + text.count("[") <= depth:
        return False
    level = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        level += 1 if bracket in "[{" else -1
        if level > depth:
            return True
    return False


def _decoder(duplicates: list[str]) -> json.JSONDecoder:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    duplicates.append(key)
                seen.add(key)
        return built

    return json.JSONDecoder(
        object_pairs_hook=build, parse_float=_float, parse_int=json_integer, parse_constant=_refuse
    )


def _float(text: str) -> int | float:
    return json_float(float(text))


def _refuse(text: str) -> Any:
    raise ScalarError("unsupported-value", f"JSON has no {text}")


def _without_lone_surrogates(value: Any) -> Any:
    """Go puts U+FFFD for half a surrogate pair; no UTF-8 text can hold one."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("�", value)
    if isinstance(value, list):
        return [_without_lone_surrogates(entry) for entry in value]
    if isinstance(value, dict):
        return {
            _without_lone_surrogates(key): _without_lone_surrogates(entry) for key, entry in value.items()
        }
    return value
