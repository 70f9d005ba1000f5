"""Selectors, against the text of the documentation in a table and against an obvious slow version."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy.kubernetes_support import said, said_together, workload
from policy.policy_support import ENGINES

from auditor.policy.judge import Judge, JudgeSpec

MISMATCH, SELECTS_NOTHING = "AUD-WORK-0006", "AUD-NET-0012"


@pytest.fixture(scope="module", params=ENGINES)
def judge(request):
    with Judge(JudgeSpec(engine=request.param, schemas=False)) as made:
        yield made


def _asks(key, operator, *values):
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


WEB = {"app": "web", "tier": "front"}


@pytest.mark.parametrize(
    ("selector", "labels", "matches"),
    [
        ({}, {}, True),
        ({}, WEB, True),
        ({"matchLabels": {"app": "web"}}, WEB, True),
        ({"matchLabels": {"app": "web", "tier": "back"}}, WEB, False),
        ({"matchLabels": {"app": "web"}}, {}, False),
        ({"matchExpressions": [_asks("app", "In", "api", "web")]}, WEB, True),
        ({"matchExpressions": [_asks("app", "In", "api")]}, WEB, False),
        ({"matchExpressions": [_asks("app", "NotIn", "api")]}, WEB, True),
        ({"matchExpressions": [_asks("app", "NotIn", "web")]}, WEB, False),
        # NotIn is also met by what does not have the key.
        ({"matchExpressions": [_asks("zone", "NotIn", "a")]}, WEB, True),
        ({"matchExpressions": [_asks("zone", "In", "a")]}, WEB, False),
        ({"matchExpressions": [_asks("tier", "Exists")]}, WEB, True),
        ({"matchExpressions": [_asks("zone", "Exists")]}, WEB, False),
        ({"matchExpressions": [_asks("zone", "DoesNotExist")]}, WEB, True),
        ({"matchExpressions": [_asks("tier", "DoesNotExist")]}, WEB, False),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [_asks("tier", "In", "back")]}, WEB, False),
        ({"matchExpressions": [_asks("app", "Near", "web")]}, WEB, False),
    ],
)
def test_a_label_selector(judge, selector, labels, matches):
    found = said(judge, MISMATCH, workload(labels=labels, selector=selector))
    assert found == [[] if matches else ["spec.selector"]]


KEYS = st.sampled_from(["app", "tier", "zone"])
VALUES = st.sampled_from(["", "a", "b"])
LABELS = st.dictionaries(KEYS, VALUES, max_size=3)
EXPRESSIONS = st.one_of(
    st.builds(
        lambda k, o, v: _asks(k, o, *v),
        KEYS,
        st.sampled_from(["In", "NotIn"]),
        st.lists(VALUES, min_size=1, max_size=2),
    ),
    st.builds(_asks, KEYS, st.sampled_from(["Exists", "DoesNotExist"])),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=3)}
)


def _slowly(selector, labels):
    """The documentation's sentences, one by one."""
    for key, value in selector.get("matchLabels", {}).items():
        if key not in labels or labels[key] != value:
            return False
    for one in selector.get("matchExpressions", []):
        there = one["key"] in labels
        if one["operator"] == "In" and not (there and labels[one["key"]] in one["values"]):
            return False
        if one["operator"] == "NotIn" and there and labels[one["key"]] in one["values"]:
            return False
        if one["operator"] == "Exists" and not there:
            return False
        if one["operator"] == "DoesNotExist" and there:
            return False
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs=st.lists(st.tuples(SELECTORS, LABELS), min_size=6, max_size=6))
def test_any_label_selector_as_the_slow_version_says(judge, pairs):
    found = said(judge, MISMATCH, *(workload(labels=labels, selector=one) for one, labels in pairs))
    assert [not places for places in found] == [_slowly(one, labels) for one, labels in pairs]


@pytest.mark.parametrize(
    ("selector", "fires"),
    [
        ({"app": "web"}, False),
        ({"app": "web", "tier": "front"}, False),
        ({"app": "api"}, True),
        ({"app": "web", "tier": "back"}, True),
        # Nobody here uses the key: the pods are made by something else.
        ({"cnpg.io/cluster": "db"}, False),
        # A Service without a selector has its endpoints from elsewhere.
        ({}, False),
        (None, False),
    ],
)
def test_what_a_service_selects(judge, selector, fires):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": selector}}  # fmt: skip
    found = said_together(judge, SELECTS_NOTHING, workload(labels=WEB), service)
    assert found == ([(1, "spec.selector")] if fires else [])
