"""What of a manifest does not fit its schema, in words, at a pointer by list key.

Left out is what cannot be judged or was put there by somebody else: nulls (the API server takes them as
absent), values that SOPS encrypted, the marker that stands for a redacted secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MAX_MISMATCHES = 25
"""Mismatches reported a document; a document that fits nothing says so as well with 25 as with 25,000."""

REDACTION_MARKER = "auditor-redacted:"
_ENCRYPTED = re.compile(r"^ENC\[[A-Z0-9_]+,")
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}|\{\{.*?\}\}")
_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")
_NEEDS_QUOTES = re.compile(r"[\[\],=\"\s]|^$")
_LONGEST = 160

_TYPE_NAMES = {
    dict: "a mapping",
    list: "a list",
    str: "a text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that does not fit. `placeholder`: a variable stands there, so it was not judged."""

    pointer: str
    message: str
    placeholder: bool = False


def mismatches(validator: Any, manifest: Any) -> list[Mismatch]:
    """Everything that does not fit, by pointer, at most `MAX_MISMATCHES`."""
    found: dict[tuple[str, str], Mismatch] = {}
    for error in validator.iter_errors(manifest):
        for mismatch in _describe(error, manifest):
            found.setdefault((mismatch.pointer, mismatch.message), mismatch)
            if len(found) >= MAX_MISMATCHES:
                return sorted(found.values(), key=lambda m: m.pointer)
    return sorted(found.values(), key=lambda m: m.pointer)


def pointer_by_key(manifest: Any, path: Iterable[str | int]) -> str:
    """The path as a pointer that survives reordering: `spec.containers[name=web].image`.

    A list entry is named by its `name` where it has one of its own, else by its index.
    """
    text, value = "", manifest
    for step in path:
        if isinstance(step, int):
            entries = value if isinstance(value, list) else []
            value = entries[step] if step < len(entries) else None
            name = value.get("name") if isinstance(value, dict) else None
            names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
            unique = isinstance(name, str) and names.count(name) == 1
            text += f"[name={_value(str(name))}]" if unique else f"[{step}]"
            continue
        value = value.get(step) if isinstance(value, dict) else None
        text += _key(step, first=not text)
    return text


def _key(name: str, *, first: bool) -> str:
    if not _PLAIN_KEY.match(name):
        return f"[{json.dumps(name, ensure_ascii=False)}]"
    return name if first else f".{name}"


def _value(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) if _NEEDS_QUOTES.search(name) else name


def _describe(error: Any, manifest: Any) -> Iterator[Mismatch]:
    from jsonschema.exceptions import best_match

    cause = best_match([error]) or error
    if _not_ours(cause.instance) or _not_ours(error.instance):
        return
    pointer = pointer_by_key(manifest, cause.absolute_path)
    if cause.validator == "additionalProperties" and isinstance(cause.instance, dict):
        known = set(cause.schema.get("properties", {}))
        for name in sorted(set(cause.instance) - known):
            yield Mismatch(pointer + _key(str(name), first=not pointer), "the field is unknown to the schema")
        return
    if isinstance(cause.instance, str) and _PLACEHOLDER.search(cause.instance):
        yield Mismatch(pointer, "a variable stands here, so the field was not judged", placeholder=True)
        return
    yield Mismatch(pointer, _words(cause))


def _not_ours(value: Any) -> bool:
    return value is None or (
        isinstance(value, str) and (value.startswith(REDACTION_MARKER) or bool(_ENCRYPTED.match(value)))
    )


def _words(error: Any) -> str:
    if error.validator == "type":
        allowed = error.validator_value
        names = [allowed] if isinstance(allowed, str) else [name for name in allowed if name != "null"]
        return f"it is {_TYPE_NAMES.get(type(error.instance), 'a value')} and must be {' or '.join(names)}"
    if error.validator == "required" and isinstance(error.instance, dict):
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"it lacks {', '.join(missing)}"
    if error.validator == "enum":
        allowed = ", ".join(str(value) for value in error.validator_value if value is not None)
        return f"it is not one of {_shortened(allowed)}"
    return _shortened(str(error.message))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
