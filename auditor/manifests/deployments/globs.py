"""Shell patterns in the dialects that Argo CD reads, matched in bounded time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import lru_cache

MAX_PATTERN = 4096
MAX_ALTERNATIVES = 256


class Dialect(StrEnum):
    """PATH is Go's path.Match (`*` stays within a name, `[^a]`). FREE is what a directory source's include and
    exclude are written in (`*` crosses folders, `{a,b}`, `[!a]`). GIT is a pathspec: `*` crosses folders, and a
    pattern without any names a file, or a folder with all that is in it. DOUBLE is PATH with `**` for any folders and
    `{a,b}`."""

    PATH = "path"
    FREE = "free"
    GIT = "git"
    DOUBLE = "double"


_Test = Callable[[str], bool]
_Step = tuple[bool, _Test]
"""Whether it repeats (a star), and which characters it takes."""


def matches(pattern: str, text: str, dialect: Dialect) -> bool:
    """True where the pattern matches the whole text. What is malformed or too long matches nothing."""
    if len(pattern) > MAX_PATTERN or len(text) > MAX_PATTERN:
        return False
    if dialect is Dialect.GIT and (text == pattern or text.startswith(f"{pattern.rstrip('/')}/")):
        return True
    return any(_walks(steps, text) for steps in _compiled(pattern, dialect))


@lru_cache(maxsize=1024)
def _compiled(pattern: str, dialect: Dialect) -> tuple[tuple[_Step, ...], ...]:
    found = []
    has_choices = dialect in (Dialect.FREE, Dialect.DOUBLE)
    singles = list(_alternatives(pattern)) if has_choices else [pattern]
    if dialect is Dialect.DOUBLE:
        singles = [each for single in singles for each in _without_folders(single)]
    for number, single in enumerate(singles):
        if number >= MAX_ALTERNATIVES:
            break
        try:
            found.append(tuple(_steps(single, dialect)))
        except IndexError:
            continue
    return tuple(found)


def _walks(steps: tuple[_Step, ...], text: str) -> bool:
    states = _past_stars(steps, {0})
    for character in text:
        following = set()
        for state in states:
            if state < len(steps):
                repeats, test = steps[state]
                if test(character):
                    following.add(state if repeats else state + 1)
        states = _past_stars(steps, following)
        if not states:
            return False
    return len(steps) in states


def _past_stars(steps: tuple[_Step, ...], states: set[int]) -> set[int]:
    reached = set(states)
    for state in states:
        while state < len(steps) and steps[state][0]:
            state += 1
            reached.add(state)
    return reached


def _steps(pattern: str, dialect: Dialect) -> Iterator[_Step]:
    """Raises IndexError where the pattern ends too early."""
    wild: _Test = _not_slash if dialect in (Dialect.PATH, Dialect.DOUBLE) else _anything
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "*" and dialect is Dialect.DOUBLE and pattern[at + 1 : at + 2] == "*":
            yield True, _anything
            at += 1
        elif character == "*":
            yield True, wild
        elif character == "?":
            yield False, wild
        elif character == "[":
            test, at = _class(pattern, at + 1, "^" if dialect is Dialect.PATH else "!^", wild)
            yield False, test
            continue
        else:
            at += character == "\\"
            yield False, pattern[at].__eq__
        at += 1


def _class(pattern: str, at: int, negations: str, wild: _Test) -> tuple[_Test, int]:
    negated = pattern[at] in negations
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern[at] == "]"):
        at += pattern[at] == "\\"
        low = high = pattern[at]
        at += 1
        if pattern[at] == "-" and pattern[at + 1] != "]":
            at += 1 + (pattern[at + 1] == "\\")
            high = pattern[at]
            at += 1
        ranges.append((low, high))

    def test(character: str) -> bool:
        return wild(character) and any(low <= character <= high for low, high in ranges) is not negated

    return test, at + 1


def _alternatives(pattern: str) -> Iterator[str]:
    """The pattern without `{a,b}`, which may stand within one another: one pattern for each choice."""
    pending = [pattern]
    made = 0
    while pending and made < MAX_ALTERNATIVES:
        current = pending.pop()
        start = _unescaped(current, "{", 0)
        end = _unescaped(current, "}", start + 1) if start >= 0 else -1
        if end < 0:
            made += 1
            yield current
            continue
        inner = _unescaped(current, "{", start + 1)
        while 0 <= inner < end:
            start, inner = inner, _unescaped(current, "{", inner + 1)
        choices = current[start + 1 : end].split(",")
        if len(pending) + len(choices) > MAX_ALTERNATIVES:
            return
        pending += [current[:start] + choice + current[end + 1 :] for choice in reversed(choices)]


def _without_folders(pattern: str) -> list[str]:
    """The pattern, and what it is where each `**/` in it stands for no folder."""
    found = [""]
    parts = pattern.split("**/")
    for number, part in enumerate(parts):
        between = ["**/", ""] if 0 < number <= 6 else ["**/"] if number else [""]
        found = [before + middle + part for before in found for middle in between]
    return found


def _unescaped(text: str, wanted: str, start: int) -> int:
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == wanted:
            return at
        at += 1
    return -1


def _anything(_: str) -> bool:
    return True


def _not_slash(character: str) -> bool:
    return character != "/"
