"""Shell patterns as Go's path.Match reads them, save that `*` and `?` match a slash too; in bounded time."""

from __future__ import annotations

from collections.abc import Callable

MAX_STEPS = 20_000_000
"""Characters of the text times those of the pattern. What is over that matches nothing."""

_Test = Callable[[str], bool]


class BadPatternError(ValueError):
    """The pattern is malformed."""


def prefix_lengths(pattern: str, text: str) -> list[int]:
    """The lengths of all beginnings of the text that the pattern matches as a whole, ascending.

    Raises BadPatternError where the pattern is malformed, or too long for the text to be tried.
    """
    tests = _tests(pattern)
    if len(tests) * len(text) > MAX_STEPS:
        raise BadPatternError(pattern)
    states = _past_stars(tests, {0})
    found = [0] if len(tests) in states else []
    for length, character in enumerate(text, 1):
        following = set()
        for state in states:
            if state == len(tests):
                continue
            test = tests[state]
            if test is None:
                following.add(state)
            elif test(character):
                following.add(state + 1)
        states = _past_stars(tests, following)
        if not states:
            break
        if len(tests) in states:
            found.append(length)
    return found


def _past_stars(tests: list[_Test | None], states: set[int]) -> set[int]:
    """The states with those behind the stars that they stand before, since a star may match nothing."""
    reached = set(states)
    for state in states:
        while state < len(tests) and tests[state] is None:
            state += 1
            reached.add(state)
    return reached


def _tests(pattern: str) -> list[_Test | None]:
    """A test for each character to match; None for a star."""
    tests: list[_Test | None] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "[":
            test, at = _class(pattern, at + 1)
            tests.append(test)
            continue
        if character == "*":
            if not tests or tests[-1] is not None:
                tests.append(None)
        elif character == "?":
            tests.append(_anything)
        else:
            if character == "\\":
                at += 1
                if at == len(pattern):
                    raise BadPatternError(pattern)
            tests.append(pattern[at].__eq__)
        at += 1
    return tests


def _anything(_: str) -> bool:
    return True


def _class(pattern: str, at: int) -> tuple[_Test, int]:
    """The test of what stands in brackets, and where it ends."""
    negated = pattern[at : at + 1] == "^"
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern[at : at + 1] == "]"):
        low, at = _member(pattern, at)
        high = low
        if pattern[at] == "-":
            high, at = _member(pattern, at + 1)
        ranges.append((low, high))

    def test(character: str) -> bool:
        return any(low <= character <= high for low, high in ranges) is not negated

    return test, at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    """A character of a class, and where the next begins, which there must be."""
    if pattern[at : at + 1] in ("", "-", "]"):
        raise BadPatternError(pattern)
    if pattern[at] == "\\":
        at += 1
    if at + 1 >= len(pattern):
        raise BadPatternError(pattern)
    return pattern[at], at + 1
