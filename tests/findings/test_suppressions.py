"""What a comment or an annotation has to say so that it suppresses something."""

from __future__ import annotations

import pytest

from auditor.findings.suppressions import Suppression, read_annotation, read_comment


@pytest.mark.parametrize(
    ("text", "rules", "reason"),
    [
        ("auditor:ignore AUD-POD-0003 reason: it has to", ("AUD-POD-0003",), "it has to"),
        ("auditor:ignore AUD-POD-0003 reason:it has to", ("AUD-POD-0003",), "it has to"),
        ("auditor:ignore A-1, B-2 reason: a: b", ("A-1", "B-2"), "a: b"),
        ("auditor:ignore A-1 B-2 reason: x", ("A-1", "B-2"), "x"),
    ],
)
def test_a_comment_names_rules_and_a_reason(text: str, rules: tuple[str, ...], reason: str) -> None:
    assert read_comment(text) == Suppression(rules, reason)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("auditor:ignore AUD-POD-0003", "no reason"),
        ("auditor:ignore AUD-POD-0003 reason:   ", "no reason"),
        ("auditor:ignore reason: because", "names the rules"),
        ("auditor:ignore", "names the rules"),
        ("auditor:ignore * reason: all of it", "names the rules"),
        ("auditor:ignore AUD-POD-0003: because", "is written"),
        ("auditor:ignore AUD-CHG-0001 reason: x", "cannot be suppressed"),
        ("auditor:ignore AUD-YAML-0001 reason: x", "cannot be suppressed"),
        ("auditor:ignore AUD-POD-0003, AUD-WAIVER-0001 reason: x", "cannot be suppressed"),
    ],
)
def test_what_is_not_in_order_suppresses_nothing(text: str, words: str) -> None:
    read = read_comment(text)
    assert isinstance(read, str)
    assert words in read


def test_an_annotation_has_a_line_for_each_rule() -> None:
    read = read_annotation("AUD-POD-0003: it has to: really\n\nA-1, B-2: x\nAUD-POD-0004\nAUD-CHG-0001: no\n")
    assert read[:2] == [Suppression(("AUD-POD-0003",), "it has to: really"), Suppression(("A-1", "B-2"), "x")]
    assert isinstance(read[2], str)
    assert "no reason" in read[2]
    assert isinstance(read[3], str)
    assert "cannot be suppressed" in read[3]


@pytest.mark.parametrize("value", [None, 1, ["AUD-POD-0003: x"], "", "\n"])
def test_an_annotation_that_says_nothing_is_told(value: object) -> None:
    (read,) = read_annotation(value)
    assert isinstance(read, str)
