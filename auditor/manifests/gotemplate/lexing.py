"""Splits a template into text and actions, and an action into tokens (Go 1.26, text/template/parse)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from auditor.manifests.gotemplate.errors import TemplateError

_LEFT, _RIGHT = "{{", "}}"
_SPACE = " \t\r\n"
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<raw>`[^`]*`)
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<char>'(?:[^'\\\n]|\\.)+')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)(?![\w.]))
    |(?P<field>\.[^\W\d]\w*)
    |(?P<variable>\$\w*)
    |(?P<word>[^\W\d]\w*)
    |(?P<symbol>:=|[.,|()=])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_ESCAPED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is one of 'field', 'variable', 'word', 'symbol', 'value'; `spaced` is True after white space."""

    kind: str
    text: str
    value: Any = None
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text (`tokens` is None), or an action."""

    text: str
    tokens: tuple[Token, ...] | None = None


def pieces(template: str) -> Iterator[Piece]:
    """Text and actions in their order; comments are left out, and `{{-` and `-}}` take white space with them."""
    at, trims = 0, False
    while True:
        start = template.find(_LEFT, at)
        text = template[at : start if start >= 0 else len(template)]
        text = text.lstrip(_SPACE) if trims else text
        if start < 0:
            if text:
                yield Piece(text)
            return
        inside = start + len(_LEFT)
        if template[inside : inside + 1] == "-" and template[inside + 1 : inside + 2] in tuple(_SPACE):
            text = text.rstrip(_SPACE)
            inside += 2
        if text:
            yield Piece(text)
        if template.startswith("/*", inside):
            at, trims = _after_comment(template, inside)
            continue
        tokens, at, trims = _action(template, inside)
        yield Piece("", tuple(tokens))


def _after_comment(template: str, start: int) -> tuple[int, bool]:
    end = template.find("*/", start)
    if end < 0:
        raise TemplateError("unclosed comment")
    end += 2
    if template.startswith(_RIGHT, end):
        return end + len(_RIGHT), False
    match = re.compile(r"[ \t\r\n]-\}\}").match(template, end)
    if match is None:
        raise TemplateError("comment ends before closing delimiter")
    return match.end(), True


def _action(template: str, at: int) -> tuple[list[Token], int, bool]:
    tokens: list[Token] = []
    spaced = False
    depth = 0
    while True:
        if template.startswith(_RIGHT, at):
            break
        if spaced and template.startswith("-}}", at):
            if depth:
                raise TemplateError("unclosed left paren")
            return tokens, at + 3, True
        match = _TOKEN.match(template, at)
        if match is None:
            raise TemplateError(
                "unclosed action" if at >= len(template) else f"unexpected {template[at]!r} in an action"
            )
        at = match.end()
        kind, text = str(match.lastgroup), match[0]
        if kind == "space":
            spaced = True
            continue
        depth += {"(": 1, ")": -1}.get(text, 0)
        tokens.append(_token(kind, text, spaced))
        spaced = False
    if depth > 0:
        raise TemplateError("unclosed left paren")
    return tokens, at + len(_RIGHT), False


def _token(kind: str, text: str, spaced: bool) -> Token:
    if kind == "raw":
        return Token("value", text, text[1:-1], spaced)
    if kind == "string":
        return Token("value", text, unquoted(text), spaced)
    if kind == "char":
        inner = unquoted(f'"{text[1:-1]}"') if text != "'\"'" else '"'
        if len(inner) != 1:
            raise TemplateError(f"malformed character constant: {text}")
        return Token("value", text, ord(inner), spaced)
    if kind == "number":
        return Token("value", text, _number(text), spaced)
    return Token(kind, text, None, spaced)


def unquoted(text: str) -> str:
    """The value of a Go string literal in double quotes. Raises TemplateError."""

    def value(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "xuU" and len(code) > 1:
            number = int(code[1:], 16)
            if number > 0x10FFFF:
                raise TemplateError(f"invalid escape in {text}")
            return chr(number)
        if code.isdigit() and len(code) == 3:
            return chr(int(code, 8))
        if code not in _ESCAPED:
            raise TemplateError(f"unknown escape in {text}")
        return _ESCAPED[code]

    return _ESCAPE.sub(value, text[1:-1])


def _number(text: str) -> int | float:
    plain = text.replace("_", "")
    body = plain.lstrip("+-")
    try:
        if body[:2].lower() in ("0x", "0o", "0b"):
            found = int(body, 0)
            return -found if plain[0] == "-" else found
        if body.isdigit():
            return int(plain, 8) if len(body) > 1 and body[0] == "0" else int(plain)
        number = float(plain)
    except ValueError as error:
        raise TemplateError(f"bad number {text}") from error
    # A constant like 1e3 is a whole number in Go, too.
    return int(number) if number.is_integer() and "." not in plain and abs(number) < 2**63 else number


def quoted(text: str) -> str:
    """The text as Go's %q writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\\u007f", "\\x7f")
