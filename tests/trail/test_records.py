"""Canonical records: RFC 8785 bytes, the same from a row as written and as DuckDB gives it back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import TrailError
from auditor.store.database import Database, open_database
from auditor.store.writer import writing
from auditor.trail.log import Log
from auditor.trail.records import (
    MAX_EXACT,
    NAME_KEY,
    RECORD_KINDS,
    canonical,
    field_diff_record,
    fields_json,
    leaf_hash,
    time_text,
)

SINGLE = [kind for kind in RECORD_KINDS.values() if not kind.group]
INTEGERS = {"SMALLINT": 2**15, "INTEGER": 2**31, "BIGINT": 2**63}

texts = st.one_of(
    st.text(max_size=12),  # hypothesis draws no lone surrogates unless asked
    st.sampled_from(
        [
            "",
            "\x00",
            "\x1b[31m",
            "\x7f",
            "\u2028",
            "\ue000",
            "\U0001f600",
            "é",
            "e\u0301",
            '"\\/',
            "\b\f\n\r\t",
        ]
    ),
)
moments = st.datetimes(
    min_value=datetime(1, 1, 3),
    max_value=datetime(9999, 12, 29),
    timezones=st.builds(lambda m: timezone(timedelta(minutes=m)), st.integers(-840, 840)),
)


def column_types(tmp_path: Path) -> dict[str, dict[str, str]]:
    """Columns and their types of every table with a `seq`, from a new database."""
    with open_database(tmp_path / "types.duckdb", create=True) as database:
        rows = (
            database.cursor()
            .execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'trail'"
                " AND database_name = current_database() ORDER BY table_name, column_index"
            )
            .fetchall()
        )
    found: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        found.setdefault(table, {})[column] = data_type
    return {table: columns for table, columns in found.items() if "seq" in columns and table != "leaf"}


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return column_types(tmp_path_factory.mktemp("types"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(tmp_path_factory.mktemp("rows") / "rows.duckdb", create=True) as opened:
        yield opened


def values_of(data_type: str) -> st.SearchStrategy[Any]:
    if data_type == "VARCHAR":
        return texts
    if data_type == "BOOLEAN":
        return st.booleans()
    if data_type in INTEGERS:
        limit = INTEGERS[data_type]
        return st.integers(-limit, limit - 1)
    if data_type == "TIMESTAMP WITH TIME ZONE":
        return moments
    if data_type == "VARCHAR[]":
        return st.lists(texts, max_size=3)
    assert data_type == "MAP(VARCHAR, BIGINT)", data_type
    # DuckDB's appender takes a dict with the key '' for a tuple; the counts of a run have names.
    return st.dictionaries(texts.filter(len), st.integers(-(2**63), 2**63 - 1), max_size=3)


def rows_for(columns: dict[str, str], nullable: set[str]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(
        *(
            st.none() | values_of(data_type) if name in nullable else values_of(data_type)
            for name, data_type in columns.items()
            if name != "seq"
        )
    )


def obvious(kind: str, columns: list[str], row: tuple[Any, ...]) -> bytes:
    """The definition, written down a second time."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            at = value.astimezone(UTC)
            return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}.{at.microsecond:06}Z"
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
            return str(value)
        if isinstance(value, list):
            return [plain(entry) for entry in value]
        if isinstance(value, dict):
            return {key: plain(entry) for key, entry in value.items()}
        return value

    return rfc8785.dumps({NAME_KEY: kind, **{c: plain(v) for c, v in zip(columns, row, strict=True)}})


def test_the_kinds_are_the_tables_that_have_a_seq(types: dict[str, dict[str, str]]) -> None:
    """A record table without a line here would never be verified; a column left out would prove nothing."""
    assert set(RECORD_KINDS) == set(types)
    for name, kind in RECORD_KINDS.items():
        columns = [column for column in types[name] if column != "seq"]
        assert list(kind.columns) == columns, name
        timed = {c for c, t in types[name].items() if t == "TIMESTAMP WITH TIME ZONE"}
        assert kind.times == timed, name
        assert kind.maps == {c for c, t in types[name].items() if t.startswith("MAP")}, name
        assert NAME_KEY not in columns
        assert set(kind.named_by) <= set(columns)
        assert not any(re.search("FLOAT|DOUBLE|DECIMAL", t) for t in types[name].values()), name


def test_no_table_with_a_seq_is_left_out(types: dict[str, dict[str, str]]) -> None:
    assert set(types) == set(RECORD_KINDS)


@pytest.mark.parametrize("kind", SINGLE, ids=lambda kind: kind.name)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_the_quick_way_gives_what_rfc8785_gives(
    kind: Any, types: dict[str, dict[str, str]], data: st.DataObject
) -> None:
    row = data.draw(rows_for(types[kind.name], set(kind.columns)))
    assert canonical(kind.name)(row) == obvious(kind.name, list(kind.columns), row)


NULLABLE = {
    "landing": {"position"},
    "resource_change": {"position"},
    "field_diff": {"old_value", "new_value"},
    "run": {"generation", "results_digest"},
}


@pytest.mark.parametrize("kind", RECORD_KINDS.values(), ids=lambda kind: kind.name)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(data=st.data())
def test_what_the_database_gives_back_is_the_same_record(
    kind: Any, types: dict[str, dict[str, str]], data: st.DataObject, database: Database
) -> None:
    row = rows_for(types[kind.name], NULLABLE.get(kind.name, set()))
    rows = data.draw(st.lists(row, min_size=1, max_size=20))
    if kind.group:
        rows.sort(key=lambda r: r[:3])
    log = Log()
    with writing(database) as writer:
        writer.execute(f"DELETE FROM trail.{kind.name}")
        writer.append(kind.name, log.numbered(kind.name, rows))
    read = database.cursor().execute(f"SELECT * FROM trail.{kind.name} ORDER BY seq").fetchall()
    again = Log()
    assert list(again.numbered(kind.name, [row[:-1] for row in read])) == read
    assert list(again.leaves()) == list(log.leaves())
    assert again.root() == log.root()


def test_one_instant_is_one_record_whatever_zone_it_is_told_in() -> None:
    utc = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
    tokyo = utc.astimezone(timezone(timedelta(hours=9)))
    assert time_text(utc) == time_text(tokyo) == "2026-03-01T10:00:00.000000Z"
    with pytest.raises(ValueError, match="no zone"):
        time_text(datetime(2026, 3, 1))


def test_integers_that_json_numbers_cannot_hold_are_texts() -> None:
    def record(n: int) -> Any:
        return json.loads(canonical("generation")(("r", n, "run", "first")))["generation"]

    assert record(MAX_EXACT) == 9007199254740991
    assert record(MAX_EXACT + 1) == "9007199254740992"
    assert record(-MAX_EXACT - 1) == "-9007199254740992"
    assert record(2**70) == str(2**70)


def test_a_table_of_a_record_is_part_of_it() -> None:
    """Two tables with equal columns give different records; resource_change has a column `kind` of its own."""
    assert canonical("generation")(("r", 1, "x", "first")) == (
        b'{"generation":1,"reason":"first","record":"generation","repo":"r","run":"x"}'
    )


def test_a_row_that_is_not_the_tables_is_an_error() -> None:
    """One that has its seq already, above all: its record would be another one."""
    for row in (("r", 1, "x"), ("r", 1, "x", "first", 7)):
        with pytest.raises(ValueError, match="columns"):
            canonical("generation")(row)


@pytest.mark.parametrize("value", ["\ud800", b"bytes", {"set"}])
def test_what_has_no_canonical_form_is_an_error(value: Any) -> None:
    with pytest.raises(TrailError, match="generation"):
        canonical("generation")(("r", 1, value, "first"))


pairs = st.lists(
    st.tuples(texts, st.none() | texts, st.none() | texts), max_size=6, unique_by=lambda field: field[0]
)


@given(repo=texts, old=texts, new=texts, fields=pairs)
def test_a_field_diff_put_together_from_pieces_is_the_canonical_record(
    repo: str, old: str, new: str, fields: list[tuple[str, str | None, str | None]]
) -> None:
    whole = {
        NAME_KEY: "field_diff",
        "repo": repo,
        "old_digest": old,
        "new_digest": new,
        "fields": [list(field) for field in sorted(fields, key=lambda field: field[0])],
    }
    assert field_diff_record(repo, old, new, fields_json(fields)) == rfc8785.dumps(whole)
    assert fields_json(fields) == fields_json(fields[::-1])


def test_a_leaf_is_hashed_with_its_own_prefix() -> None:
    """RFC 6962, section 2.1: the hash of an empty leaf is SHA-256 of the byte 0x00."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    fields=st.lists(
        st.tuples(texts, st.none() | texts, st.none() | texts),
        min_size=1,
        max_size=6,
        unique_by=lambda f: f[0],
    )
)
def test_fields_that_the_database_takes_apart_are_the_same_record(
    fields: list[tuple[str, str | None, str | None]], database: Database
) -> None:
    """A scan hands over the JSON array; verification reads rows."""
    made = fields_json(fields)
    with writing(database) as writer:
        writer.execute("DELETE FROM trail.field_diff")
        writer.append_fields([("r", "a", "b", made.decode(), 0)])
    rows = database.cursor().execute("SELECT pointer, old_value, new_value FROM trail.field_diff").fetchall()
    assert fields_json(rows) == made
