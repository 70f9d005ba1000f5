"""`metadata.managedFields`: who owns which field, since when, and how it was written.

Format: FieldsV1 of `k8s.io/apimachinery/pkg/apis/meta/v1` (a trie whose keys are `f:<field>`,
`k:<JSON of the key fields>`, `v:<JSON of the value>`, `i:<position>`; `.` is the node itself).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from auditor.crosscheck.listkeys import ListKey, Path, SetValue, Step, starts_with

_DEPTH = 128
"""Deeper than any object that the API server takes; managedFields may be written by anybody."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One entry: a manager's name for itself, what it did, and the paths that it owns.

    `time` is when the entry last changed as a whole, not when each field did; None where it says nothing.
    """

    manager: str
    operation: str
    subresource: str
    time: datetime | None
    paths: frozenset[Path]

    def owns(self, path: Path) -> bool:
        """True where the manager owns the path itself."""
        return path in self.paths

    def owns_within(self, path: Path) -> bool:
        """True where the manager owns the path or anything beneath it."""
        return any(starts_with(owned, path) for owned in self.paths)

    def __str__(self) -> str:
        how = f"{self.operation} of {self.subresource}" if self.subresource else self.operation
        return f"{self.manager} ({how})"


@dataclass(frozen=True, slots=True)
class Ownership:
    """Everything that one object's managedFields says. `recorded` is false where it has none at all.

    `problems` names entries that could not be read; their fields have no known owner.
    """

    owners: tuple[Owner, ...]
    recorded: bool
    problems: tuple[str, ...] = ()

    def of(self, path: Path) -> tuple[Owner, ...]:
        """Who owns the value at the path: that path, else something beneath it, else what encloses it."""
        for owned in (
            tuple(owner for owner in self.owners if owner.owns(path)),
            tuple(owner for owner in self.owners if owner.owns_within(path)),
        ):
            if owned:
                return owned
        for length in range(len(path) - 1, 0, -1):
            enclosing = tuple(owner for owner in self.owners if owner.owns(path[:length]))
            if enclosing:
                return enclosing
        return ()


def ownership(manifest: Mapping[str, Any]) -> Ownership:
    """The owners of an object's fields; entries on the status subresource say nothing about what git declares."""
    metadata = manifest.get("metadata")
    entries = metadata.get("managedFields") if isinstance(metadata, Mapping) else None
    if not isinstance(entries, Sequence) or not entries:
        return Ownership((), recorded=False)
    owners, problems = [], []
    for entry in entries:
        if not isinstance(entry, Mapping):
            problems.append("a managedFields entry is no mapping")
        elif entry.get("subresource") != "status":
            try:
                owners.append(_owner(entry))
            except ValueError as error:
                problems.append(f"managedFields of {entry.get('manager', '')!r} cannot be read: {error}")
    return Ownership(tuple(owners), recorded=True, problems=tuple(problems))


def _owner(entry: Mapping[str, Any]) -> Owner:
    kind = entry.get("fieldsType", "FieldsV1")
    if kind != "FieldsV1":
        raise ValueError(f"fieldsType {kind!r} is not FieldsV1")
    return Owner(
        manager=str(entry.get("manager", "")),
        operation=str(entry.get("operation", "")),
        subresource=str(entry.get("subresource", "")),
        time=_time(entry.get("time")),
        paths=parse_fields(entry.get("fieldsV1") or {}),
    )


def _time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def parse_fields(trie: Any) -> frozenset[Path]:
    """Every path that a FieldsV1 trie owns. Raises ValueError where it is none."""
    return frozenset(_paths(trie, ()))


def _paths(trie: Any, prefix: Path) -> Iterator[Path]:
    if not isinstance(trie, Mapping):
        raise ValueError(f"{type(trie).__name__} where a set of fields should be")
    if len(prefix) > _DEPTH:
        raise ValueError(f"more than {_DEPTH} levels")
    if not trie and prefix:
        yield prefix
    for key, inner in trie.items():
        if key == ".":
            yield prefix
        else:
            yield from _paths(inner, (*prefix, _step(str(key))))


def _step(key: str) -> Step:
    tag, _, text = key.partition(":")
    if tag == "f":
        return text
    if tag == "i":
        return int(text)
    if tag == "v":
        return SetValue(json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False))
    if tag == "k":
        fields = json.loads(text)
        if isinstance(fields, dict) and not any(isinstance(value, dict | list) for value in fields.values()):
            return ListKey(tuple(sorted(fields.items())))
    raise ValueError(f"{key!r} is no field, key, value or position")
