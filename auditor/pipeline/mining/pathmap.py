"""A map by path that is kept at every commit of a history: what two commits have in common is kept once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")

_BITS = 4
_BRANCHES = 1 << _BITS
_LEVELS = 3
"""16³ leaves: a change copies three small tuples and the few paths of one leaf, however many paths there are."""

_EMPTY: tuple[Any, ...] = (None,) * _BRANCHES


class PathMap(Mapping[str, Value], Generic[Value]):
    """A map that never changes; `changed` gives another one, for the price of what it changes."""

    __slots__ = ("_length", "_root")

    def __init__(self) -> None:
        self._root = _EMPTY
        self._length = 0

    def changed(self, values: Mapping[str, Value | None]) -> PathMap[Value]:
        """The map with these values for their paths; None takes a path out."""
        made: PathMap[Value] = PathMap()
        made._root, made._length = self._root, self._length
        for path, value in values.items():
            made._length += (value is not None) - (path in made)
            made._root = _put(made._root, _LEVELS, hash(path), path, value)
        return made

    def __getitem__(self, path: str) -> Value:
        node: Any = self._root
        place = hash(path)
        for _ in range(_LEVELS):
            node = node[place % _BRANCHES]
            if node is None:
                raise KeyError(path)
            place >>= _BITS
        found: Value = node[path]
        return found

    def __iter__(self) -> Iterator[str]:
        return _paths(self._root, _LEVELS)

    def __len__(self) -> int:
        return self._length


def _put(node: Any, level: int, place: int, path: str, value: Any) -> Any:
    """The node with the path's value; None for one that holds nothing."""
    if level == 0:
        leaf = {name: held for name, held in (node or {}).items() if name != path}
        if value is not None:
            leaf[path] = value
        return leaf or None
    number = place % _BRANCHES
    branches = node or _EMPTY
    below = _put(branches[number], level - 1, place >> _BITS, path, value)
    made = (*branches[:number], below, *branches[number + 1 :])
    return made if level == _LEVELS or any(branch is not None for branch in made) else None


def _paths(node: Any, level: int) -> Iterator[str]:
    if level == 0:
        yield from node
        return
    for branch in node:
        if branch is not None:
            yield from _paths(branch, level - 1)
