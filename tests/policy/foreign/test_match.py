"""Gatekeeper's match: the cases of its documentation, and the same in Python and Rego."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import PolicyError
from auditor.policy.foreign.match import fits_constraint, meets, normal_match, selector
from auditor.policy.foreign.support import GATEKEEPER_MODULE


def thing(kind: str = "Pod", api: str = "v1", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "one", **metadata}}


# From https://open-policy-agent.github.io/gatekeeper/website/docs/howto#the-match-field and pkg/mutation/match.
CASES = [
    ({}, thing(), True),
    ({"kinds": [{"apiGroups": [""], "kinds": ["Pod"]}]}, thing(), True),
    ({"kinds": [{"apiGroups": ["apps"], "kinds": ["Pod"]}]}, thing(), False),
    ({"kinds": [{"apiGroups": ["*"], "kinds": ["*"]}]}, thing("X", "a.b/v1"), True),
    ({"kinds": [{"kinds": ["Pod"]}]}, thing(), True),
    ({"kinds": [{"apiGroups": [""]}]}, thing(), True),
    ({"kinds": [{"apiGroups": ["a"], "kinds": ["A"]}, {"apiGroups": [""], "kinds": ["Pod"]}]}, thing(), True),
    ({"scope": "Namespaced"}, thing(namespace="a"), True),
    ({"scope": "Namespaced"}, thing(), False),
    ({"scope": "Namespaced"}, thing("Namespace"), False),
    ({"scope": "Cluster"}, thing("Namespace"), True),
    ({"scope": "Cluster"}, thing(namespace="a"), False),
    ({"scope": "*"}, thing(namespace="a"), True),
    ({"namespaces": ["a"]}, thing(namespace="a"), True),
    ({"namespaces": ["a"]}, thing(namespace="b"), False),
    ({"namespaces": ["a"]}, thing(), True),
    ({"namespaces": ["one"]}, thing("Namespace"), True),
    ({"namespaces": ["kube-*"]}, thing(namespace="kube-system"), True),
    ({"namespaces": ["*-system"]}, thing(namespace="kube-system"), True),
    ({"namespaces": ["*e-s*"]}, thing(namespace="kube-system"), True),
    ({"namespaces": ["kube-"]}, thing(namespace="kube-system"), False),
    ({"excludedNamespaces": ["kube-*"]}, thing(namespace="kube-system"), False),
    ({"excludedNamespaces": ["kube-*"]}, thing(), True),
    ({"labelSelector": {"matchLabels": {"a": "b"}}}, thing(labels={"a": "b"}), True),
    ({"labelSelector": {"matchLabels": {"a": "b"}}}, thing(labels={"a": "c"}), False),
    (
        {"labelSelector": {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}},
        thing(),
        True,
    ),
    ({"labelSelector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}, thing(), False),
    ({"labelSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}}, thing(), True),
    ({"name": "on*"}, thing(), True),
    ({"name": "*n*"}, thing(), True),
    ({"name": "two"}, thing(), False),
    ({"name": "gen-*"}, {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "gen-a"}}, True),
    ({"name": "*-a"}, {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "gen-a"}}, False),
]


def in_rego(wanted: dict[str, Any], manifest: dict[str, Any]) -> bool:
    import regopy

    interpreter = regopy.Interpreter()
    interpreter.log_level = regopy.LogLevel.NONE
    interpreter.add_module("gatekeeper.rego", GATEKEEPER_MODULE)
    interpreter.set_input_term(orjson.dumps({"wanted": wanted, "thing": manifest}).decode())
    output = interpreter.query("x := [1 | data.foreign.gatekeeper.gk_fits(input.wanted, input.thing)]")
    return bool(output.results[0].bindings["x"])


@pytest.mark.parametrize(("match", "manifest", "expected"), CASES)
def test_matches_as_gatekeeper_does(match, manifest, expected) -> None:
    wanted = normal_match(match, "c.yaml")
    assert fits_constraint(wanted, manifest) is expected
    assert in_rego(wanted, manifest) is expected


NAMES = st.sampled_from(["", "a", "ab", "b", "kube-system", "one"])
GLOBS = st.sampled_from(["a", "a*", "*b", "*-sys*", "*", "one", "kube-*"])
REQUIREMENTS = st.one_of(
    st.fixed_dictionaries({"key": NAMES, "operator": st.sampled_from(["Exists", "DoesNotExist"])}),
    st.fixed_dictionaries(
        {
            "key": NAMES,
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(NAMES, min_size=1, max_size=2),
        }
    ),
)
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "kinds": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "apiGroups": st.lists(st.sampled_from(["", "apps", "*"]), max_size=2),
                    "kinds": st.lists(st.sampled_from(["Pod", "Namespace", "*"]), max_size=2),
                },
            ),
            max_size=2,
        ),
        "scope": st.sampled_from(["Cluster", "Namespaced", "*", "typo"]),
        "namespaces": st.lists(GLOBS, max_size=2),
        "excludedNamespaces": st.lists(GLOBS, max_size=2),
        "name": GLOBS,
        "labelSelector": st.fixed_dictionaries({"matchExpressions": st.lists(REQUIREMENTS, max_size=2)}),
    },
)
THINGS = st.builds(
    lambda api, kind, name, namespace, labels: {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
    },
    st.sampled_from(["v1", "apps/v1"]),
    st.sampled_from(["Pod", "Namespace", "Deployment"]),
    NAMES,
    NAMES,
    st.dictionaries(NAMES, NAMES, max_size=2),
)


@settings(max_examples=150)
@given(MATCHES, THINGS)
def test_python_and_rego_say_the_same(match, manifest) -> None:
    wanted = normal_match(match, "c.yaml")
    assert fits_constraint(wanted, manifest) is in_rego(wanted, manifest)


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ({"kindz": []}, "no field 'kindz'"),
        ({"source": "Some"}, "source is 'Some'"),
        ({"labelSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}, "operator 'Is'"),
        ({"labelSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}, "needs values"),
        ({"namespaces": "a"}, "is not a list"),
        ([], "is not a mapping"),
    ],
)
def test_what_gatekeeper_refuses_is_refused(match, message) -> None:
    with pytest.raises(PolicyError, match=message):
        normal_match(match, "c.yaml")


def test_an_empty_selector_takes_everything_and_none_is_none() -> None:
    assert selector({}, "x") == []
    assert selector(None, "x") is None
    assert meets([], {}) is True
