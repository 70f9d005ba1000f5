"""Rego over which rego-cpp crashes or loses findings, found by its form: a call where only a name may stand.

Measured with rego-cpp 1.5: functions of one name that take different numbers of arguments, in whatever packages, corrupt
its memory; so may a call inside the brackets of a reference, or one whose result is indexed on the spot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from auditor.policy.foreign.tokens import Token, solid, statements, tokens_of

_NO_REFERENCE = frozenset({"in", "contains", "some", "every", "not", "with", "as", "if", "else", "default"})
"""After these words a bracket begins a list."""


def misplaced_calls(text: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of every call that stands in a reference's brackets, is indexed, or is a set's element."""
    for statement in statements(tokens_of(text)):
        parts = solid(statement)
        if parts[0].text in ("package", "import"):
            continue
        for number, token in enumerate(parts):
            if token.text != "[" or number == 0:
                continue
            if parts[number - 1].text == ")" and _is_call(parts, number - 1):
                yield (
                    token.line,
                    "name what a call gives before indexing it: `parts := split(…)`, then `parts[0]`",
                )
            if _is_reference(parts[number - 1]) and _has_call(_inside(parts, number)):
                yield (
                    token.line,
                    "name what a call gives before using it as a key: `last := count(a) - 1`, then `a[last]`",
                )
        if len(parts) > 3 and parts[1].text == "contains" and _has_call(_element(parts)):
            yield (
                parts[0].line,
                "name what a call gives before it is an element: `p contains name if { …; name := f(x) }`",
            )


def functions_of(text: str) -> dict[str, dict[int, int]]:
    """Each function of a module: how many arguments it takes, and the line where it first does."""
    found: dict[str, dict[int, int]] = {}
    for statement in statements(tokens_of(text)):
        parts = solid(statement)
        if len(parts) > 2 and parts[0].kind == "name" and parts[1].text == "(":
            count = _arguments(parts)
            found.setdefault(parts[0].text, {}).setdefault(count, parts[0].line)
    return found


def unequal_functions(
    modules: Mapping[Path, str], others: Iterable[str] = ()
) -> Iterator[tuple[Path, int, str]]:
    """(file, line, what is wrong) of functions that take another number of arguments than one of their name before.

    `others` are modules that the rules are evaluated with, which come first.
    """
    known: dict[str, tuple[int, str]] = {}
    for text in others:
        for name, counts in functions_of(text).items():
            known.setdefault(name, (next(iter(counts)), "a shipped rule"))
    for path, text in modules.items():
        for name, counts in functions_of(text).items():
            for count, line in counts.items():
                before, where = known.setdefault(name, (count, f"{path.parent.name}/{path.name}"))
                if before != count:
                    yield (
                        path,
                        line,
                        f"{name} takes {count} here and {before} in {where}: give one another name",
                    )


def _arguments(parts: Sequence[Token]) -> int:
    inside = _inside(parts, 1)
    if not inside:
        return 0
    depth = parts[1].depth + 1
    commas = [number for number, token in enumerate(inside) if token.text == "," and token.depth == depth]
    return len(commas) + (commas[-1:] != [len(inside) - 1])


def _inside(parts: Sequence[Token], opening: int) -> Sequence[Token]:
    """What stands between a bracket and the one that closes it."""
    depth = parts[opening].depth
    end = next(
        (
            n
            for n in range(opening + 1, len(parts))
            if parts[n].depth == depth and parts[n].text in (")", "]", "}")
        ),
        len(parts),
    )
    return parts[opening + 1 : end]


def _element(parts: Sequence[Token]) -> Sequence[Token]:
    """The element of `p contains <element> if …` where it is a call by itself, else nothing."""
    end = next((n for n in range(2, len(parts)) if parts[n].text == "if" and parts[n].depth == 0), len(parts))
    element = parts[2:end]
    return element if element[0].kind == "name" else ()


def _has_call(parts: Sequence[Token]) -> bool:
    return any(_is_name(parts[number]) and parts[number + 1].text == "(" for number in range(len(parts) - 1))


def _is_call(parts: Sequence[Token], closing: int) -> bool:
    """True where a closing bracket ends the arguments of a call."""
    depth = parts[closing].depth
    opening = next(
        (n for n in range(closing - 1, -1, -1) if parts[n].text == "(" and parts[n].depth == depth), 0
    )
    return opening > 0 and _is_name(parts[opening - 1])


def _is_reference(before: Token) -> bool:
    return before.text == "]" or _is_name(before)


def _is_name(token: Token) -> bool:
    return token.kind == "name" and token.text not in _NO_REFERENCE
