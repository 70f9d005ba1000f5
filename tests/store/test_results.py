"""The digests of what a run found: what they are made of, and that those by what was touched are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pipeline.trail_by_hand import NOW, record_run

from auditor.store.database import Database, open_database
from auditor.store.results import RESULT_TABLES, record_results, results_digest, table_digest


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Two runs over `shop`."""
    with open_database(tmp_path / "audit.duckdb", create=True) as opened:
        record_run(opened, 0)
        record_run(opened, 1)
        yield opened


def test_a_digest_of_untouched_tables_can_be_taken_over(database: Database) -> None:
    cursor = database.cursor()
    whole = results_digest(cursor, "shop", "run-1")
    cursor.execute("INSERT INTO trail.gap SELECT 'run-2', * EXCLUDE (run) FROM trail.gap WHERE run = 'run-1'")
    quick = record_results(cursor, "shop", "run-2", tables=["gap"], earlier=whole)
    assert quick == results_digest(cursor, "shop", "run-2")
    assert json.loads(quick)["verdict"] == json.loads(whole)["verdict"]
    assert json.loads(whole)["verdict"].startswith("7:digest/2:")


def test_the_digest_is_what_it_is_said_to_be(database: Database) -> None:
    """By hand: the sorted hashes of the rows' texts, a newline after each; then a line for each bucket."""
    cursor = database.cursor()
    cursor.execute("INSERT INTO trail.verdict VALUES ('shop', '00', 'AUD-X', 'fail', '/spec', 'message', '')")

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    def together(hashes: list[str]) -> str:
        return sha256("".join(f"{text}\n" for text in sorted(hashes)))

    rows = ["4:shop64:" + "f" * 64 + f"5:AUD-X4:fail5:/spec9:message {n}" for n in (0, 1)]
    other = sha256("4:shop2:005:AUD-X4:fail5:/spec7:message")
    # The last column, `profile`, is empty: its text is of length 0.
    now = [sha256(row + "0:") for row in rows]
    lines = f"00:{together([sha256('4:shop2:005:AUD-X4:fail5:/spec7:message0:')])}\nff:{together(now)}\n"
    cursor = database.cursor()
    told = json.loads(results_digest(cursor, "shop", "run-1"))["verdict"]
    assert told == f"7:digest/2:{sha256(lines)}"
    # As versions before the buckets recorded it: over the whole table, which had a column less.
    plain = together([*map(sha256, rows), other])
    assert table_digest(cursor, "verdict", "shop", "run-1", f"6:{'0' * 64}") == f"6:{plain}"
    for damaged in ("", "x:1", f"6:nothing/2:{plain}", f"6:digest/x:{plain}"):
        with pytest.raises(ValueError):
            table_digest(cursor, "verdict", "shop", "run-1", damaged)


def _touching(cursor: Any, step: Random) -> dict[str, set[str]]:
    """Some rows more, some fewer, some others; the keys of the tables that have any."""
    touched: dict[str, set[str]] = {}
    for table, declared in RESULT_TABLES.items():
        if not declared.key:
            continue
        keys = touched[table] = set()
        for _ in range(step.randrange(4)):
            key = f"{step.randrange(40):04x}"
            keys.add(key)
            if step.random() < 0.3:
                cursor.execute(f"DELETE FROM trail.{table} WHERE {declared.key} = ?", [key])
                continue
            columns = cursor.execute(f"SELECT * FROM trail.{table} LIMIT 0").description
            values = [_value(name, str(kind), key, declared.key, step) for name, kind, *_ in columns]
            places = ", ".join("?" for _ in values)
            cursor.execute(f"INSERT INTO trail.{table} VALUES ({places})", values)
    return touched


def _value(name: str, kind: str, key: str, key_column: str, step: Random) -> Any:
    if name in ("repo", key_column):
        return "shop" if name == "repo" else key
    if kind == "VARCHAR[]":
        return ["a", f"{step.random()}"]
    if kind.startswith("TIMESTAMP"):
        return None if name not in ("detected_at",) else NOW
    return {"BOOLEAN": True, "INTEGER": step.randrange(9)}.get(kind, f"{step.randrange(9)}")


@pytest.mark.parametrize("seed", range(5))
def test_the_digest_by_what_was_touched_is_that_of_everything(database: Database, seed: int) -> None:
    step = Random(seed)
    cursor = database.cursor()
    earlier = None
    for _ in range(12):
        touched = _touching(cursor, step)
        earlier = record_results(cursor, "shop", "run-1", touched=touched, earlier=earlier)
        assert earlier == results_digest(cursor, "shop", "run-1")
        for table, recorded in json.loads(earlier).items():
            assert table_digest(cursor, table, "shop", "run-1", recorded) == recorded


def test_a_change_that_no_run_made_stays_one_when_the_next_run_touches_other_rows(database: Database) -> None:
    """A digest of the whole table would take over what somebody changed between two runs."""
    cursor = database.cursor()
    before = record_results(cursor, "shop", "run-1")
    cursor.execute("UPDATE trail.verdict SET outcome = 'pass' WHERE message = 'message 0'")
    cursor.execute("INSERT INTO trail.verdict VALUES ('shop', '00', 'AUD-X', 'fail', '/spec', 'message', '')")
    after = record_results(cursor, "shop", "run-2", touched={"verdict": {"00"}}, earlier=before)
    recorded = json.loads(after)["verdict"]
    assert table_digest(cursor, "verdict", "shop", "run-2", recorded) != recorded


def test_what_is_kept_of_digests_is_not_believed_where_it_is_not_of_the_run_before(
    database: Database,
) -> None:
    cursor = database.cursor()
    before = record_results(cursor, "shop", "run-1")
    for damage in ("UPDATE trail.result_bucket SET digest = 'x'", "DELETE FROM trail.result_bucket"):
        cursor.execute(damage)
        again = record_results(cursor, "shop", "run-1", touched={"verdict": set()}, earlier=before)
        assert again == before
