"""Canonical records: one byte string for one fact, so that two accounts of it can be compared or hashed.

A record is a JSON object in RFC 8785 form (JCS). Times are RFC 3339 in UTC with the claimed zone beside them;
integers beyond 2^53 - 1 are texts, since JCS numbers are doubles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

MAX_EXACT = 2**53 - 1
"""The largest integer that a double holds with all its neighbours (RFC 8785, section 3.2.2.3)."""
LEAF_PREFIX = b"\x00"
"""Domain separation of leaves from nodes, as in RFC 6962 section 2.1."""


def canonical(kind: str, fields: Mapping[str, Any]) -> bytes:
    """The record's bytes. `kind` names what it is about; None, texts, numbers, times and lists are allowed."""
    return rfc8785.dumps({"record": kind, **{name: _plain(value) for name, value in fields.items()}})


def leaf_hash(record: bytes) -> bytes:
    """SHA-256 of the record as a leaf: 32 bytes (RFC 6962 section 2.1)."""
    return hashlib.sha256(LEAF_PREFIX + record).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if -MAX_EXACT <= value <= MAX_EXACT else str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return str(value)


def differences(
    kind: str,
    keys: tuple[str, ...],
    recorded: Iterable[Mapping[str, Any]],
    truth: Iterable[Mapping[str, Any]],
) -> Iterator[str]:
    """What the recorded account of some facts says differently from the true one, in words.

    `keys` are the fields that name a record. Only leaf hashes are kept of the truth, so a long history costs
    32 bytes a record, until one differs.
    """
    expected: dict[tuple[Any, ...], list[bytes]] = {}
    true_fields: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for fields in truth:
        key = tuple(fields[name] for name in keys)
        expected.setdefault(key, []).append(leaf_hash(canonical(kind, fields)))
        true_fields[key] = fields
    for fields in recorded:
        key = tuple(fields[name] for name in keys)
        waiting = expected.get(key)
        if not waiting:
            yield f"{_named(kind, keys, key)}: recorded{' once too often' if key in true_fields else ', and not in git'}"
            continue
        leaf = leaf_hash(canonical(kind, fields))
        if leaf in waiting:
            waiting.remove(leaf)
            continue
        waiting.pop()
        yield f"{_named(kind, keys, key)}: {_different(fields, true_fields[key])}"
    for key, waiting in expected.items():
        if waiting:
            yield f"{_named(kind, keys, key)}: in git, and not recorded"


def _named(kind: str, keys: tuple[str, ...], key: tuple[Any, ...]) -> str:
    return f"{kind} " + " ".join(f"{name}={value}" for name, value in zip(keys, key, strict=True))


def _different(recorded: Mapping[str, Any], truth: Mapping[str, Any]) -> str:
    wrong = [name for name in truth if _plain(recorded.get(name)) != _plain(truth[name])]
    return "; ".join(
        f"{name} is recorded as {recorded.get(name)!r}, git says {truth[name]!r}" for name in wrong
    )
