"""Query results on paper: whole for programs, harmless for terminals and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from store.seeded_trail import HOSTILE_SUBJECT, NOW, seed

from auditor.errors import UsageError
from auditor.store.adhoc import QueryResult, run_query
from auditor.store.output.formats import FORMATS, render, screen_of
from auditor.store.output.interface import Screen
from auditor.store.output.visible import visible


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed(tmp_path_factory.mktemp("trail") / "audit.duckdb")


def result(
    columns: dict[str, object], *, types: tuple[str, ...] = (), truncated: bool = False
) -> QueryResult:
    table = pa.table(columns)
    return QueryResult(
        columns=tuple(columns),
        types=types or ("VARCHAR",) * len(columns),
        table=table,
        truncated=truncated,
        elapsed_s=0.0,
    )


def test_the_formats_are_those_of_the_command_line() -> None:
    assert list(FORMATS) == ["table", "json", "csv", "parquet"]
    with pytest.raises(UsageError, match="no format 'xml'"):
        render(result({"a": [1]}), "xml")


def test_json_keeps_values_and_writes_times_with_z(trail: Path) -> None:
    sql = """
        SELECT TIMESTAMPTZ '2026-09-30 23:30:00.5+02' AS instant, TIMESTAMP '2026-01-02 03:04:05' AS local,
               DATE '2026-01-02' AS day, 9007199254740993 AS big, sum(1) AS huge, 1.5 AS decimal, 2.0::DOUBLE AS double,
               NULL AS nothing, true AS flag, [1, NULL] AS list, {'a': 'b'} AS struct, MAP {'k': 1} AS map,
               'infinity'::DOUBLE AS unbounded, 'nan'::DOUBLE AS nan, '\\x00\\xFF'::BLOB AS bytes,
               TIMESTAMP '12000-01-01' AS far
    """
    text = render(run_query(trail, sql, now=NOW), "json").decode()
    assert '"big": 9007199254740993,' in text
    assert json.loads(text) == [
        {
            "instant": "2026-09-30T21:30:00.500000Z",
            "local": "2026-01-02T03:04:05",
            "day": "2026-01-02",
            "big": 9007199254740993,
            "huge": 1,
            "decimal": 1.5,
            "double": 2.0,
            "nothing": None,
            "flag": True,
            "list": [1, None],
            "struct": {"a": "b"},
            "map": {"k": 1},
            "unbounded": "Infinity",
            "nan": "NaN",
            "bytes": "00ff",
            "far": "12000-01-01 00:00:00.000000",
        }
    ]


def test_no_rows_is_an_empty_list_a_header_and_a_table(trail: Path) -> None:
    empty = run_query(trail, "SELECT sha FROM commits WHERE false", now=NOW)
    assert json.loads(render(empty, "json")) == []
    assert render(empty, "csv") == b"sha\r\n"
    assert render(empty, "table") == b"sha\n---\n0 row(s)\n"


def test_csv_is_rfc_4180_and_no_text_is_a_formula() -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "plain", 'a "quote"', "two\nlines", "a,b", ""]
    data = render(result({"text": hostile, "number": [-n for n in range(len(hostile))]}), "csv")
    assert data.startswith(b"text,number\r\n'=1+1,0\r\n'+1,-1\r\n'-1,-2\r\n'@SUM(A1),-3\r\n")
    assert b'"a ""quote""",-7\r\n"two\nlines",-8\r\n"a,b",-9\r\n,-10\r\n' in data
    back = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert [row[0].removeprefix("'") for row in back[1:]] == hostile


def test_a_hostile_column_name_is_no_formula_either() -> None:
    assert render(result({"=cmd()": ["x"]}), "csv") == b"'=cmd()\r\nx\r\n"


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=1))
def test_csv_gives_every_text_back(texts: list[str]) -> None:
    data = render(result({"text": texts, "n": list(range(len(texts)))}), "csv").decode()
    back = [row[0] for row in csv.reader(io.StringIO(data, newline=""))][1:]
    assert [cell[1:] if cell != text else cell for cell, text in zip(back, texts, strict=True)] == texts
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in back)


@given(st.text())
def test_what_a_terminal_shows_holds_no_control_or_direction_character(text: str) -> None:
    shown = visible(text)
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2028\u2029")


def test_a_piped_table_is_aligned_and_whole() -> None:
    rows = result({"name": ["wide 日本", "x" * 100], "count": [7, 1234]}, types=("VARCHAR", "BIGINT"))
    lines = render(rows, "table").decode().splitlines()
    assert lines == [
        "name" + " " * 96 + "  count",
        "-" * 100 + "  -----",
        "wide 日本" + " " * 91 + "      7",
        "x" * 100 + "   1234",
        "2 row(s)",
    ]
    assert len({cell_len(line) for line in lines[:4]}) == 1


def test_a_table_shows_escapes_not_colours(trail: Path) -> None:
    rows = run_query(trail, "SELECT subject FROM commits WHERE starts_with(subject, '=')", now=NOW)
    assert rows.table.column(0).to_pylist() == [HOSTILE_SUBJECT]
    for screen in (Screen(), Screen(width=120, terminal=True), Screen(width=10, terminal=True)):
        shown = render(rows, "table", screen).decode()
        assert "\x1b" not in shown
        assert "\\x1b[31m" in shown.replace("\n", "").replace(" ", "")


def test_colour_only_where_the_screen_has_it() -> None:
    rows = result({"a": ["[red]x[/red]"]})
    assert b"\x1b[" in render(rows, "table", Screen(terminal=True, colour=True))
    plain = render(rows, "table", Screen(terminal=True, colour=False)).decode()
    assert "\x1b" not in plain
    assert "[red]x[/red]" in plain


def test_columns_that_do_not_fit_a_terminal_become_blocks() -> None:
    rows = result({f"column{n}": ["value"] for n in range(20)})
    shown = render(rows, "table", Screen(width=80, terminal=True)).decode()
    assert shown.startswith("-- 1 --\ncolumn0   value\ncolumn1   value\n")


def test_missing_rows_are_announced_in_the_table() -> None:
    shown = render(result({"a": ["x", "y"]}, truncated=True), "table").decode()
    assert shown.endswith("truncated: only the first 2 row(s) are here; the query has more\n")


def test_parquet_keeps_types() -> None:
    columns = {
        "at": pa.array([datetime(2026, 1, 1, tzinfo=UTC)], pa.timestamp("us", tz="UTC")),
        "day": [date(2026, 1, 1)],
        "amount": [Decimal("1.50")],
        "tags": [["a"]],
    }
    back = pq.read_table(io.BytesIO(render(result(columns), "parquet")))
    assert back.equals(pa.table(columns))


def test_no_color_and_pipes_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert screen_of(Terminal()).colour
    assert not screen_of(io.StringIO()).terminal
    assert not screen_of(io.StringIO()).colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert screen_of(Terminal()).terminal
    assert not screen_of(Terminal()).colour
