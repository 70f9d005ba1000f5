"""Custom resources by their definition: the tables follow the Kubernetes documentation on structural schemas.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from typing import Any

import pytest
from policy.policy_support import document

from auditor.policy.schemas import SchemaCatalogue, SchemaOptions

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
KEPT = "x-kubernetes-preserve-unknown-fields"
INT_OR_STRING = {"x-kubernetes-int-or-string": True}


def definition(
    schema: Any, *, group: str = "example.org", kind: str = "Shop", **version: Any
) -> dict[str, Any]:
    """A CustomResourceDefinition with one version."""
    entry = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **version}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.{group}"},
        "spec": {"group": group, "names": {"kind": kind, "plural": "shops"}, "versions": [entry]},
    }


def with_spec(spec: Any) -> dict[str, Any]:
    return definition({"type": "object", "properties": {"spec": spec}})


def obj(properties: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


def judged(crds: Any, spec: Any, **top: Any) -> list[tuple[str, str]]:
    """(outcome, pointer) of every verdict on a Shop with that spec."""
    crds = crds if isinstance(crds, list) else [crds]
    catalogue = SchemaCatalogue("1.37", crds, top.pop("options", None))
    shop = {"apiVersion": "example.org/v1", "kind": "Shop", "metadata": {"name": "s"}, "spec": spec, **top}
    return [(verdict.outcome.value, verdict.pointer) for verdict in catalogue.check(document(shop))]


PRUNING = [
    # "Field pruning": fields that the schema does not list are dropped, so they are findings.
    (obj({"a": TEXT}), {"a": "x"}, []),
    (obj({"a": TEXT}), {"a": "x", "b": 1}, ["spec.b"]),
    (obj({"json": {KEPT: True}}), {"json": {"any": [1, {"thing": None}]}}, []),
    (obj({"json": {KEPT: True}}), {"json": 3}, []),
    (obj({"json": {"type": "object", KEPT: True}}), {"json": []}, ["spec.json"]),
    # "it is possible to restrict pruning to parts": what is listed below is pruned again.
    (obj({"json": {"type": "object", KEPT: True, **obj({"spec": obj({"foo": TEXT})})}}),
     {"json": {"spec": {"foo": "abc", "bar": "def"}, "status": {"something": "x"}}}, ["spec.json.spec.bar"]),
    (obj({"list": {"type": "array", KEPT: True, "items": obj({"a": TEXT})}}), {"list": [{"a": "x", "b": 1}]}, []),
    # A mapping for which nothing is listed keeps nothing.
    ({"type": "object"}, {"a": 1}, ["spec.a"]),
    ({"type": "object"}, {}, []),
    # additionalProperties: a mapping of anything to that.
    ({"type": "object", "additionalProperties": TEXT}, {"a": "x", "b": "y"}, []),
    ({"type": "object", "additionalProperties": TEXT}, {"a": 1}, ["spec.a"]),
    ({"type": "object", "additionalProperties": obj({"n": NUMBER})}, {"a": {"n": 1, "m": 2}}, ["spec.a.m"]),
]  # fmt: skip

JUNCTORS = [
    # Value validations in allOf, anyOf, oneOf and not add checks, and specify no field.
    (obj({"a": TEXT, "b": TEXT}, anyOf=[obj({"a": {"enum": ["x"]}}), {"required": ["b"]}]), {"a": "x"}, []),
    (obj({"a": TEXT, "b": TEXT}, anyOf=[{"required": ["a"]}, {"required": ["b"]}]), {"b": "x"}, []),
    (obj({"a": TEXT, "b": TEXT}, anyOf=[{"required": ["a"]}, {"required": ["b"]}]), {}, ["spec"]),
    (obj({"a": TEXT, "b": TEXT}, oneOf=[{"required": ["a"]}, {"required": ["b"]}]), {"a": "1", "b": "2"}, ["spec"]),
    (obj({"a": TEXT}, allOf=[{"required": ["a"]}, obj({"a": {"minLength": 3}})]), {"a": "xy"}, ["spec.a"]),
    (obj({"a": TEXT}, **{"not": obj({"a": {"enum": ["x"]}}, required=["a"])}), {"a": "x"}, ["spec"]),
    (obj({"a": TEXT}, **{"not": {"required": ["a"]}}), {}, []),
]  # fmt: skip

INT_OR_STRINGS = [
    (obj({"p": INT_OR_STRING}), {"p": 80}, []),
    (obj({"p": INT_OR_STRING}), {"p": "http"}, []),
    (obj({"p": INT_OR_STRING}), {"p": 8.5}, ["spec.p"]),
    (obj({"p": INT_OR_STRING}), {"p": True}, ["spec.p"]),
    (obj({"p": {**INT_OR_STRING, "anyOf": [NUMBER, TEXT], "pattern": "^[0-9]+%?$"}}), {"p": "50%"}, []),
    (obj({"p": {**INT_OR_STRING, "anyOf": [NUMBER, TEXT], "pattern": "^[0-9]+%?$"}}), {"p": "half"}, ["spec.p"]),
    (obj({"p": {**INT_OR_STRING, "allOf": [{"anyOf": [NUMBER, TEXT]}, {"maximum": 5}]}}), {"p": 6}, ["spec.p"]),
]  # fmt: skip

NULLS = [
    # "Defaulting and nullable": a null is kept where nullable, and dropped before defaulting otherwise.
    (obj({"a": {**TEXT, "nullable": True}}, required=["a"]), {"a": None}, []),
    (obj({"a": TEXT}), {"a": None}, []),
    (obj({"a": TEXT}, required=["a"]), {"a": None}, ["spec.a"]),
    (obj({"a": {**TEXT, "default": "x"}}, required=["a"]), {"a": None}, []),
    (obj({"a": {**TEXT, "enum": ["x"], "nullable": True}}), {"a": None}, []),
    (obj({"a": {"type": "array", "items": TEXT}}), {"a": [None]}, ["spec.a[0]"]),
    (obj({"a": {"type": "array", "items": {**TEXT, "nullable": True}}}), {"a": [None]}, []),
    ({"type": "object", "additionalProperties": TEXT}, {"a": None}, []),
    (obj({"p": {**INT_OR_STRING, "anyOf": [NUMBER, TEXT]}}), {"p": None}, []),
]

DEFAULTS = [
    # "Defaulting" comes before validation: what has a default is not missing.
    (obj({"a": TEXT}, required=["a"]), {}, ["spec"]),
    (obj({"a": {**TEXT, "default": "x"}}, required=["a"]), {}, []),
    (obj({"a": {**TEXT, "default": "x"}}, anyOf=[{"required": ["a"]}]), {}, []),
]

LISTS = [
    # x-kubernetes-list-type, https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
    (obj({"l": {"type": "array", "items": TEXT}}), {"l": ["a", "a"]}, []),
    (obj({"l": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "atomic"}}), {"l": ["a", "a"]}, []),
    (obj({"l": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"}}), {"l": ["a", "b"]}, []),
    (obj({"l": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"}}), {"l": ["a", "a"]}, ["spec.l"]),
]  # fmt: skip

PORTS = obj({
    "ports": {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["port", "protocol"],
        "items": obj({"port": NUMBER, "protocol": {**TEXT, "default": "TCP"}, "name": TEXT}),
    }
})  # fmt: skip
MAPS = [
    (PORTS, {"ports": [{"port": 80}, {"port": 81}]}, []),
    (PORTS, {"ports": [{"port": 80, "protocol": "UDP"}, {"port": 80}]}, []),
    (PORTS, {"ports": [{"port": 80, "protocol": "TCP"}, {"port": 80}]}, ["spec.ports"]),
    (PORTS, {"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]}, ["spec.ports"]),
]

BOUNDS = [
    (obj({"n": {**NUMBER, "minimum": 1, "maximum": 3}}), {"n": 3}, []),
    (obj({"n": {**NUMBER, "maximum": 3, "exclusiveMaximum": True}}), {"n": 3}, ["spec.n"]),
    (obj({"n": {**NUMBER, "maximum": 3, "exclusiveMaximum": False}}), {"n": 3}, []),
    (obj({"n": {**NUMBER, "multipleOf": 2}}), {"n": 3}, ["spec.n"]),
    (obj({"n": {**NUMBER, "format": "int32"}}), {"n": 2**31 - 1}, []),
    (obj({"n": {**NUMBER, "format": "int32"}}), {"n": 2**31}, ["spec.n"]),
    (obj({"n": {**NUMBER, "format": "int64"}}), {"n": 2**31}, []),
    (obj({"n": NUMBER}), {"n": 1.0}, []),
    (obj({"n": {"type": "number"}}), {"n": 1.5}, []),
    (obj({"a": {**TEXT, "minLength": 2, "maxLength": 3}}), {"a": "éé"}, []),
    (obj({"a": {**TEXT, "maxLength": 3}}), {"a": "abcd"}, ["spec.a"]),
    (obj({"a": {**TEXT, "format": "duration"}}), {"a": "1h30m"}, []),
    (obj({"a": {**TEXT, "format": "duration"}}), {"a": "soon"}, ["spec.a"]),
    (obj({"a": {**TEXT, "format": "of our own"}}), {"a": "soon"}, []),
    (obj({"l": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 2}}), {"l": []}, ["spec.l"]),
    ({"type": "object", "additionalProperties": TEXT, "maxProperties": 1}, {"a": "1", "b": "2"}, ["spec"]),
]

PATTERNS = [
    # Go's expressions: search, not match; $ is the end of the text.
    ("b", "abc", True),
    ("^b", "abc", False),
    ("^[[:alpha:]]+$", "abc", True),
    ("^[[:alpha:]]+$", "ab1", False),
    ("^[a-z[:digit:]_]+$", "a_1", True),
    (r"^\d+$", "٣", False),
    (r"^\pL+$", "é", True),
    (r"\Aabc\z", "abc", True),
    ("(?i)^ABC$", "abc", True),
    ("^abc$", "abc\n", False),
    ("^(a|b)*$", "abba", True),
]


@pytest.mark.parametrize(
    ("schema", "spec", "failing"),
    [*PRUNING, *JUNCTORS, *INT_OR_STRINGS, *NULLS, *DEFAULTS, *LISTS, *MAPS, *BOUNDS],
)
def test_a_spec_by_its_schema(schema: Any, spec: Any, failing: list[str]) -> None:
    assert judged(with_spec(schema), spec) == [("fail", pointer) for pointer in failing]


@pytest.mark.parametrize(("pattern", "text", "fits"), PATTERNS)
def test_patterns_are_read_as_go_reads_them(pattern: str, text: str, fits: bool) -> None:
    found = judged(with_spec(obj({"a": {**TEXT, "pattern": pattern}})), {"a": text})
    assert found == ([] if fits else [("fail", "spec.a")])


def test_metadata_is_kubernetes_own_in_every_kind() -> None:
    crd = with_spec({"type": "object", KEPT: True})
    assert judged(crd, {}, metadata={"name": "s", "labels": {"a": "b"}, "creationTimestamp": None}) == []
    assert judged(crd, {}, metadata={"name": "s", "lables": {}}) == [("fail", "metadata.lables")]
    assert judged(crd, {}, metadata={"name": "s", "labels": {"a": 1}}) == [("fail", "metadata.labels.a")]


def test_a_definition_may_restrict_the_name() -> None:
    crd = definition(
        obj({"metadata": obj({"name": {**TEXT, "pattern": "^shop-"}}), "spec": {"type": "object"}})
    )
    assert judged(crd, {}, metadata={"name": "shop-1", "labels": {"a": "b"}}) == []
    assert judged(crd, {}, metadata={"name": "s"}) == [("fail", "metadata.name")]


def test_an_embedded_resource_has_a_type_and_metadata_of_its_own() -> None:
    embedded = {"type": "object", "x-kubernetes-embedded-resource": True}
    kept = with_spec(obj({"o": {**embedded, KEPT: True}}))
    assert judged(kept, {"o": {"apiVersion": "v1", "kind": "Pod", "spec": {"x": 1}}}) == []
    assert judged(kept, {"o": {"kind": "Pod"}}) == [("fail", "spec.o")]
    listed = with_spec(obj({"o": {**embedded, **obj({"spec": {"type": "object", KEPT: True}})}}))
    good = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {}}
    assert judged(listed, {"o": good}) == []
    assert judged(listed, {"o": {**good, "status": {}}}) == [("fail", "spec.o.status")]


def test_without_strict_unknown_fields_stay() -> None:
    loose = SchemaOptions(strict=False)
    crd = with_spec(obj({"a": TEXT}))
    assert judged(crd, {"a": "x", "b": 1}, options=loose) == []
    assert judged(crd, {"a": 1}, options=loose) == [("fail", "spec.a")]
    assert judged(crd, {}, options=loose, metadata={"name": "s", "lables": {}}) == []


def test_each_version_by_its_own_schema() -> None:
    crd = definition(obj({"spec": obj({"old": TEXT})}))
    crd["spec"]["versions"][0]["name"] = "v1beta1"
    crd["spec"]["versions"].append(
        {"name": "v1", "schema": {"openAPIV3Schema": obj({"spec": obj({"new": TEXT})})}}
    )
    assert judged(crd, {"new": "x"}) == []
    assert judged(crd, {"old": "x"}) == [("fail", "spec.old")]
    assert judged(crd, {"old": "x"}, apiVersion="example.org/v1beta1") == []
    assert judged(crd, {}, apiVersion="example.org/v2") == [("skipped", "")]


def test_a_version_that_is_not_served_takes_nothing() -> None:
    assert judged(definition(obj({}), served=False), {}) == [("fail", "apiVersion")]


def test_a_definition_of_before_v1_says_nothing() -> None:
    old = {**with_spec(obj({})), "apiVersion": "apiextensions.k8s.io/v1beta1"}
    assert judged(old, {"a": 1}) == [("skipped", "")]


def test_a_version_without_schema_takes_nothing_for_granted() -> None:
    assert judged(definition(None), {"a": 1}) == [("skipped", "")]


def test_of_two_definitions_one_has_to_fit() -> None:
    """As where clusters run different releases of an operator."""
    both = [with_spec(obj({"a": TEXT})), with_spec(obj({"b": TEXT, "c": TEXT}))]
    assert judged(both, {"a": "x"}) == []
    assert judged(both, {"b": "x"}) == []
    assert judged(both, {"b": "x", "d": 1}) == [("fail", "spec.d")]


def test_the_repository_comes_before_what_is_known_besides() -> None:
    options = SchemaOptions(crds=(with_spec(obj({"a": TEXT})),))
    assert judged([], {"a": "x", "b": 1}, options=options) == [("fail", "spec.b")]
    assert judged(with_spec(obj({"b": NUMBER})), {"b": 1}, options=options) == []


@pytest.mark.parametrize("group", ["", "apps", "rbac.authorization.k8s.io"])
def test_nobody_redefines_kubernetes_own_kinds(group: str) -> None:
    """A repository that could would switch its own verdicts off."""
    hostile = definition({"type": "object", KEPT: True}, group=group, kind="Deployment")
    catalogue = SchemaCatalogue("1.37", [hostile])
    api_version = f"{group}/v1" if group else "v1"
    found = catalogue.check(
        document({"apiVersion": api_version, "kind": "Deployment", "spec": {"replicas": "x"}})
    )
    assert found
    assert "pass" not in {verdict.outcome.value for verdict in found}


def test_the_digest_follows_what_decides() -> None:
    one, other = with_spec(obj({"a": TEXT})), with_spec(obj({"b": TEXT}))
    digest = SchemaCatalogue("1.37", [one, other]).digest
    assert SchemaCatalogue("1.37", [other, one, one]).digest == digest
    assert SchemaCatalogue("1.37", [{**one, "metadata": {"name": "x"}}, other]).digest == digest
    different = [
        SchemaCatalogue("1.37", [one]),
        SchemaCatalogue("1.37", [one], SchemaOptions(strict=False)),
        SchemaCatalogue("1.37", [one], SchemaOptions(fail_on_missing=True)),
        SchemaCatalogue("1.37", [one], SchemaOptions(ignore_kinds=("a/*",))),
        SchemaCatalogue("1.37", [], SchemaOptions(crds=(one,))),
        SchemaCatalogue("1.36", [one]),
    ]
    assert len({digest, *(catalogue.digest for catalogue in different)}) == 7


def test_an_approved_definition_in_a_group_of_kubernetes_counts() -> None:
    """The Gateway API is one; it says so by the annotation that the API server looks for."""
    gateway = definition(obj({"spec": obj({"a": TEXT})}), group="gateway.networking.k8s.io", kind="Gateway")
    approved = {**gateway, "metadata": {"annotations": {"api-approved.kubernetes.io": "https://example.org"}}}
    manifest = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "spec": {"b": 1}}
    found = [SchemaCatalogue("1.37", [crd]).check(document(manifest)) for crd in (gateway, approved)]
    assert [[verdict.outcome.value for verdict in verdicts] for verdicts in found] == [["skipped"], ["fail"]]
    assert SchemaCatalogue("1.37", [gateway]).digest != SchemaCatalogue("1.37", [approved]).digest
