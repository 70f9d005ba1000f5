"""The pointer syntax and finding the line that a pointer means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.manifests.marks import locate
from auditor.manifests.pointers import (
    ListKey,
    PointerError,
    SetValue,
    Step,
    format_pointer,
    get,
    keyed_steps,
    parse_pointer,
    replaced,
)

WEB = ListKey((("name", "web"),))


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("spec", ("spec",)),
        (
            "spec.template.spec.containers[name=web].image",
            ("spec", "template", "spec", "containers", WEB, "image"),
        ),
        ('metadata.annotations["a.b/c"]', ("metadata", "annotations", "a.b/c")),
        ('["a b"].c', ("a b", "c")),
        ("spec.rules[0].host", ("spec", "rules", 0, "host")),
        (
            "ports[containerPort=80,protocol=TCP]",
            ("ports", ListKey((("containerPort", 80), ("protocol", "TCP")))),
        ),
        ('x[name="a]b"]', ("x", ListKey((("name", "a]b"),)))),
        ('x[name="80"]', ("x", ListKey((("name", "80"),)))),
        ('finalizers[="a/b"]', ("finalizers", SetValue("a/b"))),
        ("[0][1]", (0, 1)),
    ],
)
def test_syntax(text: str, steps: tuple[Step, ...]) -> None:
    assert parse_pointer(text) == steps
    assert format_pointer(steps) == text


@pytest.mark.parametrize(
    "text",
    [".a", "a.", "a..b", "a[", "a[b", "a[name=web", "a[name]", 'a["b"', "a]b", "a b", "a[0]b", 'a["b]'],
)
def test_what_is_no_pointer(text: str) -> None:
    with pytest.raises(PointerError):
        parse_pointer(text)


SCALARS = st.one_of(st.text(max_size=6), st.integers(0, 99999), st.booleans())
STEPS = st.one_of(
    st.text(min_size=1, max_size=6),
    st.integers(0, 50),
    SCALARS.map(SetValue),
    st.lists(
        st.tuples(st.sampled_from(["name", "containerPort", "ip"]), SCALARS), min_size=1, max_size=2
    ).map(lambda pairs: ListKey(tuple(pairs))),
)


@given(st.lists(STEPS, max_size=5).map(tuple))
def test_what_is_written_reads_back(steps: tuple[Step, ...]) -> None:
    assert parse_pointer(format_pointer(steps)) == steps


MANIFEST: dict[str, Any] = {
    "spec": {
        "containers": [{"name": "a", "image": "x"}, {"name": "web", "ports": [{"containerPort": 80}]}],
        "twice": [{"name": "a"}, {"name": "a"}],
        "list": ["p", "q"],
    }
}


def test_get_and_replace() -> None:
    assert get(MANIFEST, "") is MANIFEST
    assert get(MANIFEST, "spec.containers[name=a].image") == "x"
    assert get(MANIFEST, "spec.containers[1].ports[containerPort=80,protocol=TCP]") == {"containerPort": 80}
    assert get(MANIFEST, 'spec.list[="q"]') == "q"
    for missing in ("spec.x", "spec.list[5]", "spec.containers[name=z]", "spec[0]", "spec.list.a"):
        with pytest.raises(KeyError):
            get(MANIFEST, missing)
    changed = replaced(MANIFEST, "spec.containers[name=web].image", "new")
    assert get(changed, "spec.containers[name=web].image") == "new"
    assert "image" not in MANIFEST["spec"]["containers"][1]
    with pytest.raises(KeyError):
        replaced(MANIFEST, "nowhere.image", "new")


def test_entries_are_named_where_their_name_is_their_own() -> None:
    assert (
        format_pointer(keyed_steps(MANIFEST, ["spec", "containers", 1, "ports", 0]))
        == "spec.containers[name=web].ports[0]"
    )
    assert format_pointer(keyed_steps(MANIFEST, ["spec", "twice", 1])) == "spec.twice[1]"


FILE = b"""# comment
apiVersion: v1
kind: ConfigMap
metadata:
  annotations:
    a.b/c: x
---
apiVersion: apps/v1
kind: Deployment
spec: &spec
  template:
    spec:
      containers:
        - name: side
        - name: web
          image: nginx
          ports: [{containerPort: 80}, {containerPort: 443, protocol: TCP}]
---
broken: [
---
kind: List
apiVersion: v1
items:
  - kind: A
    apiVersion: v1
  - kind: B
    apiVersion: v1
    spec: {x: 1}
"""


@pytest.mark.parametrize(
    ("index", "item", "pointer", "place"),
    [
        (0, None, "", (2, 1)),
        (0, None, "kind", (3, 1)),
        (0, None, 'metadata.annotations["a.b/c"]', (6, 5)),
        (1, None, "spec.template.spec.containers[name=web].image", (16, 11)),
        (1, None, "spec.template.spec.containers[0]", (14, 11)),
        (1, None, "spec.template.spec.containers[name=web].securityContext.privileged", (15, 11)),
        (1, None, "spec.template.spec.containers[name=web].ports[containerPort=443,protocol=TCP]", (17, 40)),
        (
            1,
            None,
            "spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP].containerPort",
            (17, 20),
        ),
        (2, None, "broken", (1, 1)),
        (3, 1, "spec.x", (28, 12)),
        (3, 0, "nothing", (24, 5)),
        (9, None, "x", (1, 1)),
    ],
)
def test_locate(index: int, item: int | None, pointer: str, place: tuple[int, int]) -> None:
    assert locate(FILE, index, item, pointer) == place


def test_locate_in_json_and_merged_fields() -> None:
    assert locate(b'{\n  "kind": "A",\n  "spec": {"x": 1}\n}', 0, None, "spec.x") == (3, 12)
    assert locate(b"a: &a\n  x: 1\nb:\n  <<: *a\n", 0, None, "b.x") == (2, 3)
    assert locate(b"\xff\xfe", 0, None, "x") == (1, 1)
