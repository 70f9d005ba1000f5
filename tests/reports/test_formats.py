"""The report's files: as they were agreed on (golden), harmless whatever a repository says, the same every time."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from store.seeded_trail import HOSTILE_MESSAGE, HOSTILE_NAME, HOSTILE_SUBJECT, NOW, insert, seed
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from auditor.reports.build import build_report
from auditor.reports.formats import FORMATS
from auditor.reports.html import TABLE_ROWS
from auditor.reports.markdown_text import escape
from auditor.reports.model import Report
from auditor.reports.period import parse_period
from auditor.store.database import Database, open_database
from auditor.store.output.visible import visible


class HtmlFile(SingleFileSnapshotExtension):
    file_extension = "html"
    _write_mode = WriteMode.TEXT


class MarkdownFile(SingleFileSnapshotExtension):
    file_extension = "md"
    _write_mode = WriteMode.TEXT


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(seed(tmp_path_factory.mktemp("trail") / "audit.duckdb")) as database:
        yield database


@pytest.fixture(scope="module")
def year(trail: Database) -> Report:
    # The version is not part of what the golden files agree on.
    return replace(build_report(trail, "soc2", parse_period("2026"), NOW), auditor_version="1.2.3")


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_as_agreed(year: Report, snapshot: SnapshotAssertion) -> None:
    assert FORMATS["html"].render(year).decode() == snapshot(extension_class=HtmlFile)


def test_the_document_as_agreed(year: Report, snapshot: SnapshotAssertion) -> None:
    assert FORMATS["markdown"].render(year).decode() == snapshot(extension_class=MarkdownFile)


@pytest.mark.parametrize("name", list(FORMATS))
def test_equal_reports_give_equal_bytes(trail: Database, year: Report, name: str) -> None:
    again = replace(build_report(trail, "soc2", parse_period("2026"), NOW), auditor_version="1.2.3")
    assert FORMATS[name].render(again) == FORMATS[name].render(year)


def test_the_page_holds_no_script_no_outside_resource_and_no_handler(year: Report) -> None:
    page = Page(FORMATS["html"].render(year).decode())
    assert not {tag for tag, _ in page.tags} & {
        "script", "img", "iframe", "object", "embed", "link", "form", "base", "svg", "b", "video",
    }  # fmt: skip
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in {"src", "style"} for name in attributes), (
            tag,
            attributes,
        )
        assert (attributes.get("href") or "#").startswith("#")
    targets = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {(a["href"] or "")[1:] for tag, a in page.tags if tag == "a"} <= targets


def test_the_pages_security_policy_allows_its_own_style_and_nothing_else(year: Report) -> None:
    text = FORMATS["html"].render(year).decode()
    match = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert match
    digest = base64.b64encode(hashlib.sha256(match[1].encode()).digest()).decode()
    policy = next(
        a["content"] for tag, a in Page(text).tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in match[1]
    assert "@import" not in match[1]


def test_hostile_text_is_shown_as_it_is(year: Report) -> None:
    shown = "".join(Page(FORMATS["html"].render(year).decode()).text)
    for hostile in (HOSTILE_SUBJECT, HOSTILE_NAME, HOSTILE_MESSAGE):
        assert visible(hostile) in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def _inline(text: str) -> Iterator[str]:
    for token in MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(text):
        yield token.type
        for child in token.children or ():
            yield child.type


def test_the_document_holds_no_html_link_or_image_and_whole_tables(year: Report) -> None:
    text = FORMATS["markdown"].render(year).decode()
    kinds = set(_inline(text))
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "code_inline", "fence"}
    assert "table_open" in kinds
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) > 3
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings
    assert not any("not a heading" in line for line in headings)


@given(st.text())
def test_escaped_text_is_only_ever_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(f"| a |\n| --- |\n| x {escape(text)} x |\n")
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 2
    children = cells[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    shown = "".join(child.content for child in children)
    assert " ".join(shown.split()) == " ".join(f"x {visible(text)} x".split())


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.example",
        "www.evil.example",
        "WWW.evil.example",
        "a@evil.example",
        "@everyone",
        "#1",
        "$x$",
    ],
)
def test_what_forges_turn_into_links_and_mentions_is_broken_up(text: str) -> None:
    assert "\\" in escape(text)


def test_a_long_table_is_cut_and_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = seed(tmp_path_factory.mktemp("long") / "audit.duckdb")
    with open_database(path) as database:
        insert(
            database.connection,
            "gap",
            [
                {
                    "run": "r2",
                    "repo": "shop",
                    "outcome": "skipped",
                    "subject": f"s{n:04}",
                    "reason": "r",
                    "occurrences": 1,
                }
                for n in range(TABLE_ROWS)
            ],
        )
        report = build_report(database, "soc2", parse_period("2026"), NOW)
    text = FORMATS["html"].render(report).decode()
    assert f"The first 500 of {TABLE_ROWS + 2} rows." in text
    assert text.count(">skipped<") < TABLE_ROWS + 1


def test_every_status_and_verdict_that_is_used_is_explained(year: Report) -> None:
    assert year.controls
    for control in year.controls:
        assert control.status.value in year.glossary
    assert year.drift_by_verdict
    for verdict in year.drift_by_verdict:
        assert f"drift: {verdict}" in year.glossary


def test_several_problems_of_one_file_are_a_list(year: Report) -> None:
    told = replace(year, gaps=tuple(replace(gap, reason="• first <b>\n• second; third") for gap in year.gaps))
    page = FORMATS["html"].render(told).decode()
    assert "<ul><li>first &lt;b&gt;</li><li>second; third</li></ul>" in page
    assert "first &lt;b&gt; • second; third |" in FORMATS["markdown"].render(told).decode()
