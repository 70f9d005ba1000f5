"""What counts as equal, by type: hand-made rows, and properties against an obvious slow version."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from crosscheck.cases import brief, check, container_of, deployment, live_deployment
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.crosscheck.compare import differences
from auditor.crosscheck.listkeys import pointer
from auditor.crosscheck.normalise import normalise
from auditor.crosscheck.schema import CUSTOM_RESOURCE, FieldType, struct_type

DEPLOYMENT = struct_type("apps.v1.Deployment")


def pointers(declared: dict[str, Any], live: dict[str, Any], kind: FieldType) -> list[str]:
    """Where a declared object is not as it is live."""
    return [
        pointer(found.path) for found in differences(normalise(declared, kind), normalise(live, kind), kind)
    ]


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def container(**fields: Any) -> dict[str, Any]:
    return pod(containers=[{"name": "a", **fields}])


PORTS = [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}]
PROBE = "spec.containers[name=a].livenessProbe.httpGet.port"


@pytest.mark.parametrize(
    ("declared", "live", "expected"),
    [
        (container(resources={"limits": {"cpu": "0.2"}}), container(resources={"limits": {"cpu": "200m"}}), []),
        (container(resources={"limits": {"cpu": 1}}), container(resources={"limits": {"cpu": "1"}}), []),
        (
            container(resources={"limits": {"cpu": "1"}}),
            container(resources={"limits": {"cpu": "2"}}),
            ["spec.containers[name=a].resources.limits.cpu"],
        ),
        (
            container(livenessProbe={"httpGet": {"port": 80}}),
            container(livenessProbe={"httpGet": {"port": "80"}}),
            [PROBE],
        ),
        (container(ports=[{"containerPort": 80}]), container(ports=[{"containerPort": 80, "protocol": "TCP"}]), []),
        (container(ports=PORTS), container(ports=PORTS[::-1]), []),
        (container(env=[{"name": "A", "value": ""}]), container(env=[{"name": "A"}]), []),
        (container(args=["a", "b"]), container(args=["b", "a"]), ["spec.containers[name=a].args"]),
        (container(args=[]), container(), []),
        (container(tty=False), container(), []),
        (
            container(securityContext={"privileged": False}),
            container(),
            ["spec.containers[name=a].securityContext"],
        ),
        (
            container(securityContext={"privileged": False}),
            container(securityContext={}),
            ["spec.containers[name=a].securityContext.privileged"],
        ),
        (pod(hostNetwork=False, hostPID=False), pod(), []),
        (pod(hostNetwork=False), pod(hostNetwork=True), ["spec.hostNetwork"]),
        (pod(automountServiceAccountToken=False), pod(), ["spec.automountServiceAccountToken"]),
        (pod(nodeSelector={"a": "1"}), pod(nodeSelector={"a": "1", "b": "2"}), ["spec.nodeSelector"]),
        (pod(tolerations=[{"key": "k"}]), pod(tolerations=[{"key": "k", "operator": "Equal"}]), []),
        (pod(tolerations=[{"key": "k"}]), pod(tolerations=[{"key": "k"}, {"key": "l"}]), ["spec.tolerations"]),
        (
            pod(volumes=[{"name": "v", "emptyDir": {}}]),
            pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]),
            ["spec.volumes[name=v].emptyDir"],
        ),
        (
            pod(containers=[{"name": "a"}, {"name": "a"}]),
            pod(containers=[{"name": "a"}]),
            ["spec.containers[1]"],
        ),
        (pod(priority=None), pod(priority=5), []),
    ],
)  # fmt: skip
def test_rows(declared: dict[str, Any], live: dict[str, Any], expected: list[str]) -> None:
    assert pointers(declared, live, struct_type("core.v1.Pod")) == expected


def test_rbac_rules_that_are_empty_or_null_are_equal() -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}}
    kind = struct_type("rbac.v1.Role")
    assert pointers({**role, "rules": []}, {**role, "rules": None}, kind) == []
    assert pointers({**role, "rules": []}, {**role, "rules": [{"verbs": ["*"]}]}, kind) == ["rules"]


def test_lists_of_custom_resources_without_a_definition_are_atomic() -> None:
    ours = {
        "apiVersion": "x/v1",
        "kind": "X",
        "spec": {"items": [{"name": "a"}, {"name": "b"}], "size": "1Gi"},
    }
    theirs = copy.deepcopy(ours)
    theirs["spec"]["items"].reverse()
    assert pointers(ours, theirs, CUSTOM_RESOURCE) == ["spec.items"]
    theirs = copy.deepcopy(ours)
    theirs["spec"]["size"] = "1024Mi"
    assert pointers(ours, theirs, CUSTOM_RESOURCE) == ["spec.size"], "no type says that it is a quantity"


def test_a_certificate_s_duration_is_one_by_its_known_type() -> None:
    declared = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "c", "namespace": "shop"},
        "spec": {"duration": "8760h", "secretName": "c"},
    }
    found = copy.deepcopy(declared)
    found["spec"]["duration"] = "8760h0m0s"
    assert brief(check(declared, found)) == []
    found["spec"]["duration"] = "8761h0m0s"
    assert [text for _, _, text in brief(check(declared, found))] == ["spec.duration"]


def test_string_data_wins_over_data() -> None:
    kind = struct_type("core.v1.Secret")
    secret = {"apiVersion": "v1", "kind": "Secret", "data": {"a": "1", "b": "2"}, "stringData": {"b": "3"}}
    assert normalise(secret, kind) == {"data": {"a": "1", "b": "3"}}


@pytest.mark.parametrize(
    ("declared", "live", "drifts", "unknown"),
    [
        ("https://${HOST}/x", "https://shop.example/x", False, True),
        ("https://${HOST}/x", "https://shop.example/y", True, False),
        ("ENC[AES256_GCM,data:abc,type:str]", "anything", False, True),
        ("plain", "other", True, False),
    ],
)
def test_what_cannot_be_compared_is_unknown_and_never_equal(
    declared: str, live: str, drifts: bool, unknown: bool
) -> None:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": declared}}
    found = {**manifest, "data": {"k": live}, "metadata": {"name": "c", "managedFields": [{"manager": "m"}]}}
    result = check(manifest, found)
    assert (bool(result.drift), bool(result.unknown)) == (drifts, unknown)


# --- properties ----------------------------------------------------------------------------------

scalars = st.sampled_from(["", "a", "b", 0, 1, True, False, None])
names = st.sampled_from(["a", "b", "c"])
trees = st.recursive(
    scalars,
    lambda inner: st.dictionaries(names, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=12,
)
specs = st.fixed_dictionaries({"spec": st.dictionaries(names, trees, max_size=3)})


ABSENT = object()


def slow(declared: Any, live: Any) -> bool:
    """Holds `live` all that `declared` says? For untyped objects: maps by key, everything else in full."""
    if isinstance(declared, dict):
        if live is ABSENT:
            return empty(declared)
        return isinstance(live, dict) and all(
            slow(value, live.get(name, ABSENT)) for name, value in declared.items()
        )
    return full(declared, live)


def empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(empty(inner) for inner in value.values())
    return value is None or value == "" or value == []


def full(one: Any, other: Any) -> bool:
    if one is ABSENT or other is ABSENT:
        return empty(other if one is ABSENT else one)
    if isinstance(one, dict) and isinstance(other, dict):
        return all(full(one.get(name, ABSENT), other.get(name, ABSENT)) for name in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(full(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=400)
@given(specs, specs)
def test_the_comparison_agrees_with_an_obvious_recursion(declared: Any, live: Any) -> None:
    found = pointers(declared, live, CUSTOM_RESOURCE)
    assert (found == []) is slow(without_nulls(declared), without_nulls(live))


@given(specs)
def test_an_object_equals_itself_and_normalising_twice_is_once(manifest: Any) -> None:
    once = normalise(manifest, CUSTOM_RESOURCE)
    assert normalise(once, CUSTOM_RESOURCE) == once
    assert list(differences(once, once, CUSTOM_RESOURCE)) == []


@given(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_keyed_lists_is_no_drift(letters: list[str], shuffle: Any) -> None:
    declared = deployment()
    container_of(declared)["env"] = [{"name": letter, "value": letter * 2} for letter in letters]
    declared["spec"]["template"]["spec"]["containers"] += [{"name": letter} for letter in letters]
    live = live_deployment(declared)
    shuffle.shuffle(container_of(live)["env"])
    shuffle.shuffle(live["spec"]["template"]["spec"]["containers"])
    assert brief(check(declared, live)) == []


@given(
    st.integers(0, 50),
    st.sampled_from(["web:1", "r.example/web:latest", "web", "web@sha256:" + "0" * 64]),
    st.dictionaries(st.sampled_from(["team", "a.b/c"]), st.text("xyz", max_size=3)),
    st.booleans(),
)
def test_declared_plus_defaults_is_no_drift_even_where_its_creator_owns_the_defaults(
    replicas: int, image: str, labels: dict[str, str], by_update: bool
) -> None:
    declared = deployment(image, replicas)
    declared["metadata"]["labels"] |= labels
    live = live_deployment(declared)
    pull = "Always" if image in ("web", "r.example/web:latest") else "IfNotPresent"
    container_of(live)["imagePullPolicy"] = pull
    if by_update:
        entry = live["metadata"]["managedFields"][0]
        entry |= {"manager": "kubectl-client-side-apply", "operation": "Update"}
        spec = entry["fieldsV1"]["f:spec"]
        spec |= {
            "f:progressDeadlineSeconds": {},
            "f:strategy": {"f:type": {}, "f:rollingUpdate": {".": {}, "f:maxSurge": {}}},
        }
        web = spec["f:template"]["f:spec"]["f:containers"]['k:{"name":"web"}']
        web |= {"f:imagePullPolicy": {}, "f:terminationMessagePath": {}}
        for label in ("name", "namespace"):
            del live["metadata"]["labels"][f"kustomize.toolkit.fluxcd.io/{label}"]
    assert brief(check(declared, live)) == []
