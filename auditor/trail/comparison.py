"""Two accounts of the same facts, held against each other: each record that differs is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson


def differences(
    kind: str,
    keys: tuple[str, ...],
    recorded: Iterable[Mapping[str, Any]],
    truth: Iterable[Mapping[str, Any]],
) -> Iterator[str]:
    """What the recorded account of some facts says differently from the true one, in words.

    `keys` are the fields that name a record. Every record's digest and the fields of the truth are held.
    """
    expected: dict[tuple[Any, ...], list[bytes]] = {}
    true_fields: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for fields in truth:
        key = tuple(fields[name] for name in keys)
        expected.setdefault(key, []).append(_digest(fields))
        true_fields[key] = fields
    for fields in recorded:
        key = tuple(fields[name] for name in keys)
        waiting = expected.get(key)
        if not waiting:
            yield f"{_named(kind, keys, key)}: recorded{' once too often' if key in true_fields else ', and not in git'}"
            continue
        digest = _digest(fields)
        if digest in waiting:
            waiting.remove(digest)
            continue
        waiting.pop()
        yield f"{_named(kind, keys, key)}: {_different(fields, true_fields[key])}"
    for key, waiting in expected.items():
        if waiting:
            yield f"{_named(kind, keys, key)}: in git, and not recorded"


def _digest(fields: Mapping[str, Any]) -> bytes:
    plain = {name: _plain(value) for name, value in fields.items()}
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, (list, tuple)):
        return list(value)
    return value


def _named(kind: str, keys: tuple[str, ...], key: tuple[Any, ...]) -> str:
    return f"{kind} " + " ".join(f"{name}={value}" for name, value in zip(keys, key, strict=True))


def _different(recorded: Mapping[str, Any], truth: Mapping[str, Any]) -> str:
    wrong = [name for name in truth if _plain(recorded.get(name)) != _plain(truth[name])]
    return "; ".join(
        f"{name} is recorded as {recorded.get(name)!r}, git says {truth[name]!r}" for name in wrong
    )
