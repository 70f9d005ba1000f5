"""Which list is keyed by what, pointers as text, and FieldsV1."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.crosscheck.listkeys import ListKey, Path, SetValue, keyed, pointer, resolve
from auditor.crosscheck.managedfields import ownership, parse_fields
from auditor.crosscheck.schema import MISSING, FieldType, Schemas, struct_type
from auditor.crosscheck.schema.crd import custom_types
from auditor.model import ResourceId

POD = "core.v1.PodSpec"
CONTAINER = "core.v1.Container"


@pytest.mark.parametrize(
    ("struct", "field", "merge", "keys"),
    [
        (POD, "containers", "keyed", ("name",)),
        (POD, "initContainers", "keyed", ("name",)),
        (POD, "volumes", "keyed", ("name",)),
        (POD, "hostAliases", "keyed", ("ip",)),
        (POD, "imagePullSecrets", "keyed", ("name",)),
        (POD, "topologySpreadConstraints", "keyed", ("topologyKey", "whenUnsatisfiable")),
        (POD, "tolerations", "atomic", ()),
        (CONTAINER, "env", "keyed", ("name",)),
        (CONTAINER, "ports", "keyed", ("containerPort", "protocol")),
        (CONTAINER, "volumeMounts", "keyed", ("mountPath",)),
        (CONTAINER, "volumeDevices", "keyed", ("devicePath",)),
        (CONTAINER, "args", "atomic", ()),
        (CONTAINER, "command", "atomic", ()),
        (CONTAINER, "envFrom", "atomic", ()),
        ("core.v1.ServiceSpec", "ports", "keyed", ("port", "protocol")),
        ("rbac.v1.Role", "rules", "atomic", ()),
        ("rbac.v1.RoleBinding", "subjects", "atomic", ()),
        ("networking.v1.IngressSpec", "rules", "atomic", ()),
        ("networking.v1.NetworkPolicySpec", "ingress", "atomic", ()),
        ("autoscaling.v2.HorizontalPodAutoscalerSpec", "metrics", "bag", ()),
        ("apps.v1.StatefulSetSpec", "volumeClaimTemplates", "position", ()),
        ("meta.v1.ObjectMeta", "finalizers", "set", ()),
        ("meta.v1.ObjectMeta", "ownerReferences", "keyed", ("uid",)),
        ("admissionregistration.v1.ValidatingWebhookConfiguration", "webhooks", "keyed", ("name",)),
    ],
)
def test_built_in_lists(struct: str, field: str, merge: str, keys: tuple[str, ...]) -> None:
    known = struct_type(struct).child(field)
    assert (known.form, known.merge, known.keys) == ("list", merge, keys)


@pytest.mark.parametrize(
    ("struct", "field", "form", "zero_dropped", "atomic"),
    [
        (POD, "hostNetwork", "boolean", True, False),
        (POD, "automountServiceAccountToken", "boolean", False, False),
        (POD, "nodeSelector", "map", False, True),
        ("core.v1.ServiceSpec", "selector", "map", False, True),
        ("apps.v1.DeploymentSpec", "replicas", "integer", False, False),
        ("apps.v1.DeploymentSpec", "minReadySeconds", "integer", True, False),
        ("apps.v1.DeploymentSpec", "selector", "struct", False, True),
        ("core.v1.SecurityContext", "privileged", "boolean", False, False),
        ("core.v1.ServicePort", "targetPort", "int-or-string", False, False),
        ("core.v1.EmptyDirVolumeSource", "sizeLimit", "quantity", False, False),
    ],
)
def test_built_in_fields(struct: str, field: str, form: str, zero_dropped: bool, atomic: bool) -> None:
    known = struct_type(struct).child(field)
    assert (known.form, known.zero_dropped, known.atomic) == (form, zero_dropped, atomic)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec", "replicas"), "spec.replicas"),
        (("spec", "containers", ListKey((("name", "web"),)), "image"), "spec.containers[name=web].image"),
        (("ports", ListKey((("containerPort", 80), ("protocol", "TCP")))), "ports[containerPort=80,protocol=TCP]"),
        (("metadata", "annotations", "a.b/c"), 'metadata.annotations["a.b/c"]'),
        (("data", 'say "hi"'), 'data["say \\"hi\\""]'),
        (("spec", "rules", 0, "host"), "spec.rules[0].host"),
        (("metadata", "finalizers", SetValue('"kubernetes"')), 'metadata.finalizers[="kubernetes"]'),
        (("m", ListKey((("mountPath", "/a=b]"),))), 'm[mountPath="/a=b]"]'),
    ],
)  # fmt: skip
def test_pointers(path: Path, text: str) -> None:
    assert pointer(path) == text


def test_duplicate_or_missing_keys_leave_only_position() -> None:
    assert keyed([{"name": "a"}, {"name": "a"}], ("name",)) is None
    assert keyed([{"name": "a"}, {}], ("name",)) is None
    assert keyed(["a"], ("name",)) is None
    assert list(keyed([{"name": "b"}, {"name": "a"}], ("name",)) or ()) == [
        ListKey((("name", "b"),)),
        ListKey((("name", "a"),)),
    ]


def test_every_kind_of_fields_v1_step_finds_its_value() -> None:
    live = {
        "metadata": {"finalizers": ["x/y"]},
        "spec": {"ports": [{"port": 80, "name": "http"}], "rules": [{"host": "a"}]},
    }
    trie = {
        "f:metadata": {"f:finalizers": {".": {}, 'v:"x/y"': {}}},
        "f:spec": {
            "f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}}},
            "f:rules": {"i:0": {"f:host": {}}},
        },
    }
    found = {pointer(path): resolve(live, path) for path in parse_fields(trie)}
    assert found == {
        "metadata.finalizers": ["x/y"],
        'metadata.finalizers[="x/y"]': "x/y",
        "spec.ports[port=80,protocol=TCP]": {"port": 80, "name": "http"},
        "spec.ports[port=80,protocol=TCP].name": "http",
        "spec.rules[0].host": "a",
    }
    assert resolve(live, ("spec", "rules", 1)) is MISSING


@pytest.mark.parametrize(
    "trie", [[], {"f:a": 1}, {"a": {}}, {"k:[1]": {}}, {"k:{": {}}, {"i:x": {}}, {"v:nope": {}}]
)
def test_what_is_no_fields_v1_is_a_problem_and_no_owner(trie: Any) -> None:
    manifest = {"metadata": {"managedFields": [{"manager": "m", "operation": "Update", "fieldsV1": trie}]}}
    found = ownership(manifest)
    assert (found.recorded, len(found.owners), len(found.problems)) == (
        (True, 0, 1) if trie else (True, 1, 0)
    )


def test_a_trie_without_end_is_refused() -> None:
    trie: dict[str, Any] = {}
    for _ in range(200):
        trie = {"f:a": trie}
    with pytest.raises(ValueError, match="levels"):
        parse_fields(trie)


def test_the_status_subresource_owns_nothing_and_time_may_be_missing() -> None:
    entry = {"manager": "m", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}}
    manifest = {"metadata": {"managedFields": [entry, {**entry, "subresource": "status"}]}}
    found = ownership(manifest)
    assert [(owner.manager, owner.time, owner.paths) for owner in found.owners] == [
        ("m", None, frozenset({("spec",)}))
    ]


def crd(schema: dict[str, Any]) -> FieldType:
    definition = {
        "spec": {
            "group": "example.com",
            "names": {"kind": "Thing"},
            "versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}],
        }
    }
    identity = ResourceId(group="example.com", kind="Thing", namespace="", name="x")
    return Schemas(custom_types([definition])).of(identity, "example.com/v1")


def test_custom_resources_are_typed_by_their_definition() -> None:
    spec = {
        "type": "object",
        "properties": {
            "ports": {
                "type": "array",
                "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
            },
            "plain": {"type": "array", "items": {"type": "string"}},
            "interval": {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"},
            "title": {"type": "string"},
        },
    }
    kind = crd({"type": "object", "properties": {"spec": spec}}).child("spec")
    assert (kind.child("ports").merge, kind.child("ports").keys) == ("keyed", ("name",))
    assert kind.child("plain").merge == "atomic"
    assert kind.child("interval").form == "duration"
    assert kind.child("title").form == "string"
    assert kind.child("undeclared").form == "any"


def test_a_hostile_definition_is_untyped_and_no_crash() -> None:
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(500):
        deep = {"type": "object", "properties": {"a": deep}}
    assert crd(deep).form == "struct"
    assert crd({"properties": []}).child("spec").form == "any"
