"""Where refs were and are: every move and every trap of it, and which commits no ref reaches any more."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from histories.builder import History, run_git
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.git.mirror import Mirror, update_mirror
from auditor.git.refs import (
    descents,
    existing_commits,
    keep,
    kept,
    moved_branches,
    observe,
    reachable_from_refs,
    read_refs,
    renamed_to,
    unreachable_from_refs,
)
from auditor.model import RefMove, RefObservation

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MAIN, TAG = "refs/heads/main", "refs/tags/v1"


def moves(before: dict[str, str], now: dict[str, str], *descending: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (seen.ref, str(seen.move))
        for seen in observe(before, now, lambda old, new: (old, new) in descending, seen_at=NOW)
    ]


MOVES = [
    ("nothing new", {MAIN: "a"}, {MAIN: "a"}, [], []),
    ("first sight is no rewrite", {}, {MAIN: "a", TAG: "t"}, [], [(MAIN, "created"), (TAG, "created")]),
    ("a branch goes on", {MAIN: "a"}, {MAIN: "b"}, [("a", "b")], [(MAIN, "advanced")]),
    ("a branch is rewritten", {MAIN: "a"}, {MAIN: "b"}, [], [(MAIN, "rewritten")]),
    ("a branch is put back", {MAIN: "b"}, {MAIN: "a"}, [("a", "b")], [(MAIN, "rewritten")]),
    ("a tag moves on", {TAG: "a"}, {TAG: "b"}, [("a", "b")], [(TAG, "moved")]),
    ("a branch goes", {MAIN: "a", "refs/heads/x": "b"}, {MAIN: "a"}, [], [("refs/heads/x", "deleted")]),
    (
        "a branch is renamed",
        {"refs/heads/master": "a"},
        {MAIN: "a"},
        [],
        [(MAIN, "created"), ("refs/heads/master", "deleted")],
    ),
]


@pytest.mark.parametrize(
    ("before", "now", "descending", "expected"), [m[1:] for m in MOVES], ids=[m[0] for m in MOVES]
)
def test_moves(
    before: dict[str, str],
    now: dict[str, str],
    descending: list[tuple[str, str]],
    expected: list[tuple[str, str]],
) -> None:
    assert moves(before, now, *descending) == expected


def test_an_observation_tells_both_ends_and_when() -> None:
    assert observe({MAIN: "a"}, {MAIN: "b"}, lambda old, new: True, seen_at=NOW) == [
        RefObservation(ref=MAIN, old_sha="a", new_sha="b", move=RefMove.ADVANCED, seen_at=NOW)
    ]
    (gone,) = observe({MAIN: "a"}, {}, lambda old, new: True, seen_at=NOW)
    assert (gone.old_sha, gone.new_sha) == ("a", "")


def test_what_cannot_be_told_is_not_told() -> None:
    assert observe({MAIN: "a", TAG: "t"}, {MAIN: "b", TAG: "u"}, lambda old, new: None, seen_at=NOW) == [
        RefObservation(ref=TAG, old_sha="t", new_sha="u", move=RefMove.MOVED, seen_at=NOW)
    ]


def test_a_deletion_says_where_the_branch_went() -> None:
    seen = observe(
        {"refs/heads/master": "a", "refs/heads/x": "b"},
        {MAIN: "a", "refs/tags/a": "a", "refs/heads/y": "c"},
        lambda old, new: False,
        seen_at=NOW,
    )
    by_ref = {one.ref: one for one in seen}
    assert renamed_to(by_ref["refs/heads/master"], seen) == (MAIN,)
    assert renamed_to(by_ref["refs/heads/x"], seen) == ()
    assert renamed_to(by_ref[MAIN], seen) == ()


@pytest.fixture
def story(tmp_path: Path) -> History:
    story = History(tmp_path / "repo")
    story.commit("one", {"a": "1"})
    story.commit("two", {"a": "2"})
    return story


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_tags_are_peeled_whatever_they_are_of(story: History, state: Path) -> None:
    tip = story.tip("main")
    story.git("tag", "light")
    story.git("tag", "-a", "-m", "x", "annotated")
    story.git("tag", "-a", "-m", "x", "twice", "annotated")
    blob = story.git("rev-parse", "HEAD:a").strip()
    story.git("tag", "blob", blob)
    story.git("tag", "-a", "-m", "x", "of-a-blob", blob)
    story.branch("feature/ü", story.parents[tip][0])
    assert read_refs(update_mirror(str(story.path), state)) == {
        "refs/heads/feature/ü": story.parents[tip][0],
        MAIN: tip,
        "refs/tags/annotated": tip,
        "refs/tags/blob": blob,
        "refs/tags/light": tip,
        "refs/tags/of-a-blob": blob,
        "refs/tags/twice": tip,
    }


def test_our_own_refs_and_the_sources_others_are_no_refs_of_it(story: History, state: Path) -> None:
    story.ref("refs/pull/1/head", story.tip("main"))
    story.ref("refs/auditor/kept/x", story.tip("main"))
    mirror = update_mirror(str(story.path), state)
    keep(mirror, [story.tip("main")])
    assert read_refs(mirror) == {MAIN: story.tip("main")}


def test_a_repository_without_a_branch(story: History, state: Path) -> None:
    tip = story.tip("main")
    story.point_head(tip)
    (story.git_folder / MAIN).unlink()
    mirror = update_mirror(str(story.path), state)
    assert read_refs(mirror) == {}
    # HEAD holds it all the same.
    assert unreachable_from_refs(mirror, [tip]) == []


def test_lost_commits_are_those_that_no_ref_reaches(story: History, state: Path) -> None:
    base = story.tip("main")
    one = story.commit("lost", {"a": "3"})
    two = story.commit("lost too", {"a": "4"})
    update_mirror(str(story.path), state)
    story.branch("main", base)
    mirror = update_mirror(str(story.path), state)
    assert unreachable_from_refs(mirror, [two]) == [two, one]
    assert unreachable_from_refs(mirror, [base]) == []
    assert unreachable_from_refs(mirror, ["1" * 40]) == []
    assert unreachable_from_refs(mirror, []) == []
    assert one not in reachable_from_refs(mirror)
    story.ref("refs/tags/saved", two)
    assert unreachable_from_refs(update_mirror(str(story.path), state), [two]) == []


def test_what_is_kept_survives_fetches_and_a_collection_of_garbage(story: History, state: Path) -> None:
    base = story.tip("main")
    lost = story.commit("lost", {"a": "3"})
    update_mirror(str(story.path), state)
    story.branch("main", base)
    mirror = update_mirror(str(story.path), state)
    keep(mirror, [lost, "1" * 40])
    keep(mirror, [lost])
    assert kept(mirror) == {lost}
    mirror = update_mirror(str(story.path), state)
    assert kept(mirror) == {lost}
    run_git("gc", "--quiet", "--prune=now", folder=mirror.path)
    assert existing_commits(mirror, [lost, base, "1" * 40]) == [lost, base]
    assert mirror.git.run("cat-file", "blob", f"{lost}:a", repository=mirror.path) == b"3"


def test_what_is_not_kept_is_not_collected_by_a_fetch_either(story: History, state: Path) -> None:
    base = story.tip("main")
    lost = story.commit("lost", {"a": "3"})
    update_mirror(str(story.path), state)
    story.branch("main", base)
    for number in range(3):
        story.commit(f"more {number}", {"b": str(number)})
        mirror = update_mirror(str(story.path), state)
    assert existing_commits(mirror, [lost]) == [lost]


def test_unrelated_histories_do_not_descend(story: History, state: Path) -> None:
    ours = story.tip("main")
    theirs = story.commit("other root", {"z": "1"}, branch="other", parents=())
    mirror = update_mirror(str(story.path), state)
    assert descents(mirror, [(ours, theirs), (theirs, ours), (ours, ours)]) == {(ours, ours)}
    assert descents(mirror, [("1" * 40, ours), (ours, "1" * 40)]) == set()
    assert descents(mirror, []) == set()


def test_moved_branches_are_what_has_to_be_asked() -> None:
    before = {MAIN: "a", "refs/heads/x": "b", "refs/heads/gone": "c", TAG: "d"}
    now = {MAIN: "z", "refs/heads/x": "b", "refs/heads/new": "e", TAG: "f"}
    assert moved_branches(before, now) == [("a", "z")]


def _ancestors(parents: dict[str, tuple[str, ...]], sha: str) -> set[str]:
    found: set[str] = set()
    waiting = [sha]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(parents[at])
    return found


def _drawn_mirror(folder: Path, seed: int, size: int) -> tuple[Mirror, dict[str, tuple[str, ...]]]:
    """A random graph with merges, several roots and criss-crosses; every commit has a branch."""
    drawn = random.Random(seed)
    story = History(folder / "repo")
    shas: list[str] = []
    for number in range(size):
        few = drawn.sample(shas, min(len(shas), drawn.choice((0, 1, 1, 1, 1, 2, 2, 3)))) if shas else []
        sha = story.commit(f"{number}", {"n": str(number)}, branch=f"b{number}", parents=tuple(few))
        shas.append(sha)
    story.branch("main", shas[-1])
    return update_mirror(str(story.path), folder / "state"), story.parents


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 14), data=st.data())
def test_descents_are_those_of_a_slow_walk(seed: int, size: int, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mirror, parents = _drawn_mirror(Path(folder), seed, size)
        shas = sorted(parents)
        pairs = data.draw(
            st.lists(st.tuples(st.sampled_from(shas), st.sampled_from(shas)), min_size=1, max_size=12)
        )
        assert descents(mirror, pairs) == {
            (old, new) for old, new in pairs if old in _ancestors(parents, new)
        }
