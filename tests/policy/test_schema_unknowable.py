"""What stands in for values: SOPS, sealed secrets, substitution, redaction. It neither fails nor hides what does."""

from __future__ import annotations

from typing import Any

import pytest
from policy.policy_support import document
from policy.test_schema_definitions import NUMBER, TEXT, judged, obj, with_spec

from auditor.policy.schemas import SchemaCatalogue

CATALOGUE = SchemaCatalogue("1.37")
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}


def encrypted(sort: str = "str") -> str:
    return f"ENC[AES256_GCM,data:p6x,iv:YYx=,aad:UQx=,tag:Ax==,type:{sort}]"


def check(manifest: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(v.outcome.value, v.pointer, v.message) for v in CATALOGUE.check(document(manifest))]


def deployment(**spec: Any) -> dict[str, Any]:
    labels = {"app": "w"}
    full = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "a:1"}]}},
        **spec,
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "w"}, "spec": full}


SHOP = with_spec(
    obj({
        "size": {**NUMBER, "minimum": 1000},
        "open": {"type": "boolean"},
        "rate": {"type": "number"},
        "colour": {**TEXT, "enum": ["red", "blue"]},
        "host": {**TEXT, "pattern": "^[a-z]+[.]example[.]com$", "maxLength": 20},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [NUMBER, TEXT], "pattern": "^[0-9]+%$"},
        "backend": {"type": "object", "oneOf": [{"required": ["url"]}, {"required": ["name"]}],
                    "properties": {"url": {**TEXT, "format": "uri"}, "name": TEXT}},
    }, required=["size"])
)  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "unjudged"),
    [
        pytest.param({"size": encrypted("int")}, ["spec.size"], id="number-with-bounds"),
        pytest.param(
            {"size": 2000, "open": encrypted("bool"), "rate": encrypted("float"), "colour": encrypted("str")},
            ["spec.colour"],
            id="one-of-few-texts",
        ),
        pytest.param(
            {"size": 2000, "host": encrypted(), "port": encrypted()},
            ["spec.host", "spec.port"],
            id="patterns",
        ),
        pytest.param({"size": 2000, "port": encrypted("int")}, [], id="number-where-any-will-do"),
        pytest.param({"size": 2000, "backend": {"url": encrypted()}}, ["spec.backend.url"], id="format"),
        pytest.param({"size": encrypted("of our own")}, ["spec.size"], id="type-of-our-own"),
    ],
)
def test_encrypted_values_are_no_mismatch_where_their_type_fits(spec: Any, unjudged: list[str]) -> None:
    """What hangs on the value is skipped by name; where the type says enough there is nothing to say."""
    found = judged(SHOP, spec, sops={"mac": encrypted(), "encrypted_regex": "^(size|open)$"})
    assert sorted(found) == [("skipped", pointer) for pointer in unjudged]


@pytest.mark.parametrize(
    ("spec", "pointers"),
    [
        ({"size": 2000, "open": encrypted("bool")}, []),  # a boolean is all that is asked of it
        ({"size": 2000, "colour": encrypted("str")}, ["spec.colour"]),
        ({"size": 2000, "host": encrypted("str")}, ["spec.host"]),
        ({"size": "ENC[AES256_GCM,"}, ["spec.size"]),
    ],
)
def test_what_an_encrypted_value_hides_is_not_judged_and_said_not_to_be(
    spec: Any, pointers: list[str]
) -> None:
    assert judged(SHOP, spec, sops={}) == [("skipped", pointer) for pointer in pointers]


def test_what_begins_as_if_encrypted_is_no_way_past_a_schema() -> None:
    assert judged(SHOP, {"size": "ENC[AES256_GCM,data:never"}) == [("skipped", "spec.size")]
    assert judged(SHOP, {"size": "ENC[AES256_GCM,data:never,type:int]"}) == [("fail", "spec.size")]


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"size": encrypted("str")}, "spec.size"),
        ({"size": 2000, "open": encrypted("int")}, "spec.open"),
        ({"size": 2000, "colour": encrypted("bool")}, "spec.colour"),
    ],
)
def test_sops_keeps_types_and_a_wrong_one_is_found(spec: Any, pointer: str) -> None:
    assert judged(SHOP, spec, sops={}) == [("fail", pointer)]


def test_a_number_among_encrypted_texts_is_what_kubernetes_refuses() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "sops": {}}
    assert check({**secret, "stringData": {"port": encrypted("str")}}) == []
    [(outcome, pointer, message)] = check({**secret, "stringData": {"port": encrypted("int")}})
    assert (outcome, pointer) == ("fail", "stringData.port")
    assert "decrypts to a number" in message


def test_what_is_not_encrypted_is_judged_beside_what_is() -> None:
    found = judged(SHOP, {"size": encrypted("int"), "colour": "green", "sise": encrypted()}, sops={})
    assert [entry for entry in found if entry[0] == "fail"] == [
        ("fail", "spec.colour"),
        ("fail", "spec.sise"),
    ]


def test_the_sops_key_is_no_field_of_a_kind() -> None:
    assert check({**deployment(replicas=encrypted("int")), "sops": {"age": [{"recipient": "age1"}]}}) == []
    assert check({**deployment(), "sopz": {}})[0][:2] == ("fail", "sopz")


def test_a_sealed_secret_is_a_kind_like_others() -> None:
    sealed = {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": "s"},
        "spec": {"encryptedData": {"password": "AgBy3i4OJSWK"}},
    }
    assert [entry[0] for entry in check(sealed)] == ["skipped"]


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"size": "${SIZE}"}, "spec.size"),
        ({"size": "${SIZE:=3}"}, "spec.size"),
        ({"size": 2000, "colour": "${COLOUR}"}, "spec.colour"),
        ({"size": 2000, "colour": "dark-${COLOUR}"}, "spec.colour"),
        ({"size": 2000, "host": "${NAME}.example.com"}, "spec.host"),
        ({"size": 2000, "port": "${PORT}"}, "spec.port"),
        ({"size": 2000, "open": "${OPEN:-true}"}, "spec.open"),
        ({"size": 2000, "backend": "${BACKEND}"}, "spec.backend"),
        ({"size": 2000, "backend": {"url": "${HOST}/x y"}}, "spec.backend.url"),
        ({"size": 2000, "${KEY}": 1}, 'spec["${KEY}"]'),
        ({"${KEY}": 1000}, None),
        ({"size": "{{ .Values.size }}"}, "spec.size"),
    ],
)
def test_a_variable_leaves_its_field_unjudged(spec: Any, pointer: str | None) -> None:
    found = judged(SHOP, spec)
    assert {outcome for outcome, _ in found} == {"skipped"}
    assert pointer is None or found == [("skipped", pointer)]


def test_an_escaped_variable_is_a_text() -> None:
    """`$${NAME}` is how Flux is told to leave `${NAME}` alone."""
    assert judged(SHOP, {"size": "$${SIZE}"}) == [("fail", "spec.size")]


@pytest.mark.parametrize(
    ("resources", "outcome"),
    [
        ({"limits": {"memory": "${MEMORY}"}}, None),
        ({"limits": {"memory": ["${MEMORY}"]}}, "fail"),
        ({"limits": "${LIMITS}"}, "skipped"),
        ({"limits": {"memory": "${MEMORY}Mi", "cpu": []}}, "fail"),
    ],
)
def test_variables_in_quantities(resources: Any, outcome: str | None) -> None:
    container = {"name": "c", "image": "a:1", "resources": resources}
    found = check({**POD, "spec": {"containers": [container]}})
    assert [entry[0] for entry in found] == ([outcome] if outcome else [])


def test_redacted_values_are_not_judged_where_more_than_a_text_is_asked() -> None:
    redacted = "auditor-redacted:credential:0123456789abcdef"
    found = judged(SHOP, {"size": 2000, "colour": redacted, "host": redacted, "backend": {"url": redacted}})
    assert {outcome for outcome, _ in found} == {"skipped"}
    assert ("skipped", "spec.colour") in found
