"""Several problems in one text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.store.output.lists import several, with_item

LINES = st.text(st.characters(codec="utf-8", exclude_characters="\n•"), min_size=1)


@given(st.lists(LINES, min_size=1, unique=True))
def test_what_is_put_together_is_told_apart_again(problems: list[str]) -> None:
    together = ""
    for problem in problems:
        together = with_item(together, problem)
    assert several(together) == problems
    assert with_item(together, problems[0]) == together


def test_one_problem_stays_as_it_is() -> None:
    assert with_item("", "a; b") == "a; b"
    assert several("a; b\nc") == ["a; b\nc"]


def test_a_part_of_another_is_a_problem_of_its_own() -> None:
    assert several(with_item("chart ab is missing", "chart a")) == ["chart ab is missing", "chart a"]
