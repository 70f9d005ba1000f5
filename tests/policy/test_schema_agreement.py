"""What decides agrees with `jsonschema`, and what is said to fail with what decides."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy.policy_support import document
from policy.test_schema_definitions import with_spec
from referencing import Registry, Resource

from auditor.model import Outcome
from auditor.policy.schemas import SchemaCatalogue
from auditor.policy.schemas.crds import convert
from auditor.policy.schemas.formats import FORMATS
from auditor.policy.schemas.versions import schema_folder

KINDS = {
    ("apps/v1", "Deployment"): "deployment-apps-v1",
    ("v1", "Service"): "service-v1",
    ("batch/v1", "CronJob"): "cronjob-batch-v1",
    ("networking.k8s.io/v1", "NetworkPolicy"): "networkpolicy-networking-v1",
    ("rbac.authorization.k8s.io/v1", "Role"): "role-rbac-v1",
}
CATALOGUE = SchemaCatalogue("1.37")
SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@lru_cache(maxsize=1)
def definitions() -> Any:
    return orjson.loads((schema_folder("1.37", strict=True) / "_definitions.json").read_bytes())


@cache
def plainly(name: str) -> Any:
    """The validator that anybody would write with `jsonschema` alone."""
    schema = orjson.loads((schema_folder("1.37", strict=True) / f"{name}.json").read_bytes())
    registry: Any = Resource.from_contents(definitions()) @ Registry()
    return jsonschema.Draft202012Validator(schema, registry=registry)


SCALARS = st.one_of(
    st.booleans(), st.integers(-3, 70_000), st.floats(0, 5), st.sampled_from(["", "a", "web", "100m", "TCP", "80"])
)  # fmt: skip


def value_of(schema: Any, depth: int) -> st.SearchStrategy[Any]:
    """Values that mostly fit, and sometimes not."""
    fitting = _fitting(schema, depth)
    odd = st.one_of(SCALARS, st.just([]), st.just({}), st.just({"surprise": 1}))
    return st.integers(0, 11).flatmap(lambda roll: odd if roll == 0 else fitting)


def _fitting(schema: Any, depth: int) -> st.SearchStrategy[Any]:
    while "$ref" in schema:
        schema = definitions()["$defs"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return st.sampled_from([one for one in schema["enum"] if one is not None])
    kinds = schema.get("type")
    kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
    if kind == "object" or "properties" in schema:
        return _object(schema, depth)
    if kind == "array":
        return (
            st.lists(value_of(schema.get("items", {}), depth - 1), max_size=2) if depth > 0 else st.just([])
        )
    simple = {
        "string": st.sampled_from(["a", "web", ""]),
        "integer": st.integers(0, 70_000),
        "boolean": st.booleans(),
    }
    return simple.get(str(kind), SCALARS)


def _object(schema: Any, depth: int) -> st.SearchStrategy[Any]:
    fields = schema.get("properties", {})
    if not fields or depth <= 0:
        return st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", "z"]), max_size=2)
    required = set(schema.get("required", ()))
    optional = sorted(set(fields) - required - {"apiVersion", "kind", "status", "managedFields"})

    def chosen(names: list[str]) -> st.SearchStrategy[Any]:
        return st.fixed_dictionaries(
            {name: value_of(fields[name], depth - 1) for name in {*required, *names}}
        )

    return (
        st.lists(st.sampled_from(optional), max_size=3, unique=True).flatmap(chosen)
        if optional
        else chosen([])
    )


@st.composite
def manifests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    (api_version, kind), name = draw(st.sampled_from(sorted(KINDS.items())))
    schema = plainly(name).schema
    body = {
        field: draw(value_of(schema["properties"][field], 7))
        for field in schema["properties"]
        if field not in ("apiVersion", "kind", "status")
    }
    return name, {"apiVersion": api_version, "kind": kind, **body}


@SLOW
@given(manifests())
def test_kubernetes_own_kinds(example: tuple[str, dict[str, Any]]) -> None:
    name, manifest = example
    fits = plainly(name).is_valid(manifest)
    found = CATALOGUE.check(document(manifest))
    assert (found == []) == fits
    assert all(verdict.outcome is Outcome.FAIL and verdict.message for verdict in found)


def test_the_examples_are_of_both_sorts() -> None:
    """Or the property above would hold of nothing."""
    from hypothesis import find

    for wanted in (True, False):
        name, manifest = find(manifests(), lambda one: plainly(one[0]).is_valid(one[1]) is wanted)  # noqa: B023
        assert plainly(name).is_valid(manifest) is wanted


NAMES = ["a", "b", "c"]


def structural(depth: int = 3) -> st.SearchStrategy[Any]:
    """Structural schemas of every keyword that has a meaning in plain JSON Schema too."""
    scalar = st.one_of(
        st.fixed_dictionaries({"type": st.just("string")}, optional={
            "minLength": st.integers(0, 2), "pattern": st.sampled_from(["^a", "b$", "^[ab]*$"]),
            "enum": st.just(["a", "ab"]), "format": st.sampled_from(["duration", "ipv4", "of our own"]),
        }),
        st.fixed_dictionaries({"type": st.sampled_from(["integer", "number"])}, optional={
            "minimum": st.integers(0, 3), "maximum": st.integers(2, 5), "multipleOf": st.just(2),
        }),
        st.just({"type": "boolean"}),
    )  # fmt: skip
    if depth == 0:
        return scalar
    inner = structural(depth - 1)
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)},
        optional={"required": st.lists(st.sampled_from(NAMES), unique=True, max_size=2)},
    )
    lists = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner}, optional={"maxItems": st.just(1)}
    )
    return st.one_of(scalar, objects, objects, lists)


INSTANCES = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 6), st.sampled_from(["", "a", "ab", "b", "5s", "10.0.0.1"])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


def slowly(schema: Any, value: Any) -> bool:
    """The plain reading of a structural schema, by recursion, without nulls, defaults and Kubernetes' extensions."""
    kind = schema["type"]
    if kind == "object":
        fields = schema["properties"]
        return (
            isinstance(value, dict)
            and set(value) <= set(fields)
            and all(name in value for name in schema.get("required", ()))
            and all(slowly(fields[name], sub) for name, sub in value.items())
        )
    if kind == "array":
        fits = isinstance(value, list) and len(value) <= schema.get("maxItems", len(value))
        return fits and all(slowly(schema["items"], sub) for sub in value)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "string":
        import re

        check = FORMATS.get(schema.get("format", ""), lambda text: True)
        return (
            isinstance(value, str)
            and len(value) >= schema.get("minLength", 0)
            and value in schema.get("enum", [value])
            and re.search(schema.get("pattern", ""), value) is not None
            and check(value)
        )
    fits = isinstance(value, int) and not isinstance(value, bool)
    return fits and (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and value % schema.get("multipleOf", 1) == 0
    )


@settings(SLOW, max_examples=300)
@given(structural(), INSTANCES)
def test_custom_resources(schema: Any, spec: Any) -> None:
    catalogue = SchemaCatalogue("1.37", [with_spec(schema)])
    manifest = {"apiVersion": "example.org/v1", "kind": "Shop", "metadata": {"name": "s"}, "spec": spec}
    found = catalogue.check(document(manifest))
    assert (found == []) == slowly(schema, spec)
    assert all(verdict.outcome is Outcome.FAIL and verdict.pointer.startswith("spec") for verdict in found)


@settings(SLOW, max_examples=100)
@given(structural())
def test_a_conversion_is_a_schema(schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(convert(schema).schema)


@pytest.mark.parametrize("version", ["1.25", "1.31", "1.37"])
@pytest.mark.parametrize("strict", [True, False])
def test_strict_and_plain_of_every_version(version: str, strict: bool) -> None:
    from auditor.policy.schemas import SchemaOptions

    catalogue = SchemaCatalogue(version, (), SchemaOptions(strict=strict))
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"prots": []}}
    assert [verdict.pointer for verdict in catalogue.check(document(service))] == (
        ["spec.prots"] if strict else []
    )
    service["spec"] = {"ports": "x"}
    assert [verdict.pointer for verdict in catalogue.check(document(service))] == ["spec.ports"]
