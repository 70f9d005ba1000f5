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


@given(st.text(max_size=40))
def test_any_text_is_a_range_or_refused(text: str) -> None:
    try:
        allowed = range_of(text)
    except RenderError:
        return
    assert allowed.holds(version_of("1.2.3")) in (True, False)  # type: ignore[arg-type]
