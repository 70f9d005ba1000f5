"""Text for people: nothing hidden, nothing acted on, units and zones on everything."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from auditor.service.display import labels, text
from auditor.store.pages.changes import WAYS
from auditor.store.pages.findings import Source


@given(st.text())
def test_visible_text_has_no_invisible_character(value: str) -> None:
    shown = text.visible(value)
    assert not [
        c for c in shown if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_visible_leaves_ordinary_text_alone(value: str) -> None:
    assert text.visible(value) == value


@given(st.text(alphabet="ab*_`[]()<>!#$:@|~\\/.-+1 \n&w=h{}^\"'", max_size=60))
def test_a_heading_renders_as_the_text_itself(value: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    inline = parser.parseInline(text.heading(value))[0].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    shown = "".join(token.content for token in inline).replace("\u2060", "")
    assert shown == text.one_line(value)


@pytest.mark.parametrize(
    "value",
    [":red[x]", ":material/home:", ":smile:", "https://a.example", "www.a.example", "a@a.example", "$x$"],
)
def test_a_heading_leaves_nothing_for_later_passes(value: str) -> None:
    parsed = MarkdownIt("commonmark").parseInline(text.heading(value))[0].children or []
    finished = "".join(token.content for token in parsed)
    assert value not in finished or value == "$x$"
    assert r"\$" in text.heading("$x$")


def test_times_carry_their_zone() -> None:
    berlin = timezone(timedelta(hours=2))
    assert text.when(datetime(2026, 7, 1, 1, 30, tzinfo=berlin)) == "2026-06-30 23:30 UTC"
    assert text.day(datetime(2026, 7, 1, 1, 30, tzinfo=berlin)) == "2026-06-30"
    assert text.when(None) == text.day(None) == "–"
    assert text.when(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 00:00 UTC"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "–"),
        (0, "0 days"),
        (1, "1 day"),
        (0.5, "0.5 days"),
        (9.96, "10.0 days"),
        (40.4, "40 days"),
        (1200, "1,200 days"),
    ],
)
def test_days(number: float | None, shown: str) -> None:
    assert text.days(number) == shown


def test_counts_carry_their_noun() -> None:
    assert text.count(1, "finding") == "1 finding"
    assert text.count(2300, "finding") == "2,300 findings"
    assert text.count(0, "repository", "repositories") == "0 repositories"


def test_the_marked_line_and_its_surroundings() -> None:
    lines = "\n".join(f"l{number}" for number in range(1, 201))
    shown = text.numbered(lines, 100, before=1, after=2).splitlines()
    assert shown == ["   99 │ l99", "→ 100 │ l100", "  101 │ l101", "  102 │ l102"]
    assert text.numbered("a\nb", 1).splitlines() == ["→ 1 │ a", "  2 │ b"]
    assert text.numbered("a\nb", 1, mark=False).splitlines() == ["  1 │ a", "  2 │ b"]


def test_long_texts_are_cut_and_say_so() -> None:
    shown, note = text.limited("x\n" * 5000)
    assert len(shown.splitlines()) == text.MAX_LINES
    assert note == "Shortened: 5,000 lines in all."
    shown, note = text.limited("y" * (text.MAX_CHARACTERS + 1))
    assert len(shown) == text.MAX_CHARACTERS
    assert note
    assert text.limited("short\ntext") == ("short\ntext", "")


def test_json_is_laid_out_and_other_text_left_alone() -> None:
    assert text.pretty('{"a":[1]}') == '{\n  "a": [\n    1\n  ]\n}'
    assert text.pretty("{not json") == "{not json"


def test_words_of_a_rule_lose_their_code_marks() -> None:
    assert (
        text.rule_title({"title": "In the namespace `default`", "rule_id": "R"}) == "In the namespace default"
    )
    assert text.rule_title({"title": None, "rule_id": "AUD-`X`"}) == "AUD-X"
    assert text.unmarked(" Set `a: b`,\n then `c`\u202e. ") == "Set a: b,\n then c\\u202e."


def test_labels_tell_more_than_colour() -> None:
    for shapes, words in (
        (labels.SEVERITY_SHAPES, labels.SEVERITIES),
        (labels.STATE_SHAPES, labels.STATES),
        (labels.CONTROL_SHAPES, labels.CONTROL_STATUSES),
    ):
        assert set(shapes) == set(words)
        assert len(set(shapes.values())) == len(words)


def test_every_way_of_landing_and_every_source_has_its_word() -> None:
    assert tuple(labels.WAYS) == WAYS
    assert all(set(colours) == set(WAYS) for colours in labels.WAY_COLOURS.values())
    assert set(labels.SOURCES) == {source.value for source in Source}


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("theme", "background"), [("light", "#ffffff"), ("dark", "#10151c")])
def test_colours_stand_out_from_the_background(theme: str, background: str) -> None:
    behind = _luminance(background)
    for colour in (
        *labels.SEVERITY_COLOURS[theme].values(),
        *labels.EVENT_COLOURS[theme].values(),
        *labels.WAY_COLOURS[theme].values(),
        labels.ACCENT[theme],
    ):
        lighter, darker = sorted((_luminance(colour), behind), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 3, colour
