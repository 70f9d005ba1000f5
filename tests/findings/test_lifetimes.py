"""Lifetimes against sets, and names that must never change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.findings.fingerprint import fingerprint
from auditor.findings.lifetimes import Landing, Lifetime, Lifetimes, Sighting

PATHS, IDS = ("a", "b", "c"), ("F-1", "F-2", "F-3")
Tree = dict[str, tuple[str, ...]]


def seen(identifier: str, path: str) -> Sighting:
    return Sighting(
        id=identifier, rule_id="R", source="manifest", environment="", api_version="v1", kind="Pod", namespace="",
        name="x", path=path, line=1, pointer="", message="", digest="",
    )  # fmt: skip


def land(lifetimes: Lifetimes, position: int, before: Tree, after: Tree) -> None:
    changed = [path for path in PATHS if before.get(path) != after.get(path)]
    lifetimes.land(
        Landing(sha=str(position), position=position),
        gone=[(path, [seen(entry, path) for entry in before[path]]) for path in changed if path in before],
        come=[(path, [seen(entry, path) for entry in after[path]]) for path in changed if path in after],
    )


def summary(lifetimes: list[Lifetime]) -> list[tuple[str, int, str, str]]:
    return sorted(
        (life.sighting.id, life.occurrence, life.opened.sha, life.fixed.sha if life.fixed else "")
        for life in lifetimes
    )


def by_sets(trees: list[Tree]) -> list[tuple[str, int, str, str]]:
    """For each id: every maximal run of trees that show it."""
    found = []
    for identifier in IDS:
        shown = [any(identifier in entries for entries in tree.values()) for tree in trees]
        starts = [at for at, now in enumerate(shown) if now and (at == 0 or not shown[at - 1])]
        for occurrence, start in enumerate(starts, start=1):
            end = next((at for at in range(start, len(shown)) if not shown[at]), None)
            found.append((identifier, occurrence, str(start), "" if end is None else str(end)))
    return sorted(found)


TREES = st.lists(
    st.dictionaries(st.sampled_from(PATHS), st.lists(st.sampled_from(IDS), max_size=3).map(tuple)),
    min_size=1,
    max_size=12,
)


@given(TREES, st.integers(0, 12))
def test_lifetimes_are_the_runs_of_trees_that_show_them(trees: list[Tree], stop: int) -> None:
    whole, first = Lifetimes(), Lifetimes()
    before: Tree = {}
    for position, tree in enumerate(trees):
        land(whole, position, before, tree)
        if position < stop:
            land(first, position, before, tree)
        before = tree
    expected = by_sets(trees)
    assert summary([*whole.open.values(), *whole.closed]) == expected

    second = Lifetimes()
    at_stop = trees[stop - 1] if 0 < stop <= len(trees) else (trees[-1] if stop else {})
    known = [*first.open.values(), *first.closed]
    occurrences = {
        entry: max(life.occurrence for life in known if life.sighting.id == entry)
        for entry in {life.sighting.id for life in known}
    }
    second.resume(
        first.open.values(),
        occurrences,
        [seen(entry, path) for path, entries in at_stop.items() for entry in entries],
    )
    before = at_stop
    for position, tree in list(enumerate(trees))[stop:]:
        land(second, position, before, tree)
        before = tree
    assert summary([*second.open.values(), *first.closed, *second.closed]) == expected
    for life in second.open.values():
        assert life.sighting.id in trees[-1].get(life.sighting.path, ())


def test_only_what_a_run_changed_is_touched() -> None:
    lifetimes = Lifetimes()
    lifetimes.resume(
        [
            Lifetime(
                occurrence=1, sighting=seen("F-1", "a"), opened=Landing(sha="0", position=0), opened_path="a"
            )
        ],
        {"F-1": 1},
        [seen("F-1", "a")],
    )
    land(lifetimes, 1, {"b": ()}, {"b": ("F-2",)})
    assert lifetimes.touched == {("F-2", 1)}


def test_fingerprints_are_for_ever() -> None:
    """Reviews and waivers name them: a change here orphans every decision that people recorded."""
    assert (
        fingerprint("AUD-POD-0001", "prod", "apps", "Deployment", "shop", "web", "spec.x")
        == "F-66965e38d843b832"
    )
    assert fingerprint("R", "", "", "", "", "", "") != fingerprint("", "R", "", "", "", "", "")


FIELD = st.text(max_size=5)


@given(st.tuples(*[FIELD] * 7), st.tuples(*[FIELD] * 7))
def test_fingerprints_differ_where_their_parts_do(one: tuple[str, ...], two: tuple[str, ...]) -> None:
    assert (fingerprint(*one) == fingerprint(*two)) == (one == two)
