"""Field differences: tables of cases, and the quick comparison against the obvious one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.manifests.fields import VALUE_LIMIT, FieldDiff, field_diff, leaves
from auditor.manifests.pointers import get

CASES: dict[str, tuple[Any, Any, list[tuple[str, str | None, str | None]]]] = {
    "a changed scalar": (
        {"spec": {"replicas": 1}},
        {"spec": {"replicas": 2}},
        [("spec.replicas", "1", "2")],
    ),
    "another type": ({"a": "1"}, {"a": 1}, [("a", '"1"', "1")]),
    "true is not 1": ({"a": {"b": 1}}, {"a": {"b": True}}, [("a.b", "1", "true")]),
    "null is not absent": ({"a": {"x": 0, "b": None}}, {"a": {"x": 0}}, [("a.b", "null", None)]),
    "an empty mapping is a value": ({"a": {}}, {"a": {"b": 1}}, [("a", "{}", None), ("a.b", None, "1")]),
    "a label with dots": (
        {"labels": {"app.io/x": "1"}},
        {"labels": {"app.io/x": "2"}},
        [('labels["app.io/x"]', '"1"', '"2"')],
    ),
    "containers by name, reordered": (
        {"containers": [{"name": "a", "image": "i:1"}, {"name": "b", "image": "i:1"}]},
        {"containers": [{"name": "b", "image": "i:1"}, {"name": "a", "image": "i:1"}]},
        [],
    ),
    "a container's image": (
        {"containers": [{"name": "a", "image": "i:1"}, {"name": "b", "image": "i:1"}]},
        {"containers": [{"name": "b", "image": "i:2"}, {"name": "a", "image": "i:1"}]},
        [("containers[name=b].image", '"i:1"', '"i:2"')],
    ),
    "an entry without a name makes it a list by index": (
        {"l": [{"name": "a", "v": 1}]},
        {"l": [{"name": "a", "v": 1}, {"v": 2}]},
        [
            ("l[0].name", None, '"a"'),
            ("l[0].v", None, "1"),
            ("l[1].v", None, "2"),
            ("l[name=a].name", '"a"', None),
            ("l[name=a].v", "1", None),
        ],
    ),
    "a list of scalars is one value": (
        {"args": ["a", "b"]},
        {"args": ["b"]},
        [("args", '["a","b"]', '["b"]')],
    ),
    "a list that is filled": (
        {"l": []},
        {"l": [{"name": "a"}]},
        [("l", "[]", None), ("l[name=a].name", None, '"a"')],
    ),
    "a scalar becomes a mapping": ({"a": 1}, {"a": {"b": 1}}, [("a", "1", None), ("a.b", None, "1")]),
    "added": (None, {"kind": "X", "a": {"b": [1]}}, [("a.b", None, "[1]"), ("kind", None, '"X"')]),
    "deleted": ({"kind": "X"}, None, [("kind", '"X"', None)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_difference_is_told_by_pointer(name: str) -> None:
    old, new, expected = CASES[name]
    assert field_diff(old, new) == [FieldDiff(*entry) for entry in expected]


def test_a_long_value_is_kept_as_its_digest() -> None:
    text = json.dumps("x" * VALUE_LIMIT)
    expected = {"characters": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    [difference] = field_diff({"a": "short"}, {"a": "x" * VALUE_LIMIT})
    assert difference.old_value == '"short"'
    assert json.loads(difference.new_value or "") == expected


names = st.sampled_from(["name", "a", "b", "x.y", "image"])
scalars = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "b", "1"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
manifests = st.dictionaries(names, values, max_size=4)


@given(manifests, manifests)
def test_the_quick_comparison_equals_holding_all_leaves_against_each_other(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    before, after = (leaves(old) if old else {"": "{}"}), (leaves(new) if new else {"": "{}"})
    expected = sorted(
        FieldDiff(pointer, before.get(pointer), after.get(pointer))
        for pointer in before.keys() | after.keys()
        if before.get(pointer) != after.get(pointer)
    )
    assert field_diff(old, new) == expected


@given(manifests)
def test_every_pointer_leads_to_its_leaf(manifest: dict[str, Any]) -> None:
    found = leaves(manifest)
    assert len(found) >= len(manifest)
    for pointer, text in found.items():
        assert json.dumps(get(manifest, pointer), separators=(",", ":"), sort_keys=True) == text
