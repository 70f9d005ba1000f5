"""Quantities are compared by value: a table from the API's definition, and against exact arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy.kubernetes_support import said, workload
from policy.policy_support import ENGINES

from auditor.policy.judge import Judge, JudgeSpec

PLACE = "spec.containers[name=web].resources"

# request, limit, is the request over the limit
PAIRS = [
    ("1", "1000m", False),
    ("1001m", "1", True),
    ("500m", "0.5", False),
    ("0.501", "500m", True),
    ("1Gi", "1024Mi", False),
    ("1Gi", "1G", True),
    ("1G", "1Gi", False),
    ("1.5Gi", "1536Mi", False),
    ("1537Mi", "1.5Gi", True),
    ("1e3", "1k", False),
    ("1E3", "999", True),
    ("1E", "1Ei", False),
    ("1Ei", "1E", True),
    ("12e-1", "1200m", False),
    ("1Ki", "1024", False),
    ("1Ki", 1023, True),
    (2, "1999m", True),
    (0.5, "500m", False),
    ("7n", "6n", True),
    ("1000u", "1m", False),
    (".5", "0.5", False),
    ("5.", "5", False),
    ("+5", "5", False),
    ("10Ti", "9Ti", True),
    ("8Ei", "7.999Ei", True),
    ("2", "10", False),
    ("${CPU}", "1", False),
    ("1", "${CPU}", False),
    ("one", "1", False),
]


@pytest.fixture(scope="module", params=ENGINES)
def judge(request):
    with Judge(JudgeSpec(engine=request.param, schemas=False)) as made:
        yield made


def _pod(requests=None, limits=None):
    resources = {"requests": requests or {}, "limits": limits or {}}
    return workload("Pod", containers=[{"name": "web", "image": "web:1", "resources": resources}])


def test_requests_and_limits_by_value(judge):
    pods = [_pod({"memory": request}, {"memory": limit}) for request, limit, _ in PAIRS]
    answers = said(judge, "AUD-RES-0003", *pods)
    shown = {(request, limit): bool(found) for (request, limit, _), found in zip(PAIRS, answers, strict=True)}
    assert shown == {(request, limit): over for request, limit, over in PAIRS}


@pytest.mark.parametrize(
    ("value", "readable"),
    [("100m", True), ("1.5Gi", True), ("1e3", True), (5, True), (0.5, True), (".5", True), ("${X}", True),
     ("512MB", False), ("1 Gi", False), ("2Gb", False), ("1K", False), ("1ki", False), ("", False),
     ("1e", False), ("0.5.1", False), ("100mcpu", False), ("0x10", False), ("1,5", False)],
)  # fmt: skip
def test_what_is_a_quantity(judge, value, readable):
    place = f'{PLACE}.requests["nvidia.com/gpu"]'
    assert said(judge, "AUD-RES-0004", _pod({"nvidia.com/gpu": value})) == [[] if readable else [place]]


@pytest.mark.parametrize(
    ("value", "fires"), [("512m", True), ("100u", True), ("1.5n", True), ("512M", False), (512, False)]
)
def test_memory_in_thousandths(judge, value, fires):
    assert said(judge, "AUD-RES-0005", _pod({"memory": value, "cpu": "500m"})) == [
        [f"{PLACE}.requests.memory"] if fires else []
    ]


SCALE = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40}
NUMBERS = st.one_of(
    st.integers(0, 4096).map(str),
    st.decimals("0", "64", places=2, allow_nan=False, allow_infinity=False).map(lambda d: format(d, "f")),
)
QUANTITIES = st.tuples(NUMBERS, st.sampled_from([*SCALE, *BINARY]))


def _exactly(number, unit):
    factor = Fraction(2) ** BINARY[unit] if unit in BINARY else Fraction(10) ** SCALE[unit]
    return Fraction(number) * factor


def _to_billionths(value):
    # Less than a billionth is not a difference: there is no smaller unit.
    return round(value * 10**9)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs=st.lists(st.tuples(QUANTITIES, QUANTITIES), min_size=8, max_size=8))
def test_any_two_quantities_against_exact_arithmetic(judge, pairs):
    pods = [_pod({"cpu": "".join(request)}, {"cpu": "".join(limit)}) for request, limit in pairs]
    expected = [_to_billionths(_exactly(*a)) > _to_billionths(_exactly(*b)) for a, b in pairs]
    assert [bool(found) for found in said(judge, "AUD-RES-0003", *pods)] == expected


def test_the_ratio_of_limit_to_request():
    parameters = {"AUD-RES-0006": {"ratios": {"memory": 2}}}
    with Judge(JudgeSpec(engine="embedded", schemas=False, parameters=parameters)) as configured:
        pods = [
            _pod({"memory": "512Mi"}, {"memory": "1Gi"}),
            _pod({"memory": "512Mi"}, {"memory": "1025Mi"}),
            _pod({"memory": "0"}, {"memory": "1Gi"}),
            _pod({}, {"memory": "1Gi"}),
        ]
        assert said(configured, "AUD-RES-0006", *pods) == [[], [f"{PLACE}.limits.memory"], [], []]
