"""What is kept of requests' bodies: which fields they set, and no value."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cluster.audit_lines import digest, event, log
from hypothesis import given
from hypothesis import strategies as st

from auditor.cluster.auditlog import AuditLogReader
from auditor.cluster.auditlog.fields import MAX_FIELDS, TooManyFieldsError, written_fields
from auditor.crosscheck.attribution_events import pointer_of
from auditor.manifests.secrets import Redactor
from auditor.model.audit_log import value_digest

CANARY = "canary-7f3a9c51"


def fields(body: Any, *, is_secret: bool = False) -> dict[str, str]:
    """Pointer to what is told of the value: '-' where it is taken away, the shown value, else '?'."""
    return {
        pointer_of(field.path): "-" if field.removed else field.shown or "?"
        for field in written_fields(body, is_secret=is_secret, digest=digest)
    }


def pod(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": list(containers), **more}}}}


WEB = "spec.template.spec.containers[name=web]"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"spec": {"replicas": 6}}, {"spec.replicas": "6"}),
        ({"spec": {"paused": True, "x": None}}, {"spec.paused": "true", "spec.x": "-"}),
        ({"metadata": {"labels": {"a.b/c": "d"}}}, {'metadata.labels["a.b/c"]': "?"}),
        ({"metadata": {"name": "x", "uid": "1", "resourceVersion": "7"}, "status": {"a": 1}}, {}),
        (pod({"name": "web", "image": "x"}), {f"{WEB}.image": "?"}),
        (pod({"name": "web"}), {f"{WEB}.name": "?"}),
        (pod({"name": "web", "$patch": "delete"}), {WEB: "-"}),
        (
            pod({"name": "web", "ports": [{"containerPort": 80, "hostPort": 8080}]}),
            {f"{WEB}.ports[containerPort=80,protocol=TCP].hostPort": "8080"},
        ),
        (
            pod({"name": "web", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": None}]}),
            {f"{WEB}.env[name=A].value": "?", f"{WEB}.env[name=B].value": "-"},
        ),
        ({"spec": {"$setElementOrder/containers": [{"name": "web"}], "$retainKeys": ["x"]}}, {}),
        ({"metadata": {"$deleteFromPrimitiveList/finalizers": ["x"]}}, {"metadata.finalizers": "-"}),
        ({"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}, {"spec.template.spec.containers": "?"}),
        ({"rules": [{"verbs": ["*"]}]}, {"rules": "?"}),
        ({"spec": {"ports": [{"port": 80, "nodePort": 1}]}}, {"spec.ports[port=80,protocol=TCP].nodePort": "1"}),
    ],
)  # fmt: skip
def test_objects_and_merge_patches(body: Any, expected: dict[str, str]) -> None:
    assert fields(body) == expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "replace", "path": "/spec/replicas", "value": 3}, {"spec.replicas": "3"}),
        ({"op": "remove", "path": "/spec/template/spec/containers/1"}, {"spec.template.spec.containers[1]": "-"}),
        (
            {"op": "add", "path": "/spec/containers/-", "value": {"name": "x", "image": "y"}},
            {"spec.containers[-1].name": "?", "spec.containers[-1].image": "?"},
        ),
        ({"op": "replace", "path": "/metadata/labels/a.b~1c", "value": "x"}, {'metadata.labels["a.b/c"]': "?"}),
        ({"op": "add", "path": "/data/80", "value": "x"}, {'data["80"]': "?"}),
        ({"op": "test", "path": "/spec/replicas", "value": 3}, {}),
        ({"op": "move", "from": "/spec/a", "path": "/spec/b"}, {"spec.a": "-", "spec.b": "?"}),
        ({"op": "replace", "path": "/spec", "value": {"replicas": 2}}, {"spec.replicas": "2"}),
        ({"op": "replace", "path": "", "value": {"spec": {"replicas": 2}}}, {"spec.replicas": "2"}),
        ({"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}, {}),
        ({"op": "replace", "path": "/status/replicas", "value": 1}, {}),
    ],
)  # fmt: skip
def test_json_patches(operation: dict[str, Any], expected: dict[str, str]) -> None:
    assert fields([operation]) == expected


def test_too_many_fields_are_not_half_told() -> None:
    with pytest.raises(TooManyFieldsError):
        fields({"data": {str(number): "x" for number in range(MAX_FIELDS + 1)}})


@pytest.mark.parametrize("body", ["text", 7, [1], [{"op": "add"}]])
def test_what_is_no_body_is_refused(body: Any) -> None:
    with pytest.raises(ValueError, match=r"where an object should be|no JSON patch"):
        fields(body)


def test_a_secrets_entry_has_the_digest_that_stands_for_it_in_git_and_in_snapshots() -> None:
    redactor = Redactor(b"0123456789abcdef")
    encoded = base64.b64encode(b"hunter2 is it").decode()
    in_git = redactor.redact(
        {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "hunter2 is it"}}
    )
    standing_for_it = in_git["stringData"]["password"]
    bodies: list[Any] = [
        {"kind": "Secret", "data": {"password": encoded}},
        {"stringData": {"password": "hunter2 is it"}},
        [{"op": "replace", "path": "/data/password", "value": encoded}],
        [{"op": "replace", "path": "/data", "value": {"password": encoded}}],
    ]
    for body in bodies:
        (field,) = written_fields(body, is_secret=True, digest=redactor.digest)
        assert pointer_of(field.path) == "data.password"
        assert field.wrote(standing_for_it, redactor.digest)
        assert not field.wrote("auditor-redacted:secret:0000000000000000", redactor.digest)


def test_a_value_is_recognised_and_a_text_is_not_the_number_that_it_spells() -> None:
    (field,) = written_fields({"spec": {"replicas": 6}}, is_secret=False, digest=digest)
    assert field.wrote(6, digest)
    assert not field.wrote("6", digest)
    assert not field.wrote(7, digest)
    assert value_digest({"b": 1, "a": 2}, digest) == value_digest({"a": 2, "b": 1}, digest)


secret_texts = st.sampled_from([CANARY, f"x{CANARY}y", base64.b64encode(CANARY.encode()).decode()])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | secret_texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "a", "spec", "env", "containers"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    body=st.dictionaries(
        st.sampled_from(["data", "stringData", "spec", "metadata", "status"]), json_values, max_size=4
    ),
    is_secret=st.booleans(),
)
def test_no_value_outlives_the_reading_of_a_body(body: dict[str, Any], is_secret: bool) -> None:
    told = json.dumps(
        [dataclasses.asdict(field) for field in written_fields(body, is_secret=is_secret, digest=digest)]
    )
    assert not re.search(f"canary|{base64.b64encode(CANARY.encode()).decode()[:12]}", told)


@given(patch=st.dictionaries(st.sampled_from(["a", "b", "c", "data"]), json_values, min_size=1, max_size=3))
def test_a_patch_of_a_subtree_tells_the_same_fields_as_the_object_with_that_subtree(
    patch: dict[str, Any],
) -> None:
    whole = written_fields({"spec": patch}, is_secret=False, digest=digest)
    piece = written_fields(
        [{"op": "replace", "path": "/spec", "value": patch}], is_secret=False, digest=digest
    )
    assert whole == piece


def test_a_canary_in_bodies_never_leaves_the_reader(tmp_path: Path) -> None:
    encoded = base64.b64encode(CANARY.encode()).decode()
    secret = {"resource": "secrets", "namespace": "shop", "name": "keys", "apiVersion": "v1"}
    whole = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {"k": encoded}}
    applied = {
        **whole,
        "metadata": {
            "name": "keys",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": json.dumps(whole),
                "x": CANARY,
            },
        },
    }
    bodies: list[Any] = [
        whole, applied, {"stringData": {"k": CANARY}}, [{"op": "add", "path": "/data/k", "value": encoded}], CANARY,
        {"data": CANARY}, [{"op": "copy", "from": f"/data/{CANARY}", "path": "/data/k"}],
    ]  # fmt: skip
    lines = [
        event(
            objectRef=ref, seconds=number, requestObject=body, responseObject=applied, level="RequestResponse"
        )
        for ref in (secret, {**secret, "resource": "configmaps"})
        for number, body in enumerate(bodies)
    ]
    cut = json.dumps(lines[0]).encode()[:-40]
    reader = AuditLogReader([log(tmp_path / "a.log", *lines, cut)], digest=digest)
    told = [repr(found) for found in reader.events()]
    assert len(told) == len(bodies)  # the second half repeats the audit ids
    everything = "\n".join([*told, repr(reader.coverage())])
    assert CANARY not in everything
    assert encoded not in everything
