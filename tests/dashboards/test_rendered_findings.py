"""The page of a finding on something rendered: where the field comes from, and how sure that is."""

from __future__ import annotations

from typing import Any

import pytest
from dashboards.page_texts import marked_up, plain_texts, rows
from dashboards.rendered_seed import DEPLOYMENT, PATCH, PROBLEMS, TEMPLATE, WRITER, finding_id

ESCAPED_PATCH = PATCH.replace(".", "\\.")
ESCAPED_DEPLOYMENT = DEPLOYMENT.replace(".", "\\.")


def shown(open_page: Any, how: str) -> Any:
    app = open_page("views/finding.py", database="rendered", id=finding_id(how))
    assert not app.exception
    return app


def way(app: Any) -> list[tuple[int, str, str]]:
    """The table of places, in the order in which it stands."""
    return [(int(row["order"]), row["place"], row["what"]) for row in rows(app)]


def test_the_line_that_gives_the_value_is_named_with_its_commit(open_page: Any) -> None:
    app = shown(open_page, "exact")
    texts = plain_texts(app)
    assert PATCH in texts
    assert "✓ this place gives the value" in texts
    assert f"This field comes from {ESCAPED_PATCH}, line 7 (→)." in marked_up(app)
    assert "The resource begins" not in marked_up(app)
    assert any(f"→  7 │ line 7 of {PATCH}" in text for text in texts), "the patch is shown, not the base"
    assert any(
        link.proto.query_string == f"sha={WRITER}&repository=payments-platform"
        for link in app.get("page_link")
    )


def test_what_a_field_goes_through_stands_in_order(open_page: Any) -> None:
    assert way(shown(open_page, "exact")) == [
        (1, f"{PATCH}:7", "set by a patch"),
        (2, f"{DEPLOYMENT}:1", "brings the resource in"),
        (3, "apps/base/web/kustomization.yaml", "a kustomization on the way"),
        (4, "clusters/production/apps.yaml:3", "it deploys it"),
    ]


def test_of_a_whole_resource_the_line_is_where_it_begins(open_page: Any) -> None:
    app = shown(open_page, "whole")
    assert "The resource begins at line 9 (→)." in marked_up(app)
    assert "The first place is where the resource is written" in marked_up(app)
    assert "This field" not in marked_up(app)


def test_the_nearest_place_is_said_to_be_no_more_than_that(open_page: Any) -> None:
    app = shown(open_page, "near")
    assert f"The nearest place to this field is {ESCAPED_DEPLOYMENT}, line 14 (→)." in marked_up(app)
    assert "≈ the nearest place: the value itself is not written there" in plain_texts(app)
    assert "comes from" not in marked_up(app).replace("Comes from", "")
    assert "the file itself may not show it" in marked_up(app)


def test_where_only_the_file_is_known_no_line_is_marked(open_page: Any) -> None:
    app = shown(open_page, "file")
    texts = plain_texts(app)
    assert TEMPLATE in texts
    assert "? only the file is known" in texts
    assert "no line of it could be told" in marked_up(app)
    assert not any("→" in text for text in texts)
    assert "(→)" not in marked_up(app)
    assert way(app)[0] == (1, TEMPLATE, "the chart's template")


def test_what_nothing_traces_is_said_to_be_so(open_page: Any) -> None:
    app = shown(open_page, "none")
    assert "Where this comes from in the repository could not be told." in marked_up(app)
    assert "(→)" not in marked_up(app)
    assert not any("✓ this place" in text or "≈" in text for text in plain_texts(app))


@pytest.mark.parametrize("how", ["near", "file", "none"])
def test_what_is_not_sure_names_no_commit_of_the_line(open_page: Any, how: str) -> None:
    assert "Line last written by" not in marked_up(shown(open_page, how))


def test_several_problems_of_one_file_are_a_list(open_page: Any) -> None:
    app = shown(open_page, "several")
    assert set(PROBLEMS) <= set(plain_texts(app))
    assert "2 problems" in marked_up(app)
    assert "<b>" not in marked_up(app)


def test_a_gap_with_several_reasons_counts_them(open_page: Any) -> None:
    app = open_page("views/runs.py", database="rendered")
    reasons = [row["reason"] for row in rows(app, 1)]
    assert f"{PROBLEMS[0]} (and 1 more)" in reasons
