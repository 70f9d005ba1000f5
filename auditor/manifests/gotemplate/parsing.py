"""Reads a template into a tree (Go 1.26, text/template/parse)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.manifests.gotemplate.errors import TemplateError
from auditor.manifests.gotemplate.lexing import Token, pieces

MAX_DEPTH = 100
_CONSTANTS = {"true": True, "false": False, "nil": None}
_KEYWORDS = frozenset(
    {"block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"}
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: Any


@dataclass(frozen=True, slots=True)
class Nil:
    """The word nil, which may only be an argument."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name.a.b`; the name without its dollar, '' for the data that the template was given."""

    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """`.a.b`, or `.` without fields."""

    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain:
    """`(pipeline).a.b`."""

    pipeline: Pipeline
    fields: tuple[str, ...] = ()


Operand = Constant | Nil | Variable | Dot | Function | Chain


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each a list of operands; `variables` are declared by it, or set where `assigns`."""

    commands: tuple[tuple[Operand, ...], ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """An action that writes its value, unless it declares a variable."""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range` (`kind`)."""

    kind: str
    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`template "name" pipeline`."""

    name: str
    pipeline: Pipeline | None


@dataclass(frozen=True, slots=True)
class Leave:
    """`break` or `continue` (`kind`)."""

    kind: str


Node = Text | Output | Branch | Call | Leave


@dataclass(frozen=True, slots=True)
class Template:
    """The whole, and the templates that it defines."""

    nodes: tuple[Node, ...]
    defined: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)


def parsed(template: str, functions: Container[str]) -> Template:
    """The tree of a template that may use these functions. Raises TemplateError."""
    parser = _Parser(template, functions)
    nodes, end = parser.nodes(0, in_range=False)
    if end:
        raise TemplateError(f"unexpected {{{{{end}}}}}")
    return Template(nodes, parser.defined)


class _Parser:
    def __init__(self, template: str, functions: Container[str]) -> None:
        self._functions = functions
        self._pieces: Iterator[Any] = pieces(template)
        self.defined: dict[str, tuple[Node, ...]] = {}
        self._rest: _Tokens | None = None

    def nodes(self, depth: int, *, in_range: bool) -> tuple[tuple[Node, ...], str]:
        """Nodes up to `end` or `else`, and which of the two it was ('' at the end of the template)."""
        if depth > MAX_DEPTH:
            raise TemplateError("nested too deep")
        found: list[Node] = []
        for piece in self._pieces:
            if piece.tokens is None:
                found.append(Text(piece.text))
                continue
            tokens = _Tokens(piece.tokens, self._functions)
            word = tokens.keyword()
            if word in ("end", "else"):
                self._rest = tokens
                if word == "end":
                    tokens.done()
                return tuple(found), word
            node = self._node(word, tokens, depth, in_range)
            if node is not None:
                found.append(node)
        return tuple(found), ""

    def _node(self, word: str, tokens: _Tokens, depth: int, in_range: bool) -> Node | None:
        if word in ("if", "with", "range"):
            return self._branch(word, tokens, depth, in_range)
        if word == "define":
            name = tokens.name()
            tokens.done()
            self.defined[name] = self._body(depth)
            return None
        if word == "block":
            name = tokens.name()
            pipeline = tokens.pipeline(depth)
            self.defined.setdefault(name, self._body(depth))
            return Call(name, pipeline)
        if word == "template":
            name = tokens.name()
            return Call(name, None if tokens.is_done else tokens.pipeline(depth))
        if word in ("break", "continue"):
            tokens.done()
            if not in_range:
                raise TemplateError(f"{{{{{word}}}}} outside {{{{range}}}}")
            return Leave(word)
        return Output(tokens.pipeline(depth))

    def _body(self, depth: int) -> tuple[Node, ...]:
        nodes, end = self.nodes(depth + 1, in_range=False)
        if end != "end":
            raise TemplateError("unexpected end of a definition")
        return nodes

    def _branch(self, kind: str, tokens: _Tokens, depth: int, in_range: bool) -> Branch:
        pipeline = tokens.pipeline(depth, most_variables=2 if kind == "range" else 1)
        inside = in_range or kind == "range"
        body, end = self.nodes(depth + 1, in_range=inside)
        otherwise: tuple[Node, ...] = ()
        if end == "else":
            rest = self._rest
            word = rest.keyword() if rest is not None and not rest.is_done else ""
            if word and rest is not None:
                if word != kind or kind == "range":
                    raise TemplateError(f"unexpected {word} after else")
                return Branch(kind, pipeline, body, (self._branch(kind, rest, depth + 1, in_range),))
            if rest is not None:
                rest.done()
            otherwise, end = self.nodes(depth + 1, in_range=in_range)
        if end != "end":
            raise TemplateError(f"unclosed {kind}")
        return Branch(kind, pipeline, body, otherwise)


class _Tokens:
    """The tokens of one action, read from the front."""

    def __init__(self, tokens: tuple[Token, ...], functions: Container[str]) -> None:
        self._functions = functions
        self._tokens = tokens
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._tokens)

    def done(self) -> None:
        if not self.is_done:
            raise TemplateError(f"unexpected {self._tokens[self._at].text!r}")

    def keyword(self) -> str:
        token = self._peek()
        if token is not None and token.kind == "word" and token.text in _KEYWORDS:
            self._at += 1
            return token.text
        return ""

    def name(self) -> str:
        token = self._next("a name")
        if token.kind != "value" or not isinstance(token.value, str):
            raise TemplateError(f"unexpected {token.text!r} where a name should be")
        return token.value

    def pipeline(self, depth: int, *, most_variables: int = 1, end: str = "") -> Pipeline:
        """A pipeline up to `end`, a closing bracket, or to the end of the action."""
        if depth > MAX_DEPTH:
            raise TemplateError("nested too deep")
        variables, assigns = self._declared(most_variables)
        commands = [self._command(depth)]
        while self._is("|"):
            self._at += 1
            commands.append(self._command(depth))
        if end:
            if not self._is(end):
                raise TemplateError(f"expected {end!r}")
            self._at += 1
        else:
            self.done()
        return Pipeline(tuple(commands), variables, assigns)

    def _declared(self, most: int) -> tuple[tuple[str, ...], bool]:
        texts = [token.text for token in self._tokens[self._at : self._at + 4]]
        kinds = [token.kind for token in self._tokens[self._at : self._at + 4]]
        if kinds[:1] != ["variable"]:
            return (), False
        if texts[1:2] in ([":="], ["="]):
            self._at += 2
            return (texts[0][1:],), texts[1] == "="
        if most == 2 and kinds[2:3] == ["variable"] and texts[1] == "," and texts[3:4] in ([":="], ["="]):
            self._at += 4
            return (texts[0][1:], texts[2][1:]), texts[3] == "="
        return (), False

    def _command(self, depth: int) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while (token := self._peek()) is not None and not (token.kind == "symbol" and token.text in "|)"):
            if operands and not token.spaced and token.text != "(":
                raise TemplateError(f"unexpected {token.text!r} after an operand")
            operands.append(self._operand(depth))
        if not operands:
            raise TemplateError("missing value for command")
        return tuple(operands)

    def _operand(self, depth: int) -> Operand:
        token = self._next("an operand")
        if token.kind == "value":
            return Constant(token.value)
        if token.kind == "field":
            return Dot((token.text[1:], *self._fields()))
        if token.kind == "variable":
            return Variable(token.text[1:], self._fields())
        if token.kind == "word":
            if token.text == "nil":
                return Nil()
            if token.text in _CONSTANTS:
                return Constant(_CONSTANTS[token.text])
            if token.text in _KEYWORDS:
                raise TemplateError(f"unexpected {token.text}")
            if token.text not in self._functions:
                raise TemplateError(f"function {token.text!r} not defined")
            return Function(token.text)
        if token.text == "(":
            pipeline = self.pipeline(depth + 1, end=")")
            return Chain(pipeline, self._fields())
        if token.text == ".":
            return Dot()
        raise TemplateError(f"unexpected {token.text!r} in an operand")

    def _fields(self) -> tuple[str, ...]:
        found = []
        while (token := self._peek()) is not None and token.kind == "field" and not token.spaced:
            found.append(token.text[1:])
            self._at += 1
        return tuple(found)

    def _is(self, text: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "symbol" and token.text == text

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self, wanted: str) -> Token:
        token = self._peek()
        if token is None:
            raise TemplateError(f"missing {wanted}")
        self._at += 1
        return token
