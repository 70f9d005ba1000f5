"""The log: places without gaps, and a frontier that stands for all that came before."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import TrailError
from auditor.trail.log import Log
from auditor.trail.records import canonical, field_diff_record, fields_json, leaf_hash


def obvious_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + obvious_root(leaves[:k]) + obvious_root(leaves[k:])).digest()


@given(sizes=st.lists(st.integers(0, 40), max_size=6))
def test_runs_that_know_only_the_frontier_build_the_same_tree(sizes: list[int]) -> None:
    size, frontier = 0, b""
    everything: list[bytes] = []
    for run, count in enumerate(sizes):
        log = Log(size, frontier)
        for at in range(count):
            log.add(b"%d/%d" % (run, at))
            if at % 7 == 0:
                assert len(log.frontier()) == 32 * log.size.bit_count()  # asked in between, and on it goes
        leaves = list(log.leaves())
        assert [seq for seq, _ in leaves] == list(range(size, size + count))
        everything += [leaf for _, leaf in leaves]
        size, frontier = log.size, log.frontier()
        assert log.root() == obvious_root(everything)
    assert everything == [leaf_hash(b"%d/%d" % (run, at)) for run, n in enumerate(sizes) for at in range(n)]


def test_the_empty_log() -> None:
    log = Log()
    assert (log.size, log.frontier(), list(log.leaves())) == (0, b"", [])
    assert log.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_rows_of_several_tables_share_one_row_of_places() -> None:
    log = Log()
    generations = log.numbered("generation", [("r", 1, "a", "first"), ("r", 2, "b", "line-changed")])
    losses = log.numbered("generation", [("s", 1, "a", "first")])
    assert next(generations)[-1] == 0
    assert next(losses)[-1] == 1  # interleaved: the place is given when the row is
    assert next(generations)[-1] == 2
    assert log.add(b"{}") == 3
    assert [leaf for _, leaf in log.leaves()][1] == leaf_hash(canonical("generation")(("s", 1, "a", "first")))


def test_all_fields_of_a_pair_are_one_record() -> None:
    rows = [
        ("r", "a", "b", "/spec/replicas", "1", "2"),
        ("r", "a", "b", "/metadata/name", None, '"x"'),
        ("r", "b", "c", "/spec/replicas", "2", None),
    ]
    log = Log()
    assert [row[-1] for row in log.numbered("field_diff", rows)] == [0, 0, 1]
    fields = fields_json([("/metadata/name", None, '"x"'), ("/spec/replicas", "1", "2")])
    assert fields == b'[["/metadata/name",null,"\\"x\\""],["/spec/replicas","1","2"]]'
    assert next(log.leaves()) == (0, leaf_hash(field_diff_record("r", "a", "b", fields)))


@pytest.mark.parametrize(
    ("size", "frontier"), [(1, b""), (0, b"x" * 32), (3, b"x" * 32), (-1, b""), (1, b"x")]
)
def test_a_frontier_of_another_size_is_an_error(size: int, frontier: bytes) -> None:
    with pytest.raises(TrailError, match="damaged"):
        Log(size, frontier)
