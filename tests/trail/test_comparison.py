"""How two accounts of the same facts are compared."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.trail.comparison import differences

KEYS = ("sha",)


def test_one_instant_is_equal_whatever_zone_it_is_told_in() -> None:
    utc = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
    tokyo = utc.astimezone(timezone(timedelta(hours=9)))
    assert not list(differences("c", KEYS, [{"sha": "a", "at": utc}], [{"sha": "a", "at": tokyo}]))


def test_lists_and_tuples_are_equal() -> None:
    assert not list(differences("c", KEYS, [{"sha": "a", "p": ["x"]}], [{"sha": "a", "p": ("x",)}]))


TRUTH: list[dict[str, Any]] = [{"sha": "a", "subject": "one"}, {"sha": "b", "subject": "two"}]


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        (TRUTH, []),
        (TRUTH[::-1], []),
        ([TRUTH[0]], ["commit sha=b: in git, and not recorded"]),
        ([*TRUTH, {"sha": "c", "subject": "x"}], ["commit sha=c: recorded, and not in git"]),
        ([*TRUTH, TRUTH[0]], ["commit sha=a: recorded once too often"]),
        (
            [{"sha": "a", "subject": "won"}, TRUTH[1]],
            ["commit sha=a: subject is recorded as 'won', git says 'one'"],
        ),
    ],
)
def test_the_wrong_record_is_named(recorded: list[dict[str, Any]], said: list[str]) -> None:
    assert list(differences("commit", KEYS, recorded, TRUTH)) == said


records = st.lists(
    st.fixed_dictionaries({"sha": st.sampled_from("abcd"), "subject": st.sampled_from(["x", "y", ""])}),
    max_size=6,
)


@given(recorded=records, truth=records)
def test_silence_means_equal_and_equal_means_silence(
    recorded: list[dict[str, Any]], truth: list[dict[str, Any]]
) -> None:
    def counted(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return sorted((row["sha"], row["subject"]) for row in rows)

    silent = not list(differences("commit", KEYS, recorded, truth))
    assert silent == (counted(recorded) == counted(truth))
