"""Variables in texts, as Flux fills them in."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.manifests.deployments.envsubst import SubstitutionError, Variables, filled
from auditor.manifests.deployments.globbing import BadPatternError, prefix_lengths

VALUES = {
    "name": "World-of-Worlds",
    "path": "a/b/c.tar.gz",
    "lower": "hello World",
    "upper": "HELLO",
    "empty": "",
    "two": "2",
    "minus": "-3",
    "accents": "éa",
    "_x1": "ok",
}


def with_values(text: str, **options: bool) -> str:
    return filled(text, Variables(values=VALUES, **options))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        # What the documentation of Flux' post-build substitution names.
        ("${name}", "World-of-Worlds"),
        ("a ${_x1} b ${two}", "a ok b 2"),
        ("${unset}", ""),
        ("${unset:-fallback}", "fallback"),
        ("${unset:=fallback}", "fallback"),
        ("${unset=fallback}", "fallback"),
        ("${name:-fallback}", "World-of-Worlds"),
        ("${empty:-fallback}", "fallback"),
        ("${unset:-${two}}", "2"),
        ("${unset:-a${two}b${unset:=c}}", "a2bc"),
        ("${unset:-}", ""),
        ("${unset:-a b\n c}", "a b\n c"),
        ("${name:6}", "of-Worlds"),
        ("${name:6:2}", "of"),
        ("${name:0:-7}", "World-of"),
        ("${name:${minus}}", "lds"),
        ("${name:${two}:1}", "r"),
        ("${name:100}", ""),
        ("${name:3:100}", "ld-of-Worlds"),
        ("${name:x}", "World-of-Worlds"),
        ("${name: 3}", "World-of-Worlds"),
        ("${#name}", "15"),
        ("${#unset}", "0"),
        ("${#accents}", "3"),
        ("${lower^}", "Hello World"),
        ("${lower^^}", "HELLO WORLD"),
        ("${upper,}", "hELLO"),
        ("${upper,,}", "hello"),
        ("${name/World/Moon}", "Moon-of-Worlds"),
        ("${name//World/Moon}", "Moon-of-Moons"),
        ("${name/#World/Moon}", "Moon-of-Worlds"),
        ("${name/#of/Moon}", "World-of-Worlds"),
        ("${name/%Worlds/Moons}", "World-of-Moons"),
        ("${name/-of-/}", "WorldWorlds"),
        (r"${path//\//-}", "a-b-c.tar.gz"),
        ("${path#*/}", "b/c.tar.gz"),
        ("${path##*/}", "c.tar.gz"),
        ("${path%.*}", "a/b/c.tar"),
        ("${path%%.*}", "a/b/c"),
        ("${path#[a-b]?}", "b/c.tar.gz"),
        ("${path#x}", "a/b/c.tar.gz"),
        ("${path#[}", "a/b/c.tar.gz"),
        # A dollar sign before another is dropped.
        ("$${name}", "${name}"),
        ("$$$${name}", "$${name}"),
        ("$$${name}", "$World-of-Worlds"),
        ("$$", "$"),
        # What is no expression stays.
        ("$name $(name) {name} 100$ $", "$name $(name) {name} 100$ $"),
        ("", ""),
        # Where Flux differs from a shell.
        ("${name:+other}", "World-of-Worlds"),
        ("${empty:+other}", "other"),
        ("${empty:?needed}", "needed"),
    ],
)  # fmt: skip
def test_functions(text: str, result: str) -> None:
    assert with_values(text) == result


@pytest.mark.parametrize(
    "text",
    ["${", "${}", "${name", "${na me}", "${na-me}", "${name-x}", "${.Values.x}", "${name:}", "${name::1}", "${name#}",
     "${name/x}", "${#name:1}", "${#}", "${name^^x}", "${unset:-x", "${{ github.ref }}", "${name:é}", "${accents:0:1}"],
)  # fmt: skip
def test_what_flux_refuses_is_refused(text: str) -> None:
    with pytest.raises(SubstitutionError):
        with_values(f"before {text}")


def test_strict_asks_for_every_variable_without_a_default() -> None:
    assert with_values("${name} ${unset:-x} ${unset=x}", strict=True) == "World-of-Worlds x x"
    for text in ("${unset}", "${unset^^}", "${#unset}", "${empty:-${unset}}"):
        with pytest.raises(SubstitutionError, match="'unset' is not set"):
            with_values(text, strict=True)


def test_what_is_not_known_stays_as_it_is_written() -> None:
    variables = Variables(values={"a": "1"}, withheld={"password"}, complete=True)
    text = "${a} ${password} ${password:-x} ${password/a/${a}} ${other} $${a}"
    assert filled(text, variables) == "1 ${password} ${password:-x} ${password/a/${a}}  ${a}"
    others = Variables(values={"a": "1"}, complete=False, strict=True)
    assert filled("${a} ${b} ${b^^} ${b:=c} ${b:-${d}}", others) == "1 ${b} ${b^^} c ${d}"


def test_nothing_that_is_made_to_be_slow_or_large_is() -> None:
    started = time.monotonic()
    long = Variables(values={"a": "a" * 1_000_000, "p": "*a" * 10_000})
    assert filled("${a##${p}}", long) == "a" * 1_000_000
    assert len(filled("${a%%*b*b*b*b*b}", Variables(values={"a": "ab" * 50_000}))) < 100_000
    with pytest.raises(SubstitutionError, match="characters"):
        filled("${a}" * 100, long)
    with pytest.raises(SubstitutionError, match="characters"):
        filled("${a//a/${a}}", long)
    with pytest.raises(SubstitutionError, match="deep"):
        filled("${x:-" * 10_000 + "}" * 10_000, Variables(values={}))
    assert time.monotonic() - started < 20


def slow_match(pattern: str, text: str) -> bool:
    """Patterns of `*`, `?` and letters alone."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(slow_match(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in (text[0], "?") and slow_match(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=7))
def test_patterns_match_the_beginnings_that_they_should(pattern: str, text: str) -> None:
    expected = [length for length in range(len(text) + 1) if slow_match(pattern, text[:length])]
    assert prefix_lengths(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("[a-c]", "abc", "d-]"),
        ("[^a-c]", "d^", "abc"),
        (r"[\]x]", "]x", "\\"),
        (r"\*", "*", "a\\"),
        ("[x^]", "x^", "a"),
    ],
)
def test_classes(pattern: str, matching: str, other: str) -> None:
    assert all(prefix_lengths(pattern, character) == [1] for character in matching)
    assert not any(prefix_lengths(pattern, character) for character in other)


@pytest.mark.parametrize("pattern", ["[", "[]", "[]a]", "[a", "[-a]", "[a-]", "a\\", "[\\"])
def test_malformed_patterns(pattern: str) -> None:
    with pytest.raises(BadPatternError):
        prefix_lengths(pattern, "abc")


@given(st.text(), st.dictionaries(st.sampled_from(["a", "b"]), st.text()))
def test_any_text_is_filled_or_refused(text: str, values: dict[str, str]) -> None:
    with contextlib.suppress(SubstitutionError):
        assert isinstance(filled(text, Variables(values=values)), str)
    assert filled(text.replace("$", "$$"), Variables(values=values)) == text
