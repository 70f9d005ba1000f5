"""Rego as a row of tokens: enough to see where rules begin and end, without understanding their bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<newline>\n)
    | (?P<space>[ \t\r\f]+)
    | (?P<comment>\#[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<operator>:=|==|!=|<=|>=)
    | (?P<other>.)
    """,
    re.VERBOSE,
)

_OPEN, _CLOSE = "([{", ")]}"
_JOINING = frozenset({*"=<>+-*/%&|,:.([{", ":=", "==", "!=", "<=", ">="})
"""After these a value goes on in the next line."""

_BLANK = frozenset({"space", "newline", "comment"})

_WORDS_BEFORE_VALUE = frozenset({"contains", "in", "some", "every", "not", "with", "as", "default"})


@dataclass(slots=True)
class Token:
    """One token. `depth` counts the brackets around it; an opening and its closing one have the same depth."""

    kind: str
    text: str
    depth: int
    line: int


def tokens_of(text: str) -> list[Token]:
    """Every token of a Rego text, blanks and comments included: joined, their texts are the text."""
    tokens: list[Token] = []
    depth, line = 0, 1
    for found in _TOKEN.finditer(text):
        kind, value = str(found.lastgroup), found.group()
        if kind == "other" and value in _CLOSE:
            depth = max(0, depth - 1)
        tokens.append(Token(kind, value, depth, line))
        if kind == "other" and value in _OPEN:
            depth += 1
        line += value.count("\n")
    return tokens


def joined(tokens: Sequence[Token]) -> str:
    """The text of tokens."""
    return "".join(token.text for token in tokens)


def solid(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without blanks, line ends and comments."""
    return [token for token in tokens if token.kind not in _BLANK]


def statements(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The top-level statements (package, imports, rules with all their bodies), each with what precedes it.

    A line's end at depth 0 ends a statement, unless an operator stands before it or `else`, `if` or a body follows.
    """
    current: list[Token] = []
    first: Token | None = None
    last: Token | None = None
    following = _following(tokens)
    for number, token in enumerate(tokens):
        if token.kind == "newline" and token.depth == 0 and first is not None and last is not None:
            if first.text in ("package", "import") or not _goes_on(last, following[number]):
                current.append(token)
                yield current
                current, first, last = [], None, None
                continue
        elif token.depth == 0 and last is not None and _begins_anew(last, token):
            yield current
            current, first, last = [], None, None
        current.append(token)
        if token.kind not in _BLANK:
            first, last = first or token, token
    if last is not None:
        yield current


def _following(tokens: Sequence[Token]) -> list[Token | None]:
    """For each token the next one that is no blank, line end or comment."""
    found: list[Token | None] = [None] * len(tokens)
    upcoming: Token | None = None
    for number in range(len(tokens) - 1, -1, -1):
        found[number] = upcoming
        if tokens[number].kind not in _BLANK:
            upcoming = tokens[number]
    return found


def _goes_on(last: Token, following: Token | None) -> bool:
    if last.text in _JOINING or last.text in ("if", "else") or last.text in _WORDS_BEFORE_VALUE:
        return True
    return following is not None and following.text in ("else", "if", "{")


def _begins_anew(last: Token, token: Token) -> bool:
    """A name right after a body, on the same line: `a { true } b { true }`."""
    return (
        last.text == "}"
        and token.kind == "name"
        and token.text not in ("else", "if", "with", "in", "contains")
    )


def is_value_brace(before: Token | None) -> bool:
    """True where `{` after this token begins an object, a set or a comprehension and no body."""
    return before is not None and (before.text in _JOINING or before.text in _WORDS_BEFORE_VALUE)
