"""What of a manifest does not fit its schema, in words, at a pointer by list key.

What cannot be judged is said not to be, and is no mismatch: variables, values that SOPS encrypted, the marker that stands
for a redacted secret. Left out are, in Kubernetes' own kinds, nulls (the API server takes them as absent).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_MISMATCHES = 25
"""Mismatches reported a document; a document that fits nothing says so as well with 25 as with 25,000."""

MAX_STEPS = 200_000
"""Keywords looked at a document: about a second. A hostile schema over a large document would take hours."""

REDACTION_MARKER = "auditor-redacted:"
ENCRYPTED = re.compile(r"^ENC\[[A-Z0-9_]+,")
_ENCRYPTED_TYPE = re.compile(r",type:(str|int|float|bool|bytes)\]$")
_PLACEHOLDER = re.compile(r"(?<!\$)\$\{[^}]*\}|\{\{.*?\}\}")
_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")
_NEEDS_QUOTES = re.compile(r"[\[\],=\"\s]|^$")
_LONGEST = 160
_LEAVES = 200
_VARIABLE = "a variable stands here, so the field was not judged"
_SEALED = "the value is encrypted, so the field was not judged"
_REDACTED = "the value is a secret that is not kept, so the field was not judged"

_TYPE_NAMES = {
    dict: "a mapping",
    list: "a list",
    str: "a text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}
_JUNCTORS = ("anyOf", "oneOf")
_TOO_MUCH = "it does not fit its schema, and both are too large to say all of what does not"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that does not fit. `placeholder`: something else stands in the value's place, so it was not judged."""

    pointer: str
    message: str
    placeholder: bool = False


class BudgetSpentError(Exception):
    """The search for what does not fit has taken as long as it may."""


@dataclass(slots=True)
class Budget:
    """Counts keywords looked at."""

    left: int = MAX_STEPS

    def counted(self, rule: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
        """The same rule; raises BudgetSpentError where there is nothing left."""

        def look(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            self.left -= 1 + (len(value) >> 4 if isinstance(value, list) else 0)
            if self.left < 0:
                raise BudgetSpentError
            return rule(validator, value, instance, schema) or iter(())

        return look


@dataclass(frozen=True, slots=True)
class Subject:
    """A manifest as it stands in git; `nulls_pass` where a null is as good as nothing."""

    manifest: Any
    nulls_pass: bool = True


def mismatches(errors: Iterable[Any], subject: Subject) -> list[Mismatch]:
    """Everything that does not fit, by pointer, at most `MAX_MISMATCHES`."""
    found: dict[tuple[str, str], Mismatch] = {}
    try:
        lacking: set[tuple[Any, ...]] = set()
        for error in errors:
            if error.validator == "required":  # one for each missing field, and the first says all of them
                place = tuple(error.absolute_path)
                if place in lacking:
                    continue
                lacking.add(place)
            for mismatch in _describe(error, subject):
                found.setdefault((mismatch.pointer, mismatch.message), mismatch)
                if len(found) >= MAX_MISMATCHES:
                    return sorted(found.values(), key=lambda m: m.pointer)
    except (BudgetSpentError, RecursionError):
        found.setdefault(("", ""), Mismatch("", _TOO_MUCH))
    wrong = {one.pointer for one in found.values() if not one.placeholder}
    told = (one for one in found.values() if not (one.placeholder and one.pointer in wrong))
    return sorted(told, key=lambda m: m.pointer)


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


def decrypted_sample(value: Any) -> Any:
    """The manifest with a value of the type that SOPS wrote down in place of each encrypted one; texts stay.

    https://github.com/getsops/sops#encryption-protocol
    """
    if isinstance(value, dict):
        return {key: decrypted_sample(sub) for key, sub in value.items()}
    if isinstance(value, list):
        return [decrypted_sample(sub) for sub in value]
    if isinstance(value, str) and ENCRYPTED.match(value):
        match = _ENCRYPTED_TYPE.search(value)
        return _SAMPLES.get(match[1], value) if match else value
    return value


_SAMPLES: dict[str, Any] = {"int": 7, "float": 7.0, "bool": True}


def _key(name: str, *, first: bool) -> str:
    if not _PLAIN_KEY.match(name):
        return f"[{json.dumps(name, ensure_ascii=False)}]"
    return name if first else f".{name}"


def _value(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) if _NEEDS_QUOTES.search(name) else name


def _describe(error: Any, subject: Subject) -> Iterator[Mismatch]:
    leaves = list(islice(_leaves(error), _LEAVES))
    values = [_at(subject.manifest, leaf.absolute_path) for leaf in leaves]
    if subject.nulls_pass and any(value is None for value in values):
        return
    for leaf, value in zip(leaves, values, strict=True):
        why = _unjudged(leaf, value)
        if why:
            yield Mismatch(pointer_by_key(subject.manifest, leaf.absolute_path), why, placeholder=True)
            return
    cause = _cause(error)
    pointer = pointer_by_key(subject.manifest, cause.absolute_path)
    if cause.validator == "additionalProperties" and isinstance(cause.instance, dict):
        known = set(cause.schema.get("properties", {}))
        for name in sorted(set(map(str, cause.instance)) - known):
            of_field = pointer + _key(name, first=not pointer)
            variable = _PLACEHOLDER.search(name) is not None
            yield Mismatch(
                of_field, _VARIABLE if variable else "the field is unknown to the schema", variable
            )
        return
    yield Mismatch(pointer, _words(cause, _at(subject.manifest, cause.absolute_path)))


def _leaves(error: Any) -> Iterator[Any]:
    if not error.context:
        yield error
        return
    for sub in error.context:
        yield from _leaves(sub)


def _unjudged(leaf: Any, value: Any) -> str:
    """Why it cannot be known whether the value fits; '' where it can, and does not."""
    if isinstance(value, str):
        # Its type is known where SOPS wrote it down, and stands there in its place; nothing else is.
        if ENCRYPTED.match(value) and (leaf.validator != "type" or _ENCRYPTED_TYPE.search(value) is None):
            return _SEALED
        if value.startswith(REDACTION_MARKER):
            return _REDACTED
    return _VARIABLE if _has_variable(leaf, value) else ""


def _has_variable(leaf: Any, value: Any) -> bool:
    if isinstance(value, str):
        return _PLACEHOLDER.search(value) is not None
    if leaf.validator == "required" and isinstance(value, dict):
        return any(_PLACEHOLDER.search(str(key)) for key in value)
    return False


def _at(manifest: Any, path: Iterable[str | int]) -> Any:
    value = manifest
    for step in path:
        value = value[step]
    return value


def _cause(error: Any) -> Any:
    """Of alternatives none of which fits, the one that fits best; the error itself where none is nearer."""
    if error.validator not in _JUNCTORS or not error.context:
        return error
    branches: dict[Any, list[Any]] = {}
    for sub in error.context:
        branches.setdefault(sub.schema_path[0], []).append(sub)
    near = [branch for branch in branches.values() if not any(_is_wrong_type(sub) for sub in branch)]
    if not near or all(sub.validator == "required" and not sub.path for branch in near for sub in branch):
        return error if len(near) != 1 else _cause(near[0][0])
    return _cause(min(near, key=len)[0])


def _is_wrong_type(sub: Any) -> bool:
    return sub.validator == "type" and not sub.path


def _words(error: Any, value: Any) -> str:
    if error.validator == "type":
        return _wrong_type(error.instance, value, _types(error))
    if error.validator in _JUNCTORS:
        return _no_alternative(error, value)
    if error.validator == "required" and isinstance(error.instance, dict):
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"it lacks {', '.join(missing)}"
    if error.validator == "enum":
        allowed = ", ".join(str(one) for one in error.validator_value if one is not None)
        return f"it is not one of {_shortened(allowed)}"
    if error.validator == "not":
        return "it is what the schema excludes"
    return _shortened(str(error.message))


def _no_alternative(error: Any, value: Any) -> str:
    if not error.context:
        return "it fits several alternatives of which it may fit one"
    if all(_is_wrong_type(sub) for sub in error.context):
        return _wrong_type(error.instance, value, [name for sub in error.context for name in _types(sub)])
    missing = [name for sub in error.context if sub.validator == "required" for name in sub.validator_value]
    if missing and isinstance(error.instance, dict):
        lacking = dict.fromkeys(name for name in missing if name not in error.instance)
        return f"it needs one of {_shortened(', '.join(lacking))}"
    return "it fits none of the alternatives"


def _types(error: Any) -> list[str]:
    allowed = error.validator_value
    return [allowed] if isinstance(allowed, str) else [name for name in allowed if name != "null"]


def _wrong_type(instance: Any, value: Any, allowed: list[str]) -> str:
    wanted = " or ".join(dict.fromkeys(allowed))
    if instance is None:
        return f"it is null, which counts as missing, and must be {wanted}"
    is_encrypted = isinstance(value, str) and ENCRYPTED.match(value)
    verb = "it decrypts to" if is_encrypted else "it is"
    return f"{verb} {_TYPE_NAMES.get(type(instance), 'a value')} and must be {wanted}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
