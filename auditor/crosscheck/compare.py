"""The declared-subset comparison: does the live object hold every value that git declares?

What git says nothing about is not looked at here (`additions` does that, by owner). Both sides are
normalised already; FieldType decides what equal means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.crosscheck.listkeys import Path, keyed, set_value
from auditor.crosscheck.quantities import duration, quantity
from auditor.crosscheck.schema import MISSING, FieldType
from auditor.crosscheck.schema.defaults import default_value


@dataclass(frozen=True, slots=True)
class Difference:
    """One declared value that the live object does not hold; `live` is MISSING where there is none."""

    path: Path
    declared: Any
    live: Any


_PRESENCE_COUNTS = frozenset(
    {
        # An empty struct says something else than none: it selects everything, or it is the volume's source.
        ("core.v1.Volume", "emptyDir"),
        ("networking.v1.NetworkPolicyPeer", "podSelector"),
        ("networking.v1.NetworkPolicyPeer", "namespaceSelector"),
        ("core.v1.PodAffinityTerm", "labelSelector"),
        ("core.v1.PodAffinityTerm", "namespaceSelector"),
        ("core.v1.TopologySpreadConstraint", "labelSelector"),
        ("core.v1.EndpointSubset", "ports"),
    }
)


def differences(declared: Any, live: Any, kind: FieldType, path: Path = ()) -> Iterator[Difference]:
    """Every declared value that is not live, at the highest path that says it all."""
    if isinstance(declared, Mapping) and not kind.atomic and kind.form in {"struct", "map", "any"}:
        yield from _mappings(declared, live, kind, path)
    elif isinstance(declared, list) and kind.form == "list" and kind.merge in {"keyed", "set", "position"}:
        yield from _lists(declared, live, kind, path)
    elif not equal(declared, live, kind):
        yield Difference(path, declared, live)


def _mappings(declared: Mapping[str, Any], live: Any, kind: FieldType, path: Path) -> Iterator[Difference]:
    if not isinstance(live, Mapping):
        if not (live is MISSING and says_nothing(declared, kind)):
            yield Difference(path, declared, live)
        return
    for name, value in declared.items():
        inner, present = kind.child(name), live.get(name, MISSING)
        if present is MISSING and (kind.name, name) in _PRESENCE_COUNTS:
            yield Difference((*path, name), value, MISSING)
        else:
            yield from differences(value, present, inner, (*path, name))


def _lists(declared: list[Any], live: Any, kind: FieldType, path: Path) -> Iterator[Difference]:
    if not isinstance(live, list):
        if not (live is MISSING and not declared):
            yield Difference(path, declared, live)
        return
    if kind.merge == "set":
        held = {set_value(element) for element in live}
        for element in declared:
            if set_value(element) not in held:
                yield Difference((*path, set_value(element)), element, MISSING)
        return
    ours, theirs = keyed(declared, kind.keys), keyed(live, kind.keys)
    if kind.merge == "position" or ours is None or theirs is None:
        yield from _by_position(declared, live, kind, path)
        return
    for key, element in ours.items():
        other = theirs.get(key, MISSING)
        if other is MISSING:
            yield Difference((*path, key), element, MISSING)
        else:
            yield from differences(element, other, kind.item(), (*path, key))


def _by_position(declared: list[Any], live: list[Any], kind: FieldType, path: Path) -> Iterator[Difference]:
    for index in range(max(len(declared), len(live))):
        ours = declared[index] if index < len(declared) else MISSING
        theirs = live[index] if index < len(live) else MISSING
        if ours is MISSING or theirs is MISSING:
            yield Difference((*path, index), ours, theirs)
        else:
            yield from differences(ours, theirs, kind.item(), (*path, index))


def says_nothing(value: Any, kind: FieldType) -> bool:
    """True where the value equals absence: "", {}, [], null, and false or 0 where Go drops them."""
    if value is MISSING or value is None or value == "":
        return True
    if isinstance(value, bool | int | float):
        return kind.zero_dropped and not value
    if isinstance(value, Mapping):
        return all(
            (kind.name, name) not in _PRESENCE_COUNTS and says_nothing(inner, kind.child(name))
            for name, inner in value.items()
        )
    return isinstance(value, list) and not value


def equal(declared: Any, live: Any, kind: FieldType) -> bool:
    """True where both say the same in full; the live side may also hold the API server's defaults."""
    if declared is MISSING or live is MISSING:
        return says_nothing(live if declared is MISSING else declared, kind)
    if isinstance(declared, Mapping):
        return isinstance(live, Mapping) and _equal_mappings(declared, live, kind)
    if isinstance(declared, list):
        return isinstance(live, list) and _equal_lists(declared, live, kind)
    return not isinstance(live, Mapping | list) and _equal_scalars(declared, live, kind)


def _equal_mappings(declared: Mapping[str, Any], live: Mapping[str, Any], kind: FieldType) -> bool:
    for name in declared.keys() | live.keys():
        ours, theirs = declared.get(name, MISSING), live.get(name, MISSING)
        if (ours is MISSING or theirs is MISSING) and (kind.name, name) in _PRESENCE_COUNTS:
            return False
        if ours is MISSING and default_value(kind, name, theirs, live):
            continue
        if not equal(ours, theirs, kind.child(name)):
            return False
    return True


def _equal_lists(declared: list[Any], live: list[Any], kind: FieldType) -> bool:
    if len(declared) != len(live):
        return False
    item = kind.item()
    if kind.merge == "bag" or kind.merge == "set":
        return _equal_bags(declared, live, item)
    if kind.merge == "keyed":
        ours, theirs = keyed(declared, kind.keys), keyed(live, kind.keys)
        if ours is not None and theirs is not None:
            return ours.keys() == theirs.keys() and all(equal(ours[key], theirs[key], item) for key in ours)
    return all(equal(ours, theirs, item) for ours, theirs in zip(declared, live, strict=True))


def _equal_bags(declared: list[Any], live: list[Any], item: FieldType) -> bool:
    rest = list(live)
    for element in declared:
        match = next((index for index, other in enumerate(rest) if equal(element, other, item)), None)
        if match is None:
            return False
        del rest[match]
    return True


def _equal_scalars(declared: Any, live: Any, kind: FieldType) -> bool:
    if kind.form == "quantity":
        ours = quantity(declared)
        return declared == live if ours is None else ours == quantity(live)
    if kind.form == "duration":
        length = duration(declared)
        return bool(declared == live) if length is None else length == duration(live)
    if isinstance(declared, bool) or isinstance(live, bool):
        return declared is live
    return bool(declared == live)
