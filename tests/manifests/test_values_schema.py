"""A chart's values.schema.json: what fits, what does not, and which schemas cannot be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.manifests.rendering.values_schema import SchemaError, ValuesSchema, Violation

DRAFTS = {
    "4": "http://json-schema.org/draft-04/schema#",
    "6": "http://json-schema.org/draft-06/schema#",
    "7": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}


def schema(value: Any) -> ValuesSchema:
    return ValuesSchema(json.dumps(value).encode(), "values.schema.json of chart app")


def found(value: Any, values: Any) -> list[tuple[tuple[str | int, ...], str]]:
    return [(one.way, one.message) for one in schema(value).violations(values)]


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_draft_is_judged_by(draft: str) -> None:
    rule = {
        "$schema": DRAFTS[draft],
        "type": "object",
        "required": ["name"],
        "properties": {"replicas": {"type": "integer"}},
    }
    assert found(rule, {"replicas": "many"}) == [
        (("name",), "it is required"),
        (("replicas",), 'it is not of type "integer"'),
    ]
    assert found(rule, {"replicas": 2, "name": "web"}) == []


def test_exclusive_maximum_is_read_as_its_draft_means_it() -> None:
    """A boolean beside `maximum` in draft 4 (its section 5.1.2), a number of its own since draft 6."""
    old = {"$schema": DRAFTS["4"], "properties": {"a": {"maximum": 3, "exclusiveMaximum": True}}}
    new = {"$schema": DRAFTS["6"], "properties": {"a": {"exclusiveMaximum": 3}}}
    assert [bool(found(rule, {"a": 3})) for rule in (old, new)] == [True, True]
    assert [bool(found(rule, {"a": 2})) for rule in (old, new)] == [False, False]


@pytest.mark.parametrize(
    ("part", "value", "way", "keyword"),
    [
        ({"enum": ["a", "b"]}, "c", ("x",), "enum"),
        ({"pattern": "^v[0-9]+$"}, "latest", ("x",), "pattern"),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"typo": 1},
            ("x", "typo"),
            "additionalProperties",
        ),
        ({"items": {"type": "string"}}, ["a", 7], ("x", 1), "type"),
        ({"$ref": "#/$defs/port"}, 70000, ("x",), "maximum"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 7, ("x",), "anyOf"),
        ({"const": 1}, 2, ("x",), "const"),
        (False, 2, ("x",), "falseSchema"),
    ],
    ids=["enum", "pattern", "unknown", "item", "reference", "any-of", "const", "false"],
)
def test_a_violation_names_the_value_and_never_holds_it(
    part: Any, value: Any, way: tuple[str | int, ...], keyword: str
) -> None:
    rule = {"$defs": {"port": {"maximum": 65535}}, "properties": {"x": part}}
    (one,) = schema(rule).violations({"x": value})
    assert (one.way, one.keyword) == (way, keyword)


def test_a_secret_in_a_value_is_in_no_message() -> None:
    rule = {
        "properties": {"a": {"type": "integer"}, "b": {"enum": [1]}, "c": {"not": {}}, "d": {"maxLength": 3}}
    }
    values = dict.fromkeys("abcd", "hunter2-hunter2")
    violations = schema(rule).violations(values)
    assert len(violations) == 4
    assert not any("hunter2" in one.message for one in violations)


@pytest.mark.parametrize(
    "reference",
    [
        "https://example.org/values.json",
        "file:///etc/passwd",
        "other.json#/definitions/a",
        "urn:example:schema",
    ],
)
def test_what_a_schema_refers_to_elsewhere_is_named_and_not_fetched(reference: str) -> None:
    with pytest.raises(SchemaError, match="which is not fetched") as refused:
        schema({"properties": {"a": {"$ref": reference}}})
    assert refused.value.refers_outside
    assert reference in refused.value.message


@pytest.mark.parametrize("draft", ["4", "7"])
def test_formats_are_no_stricter_than_helms(draft: str) -> None:
    """As Helm 4 answers; since draft 2019-09 a format is only a remark."""
    formats = {"hostname": "a.example.", "idn-email": "x", "idn-hostname": "a..b", "uri-reference": "a b"}
    rule = {
        "$schema": DRAFTS[draft],
        "properties": {name: {"format": name} for name in formats} | {"host": {"format": "hostname"}},
    }
    assert found(rule, formats) == []
    assert [way for way, _ in found(rule, {"host": "a_b"})] == [("host",)]
    assert found({**rule, "$schema": DRAFTS["2020-12"]}, {"host": "a_b"}) == []


def test_what_a_schema_brings_itself_is_not_elsewhere() -> None:
    rule = {
        "$id": "https://example.org/root.json",
        "$defs": {
            "name": {"$id": "name.json", "type": "string"},
            "port": {"$anchor": "port", "type": "integer"},
        },
        "properties": {
            "a": {"$ref": "https://example.org/name.json"},
            "b": {"$ref": "#port"},
            # A value and no reference.
            "c": {"const": {"$ref": "https://example.org/elsewhere.json"}},
        },
    }
    assert [way for way, _ in found(rule, {"a": 1, "b": "x"})] == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is no JSON"),
        (b'{"type": 12}', "is no JSON Schema: at type"),
        (b'{"pattern": "(?=x)"}', "is no JSON Schema"),
        (b'{"$ref": "#/definitions/none"}', "is no JSON Schema"),
        (b'{"$schema": "https://example.org/own"}', "is no JSON Schema"),
        (b"[]", "is no JSON Schema"),
        (b" " * 5_000_000, "is larger than"),
    ],
    ids=["syntax", "keyword", "lookahead", "dangling", "meta-schema", "list", "large"],
)
def test_a_broken_schema_is_an_error_and_never_a_pass(content: bytes, words: str) -> None:
    with pytest.raises(SchemaError, match=words) as refused:
        ValuesSchema(content, "values.schema.json of chart app")
    assert refused.value.message.startswith("values.schema.json of chart app")
    assert not refused.value.refers_outside


def doubling(depth: int) -> dict[str, Any]:
    """A few lines that ask for 2^depth steps."""
    parts: dict[str, Any] = {
        f"p{number}": {"anyOf": [{"$ref": f"#/$defs/p{number + 1}"}] * 2} for number in range(depth)
    }
    return {"$defs": {**parts, f"p{depth}": {"type": "string"}}, "$ref": "#/$defs/p0"}


def test_a_schema_that_asks_for_endless_work_is_refused() -> None:
    assert found(doubling(5), {}) != []
    with pytest.raises(SchemaError, match="too many steps"):
        schema(doubling(60)).violations({})
    with pytest.raises(SchemaError, match="too many steps"):
        schema({"$ref": "#"}).violations({"a": 1})


def test_a_chain_of_references_without_end_is_refused() -> None:
    chain = {f"d{number}": {"$ref": f"#/$defs/d{number + 1}"} for number in range(20_000)}
    with pytest.raises(SchemaError, match="refers to parts of itself more than"):
        schema({"$defs": {**chain, "d20000": {}}, "$ref": "#/$defs/d0"})


def test_what_other_values_decide_is_conditional() -> None:
    rule = {
        "properties": {"then": {"type": "integer"}, "mode": {"type": "string"}},
        "if": {"properties": {"mode": {"const": "tls"}}, "required": ["mode"]},
        "then": {"properties": {"port": {"const": 443}}, "required": ["cert"]},
    }
    violations = schema(rule).violations({"then": "x", "mode": "tls", "port": 80})
    assert [(one.way, one.is_conditional, one.within) for one in violations] == [
        (("cert",), True, None),
        (("port",), True, None),
        # A property of that name is no keyword.
        (("then",), False, 1),
    ]
    assert isinstance(violations[0], Violation)
