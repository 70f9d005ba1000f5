"""A baseline takes what was there as often as it was there, and nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.findings.baseline import BaselineEntry, read_baseline, write_baseline

IDS = st.lists(st.sampled_from(["F-1", "F-2", "F-3"]), max_size=12)


def entry(identifier: str, count: int = 1) -> BaselineEntry:
    return BaselineEntry(
        id=identifier, rule_id="AUD-POD-0001", resource="Pod a/b", pointer="spec", path="a.yaml", count=count
    )


@given(before=IDS, now=IDS)
def test_new_is_what_is_there_more_often_than_before(before: list[str], now: list[str]) -> None:
    baseline = read_baseline(write_baseline(map(entry, before)), "b.json")
    new = [identifier for identifier in now if not baseline.takes(identifier)]
    assert Counter(new) == Counter(now) - Counter(before)
    gone = Counter({one.id: one.count - baseline.met[one.id] for one in baseline.gone()})
    assert gone == Counter(before) - Counter(now)


@given(IDS, st.randoms())
def test_the_file_does_not_depend_on_the_order_of_findings(ids: list[str], random: object) -> None:
    shuffled = list(ids)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write_baseline(map(entry, shuffled)) == write_baseline(map(entry, ids))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": 1}',
        b'{"version": 1, "findings": [{}]}',
        b'{"version": 1, "findings": 3}',
        b'{"version": 2, "findings": []}',
        b'{"version": 1, "findings": [{"id": "F", "rule_id": "", "resource": "", "pointer": "", "path": "", "count": 0}]}',
        b'{"version": 1, "findings": [{"id": 1, "rule_id": "", "resource": "", "pointer": "", "path": "", "count": 1}]}',
    ],
)
def test_what_is_no_baseline_is_wrong_usage(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"b\.json"):
        read_baseline(content, "b.json")
