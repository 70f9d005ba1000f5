"""Ranges of versions as Helm reads them: what the library itself (Masterminds/semver 3.5) says of each."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import RenderError
from auditor.manifests.rendering.versions import best_of, is_exact, range_of, version_of

VERSIONS = [
    "0.0.0",
    "0.0.3",
    "0.2.5",
    "1.0.0",
    "1.1.9",
    "1.2.0",
    "1.2.3-rc.1",
    "1.2.3-rc.2",
    "1.2.3",
    "1.3.0",
    "2.0.0",
]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2", "1.2.0 1.2.3"),
        ("=1.2", "1.2.0 1.2.3"),
        ("!=1.2.3", "0.0.0 0.0.3 0.2.5 1.0.0 1.1.9 1.2.0 1.3.0 2.0.0"),
        ("!=1.2", "0.0.0 0.0.3 0.2.5 1.0.0 1.1.9 1.3.0 2.0.0"),
        (">1", "2.0.0"),
        (">1.2", "1.3.0 2.0.0"),
        ("<1.2.3-rc.2", "0.0.0 0.0.3 0.2.5 1.0.0 1.1.9 1.2.0 1.2.3-rc.1"),
        ("<=1.2", "0.0.0 0.0.3 0.2.5 1.0.0 1.1.9 1.2.0 1.2.3"),
        ("=>1.2", "1.2.0 1.2.3 1.3.0 2.0.0"),
        ("=<1", "0.0.0 0.0.3 0.2.5 1.0.0 1.1.9 1.2.0 1.2.3 1.3.0"),
        ("~1", "1.0.0 1.1.9 1.2.0 1.2.3 1.3.0"),
        ("~1.2", "1.2.0 1.2.3"),
        ("~>1.2.3", "1.2.3"),
        ("~0.0.0", "0.0.0 0.0.3 0.2.5 1.0.0 1.1.9 1.2.0 1.2.3 1.3.0 2.0.0"),
        ("^1.2", "1.2.0 1.2.3 1.3.0"),
        ("^0.2", "0.2.5"),
        ("^0.0.3", "0.0.3"),
        ("^0.0", "0.0.0 0.0.3"),
        ("^0", "0.0.0 0.0.3 0.2.5"),
        ("^*", "0.0.0"),
        ("*", "0.0.0 0.0.3 0.2.5 1.0.0 1.1.9 1.2.0 1.2.3 1.3.0 2.0.0"),
        ("1.x", "1.0.0 1.1.9 1.2.0 1.2.3 1.3.0"),
        ("1.2.*", "1.2.0 1.2.3"),
        (">=1.0 <1.3", "1.0.0 1.1.9 1.2.0 1.2.3"),
        (">= 1.0, < 1.3", "1.0.0 1.1.9 1.2.0 1.2.3"),
        ("1.1 - 1.2", "1.1.9 1.2.0 1.2.3"),
        ("0.x || >=2", "0.0.0 0.0.3 0.2.5 2.0.0"),
        ("~1.2.3-rc.1", "1.2.3-rc.1 1.2.3-rc.2 1.2.3"),
        (">=1.0.0-0", "1.0.0 1.1.9 1.2.0 1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.3.0 2.0.0"),
        (">0", "1.0.0 1.1.9 1.2.0 1.2.3 1.3.0 2.0.0"),
        ("!=1", "0.0.0 0.0.3 0.2.5 2.0.0"),
    ],
)
def test_a_range_holds_what_the_library_says(text: str, held: str) -> None:
    allowed = range_of(text)
    parsed = {version: version_of(version) for version in VERSIONS}
    assert [name for name, version in parsed.items() if version and allowed.holds(version)] == held.split()


@pytest.mark.parametrize(
    "text", ["foo", "1..2", "1.2.3.4", "||", ">1 - 2", ">", "1 2 x y", "1" * 600, "|| " * 40]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(RenderError):
        range_of(text)


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        ("", "2.0.0"),
        ("*", "2.0.0"),
        ("1.x", "1.10.0"),
        ("latest-build", "latest-build"),
        (">9", None),
        ("1.9", "1.9.0"),
    ],
)
def test_the_best_version(wanted: str, best: str | None) -> None:
    known = ["1.9.0", "1.10.0", "2.0.0", "3.0.0-rc.1", "no version"] + (
        ["latest-build"] if "build" in wanted else []
    )
    assert best_of(known, wanted) == best


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.2.3", True), ("v1.2.3-rc.1+b", True), ("1.2", False), ("1.x", False), ("", False)],
)
def test_exact_versions(text: str, expected: bool) -> None:
    assert is_exact(text) is expected


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    ordered = (
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0"
    )
    parsed = [version for text in ordered.split() for version in [version_of(text)] if version]
    assert len(parsed) == 8
    assert all(one < other for one, other in pairwise(parsed))


HOLDS = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}
PARTS = st.tuples(*[st.integers(0, 3)] * 3)
BOUNDS = st.tuples(st.sampled_from(sorted(HOLDS)), PARTS)


@given(st.lists(st.lists(BOUNDS, min_size=1, max_size=3), min_size=1, max_size=3), PARTS)
def test_bounds_are_compared_number_by_number(
    alternatives: list[list[tuple[str, tuple[int, ...]]]], version: tuple[int, ...]
) -> None:
    """Against numbers compared as tuples: all bounds of some alternative hold."""
    text = " || ".join(
        ", ".join(f"{sign}{'.'.join(map(str, bound))}" for sign, bound in bounds) for bounds in alternatives
    )
    expected = any(all(HOLDS[sign](version, bound) for sign, bound in bounds) for bounds in alternatives)
    parsed = version_of(".".join(map(str, version)))
    assert parsed is not None
    assert range_of(text).holds(parsed) is expected, text


@given(st.text(alphabet="0123.x*vV^~<>=!|-, rcab+", max_size=20) | st.text(max_size=40))
def test_any_text_is_a_range_or_refused(text: str) -> None:
    """Nothing but RenderError is raised, and a range in brackets of blanks is the same range."""
    held = []
    for written in (text, f"  {text} "):
        try:
            allowed = range_of(written)
        except RenderError:
            held.append(None)
            continue
        parsed = [version for one in VERSIONS if (version := version_of(one))]
        held.append([allowed.holds(version) for version in parsed])
    assert held[0] == held[1]
