"""How much work a schema makes of values, counted before a validator does it: a schema of a few lines whose parts refer
to one another can ask for more steps than a computer ever takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MAX_STEPS = 200_000
"""Schemas applied to values: some hundred times what the largest charts in use take."""

_IN_PLACE = ("allOf", "anyOf", "oneOf")
_IN_PLACE_ONE = ("not", "if", "then", "else")
_ITEMS = ("items", "additionalItems", "contains", "unevaluatedItems")
_OTHERS = ("additionalProperties", "unevaluatedProperties", "propertyNames")


class SchemaTooCostlyError(Exception):
    """It would take more than MAX_STEPS."""


def check_cost(schema: Any, values: Any) -> None:
    """Raises SchemaTooCostlyError where judging the values takes too many steps. Every branch counts, whether a
    validator would look at it or not."""
    names = _names(schema)
    left = MAX_STEPS
    pending: list[tuple[Any, Any, int]] = [(schema, values, 0)]
    while pending:
        node, value, in_place = pending.pop()
        left -= 1
        if left < 0 or in_place > _MOST_IN_PLACE:
            raise SchemaTooCostlyError
        if isinstance(node, Mapping):
            pending.extend(_applied(node, value, in_place, names, schema))


_MOST_IN_PLACE = 2_000
"""Schemas that apply one another to the same value: a reference that leads back to itself never ends."""


def _applied(
    node: Mapping[str, Any], value: Any, depth: int, names: Mapping[str, Any], root: Any
) -> Iterator[tuple[Any, Any, int]]:
    # What is not evaluated is found out by applying the same again.
    times = 2 if "unevaluatedProperties" in node or "unevaluatedItems" in node else 1
    for part in _in_place(node, names, root):
        for _ in range(times):
            yield part, value, depth + 1
    if isinstance(value, Mapping):
        known = node.get("properties")
        if isinstance(known, Mapping):
            yield from ((known[name], value[name], 0) for name in known.keys() & value.keys())
        patterns = node.get("patternProperties")
        if isinstance(patterns, Mapping):
            yield from ((part, entry, 0) for part in patterns.values() for entry in value.values())
        for keyword in _OTHERS:
            if isinstance(node.get(keyword), Mapping):
                yield from ((node[keyword], entry, 0) for entry in value.values())
    elif isinstance(value, list):
        for keyword in (*_ITEMS, "prefixItems"):
            part = node.get(keyword)
            if isinstance(part, Mapping):
                yield from ((part, entry, 0) for entry in value)
            elif isinstance(part, list):
                yield from ((one, entry, 0) for one, entry in zip(part, value, strict=False))


def _in_place(node: Mapping[str, Any], names: Mapping[str, Any], root: Any) -> Iterator[Any]:
    """The schemas that this one applies to the same value."""
    for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        if isinstance(node.get(keyword), str):
            yield _referred(node[keyword], names, root)
    for keyword in _IN_PLACE:
        if isinstance(node.get(keyword), list):
            yield from node[keyword]
    for keyword in _IN_PLACE_ONE:
        if keyword in node:
            yield node[keyword]
    for keyword in ("dependentSchemas", "dependencies"):
        if isinstance(node.get(keyword), Mapping):
            yield from node[keyword].values()


def _referred(reference: str, names: Mapping[str, Any], root: Any) -> Any:
    document, _, fragment = reference.partition("#")
    start = names.get(document.rpartition("/")[2], True) if document else root
    if fragment and not fragment.startswith("/"):
        return names.get(fragment, True)
    for step in fragment.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~").replace("%25", "%").replace("%24", "$")
        if isinstance(start, list) and step.isdigit() and int(step) < len(start):
            start = start[int(step)]
        elif isinstance(start, Mapping) and step in start:
            start = start[step]
        else:
            return True  # a validator refuses it
    return start


def _names(schema: Any) -> dict[str, Any]:
    """The parts of a schema that have a name, by it: the last piece of an address, or an anchor."""
    found: dict[str, Any] = {}
    pending = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, Mapping):
            for keyword in ("$id", "id", "$anchor", "$dynamicAnchor"):
                if isinstance(node.get(keyword), str):
                    found[node[keyword].rstrip("#").rpartition("/")[2].removeprefix("#")] = node
            pending.extend(node.values())
    return found
