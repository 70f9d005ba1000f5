"""Schema verdicts: what fails, where and why; what is skipped; what must not fail."""

import pytest
from policy.policy_support import document

from auditor.errors import ConfigurationError
from auditor.model import Outcome
from auditor.policy.schemas import SchemaCatalogue, known_versions, target_version

CATALOGUE = SchemaCatalogue("1.37")


def deployment(spec=None, container=None, **top):
    container = {"name": "web", "image": "a:1", **(container or {})}
    template = {"metadata": {"labels": {"app": "w"}}, "spec": {"containers": [container]}}
    full = {"selector": {"matchLabels": {"app": "w"}}, "template": template, **(spec or {})}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "w"}, "spec": full, **top}


def secret(**fields):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, **fields}


def check(manifest, catalogue=CATALOGUE):
    return [(v.outcome.value, v.pointer, v.message) for v in catalogue.check(document(manifest))]


P = "spec.template.spec.containers[name=web]"


@pytest.mark.parametrize(
    ("manifest", "pointer", "words"),
    [
        (deployment({"replicas": "two"}), "spec.replicas", "it is a text and must be integer"),
        (deployment({"replica": 2}), "spec.replica", "unknown"),
        (deployment(container={"imagePullPolice": "Always"}), f"{P}.imagePullPolice", "unknown"),
        (deployment(container={"ports": [{"containerPort": "x"}]}), f"{P}.ports[0].containerPort", "a text"),
        (deployment(container={"ports": [{"name": "p"}]}), f"{P}.ports[name=p]", "lacks containerPort"),
        (deployment({"selector": []}), "spec.selector", "a list"),
        (deployment(container={"env": [{"name": "a b", "val": "x"}]}), f'{P}.env[name="a b"].val', "unknown"),
        (
            {**deployment(), "metadata": {"name": "w", "annotations": {"example.org/a": 1}}},
            'metadata.annotations["example.org/a"]',
            "it is a number and must be string",
        ),
        ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "w"}}, "", "lacks spec"),
        ({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{}]}}, "spec.ports[0]", "lacks port"),
    ],
)
def test_what_does_not_fit_is_named_where_it_is(manifest, pointer, words):
    [(outcome, found, message)] = check(manifest)
    assert (outcome, found) == ("fail", pointer)
    assert words in message


@pytest.mark.parametrize(
    "manifest",
    [
        deployment(),
        deployment(status={}),
        deployment(container={"resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}),
        deployment(container={"securityContext": None}),
        {**deployment(), "metadata": {"name": "w", "creationTimestamp": None}},
        secret(data={"a": "auditor-redacted:secret:0123456789abcdef"}),
        secret(stringData={"a": "auditor-redacted:secret:0123456789abcdef"}),
        secret(
            data={"a": "ENC[AES256_GCM,data:p6==,iv:YY=,aad:UQ=,tag:A=,type:str]"}, sops={"mac": "ENC[x]"}
        ),
        deployment({"replicas": "ENC[AES256_GCM,data:p6==,iv:YY=,aad:UQ=,tag:A=,type:int]"}, sops={}),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}},
    ],
)
def test_what_must_not_fail(manifest):
    assert check(manifest) == []


def test_a_placeholder_skips_its_field_and_nothing_else():
    assert [found[:2] for found in check(deployment({"replicas": "${REPLICAS}"}))] == [
        ("skipped", "spec.replicas")
    ]
    found = check(deployment({"replicas": "${REPLICAS}", "paused": "yes"}))
    assert [entry[:2] for entry in found] == [("fail", "spec.paused"), ("skipped", "spec.replicas")]


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("example.org/v1", "Thing"),
        ("apps.example.org/v1", "Deployment"),
        ("apps/v9", "Deployment"),
        ("v1", "../../secret"),
        ("", ""),
    ],
)
def test_a_kind_without_schema_is_skipped(api_version, kind):
    [(outcome, pointer, message)] = check({"apiVersion": api_version, "kind": kind})
    assert (outcome, pointer) == ("skipped", "")
    assert "no schema" in message


def test_the_version_decides():
    cron = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"}}
    template = {"spec": {"template": {"spec": {"containers": [{"name": "c"}]}}}}
    cron["spec"] = {"schedule": "* * * * *", "jobTemplate": template}
    resize = {**cron, "spec": {**cron["spec"], "timeZone": "Europe/Vienna"}}
    assert check(resize) == []
    budget = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "b"}}
    assert check(budget)[0][0] == "skipped"
    assert SchemaCatalogue("1.25").digest != SchemaCatalogue("1.26").digest


def test_versions():
    assert known_versions()[0] == "1.25"
    assert known_versions()[-1] == "1.37"
    assert target_version("") == "1.37"
    assert target_version("v1.31.4") == target_version("1.31") == "1.31"
    for wrong in ("1.99", "new", "1"):
        with pytest.raises(ConfigurationError, match=wrong):
            target_version(wrong)


CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "spec": {
        "group": "example.org",
        "names": {"kind": "Shop"},
        "versions": [
            {
                "name": "v1",
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "required": ["size"],
                                "properties": {
                                    "size": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                                    "port": {"x-kubernetes-int-or-string": True},
                                    "colour": {"type": "string", "enum": ["red", "blue"], "nullable": True},
                                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}
CUSTOM = SchemaCatalogue("1.37", [CRD])


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"size": 1}, None),
        ({"size": 1, "port": "http", "colour": None, "free": {"any": 1}, "labels": {"a": "b"}}, None),
        ({"size": 1, "port": 80, "colour": "red"}, None),
        ({"size": 0}, "spec.size"),
        ({"size": "1"}, "spec.size"),
        ({}, "spec"),
        ({"size": 1, "colour": "green"}, "spec.colour"),
        ({"size": 1, "sise": 2}, "spec.sise"),
        ({"size": 1, "labels": {"a": 1}}, "spec.labels.a"),
        ({"size": 1, "port": []}, "spec.port"),
    ],
)
def test_custom_resources_by_their_definition(spec, pointer):
    shop = {"apiVersion": "example.org/v1", "kind": "Shop", "metadata": {"name": "s"}, "spec": spec}
    assert [found[:2] for found in check(shop, CUSTOM)] == ([] if pointer is None else [("fail", pointer)])


@pytest.mark.parametrize("crd", [{}, {"spec": None}, {"spec": {"versions": [None, {"name": "v1"}]}}])
def test_a_definition_that_is_none_gives_no_schema(crd):
    shop = {"apiVersion": "example.org/v1", "kind": "Shop"}
    assert check(shop, SchemaCatalogue("1.37", [crd]))[0][0] == "skipped"


def test_a_definition_that_refers_elsewhere_fetches_nothing():
    hostile = {
        **CRD,
        "spec": {
            **CRD["spec"],
            "versions": [
                {
                    "name": "v1",
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {"spec": {"$ref": "http://127.0.0.1:9/x"}},
                        }
                    },
                }
            ],
        },
    }
    shop = {"apiVersion": "example.org/v1", "kind": "Shop", "spec": {"a": 1}}
    assert check(shop, SchemaCatalogue("1.37", [hostile])) == []


def test_no_more_mismatches_than_the_limit():
    spec = {f"field{n}": n for n in range(500)}
    found = SchemaCatalogue("1.37").check(document(deployment(spec)))
    assert len(found) == 25
    assert {v.outcome for v in found} == {Outcome.FAIL}
