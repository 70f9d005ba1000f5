"""Canonical records and how two accounts of the same facts are compared."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.trail.records import canonical, differences, leaf_hash

KEYS = ("sha",)


def test_canonical_form_is_rfc_8785() -> None:
    """Keys sorted, no spaces, UTF-8, the shortest number (RFC 8785, section 3.2)."""
    made = canonical("commit", {"subject": "é\n", "position": 3, "landed": True, "parents": ("b", "a")})
    assert (
        made == '{"landed":true,"parents":["b","a"],"position":3,"record":"commit","subject":"é\\n"}'.encode()
    )


def test_one_instant_is_one_record_whatever_zone_it_is_told_in() -> None:
    utc = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
    tokyo = utc.astimezone(timezone(timedelta(hours=9)))
    assert canonical("commit", {"at": utc}) == canonical("commit", {"at": tokyo})


def test_integers_that_json_numbers_cannot_hold_are_texts() -> None:
    assert canonical("r", {"n": 2**53 - 1}) == b'{"n":9007199254740991,"record":"r"}'
    assert canonical("r", {"n": 2**53}) == b'{"n":"9007199254740992","record":"r"}'


def test_a_leaf_is_hashed_with_its_own_prefix() -> None:
    """RFC 6962, section 2.1: the hash of an empty leaf is SHA-256 of the byte 0x00."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()


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
