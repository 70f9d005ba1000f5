"""Ad-hoc SQL: right answers for readers, nothing at all for attackers."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store.seeded_trail import NOW, REPO, seed

from auditor.errors import QueryError, StoreError
from auditor.store.adhoc import QueryLimits, run_query
from auditor.store.database import open_database
from auditor.store.snapshot import CONTRACT_VIEWS, snapshot


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed(tmp_path_factory.mktemp("trail") / "audit.duckdb")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows(database: Path, sql: str, **parameters: str) -> list[tuple[object, ...]]:
    result = run_query(database, sql, parameters=parameters, now=NOW)
    return [tuple(row.values()) for row in result.table.to_pylist()]


def test_a_select_gives_columns_types_and_rows(trail: Path) -> None:
    result = run_query(
        trail, "SELECT sha, position, committed_at FROM commits WHERE landed ORDER BY position", now=NOW
    )
    assert result.columns == ("sha", "position", "committed_at")
    assert result.types == ("VARCHAR", "INTEGER", "TIMESTAMP WITH TIME ZONE")
    assert result.table.column("position").to_pylist() == list(range(8))
    assert str(result.table.schema.field("committed_at").type) == "timestamp[us, tz=UTC]"
    assert not result.truncated
    assert result.note == ""
    assert result.elapsed_s > 0


def test_every_view_of_the_contract_can_be_asked_and_nothing_else(trail: Path) -> None:
    names = rows(trail, "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY 2")
    assert names == [("main", name) for name in CONTRACT_VIEWS]
    with open_database(trail, read_only=True) as database:
        views = database.connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY 1"
        ).fetchall()
    assert [name for (name,) in views] == list(CONTRACT_VIEWS), "a new view must be listed in CONTRACT_VIEWS"
    with pytest.raises(QueryError, match="trail"):
        run_query(trail, "SELECT * FROM trail.document")


def test_parameters_are_bound_not_pasted(trail: Path) -> None:
    sql = "SELECT count(*) FROM commits WHERE author_name = $name"
    assert rows(trail, sql, name="Ada") == [(3,)]
    assert rows(trail, sql, name="' OR true --") == [(0,)]
    with pytest.raises(QueryError, match=r"needs a value for \$name"):
        run_query(trail, sql)
    with pytest.raises(QueryError, match=r"no parameter \$other"):
        run_query(trail, sql, parameters={"name": "Ada", "other": "x"})
    with pytest.raises(QueryError, match=r"\$name instead of \?"):
        run_query(trail, "SELECT ?")


def test_repeated_column_names_stay_apart(trail: Path) -> None:
    assert run_query(trail, "SELECT 1 AS a, 2 AS a, 3 AS a").columns == ("a", "a_2", "a_3")


def test_pivot_explain_describe_and_comments_work(trail: Path) -> None:
    assert rows(trail, "PIVOT (SELECT actor_kind FROM commits) ON actor_kind USING count(*)") == [(1, 1, 7)]
    assert rows(trail, "EXPLAIN SELECT 1")
    assert rows(trail, "-- a comment\nSELECT 1 -- and another\n;\n-- the end") == [(1,)]


def test_an_sql_error_keeps_duckdbs_message_and_position(trail: Path) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(trail, "SELECT nope\nFROM commits")
    text = str(caught.value)
    assert text.startswith('Binder Error: Referenced column "nope" not found')
    assert "LINE 1: SELECT nope\n               ^" in text
    assert "Traceback" not in text
    with pytest.raises(QueryError, match="syntax error at or near"):
        run_query(trail, "SELECT FROM WHERE")


@pytest.mark.parametrize("sql", ["", "  ", "-- nothing"])
def test_an_empty_query_is_said_to_be_empty(trail: Path, sql: str) -> None:
    with pytest.raises(QueryError, match="the query is empty"):
        run_query(trail, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO commits SELECT * FROM commits",
        "DELETE FROM findings",
        "UPDATE findings SET state = 'fixed'",
        "DROP TABLE commits",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE TEMP TABLE mine AS SELECT 1",
        "COPY commits TO 'out.csv'",
        "COPY (SELECT 1) TO 'out.parquet'",
        "EXPORT DATABASE 'out'",
        "IMPORT DATABASE 'out'",
        "ATTACH 'other.duckdb'",
        "DETACH audited",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '100GB'",
        "RESET lock_configuration",
        "PRAGMA threads = 64",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "BEGIN",
        "CHECKPOINT",
        "VACUUM",
        "PREPARE p AS SELECT 1",
        "USE memory",
        "SELECT 1; DROP TABLE commits",
        "DROP TABLE commits; SELECT 1",
        "WITH gone AS (DELETE FROM commits RETURNING *) SELECT * FROM gone",
        "WITH more AS (INSERT INTO runs SELECT * FROM runs RETURNING *) SELECT * FROM more",
    ],
)
def test_what_would_write_or_configure_is_refused(trail: Path, sql: str) -> None:
    before, folder = digest(trail), sorted(Path.cwd().iterdir())
    with pytest.raises(QueryError, match="the trail is read-only"):
        run_query(trail, sql)
    assert digest(trail) == before
    assert sorted(Path.cwd().iterdir()) == folder


def test_several_selects_are_refused(trail: Path) -> None:
    with pytest.raises(QueryError, match="one statement at a time"):
        run_query(trail, "SELECT 1; SELECT 2")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('{database}')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
        "SELECT * FROM read_json('s3://bucket/x.json')",
        "SELECT * FROM sqlite_scan('/tmp/x', 'y')",
        "SELECT * FROM query('SELECT * FROM read_csv(''/etc/passwd'')')",
        "SELECT * FROM request",
        "SELECT getenv('HOME')",
    ],
)
def test_no_file_network_variable_or_python_object_is_reached(trail: Path, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(trail, sql.replace("{database}", str(trail)))
    assert "root:" not in str(caught.value)


SHORT = QueryLimits(seconds=2.0, memory_bytes=256 * 2**20)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('x', 1000000000)",
        "SELECT length(repeat(repeat('x', 1000000), 4000))",
        "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM generate_series(1, 100000000000)",
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range < 0",
        "SELECT list(range) FROM range(1000000000)",
        "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    ],
)
def test_a_query_that_eats_time_or_memory_is_stopped(trail: Path, sql: str) -> None:
    started = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped|nested|expression depth|overflow|too deep"):
        run_query(trail, sql, limits=SHORT)
    assert time.monotonic() - started < 15


def test_a_child_that_does_not_answer_is_killed_by_the_parents_clock(
    trail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen

    def sleeper(command: list[str], **keywords: object) -> subprocess.Popen[bytes]:
        script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        started.append(original([sys.executable, "-c", script], **keywords))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr("auditor.store.adhoc.START_UP_S", 0.2)
    monkeypatch.setattr("auditor.store.adhoc.subprocess.Popen", sleeper)
    begun = time.monotonic()
    with pytest.raises(QueryError, match=r"ran longer than 0\.3 s and was stopped"):
        run_query(trail, "SELECT 1", limits=QueryLimits(seconds=0.3))
    assert time.monotonic() - begun < 10
    assert started[0].returncode == -9


def test_an_answer_over_the_limit_is_not_read_to_its_end(
    trail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = subprocess.Popen

    def flood(command: list[str], **keywords: object) -> subprocess.Popen[bytes]:
        script = "import sys\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))"
        return original([sys.executable, "-c", script], **keywords)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr("auditor.store.adhoc.subprocess.Popen", flood)
    with pytest.raises(StoreError, match="more than it may"):
        run_query(trail, "SELECT 1", limits=QueryLimits(bytes=2**20))


def test_rows_are_cut_at_the_limit_and_it_says_so(trail: Path) -> None:
    result = run_query(trail, "SELECT * FROM range(1000000000000)", limits=QueryLimits(rows=2500))
    assert result.table.num_rows == 2500
    assert result.truncated
    assert "only the first 2500 row(s)" in result.note
    exact = run_query(trail, "SELECT * FROM range(2500)", limits=QueryLimits(rows=2500))
    assert exact.table.num_rows == 2500
    assert not exact.truncated


def test_bytes_are_cut_at_the_limit(trail: Path) -> None:
    wide = "SELECT repeat('x', 1000) AS text FROM range(100000)"
    result = run_query(trail, wide, limits=QueryLimits(bytes=100_000))
    assert result.truncated
    assert 50 <= result.table.num_rows <= 100


def test_the_database_is_untouched_and_the_copy_is_private(tmp_path: Path) -> None:
    database = seed(tmp_path / "audit.duckdb")
    before = digest(database)
    assert rows(database, "SELECT count(*) FROM commits") == [(9,)]
    assert digest(database) == before
    folder = tmp_path / "audit.duckdb.snapshots"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [file.suffix for file in folder.iterdir()] == [".duckdb"]


def test_the_copy_is_used_again_until_the_database_changes(tmp_path: Path) -> None:
    database = seed(tmp_path / "audit.duckdb")
    with snapshot(database, now=NOW) as first, snapshot(database, now=NOW) as second:
        assert first == second
        made = first.stat().st_mtime_ns
    with open_database(database) as opened:
        opened.connection.execute("DELETE FROM trail.finding")
    with snapshot(database, now=NOW) as third:
        assert third != first
        assert third.stat().st_mtime_ns > made
    assert rows(database, "SELECT count(*) FROM findings") == [(0,)]


def test_a_new_day_makes_a_new_copy_because_days_open_counts_to_today(tmp_path: Path) -> None:
    database = seed(tmp_path / "audit.duckdb")
    with snapshot(database, now=NOW) as today, snapshot(database, now=NOW.replace(day=7)) as tomorrow:
        assert today != tomorrow


def test_a_folder_that_others_can_enter_is_closed(tmp_path: Path) -> None:
    database = seed(tmp_path / "audit.duckdb")
    folder = tmp_path / "audit.duckdb.snapshots"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with snapshot(database, now=NOW):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    database = seed(tmp_path / "audit.duckdb")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "audit.duckdb.snapshots").symlink_to(elsewhere)
    with snapshot(database, now=NOW) as file:
        assert file.exists()
        assert not file.is_relative_to(elsewhere)
    assert list(elsewhere.iterdir()) == []
    assert not file.exists()


def test_the_owner_of_the_database_can_ask_while_it_is_open(tmp_path: Path) -> None:
    path = seed(tmp_path / "audit.duckdb")
    with open_database(path) as database:
        result = run_query(database, "SELECT DISTINCT repo FROM commits", now=NOW)
        assert result.table.to_pylist() == [{"repo": REPO}]
        database.connection.execute("DELETE FROM trail.finding")
        assert run_query(database, "SELECT count(*) AS n FROM findings").table.to_pylist() == [{"n": 0}]


def test_a_database_locked_by_another_process_is_said_to_be_in_use(tmp_path: Path) -> None:
    path = seed(tmp_path / "audit.duckdb")
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match="in use by another process"):
            run_query(path, "SELECT 1")
    finally:
        holder.communicate()


def test_a_missing_database_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no audit database"):
        run_query(tmp_path / "none.duckdb", "SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_modules_in_the_current_folder_are_not_imported(
    trail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "duckdb.py").write_text("raise SystemExit('hijacked')")
    (tmp_path / "json.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    assert rows(trail, "SELECT 1") == [(1,)]


def test_the_child_gets_no_other_environment(trail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    original = subprocess.Popen

    def spy(*args: object, **keywords: object) -> object:
        seen.update(keywords)
        return original(*args, **keywords)  # type: ignore[call-overload]

    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setattr("auditor.store.adhoc.subprocess.Popen", spy)
    run_query(trail, "SELECT 1")
    assert set(seen["env"]) <= {*os.environ} - {"HTTPS_PROXY", "AWS_SECRET_ACCESS_KEY"}  # type: ignore[call-overload]
