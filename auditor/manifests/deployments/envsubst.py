"""`${NAME}` and its functions, as Flux fills them into the YAML text of a resource.

Behaviour: github.com/fluxcd/pkg/envsubst 1.7, which differs from a shell's in places: `:+` and `:?` are defaults
like `:-`, there is no `${X-default}`, lengths and positions count bytes, and a pattern is matched from one character
on. A variable that is not set is empty, unless `strict`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from auditor.manifests.deployments.globbing import BadPatternError, prefix_lengths

MAX_OUTPUT = 64 * 1024 * 1024
"""Characters that a text may become. A short text can name a long variable very often."""

MAX_DEPTH = 100
"""How deep defaults may stand in defaults."""

_DEFAULTS = frozenset({"=", ":=", ":-", ":?", ":+"})
_CASES = frozenset({",", ",,", "^", "^^"})
_OPENING = re.compile(r"\$[${]")
_NUMBER = re.compile(r"[+-]?[0-9]+\Z", re.ASCII)
_ESCAPED = {"\\": "/\\", "$": "$"}
_INT64 = 2**63


class SubstitutionError(ValueError):
    """The text cannot be filled in, as Flux too would refuse it. The message says where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variables:
    """What is known of the variables. Those `withheld` are set to what is not known here: what names one stays as it
    is written. Where they are not `complete` others may be set too: what names one and has no default stays."""

    values: Mapping[str, str]
    withheld: Collection[str] = ()
    complete: bool = True
    strict: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Expression:
    """`${name operator arguments}`; `text` is how it is written."""

    name: str
    operator: str
    arguments: tuple[str | _Expression, ...]
    text: str


def filled(text: str, variables: Variables) -> str:
    """The text with every variable filled in; `$$` is one `$`. Raises SubstitutionError."""
    pieces: list[str] = []
    size = 0
    for part in _Scanner(text).parts():
        piece = part if isinstance(part, str) else _value(part, variables)
        size += len(piece)
        if size > MAX_OUTPUT:
            raise SubstitutionError(f"the variables make more than {MAX_OUTPUT} characters")
        pieces.append(piece)
    return "".join(pieces)


def _value(expression: _Expression, variables: Variables) -> str:
    name, operator = expression.name, expression.operator
    if name in variables.withheld and name not in variables.values:
        return expression.text
    arguments = [
        entry if isinstance(entry, str) else _value(entry, variables) for entry in expression.arguments
    ]
    known = variables.values.get(name)
    if known is None and operator not in _DEFAULTS:
        if not variables.complete:
            return expression.text
        if variables.strict:
            raise SubstitutionError(f"variable {name!r} is not set, and substitution is strict")
    return _applied(known or "", operator, arguments)


def _applied(value: str, operator: str, arguments: list[str]) -> str:
    if operator in ("#", "##", "%", "%%") and arguments:
        return _trimmed(value, operator, arguments[0])
    if operator == "#":
        return str(len(value.encode("utf-8", "surrogatepass")))
    if operator == ":":
        return _part(value, arguments)
    if operator.startswith("/"):
        return _replaced(value, operator, arguments)
    if operator in _CASES:
        convert = str.lower if operator[0] == "," else str.upper
        number = len(value) if len(operator) == 2 else 1
        return "".join(_cased(character, convert) for character in value[:number]) + value[number:]
    return value or "".join(arguments)


def _cased(character: str, convert: Callable[[str], str]) -> str:
    """One character for one, as Go converts."""
    other = convert(character)
    return other if len(other) == 1 else character


def _part(value: str, arguments: list[str]) -> str:
    """`:position` and `:position:length`; what is no number changes nothing."""
    numbers = [
        int(text) if _NUMBER.match(text) and abs(int(text[:20])) < _INT64 else None for text in arguments
    ]
    position = numbers[0]
    if position is None or None in numbers:
        return value
    octets = value.encode("utf-8", "surrogatepass")
    start = position if position >= 0 else max(0, len(octets) + position)
    length = numbers[1] if len(numbers) > 1 else None
    end = len(octets) if length is None else start + length if length >= 0 else len(octets) + length
    try:
        return octets[start : max(start, end)].decode("utf-8")
    except UnicodeDecodeError as error:
        raise SubstitutionError("a part of a variable ends within a character") from error


def _replaced(value: str, operator: str, arguments: list[str]) -> str:
    wanted, new = arguments[0], arguments[1] if len(arguments) > 1 else ""
    if operator in ("/", "//"):
        count = -1 if operator == "//" else 1
        found = value.count(wanted) if count < 0 else 1
        if len(value) + found * len(new) > MAX_OUTPUT:
            raise SubstitutionError(f"the variables make more than {MAX_OUTPUT} characters")
        return value.replace(wanted, new, count)
    if len(arguments) != 2:
        return value
    if operator == "/#" and value.startswith(wanted):
        return new + value.removeprefix(wanted)
    if operator == "/%" and value.endswith(wanted):
        return value.removesuffix(wanted) + new
    return value


def _trimmed(value: str, operator: str, pattern: str) -> str:
    at_end = operator[0] == "%"
    text = value[::-1] if at_end else value
    try:
        lengths = prefix_lengths(pattern[::-1] if at_end else pattern, text)
    except BadPatternError:
        return value
    lengths = [length for length in lengths if length > 0]
    if not lengths:
        return value
    rest = text[max(lengths) if len(operator) == 2 else min(lengths) :]
    return rest[::-1] if at_end else rest


class _Scanner:
    """Takes a text apart."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def parts(self) -> list[str | _Expression]:
        """Literal texts and expressions, in order."""
        found: list[str | _Expression] = []
        while self._at < len(self._text):
            match = _OPENING.search(self._text, self._at)
            found.append(self._text[self._at : match.start() if match else None])
            if match is None:
                break
            self._at = match.end()
            found.append("$" if match[0] == "$$" else self._expression(1))
        return found

    def _expression(self, depth: int) -> _Expression:
        """What follows `${`, and its end."""
        start = self._at - 2
        if depth > MAX_DEPTH:
            raise self._error("expressions stand too deep in each other")
        arguments: tuple[str | _Expression, ...] = ()
        if self._take("#"):
            operator, name = "#", self._name()
            self._close()
        else:
            name = self._name()
            operator, arguments = self._function(depth)
        return _Expression(
            name=name, operator=operator, arguments=arguments, text=self._text[start : self._at]
        )

    def _function(self, depth: int) -> tuple[str, tuple[str | _Expression, ...]]:
        first, second = self._peek(), self._peek(1)
        arguments: list[str | _Expression] = []
        if first == "=" or (first == ":" and second and second in "=-?+"):
            operator = self._operator(1 if first == "=" else 2)
            while self._peek() != "}":
                arguments.append(self._argument(depth, stop="}"))
        elif first == ":":
            if second > "\x7f":
                raise self._error("bad substitution")
            operator = self._operator(1)
            arguments.append(self._argument(depth, stop=":}"))
            if self._peek() == ":":
                self._skip(":")
                arguments.append(self._argument(depth, stop="}"))
        elif first and first in ",^":
            operator = self._operator(2 if second and second in ",^" else 1)
        elif first == "/":
            operator = self._operator(2 if second and second in "/#%" else 1)
            arguments.append(self._argument(depth, stop="/", escapes=True))
            if self._peek() != "/":
                raise self._error("bad substitution")
            self._skip("/")
            if self._peek() != "}":
                arguments.append(self._argument(depth, stop="}", escapes=True))
        elif first and first in "#%":
            operator = self._operator(2 if second == first else 1)
            arguments.append(self._argument(depth, stop="}"))
        else:
            operator = ""
        self._close()
        return operator, tuple(arguments)

    def _argument(self, depth: int, *, stop: str, escapes: bool = False) -> str | _Expression:
        """One expression, or the text up to one or to a character of `stop`; never empty."""
        if self._text.startswith("${", self._at):
            self._at += 2
            return self._expression(depth + 1)
        pieces: list[str] = []
        while self._at < len(self._text) and not self._text.startswith("${", self._at):
            character, following = self._peek(), self._peek(1)
            if escapes and following and following in _ESCAPED.get(character, ""):
                self._at += 1
                character = following
            elif character in stop:
                break
            pieces.append(character)
            self._at += 1
        if not pieces:
            raise self._error("bad substitution")
        return "".join(pieces)

    def _name(self) -> str:
        start = self._at
        while self._at < len(self._text) and (self._peek() == "_" or _is_letter_or_digit(self._peek())):
            self._at += 1
        if start == self._at:
            raise self._error("a variable name is missing")
        return self._text[start : self._at]

    def _operator(self, length: int) -> str:
        self._at += length
        return self._text[self._at - length : self._at]

    def _close(self) -> None:
        if not self._take("}"):
            raise self._error("a closing brace is missing")

    def _take(self, character: str) -> bool:
        taken = self._peek() == character
        self._at += taken
        return taken

    def _skip(self, character: str) -> None:
        while self._take(character):
            pass

    def _peek(self, ahead: int = 0) -> str:
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _error(self, message: str) -> SubstitutionError:
        start = self._text.rfind("${", 0, self._at + 1)
        shown = self._text[max(start, 0) :].split("\n", 1)[0][:60]
        return SubstitutionError(f"{message} at {shown!r}")


def _is_letter_or_digit(character: str) -> bool:
    """As Go's unicode.IsLetter and IsDigit; Python's `isalnum` takes further numbers."""
    return character.isalpha() or character.isdecimal()
