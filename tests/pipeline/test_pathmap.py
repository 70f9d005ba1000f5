"""The map that every commit has of its own, against plain dictionaries."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from auditor.pipeline.mining.pathmap import PathMap

PATHS = st.sampled_from([f"{folder}/{number}.yaml" for folder in "abc" for number in range(6)])
CHANGES = st.dictionaries(PATHS, st.one_of(st.none(), st.integers()), max_size=5)


@given(st.lists(st.tuples(st.integers(0, 30), CHANGES), max_size=30))
def test_every_map_stays_as_it_was_made(steps: list[tuple[int, dict[str, int | None]]]) -> None:
    plain: list[dict[str, int]] = [{}]
    maps: list[PathMap[int]] = [PathMap()]
    for after, changes in steps:
        at = after % len(maps)
        together = {**plain[at], **changes}
        plain.append({path: value for path, value in together.items() if value is not None})
        maps.append(maps[at].changed(changes))
    for expected, found in zip(plain, maps, strict=True):
        assert dict(found) == expected
        assert len(found) == len(expected)
        assert found.get("nowhere") is None


def test_many_maps_over_many_paths_fit_into_memory() -> None:
    """As dictionaries these were 4,000 times 4,000 entries: more than a gigabyte."""
    tracemalloc.start()
    try:
        held = [PathMap[int]()]
        for number in range(4_000):
            held.append(held[-1].changed({f"apps/{number}.yaml": number}))
        for number in range(4_000):
            held.append(held[-1].changed({f"apps/{number}.yaml": -number}))
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024**2
    finally:
        tracemalloc.stop()
    assert held[2_000]["apps/1999.yaml"] == 1999
    assert "apps/2000.yaml" not in held[2_000]
    assert held[-1]["apps/3999.yaml"] == -3999
