"""HCL's values, blocks and places, by tables out of its specification, and against a writer of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.manifests.formats import plain
from auditor.manifests.hcl import MOST_DEPTH, read_blocks


def body_of(text: str) -> Any:
    blocks, problems = read_blocks(f'resource "t" "n" {{\n{text}\n}}\n'.encode())
    assert problems == []
    return plain(blocks[0].body)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("-12", -12),
        ("1.5", 1.5),
        ("2.5e3", 2500.0),
        ('""', ""),
        ('"plain"', "plain"),
        (r'"a \"b\" \\ \n\t é"', 'a "b" \\ \n\t é'),
        ('"x-${var.a}-y"', "x-${var.a}-y"),
        ('"${var.a}"', "${var.a}"),
        ("var.a", "${var.a}"),
        ('local.map["k"]', '${local.map["k"]}'),
        ('var.a ? "x" : "y"', '${var.a ? "x" : "y"}'),
        ("1 + 2", "${1 + 2}"),
        ("[]", []),
        ('[1, "a", var.b,]', [1, "a", "${var.b}"]),
        ('{ a = 1, "b" : [true], (var.k) = 2 }', {"a": 1, "b": [True], "${var.k}": 2}),
        ("{\n a = 1\n # c\n b = 2\n}", {"a": 1, "b": 2}),
        ('("in brackets")', "in brackets"),
        ('jsonencode({ Action = "*" })', {"Action": "*"}),
        ("jsonencode(var.policy)", "${var.policy}"),
        ("[for x in var.l : upper(x)]", "${[for x in var.l : upper(x)]}"),
        ("<<EOT\none\n  two ${var.x}\nEOT", "one\n  two ${var.x}\n"),
        ("<<-EOT\n    one\n      two\n    EOT", "one\n  two\n"),
        ("concat([1], [2])", "${concat([1], [2])}"),
    ],
)
def test_what_is_written_out_is_a_value_and_the_rest_its_own_text(expression: str, value: object) -> None:
    assert body_of(f"x = {expression}") == {"x": value}


def test_blocks_are_lists_under_their_names_and_labels() -> None:
    text = """
    ingress { from_port = 22 }
    ingress { from_port = 443 }
    empty {}
    provisioner "local-exec" { command = "true" }
    dynamic "egress" {
      for_each = var.ports
      content { to_port = 1 }
    }
    """
    assert body_of(text) == {
        "ingress": [{"from_port": 22}, {"from_port": 443}],
        "empty": [{}],
        "provisioner": {"local-exec": [{"command": "true"}]},
        "dynamic": {"egress": [{"for_each": "${var.ports}", "content": [{"to_port": 1}]}]},
    }


def test_comments_of_every_kind_say_nothing() -> None:
    blocks, problems = read_blocks(b'# a\n// b\n/* c\n { */\nresource "t" "n" { # d\n a = 1 // e\n}\n')
    assert problems == []
    assert [(block.type, block.labels, block.body.line) for block in blocks] == [("resource", ("t", "n"), 5)]


def test_what_cannot_be_read_is_named_with_its_line() -> None:
    _, problems = read_blocks(b'resource "t" "n" {\n  a = = 1\n}\n')
    assert [(problem.code, problem.line) for problem in problems] == [("syntax", 2)]


def test_nesting_ends_at_the_limit() -> None:
    fits = "[" * (MOST_DEPTH - 5) + "]" * (MOST_DEPTH - 5)
    assert body_of(f"x = {fits}")
    for opening, closing in (("[", "]"), ("{ a = ", "}"), ("(", ")")):
        deep = f'resource "t" "n" {{ x = {opening * 3000}1{closing * 3000} }}'
        blocks, problems = read_blocks(deep.encode())
        assert problems or opening == "("
        assert len(blocks) == (opening == "(")
    _, problems = read_blocks(b"a {\n" * 3000 + b"}\n" * 3000)
    assert [problem.code for problem in problems] == ["limit"]


@given(st.binary(max_size=300))
def test_no_bytes_raise(content: bytes) -> None:
    read_blocks(content)


@given(st.text(alphabet='a"${}[]()=\\\n<-EOT#/*., 1', max_size=120))
def test_no_text_raises(text: str) -> None:
    read_blocks(text.encode())


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_characters="$%"), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.dictionaries(names, values, max_size=4))
def test_what_is_written_is_read_again(body: dict[str, Any]) -> None:
    assert body_of("\n".join(f"{name} = {written(value)}" for name, value in body.items())) == body


def written(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {written(entry)}" for key, entry in value.items()) + "}"
    if not isinstance(value, str):
        return json.dumps(value)
    return '"' + "".join(character(one) for one in value) + '"'


def character(one: str) -> str:
    if one in '"\\':
        return "\\" + one
    return one if one.isprintable() else f"\\U{ord(one):08X}"
