"""Rego that rego-cpp refuses, takes otherwise than OPA, or crashes over, found by its form.

Measured with rego-cpp 1.5: functions of one name that take different numbers of arguments, in whatever packages, corrupt
its memory; so may a call inside the brackets of a reference, or one whose result is indexed on the spot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from auditor.policy.foreign.tokens import Token, solid, statements, tokens_of

_NEGATED_CALL = re.compile(r"(?<![\w.])not\s+((?:[a-z_]\w*\.)*[a-z_]\w*)\(")
_NEGATED_MEMBER = re.compile(r"(?<![\w.])not\s+([a-z_]\w*(?:\.\w+|\[[^\]]*\])+)\s+in\b")
_REFERENCE = re.compile(r"(?<![\w.])[a-z_]\w*(?:\.\w|\[)")
_PAIR_IN_COMPREHENSION = re.compile(r"[\[{][^\[\]{}|]*\|\s*some\s+\w+\s*,\s*\w+\s+in\b")
_VERB = re.compile(r"%[^sdv%]")
_QUOTED_BY_EMBEDDED = ("concat", "format_int", "json.marshal", "lower", "object.get", "replace", "upper")
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


def negated_builtins(code: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of every built-in that is negated over a value that may be missing.

    `not regex.match("…", input.x)` with no x is undefined in OPA and true in rego-cpp. Functions of the
    rule itself and of the library are not built-ins; `object.get` with a default gives a value.
    """
    own = set(re.findall(r"^([a-z_]\w*)\(", code, re.MULTILINE))
    own_modules = set(re.findall(r"^import data\.[\w.]*?(\w+)$", code, re.MULTILINE))
    for line, text in enumerate(code.splitlines(), start=1):
        for found in _NEGATED_CALL.finditer(text):
            name = found[1]
            if name in own or name.partition(".")[0] in own_modules:
                continue
            arguments = _call_arguments(text, found.end())
            if _REFERENCE.search(_without_defaults(arguments)):
                yield line, f"negates {name} over a value that may be missing"
        for found in _NEGATED_MEMBER.finditer(text):
            yield line, f"negates `in` over {found[1]}, which may be missing"


def unlike_texts(text: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of every `sprintf` that prints otherwise than in OPA."""
    for line, code in enumerate(text.splitlines(), start=1):
        if "sprintf(" not in code:
            continue
        quoted = re.search(r'sprintf\("((?:[^"\\]|\\.)*)"', code)
        if quoted and _VERB.search(quoted[1].replace("%%", "")):
            yield line, "of sprintf's verbs only %s, %d and %v work alike"
        inside = code.partition("sprintf(")[2]
        for name in _QUOTED_BY_EMBEDDED:
            if re.search(rf"(?<![\w.]){re.escape(name)}\(", inside) and "text.plain(" not in inside:
                yield line, f"wrap {name}(…) in text.plain(…) inside sprintf"


def has_pair_in_comprehension(code: str) -> bool:
    """True where a comprehension has `some k, v in`, which rego-cpp refuses."""
    return _PAIR_IN_COMPREHENSION.search(code) is not None


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


def _call_arguments(text: str, start: int) -> str:
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return text[start:position]
    return text[start:]


def _without_defaults(arguments: str) -> str:
    # object.get gives its default; what it reads from must still be a plain variable or input itself.
    return re.sub(r"object\.get\((?:input\.resource|\w+),", "(", arguments)
