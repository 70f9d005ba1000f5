"""Definitions made to exhaust whoever reads them, or to switch his verdicts off."""

from __future__ import annotations

import time
from typing import Any

import pytest
from policy.policy_support import document
from policy.test_schema_definitions import TEXT, judged, obj, with_spec

from auditor.policy.schemas import SchemaCatalogue


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = dict(TEXT)
    for _ in range(depth):
        schema = obj({"a": schema})
    return schema


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_no_pattern_takes_more_than_linear_time(pattern: str) -> None:
    crd = with_spec(obj({"a": {**TEXT, "pattern": pattern}}))
    started = time.process_time()
    assert judged(crd, {"a": "a" * 100_000 + "!"}) == [("fail", "spec.a")]
    assert time.process_time() - started < 5


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", "(?=a)b", "(unclosed", r"(a)\1"])
def test_a_pattern_that_is_not_evaluated_is_said_not_to_be(pattern: str) -> None:
    crd = with_spec(obj({"a": {**TEXT, "pattern": pattern}, "b": TEXT}))
    assert judged(crd, {"a": "x"}) == [("skipped", "spec.a")]
    assert judged(crd, {"b": 1}) == [("skipped", "spec.a"), ("fail", "spec.b")]


def test_what_is_too_deep_is_said_not_to_be_judged() -> None:
    assert judged(with_spec(nested(30)), {"b": 1}) == [("fail", "spec.b")]
    [(outcome, pointer), *rest] = judged(with_spec(nested(95)), {"b": 1})
    assert (outcome, rest) == ("skipped", [("fail", "spec.b")])
    assert pointer.startswith("spec.a.a.a.a")


def test_what_is_too_deep_for_anybody_is_an_error() -> None:
    crd = with_spec(nested(500))
    assert judged(crd, {"b": 1}) == [("error", "")]
    assert SchemaCatalogue("1.37", [crd]).digest != SchemaCatalogue("1.37").digest


def test_too_many_alternatives_are_not_tried() -> None:
    many = with_spec(obj({"a": {**TEXT, "anyOf": [{"enum": [str(n)]} for n in range(20_000)]}}))
    assert judged(many, {"a": "x"}) == [("skipped", "spec.a")]


def test_saying_what_fails_has_an_end() -> None:
    """Two thousand missing fields of a document of a megabyte: each said at length would be gigabytes."""
    fields = {f"f{number}": TEXT for number in range(2_000)}
    crd = with_spec({"type": "object", "required": sorted(fields), "additionalProperties": TEXT})
    started = time.process_time()
    assert judged(crd, {f"k{number}": "x" * 100 for number in range(10_000)}) == [("fail", "spec")]
    assert time.process_time() - started < 2


def test_saying_what_fails_in_many_alternatives_has_an_end() -> None:
    branch = {"items": obj({"a": {"type": "string", "enum": ["x"]}})}
    crd = with_spec({"type": "array", "items": obj({"a": TEXT}), "anyOf": [branch] * 300})
    started = time.process_time()
    found = judged(crd, [{"a": "y"}] * 20_000)
    assert found
    assert found[0][0] == "fail"
    assert time.process_time() - started < 20


def test_a_document_as_deep_as_reading_allows() -> None:
    """JSONSchemaProps refer to themselves, so a definition may be as deep as anything."""
    schema: dict[str, Any] = {"type": 1}
    for _ in range(60):
        schema = {"type": "object", "properties": {"a": schema}}
    crd = with_spec(schema)
    crd["spec"]["scope"] = "Namespaced"
    found = SchemaCatalogue("1.37").check(document(crd))
    assert [(verdict.outcome.value, verdict.message) for verdict in found] == [
        ("fail", "it is a number and must be string")
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": "none"},
        {"type": "object", "required": "a"},
        {"type": "nothing"},
        {"type": ["object"]},
        {"type": "object", "properties": {"spec": {"enum": "x"}}},
        {"type": "object", "properties": {"spec": {"minLength": -1}}},
        {"type": "object", "properties": {"spec": {"anyOf": []}}},
        {"type": "object", "properties": {"spec": {"pattern": 3}}},
        {"type": "object", "properties": {"spec": None}},
        {"type": "object", "properties": {"spec": {"multipleOf": 0}}},
    ],
)
def test_a_schema_that_is_none_passes_nothing_and_raises_nothing(schema: Any) -> None:
    """Whatever comes of it, a verdict of another rule is not lost to it."""
    from policy.test_schema_definitions import definition

    assert isinstance(judged(definition(schema), {"a": 1}), list)


def test_a_schema_that_cannot_be_used_is_an_error() -> None:
    assert judged(with_spec({"type": "nothing"}), {}) == [("error", "")]


def test_nothing_is_fetched() -> None:
    crd = with_spec({"type": "object", "$ref": "http://127.0.0.1:9/x", "properties": {"a": TEXT}})
    assert judged(crd, {"a": 1}) == [("fail", "spec.a")]
