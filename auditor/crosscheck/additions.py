"""What a live object holds that git does not declare, told apart by who owns it.

A field that a stranger owns was added; one that the GitOps manager applied and git no longer declares was not
pruned. Fields that nobody owns are the API server's defaults. An addition is reported at the highest path that
is wholly one party's: a container that somebody added once, not its thirty fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.crosscheck.compare import says_nothing
from auditor.crosscheck.listkeys import Path, keyed, resolve, starts_with, type_at
from auditor.crosscheck.managedfields import Owner, Ownership
from auditor.crosscheck.schema import MISSING, FieldType
from auditor.crosscheck.schema.defaults import default_value


@dataclass(frozen=True, slots=True)
class Addition:
    """An undeclared value; `unpruned` where the GitOps manager itself applied it. `owners` may be unknown: ()."""

    path: Path
    live: Any
    owners: tuple[Owner, ...]
    unpruned: bool


@dataclass(frozen=True, slots=True)
class _Owned:
    path: Path
    owners: tuple[Owner, ...]
    unpruned: bool


def additions(
    declared: Any, live: Any, kind: FieldType, ownership: Ownership, is_gitops: Callable[[Owner], bool]
) -> Iterator[Addition]:
    """Every undeclared value that has an owner, where that owner is a stranger or applied it for git."""
    applied = any(is_gitops(owner) and owner.operation == "Apply" for owner in ownership.owners)
    groups: dict[Path, list[_Owned]] = {}
    for owned in _undeclared(declared, live, ownership, is_gitops):
        groups.setdefault(_highest_undeclared(declared, owned.path), []).append(owned)
    for prefix, members in groups.items():
        for path, owners, unpruned in _split(prefix, members, kind):
            value = resolve(live, path)
            if not _by_default(value, live, path, kind, allocated=not applied):
                yield Addition(path, value, owners, unpruned)


def _undeclared(
    declared: Any, live: Any, ownership: Ownership, is_gitops: Callable[[Owner], bool]
) -> Iterator[_Owned]:
    owners: dict[Path, list[Owner]] = {}
    for owner in ownership.owners:
        for path in owner.paths:
            owners.setdefault(path, []).append(owner)
    for path, holders in owners.items():
        if resolve(declared, path) is not MISSING or resolve(live, path) is MISSING:
            continue
        gitops = [owner for owner in holders if is_gitops(owner)]
        if not gitops:
            yield _Owned(path, tuple(holders), unpruned=False)
        elif any(owner.operation == "Apply" for owner in gitops):
            # An Update entry also owns the defaults of the moment, so it says nothing about git.
            yield _Owned(path, tuple(gitops), unpruned=True)


def _highest_undeclared(declared: Any, path: Path) -> Path:
    for length in range(1, len(path)):
        if resolve(declared, path[:length]) is MISSING:
            return path[:length]
    return path


def _split(
    prefix: Path, members: list[_Owned], kind: FieldType
) -> Iterator[tuple[Path, tuple[Owner, ...], bool]]:
    one_party = len({owned.unpruned for owned in members}) == 1
    beneath = [owned for owned in members if len(owned.path) > len(prefix)]
    if not beneath or (one_party and not _is_open(type_at(kind, prefix))):
        owners = tuple(dict.fromkeys(owner for owned in members for owner in owned.owners))
        yield prefix, owners, members[0].unpruned
        return
    deeper: dict[Path, list[_Owned]] = {}
    for owned in beneath:
        deeper.setdefault(owned.path[: len(prefix) + 1], []).append(owned)
    for inner, group in deeper.items():
        yield from _split(inner, group, kind)


def _is_open(kind: FieldType) -> bool:
    """Maps and metadata are collections of things that have nothing to do with one another."""
    return kind.name == "meta.v1.ObjectMeta" or (kind.form == "map" and not kind.atomic)


def _by_default(value: Any, live: Any, path: Path, kind: FieldType, *, allocated: bool) -> bool:
    if value is MISSING or says_nothing(value, type_at(kind, path)):
        return True
    parent, last = path[:-1], path[-1]
    if not isinstance(last, str):
        return False
    siblings = resolve(live, parent)
    return isinstance(siblings, Mapping) and _defaulted(
        value, last, siblings, type_at(kind, parent), allocated=allocated
    )


def _defaulted(
    value: Any, field: str, siblings: Mapping[str, Any], parent: FieldType, *, allocated: bool
) -> bool:
    """True where the value, or every field of it, is what the API server puts there by itself."""
    if default_value(parent, field, value, siblings, allocated=allocated):
        return True
    inner = parent.child(field)
    if not isinstance(value, Mapping) or not value or inner.form != "struct":
        return says_nothing(value, inner)
    return all(_defaulted(below, name, value, inner, allocated=allocated) for name, below in value.items())


_COLLECTIONS = frozenset({"core.v1.ConfigMap", "core.v1.Secret"})
_UNOWNED_SKIPPED = frozenset({"imagePullSecrets", "secrets", "ownerReferences"})


def unowned_additions(declared: Any, live: Any, kind: FieldType, path: Path = ()) -> Iterator[Addition]:
    """What can be told without managedFields: elements of keyed lists, and keys of ConfigMaps and Secrets.

    Of other undeclared fields nobody can say whether they are additions or defaults.
    """
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        for name, value in declared.items():
            if name not in _UNOWNED_SKIPPED:
                inner = kind.child(name)
                yield from unowned_additions(value, live.get(name, MISSING), inner, (*path, name))
        if kind.name in _COLLECTIONS and not path:
            yield from _extra_keys(declared, live)
    elif isinstance(declared, list) and isinstance(live, list) and kind.merge == "keyed":
        ours, theirs = keyed(declared, kind.keys), keyed(live, kind.keys)
        for key, element in (theirs or {}).items() if ours is not None else ():
            if ours is not None and key in ours:
                yield from unowned_additions(ours[key], element, kind.item(), (*path, key))
            else:
                yield Addition((*path, key), element, (), unpruned=False)


def _extra_keys(declared: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Addition]:
    for field in ("data", "binaryData"):
        ours, theirs = declared.get(field) or {}, live.get(field)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            for name in theirs.keys() - ours.keys():
                yield Addition((field, name), theirs[name], (), unpruned=False)


def covered(path: Path, by: tuple[Path, ...]) -> bool:
    """True where one of the paths is this one or encloses it."""
    return any(starts_with(path, other) for other in by)
