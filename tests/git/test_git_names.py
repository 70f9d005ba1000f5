"""Bytes as text and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.git.names import free_text, path_bytes, path_text, storable


@given(st.binary(max_size=60))
def test_any_path_comes_back(raw: bytes) -> None:
    text = path_text(raw)
    text.encode("utf-8")
    assert path_bytes(text) == raw


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_two_paths_never_share_a_text(one: bytes, two: bytes) -> None:
    assert (path_text(one) == path_text(two)) == (one == two)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"apps/web.yaml", "apps/web.yaml"),
        ("日本.yaml".encode(), "日本.yaml"),
        (b"caf\xe9.yaml", '"caf\\351.yaml"'),
        (b'"quoted".yaml', '"\\"quoted\\".yaml"'),
        (b'a"b.yaml', 'a"b.yaml'),
        (b"\xff\t\n\\", '"\\377\\t\\n\\\\"'),
        (b"", ""),
    ],
)
def test_paths_as_git_quotes_them(raw: bytes, text: str) -> None:
    assert path_text(raw) == text


@given(st.binary(max_size=60), st.sampled_from(["utf-8", "latin-1", "", "nonsense", "utf-16"]))
def test_free_text_can_be_stored(raw: bytes, encoding: str) -> None:
    text = free_text(raw, encoding)
    assert "\x00" not in text
    assert storable(text) == text
    text.encode("utf-8")


@given(st.text())
def test_utf8_is_kept_but_for_nul(text: str) -> None:
    assert free_text(text.encode("utf-8", "surrogatepass") if _plain(text) else b"") == (
        text.replace("\x00", "\u2400") if _plain(text) else ""
    )


def _plain(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
