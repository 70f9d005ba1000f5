"""Path patterns with `*`, `?`, `**` and (where a dialect has them) `[…]`, matched in bounded time.

The patterns come from the repository: matching takes time in proportion to pattern × path, whatever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

GLOBSTAR = "**"


@dataclass(frozen=True, slots=True)
class _Star:
    pass


@dataclass(frozen=True, slots=True)
class _AnyOne:
    pass


@dataclass(frozen=True, slots=True)
class _OneOf:
    ranges: tuple[tuple[str, str], ...]
    negated: bool

    def has(self, letter: str) -> bool:
        return any(low <= letter <= high for low, high in self.ranges) is not self.negated


_Part = str | _Star | _AnyOne | _OneOf


def split_pattern(pattern: str) -> tuple[str, ...]:
    """The pattern's segments. A backslash keeps what follows it: it stays in its segment."""
    return tuple(segment for segment in pattern.split("/") if segment)


def matched_lengths(segments: Sequence[str], path: Sequence[str], *, classes: bool) -> frozenset[int]:
    """Which beginnings of the path the whole pattern matches, by their number of segments.

    A segment that is `**` stands for any number of segments, none included.
    """
    reached = {0}
    for segment in segments:
        if not reached:
            break
        if segment == GLOBSTAR:
            reached = set(range(min(reached), len(path) + 1))
        else:
            reached = {
                at + 1
                for at in reached
                if at < len(path) and segment_matches(segment, path[at], classes=classes)
            }
    return frozenset(reached)


def segment_matches(pattern: str, name: str, *, classes: bool) -> bool:
    """Whether a pattern without `/` matches a whole name. With `classes`, `[a-z]` and `[!a-z]` are sets."""
    parts = _parts(pattern, classes)
    at = position = 0
    star = resume = -1
    while at < len(name):
        if position < len(parts) and isinstance(parts[position], _Star):
            star, resume = position, at
            position += 1
        elif position < len(parts) and _fits(parts[position], name[at]):
            position += 1
            at += 1
        elif star >= 0:
            resume += 1
            position, at = star + 1, resume
        else:
            return False
    return all(isinstance(part, _Star) for part in parts[position:])


def _fits(part: _Part, letter: str) -> bool:
    if isinstance(part, str):
        return part == letter
    return not isinstance(part, _OneOf) or part.has(letter)


@lru_cache(maxsize=4096)
def _parts(pattern: str, classes: bool) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\" and at + 1 < len(pattern):
            at += 1
            parts.append(pattern[at])
        elif letter == "*":
            if not parts or not isinstance(parts[-1], _Star):
                parts.append(_Star())
        elif letter == "?":
            parts.append(_AnyOne())
        elif letter == "[" and classes and (end := pattern.find("]", at + 2)) > 0:
            parts.append(_set(pattern[at + 1 : end]))
            at = end
        else:
            parts.append(letter)
        at += 1
    return tuple(parts)


def _set(inside: str) -> _OneOf:
    negated = inside[0] in "!^" and len(inside) > 1
    letters = inside[1:] if negated else inside
    ranges = []
    at = 0
    while at < len(letters):
        if at + 2 < len(letters) and letters[at + 1] == "-":
            ranges.append((letters[at], letters[at + 2]))
            at += 3
        else:
            ranges.append((letters[at], letters[at]))
            at += 1
    return _OneOf(tuple(ranges), negated)
