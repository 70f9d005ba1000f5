"""HCL text to nodes with values and positions: what Terraform's files are written in.

tree-sitter reads it: in C, in no recursion, with the position of every part. Nothing is evaluated. What is
written out (texts, numbers, lists, objects, `jsonencode({…})`) becomes the value that it is; every other
expression stays its own text within `${…}`, as Terraform's JSON syntax writes it, so that nobody takes it
for a known value. A block within a body is an entry of a list under its name, below its labels:
`backend "s3" {…}` is `backend.s3[0]`.

The language: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from auditor.manifests.marks import Node
from auditor.model import Problem

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax
    from tree_sitter import Parser

MOST_BYTES = 512 * 1024
"""Of one file. Real ones hold a tenth of it; the parser needs up to 10 µs a byte for what is made to be slow."""

MOST_DEPTH = 60
"""How deep blocks, lists and objects may nest."""

_ESCAPE = re.compile(r'\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[nrt"\\])')
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HEREDOC = re.compile(r"<<(-?)[^\n]*\n(.*?)[ \t]*[^\s]+[ \t]*\Z", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?\Z")


@dataclass(frozen=True, slots=True)
class HclBlock:
    """One block of a file's top: its type and labels, its body as a mapping, and where it begins."""

    type: str
    labels: tuple[str, ...]
    body: Node


class TooDeepError(Exception):
    """Nested deeper than `MOST_DEPTH`; `line` is 1-based."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested more than {MOST_DEPTH} deep")
        self.line = line


def read_blocks(content: bytes) -> tuple[list[HclBlock], list[Problem]]:
    """Every block of a file that can be read, and why others cannot. Attributes outside blocks are left out.

    Never raises. `content` is UTF-8 of at most `MOST_BYTES`, as the caller has seen to.
    """
    tree = _parser().parse(content)
    blocks: list[HclBlock] = []
    problems: list[Problem] = []
    for part in _top(tree.root_node):
        if part.type == "comment":
            continue
        if part.has_error or part.type not in ("block", "attribute"):
            problems.append(_unreadable(part))
            continue
        if part.type == "attribute":
            continue
        try:
            blocks.append(_top_block(part))
        except TooDeepError as error:
            problems.append(
                Problem(code="limit", message=str(error), line=error.line, column=1, document=len(blocks))
            )
    return blocks, problems[:20]


def read_values(content: bytes) -> tuple[Node | None, list[Problem]]:
    """The attributes of a file of variables' values as one mapping, and why it cannot be read; as `read_blocks`."""
    root = _parser().parse(content).root_node
    if root.has_error:
        return None, [_unreadable(root)]
    body = next((part for part in root.named_children if part.type == "body"), None)
    if body is None:
        return None, []
    try:
        return _body(body, body, 1), []
    except TooDeepError as error:
        return None, [Problem(code="limit", message=str(error), line=error.line, column=1, document=0)]


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


def _top(root: Syntax) -> Iterator[Syntax]:
    for part in root.named_children:
        if part.type == "body":
            yield from part.named_children
        else:
            yield part


def _unreadable(part: Syntax) -> Problem:
    place = _first_error(part)
    return Problem(
        code="syntax",
        message="this is not HCL as Terraform reads it: a value, a bracket or a quote may be missing here",
        line=place.start_point.row + 1,
        column=place.start_point.column + 1,
        document=0,
    )


def _first_error(part: Syntax) -> Syntax:
    while not (part.is_error or part.is_missing):
        inner = next((child for child in part.children if child.has_error), None)
        if inner is None:
            break
        part = inner
    return part


def _top_block(block: Syntax) -> HclBlock:
    kind, labels, body = _parts(block)
    return HclBlock(kind, labels, _body(block, body, 1))


def _parts(block: Syntax) -> tuple[str, tuple[str, ...], Syntax | None]:
    """A block's type, labels and body; no body where it is empty."""
    names: list[str] = []
    body = None
    for child in block.named_children:
        if child.type == "identifier":
            names.append(_text(child))
        elif child.type == "string_lit":
            names.append(_unescaped(_text(child)[1:-1]))
        elif child.type == "body":
            body = child
    return names[0] if names else "", tuple(names[1:]), body


def _body(block: Syntax, body: Syntax | None, depth: int) -> Node:
    node = node_at(block, "mapping")
    if depth > MOST_DEPTH:
        raise TooDeepError(node.line)
    for child in body.named_children if body is not None else ():
        if child.type == "attribute":
            name, value = child.named_children[0], child.named_children[-1]
            node.entries.append((_text(name), node_at(name, "scalar"), _value(value, depth + 1)))
        elif child.type == "block":
            _add_block(node, child, depth + 1)
    return node


def _add_block(parent: Node, block: Syntax, depth: int) -> None:
    """Appends the block to the list below its type and labels."""
    kind, labels, body = _parts(block)
    place = node_at(block, "scalar")
    *way, last = (kind, *labels)
    for name in way:
        found = parent.get(name)
        if found is None or found[1].sort != "mapping":
            found = place, node_at(block, "mapping")
            parent.entries.append((name, *found))
        parent = found[1]
    known = parent.get(last)
    if known is None or known[1].sort != "sequence":
        known = place, node_at(block, "sequence")
        parent.entries.append((last, *known))
    known[1].items.append(_body(block, body, depth))


def _value(expression: Syntax, depth: int) -> Node:
    """An expression's value where it is written out, else its text within `${…}`."""
    if depth > MOST_DEPTH:
        raise TooDeepError(expression.start_point.row + 1)
    while expression.type == "expression" and expression.named_child_count == 1:
        expression = expression.named_children[0]
    kind = expression.type
    inner = expression.named_children[0] if expression.named_child_count else None
    if kind == "collection_value" and inner is not None:
        return _object(inner, depth) if inner.type == "object" else _tuple(inner, depth)
    if kind == "function_call" and inner is not None and _text(inner) == "jsonencode":
        arguments = expression.named_children[1:]
        if len(arguments) == 1 and arguments[0].named_child_count == 1:
            return _value(arguments[0].named_children[0], depth)
    node = node_at(expression, "scalar")
    if kind == "literal_value" and inner is not None:
        node.value = _literal(inner)
    elif kind == "operation" and _NUMBER.match(_text(expression)):
        node.value = _number(_text(expression))
    elif kind == "template_expr" and inner is not None:
        node.value = _template(inner)
    else:
        node.value = f"${{{_text(expression)}}}"
    return node


def _literal(literal: Syntax) -> Any:
    text = _text(literal)
    if literal.type == "string_lit":
        return _unescaped(text[1:-1])
    if literal.type == "null_lit":
        return None
    return text == "true" if literal.type == "bool_lit" else _number(text)


def _number(text: str) -> Any:
    if not _NUMBER.match(text):
        return text
    return float(text) if any(mark in text for mark in ".eE") else int(text)


def _template(template: Syntax) -> str:
    text = _text(template)
    if template.type == "quoted_template":
        return _unescaped(text[1:-1])
    found = _HEREDOC.match(text)
    if found is None:
        return text
    return textwrap.dedent(found[2]) if found[1] else found[2]


def _unescaped(text: str) -> str:
    """A quoted text's characters. `$${` stays: to the reader it is no less unknown than `${`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[0][1:]
    if code[0] not in "uU":
        return _ESCAPES[code]
    number = int(code[1:], 16)
    return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "�"


def _tuple(syntax: Syntax, depth: int) -> Node:
    node = node_at(syntax, "sequence")
    node.items.extend(
        _value(child, depth + 1) for child in syntax.named_children if child.type == "expression"
    )
    return node


def _object(syntax: Syntax, depth: int) -> Node:
    node = node_at(syntax, "mapping")
    for element in syntax.named_children:
        if element.type == "object_elem":
            key, value = element.named_children[0], element.named_children[-1]
            node.entries.append((_key(key), node_at(key, "scalar"), _value(value, depth + 1)))
    return node


def _key(expression: Syntax) -> str:
    """An object's key: a word is itself, not a variable; in brackets it is an expression."""
    text = _text(expression)
    if text.startswith('"'):
        return _unescaped(text[1:-1])
    return f"${{{text[1:-1]}}}" if text.startswith("(") else text


def node_at(syntax: Syntax, sort: str) -> Node:
    """An empty node of that sort where the part of the syntax stands; offsets are bytes."""
    start = syntax.start_point
    return Node(
        sort=sort,
        line=start.row + 1,
        column=start.column + 1,
        start=syntax.start_byte,
        end=syntax.end_byte,
    )


def _text(syntax: Syntax) -> str:
    return (syntax.text or b"").decode("utf-8", "replace")
