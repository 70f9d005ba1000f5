"""The pages' aggregates against obvious slow versions over the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import duckdb
import pytest
from service.trail_seed import REPO, insert, seed

from auditor.store.database import Database, open_database
from auditor.store.pages import changes, commits, compliance, findings, overview
from auditor.store.pages.sql import Row


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = seed(tmp_path_factory.mktemp("queries") / "audit.duckdb")
    with open_database(path, read_only=True) as opened:
        yield opened


@pytest.fixture
def cursor(database: Database) -> duckdb.DuckDBPyConnection:
    return database.cursor()


@pytest.fixture
def everything(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """What the rules found in resources and files; `of_changes` are the rest."""
    wanted = findings.FindingFilter(source=findings.Source.RESOURCES)
    found: list[Row] = findings.list_findings(cursor, wanted, limit=1000).to_pylist()
    return found


@pytest.fixture
def of_changes(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """What is said of how commits landed."""
    wanted = findings.FindingFilter(source=findings.Source.CHANGES)
    found: list[Row] = findings.list_findings(cursor, wanted, limit=1000).to_pylist()
    assert {row["source"] for row in found} == {"change"}
    return found


def test_the_trend_counts_what_was_open_at_the_end_of_each_week(
    cursor: duckdb.DuckDBPyConnection, everything: list[Row]
) -> None:
    assert overview.trend_step(cursor) == "week"
    points = overview.open_trend(cursor).to_pylist()
    assert len(points) < 5000
    for point in points:
        end = point["bucket"] + timedelta(days=7)
        still_open = sum(
            row["severity"] == point["severity"]
            and row["opened_at"] < end
            and (row["fixed_at"] is None or row["fixed_at"] >= end)
            for row in everything
        )
        assert point["open"] == still_open, point


def test_the_trend_begins_at_zero_and_ends_at_todays_count(cursor: duckdb.DuckDBPyConnection) -> None:
    points = overview.open_trend(cursor).to_pylist()
    first, last = points[0]["bucket"], points[-1]["bucket"]
    assert {point["open"] for point in points if point["bucket"] == first} == {0}
    ending = {point["severity"]: point["open"] for point in points if point["bucket"] == last}
    assert ending == overview.open_by_severity(cursor)


def test_monthly_flow(cursor: duckdb.DuckDBPyConnection, everything: list[Row]) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for row in everything:
        expected[row["opened_at"].strftime("%Y-%m"), "opened"] += 1
        if row["fixed_at"]:
            expected[row["fixed_at"].strftime("%Y-%m"), "fixed"] += 1
    flow = overview.monthly_flow(cursor).to_pylist()
    assert {(row["month"].strftime("%Y-%m"), row["event"]): row["findings"] for row in flow} == expected


def test_time_to_fix(cursor: duckdb.DuckDBPyConnection, everything: list[Row]) -> None:
    for row in overview.time_to_fix(cursor):
        days = [
            (finding["fixed_at"] - finding["opened_at"]).total_seconds() / 86400
            for finding in everything
            if finding["fixed_at"] and finding["severity"] == row["severity"]
        ]
        assert row["fixed"] == len(days)
        assert row["median_days"] == pytest.approx(median(days), abs=1e-3)
    assert [row["severity"] for row in overview.time_to_fix(cursor)] == ["critical", "high", "medium", "low"]
    bands = overview.fix_time_distribution(cursor).to_pylist()
    assert {row["band"] for row in bands} <= set(overview.FIX_TIME_BANDS)
    assert sum(row["findings"] for row in bands) == sum(
        finding["fixed_at"] is not None for finding in everything
    )


def test_people_open_and_fix(cursor: duckdb.DuckDBPyConnection, everything: list[Row]) -> None:
    opened = Counter(row["opened_by"] for row in everything)
    fixed = Counter(row["fixed_by"] for row in everything if row["fixed_by"])
    for row in overview.people(cursor, limit=100):
        assert (row["opened"], row["fixed"]) == (opened[row["person"]], fixed[row["person"]])
    assert {row["person"] for row in overview.people(cursor, limit=100)} == set(opened) | set(fixed)


def test_another_repository_has_none_of_it(cursor: duckdb.DuckDBPyConnection) -> None:
    assert overview.headline(cursor, "other")["open"] == 0
    assert overview.open_trend(cursor, "other").num_rows == 0
    assert overview.latest_run(cursor, "other") is None
    assert overview.headline(cursor, REPO) == overview.headline(cursor)


def test_findings_list_is_open_first_then_worst_then_newest(everything: list[Row]) -> None:
    rank = ["critical", "high", "medium", "low"].index
    keys = [
        (row["state"] != "open", rank(row["severity"]), -row["opened_at"].timestamp()) for row in everything
    ]
    assert keys == sorted(keys)


def test_people_filter_means_opened_or_fixed(
    cursor: duckdb.DuckDBPyConnection, everything: list[Row]
) -> None:
    wanted = findings.FindingFilter(people=("Mei Lin",), source=findings.Source.RESOURCES)
    expected = sum("Mei Lin" in (row["opened_by"], row["fixed_by"]) for row in everything)
    assert findings.count_findings(cursor, wanted) == expected > 0


def test_commits_count_the_findings_they_opened_and_fixed(
    cursor: duckdb.DuckDBPyConnection, everything: list[Row]
) -> None:
    opened = Counter(row["opened_sha"] for row in everything)
    fixed = Counter(row["fixed_sha"] for row in everything)
    listed = commits.list_commits(cursor, commits.CommitFilter(), limit=1000).to_pylist()
    assert len(listed) == 150
    for row in listed:
        assert (row["opened"], row["fixed"]) == (opened[row["sha"]], fixed[row["sha"]])


def test_the_first_page_counts_no_event_among_the_states(
    cursor: duckdb.DuckDBPyConnection, everything: list[Row], of_changes: list[Row]
) -> None:
    head = overview.headline(cursor)
    assert {row["source"] for row in everything} == {"manifest", "rendered"}
    assert len(everything) == 201
    assert head["open"] == sum(row["state"] == "open" for row in everything)
    assert head["open"] + head["fixed"] == 201
    assert len(of_changes) > 100
    assert sum(overview.open_by_severity(cursor).values()) == head["open"]
    listed = overview.frequent_rules(cursor, limit=100)
    assert {row["rule_id"] for row in listed} == {row["rule_id"] for row in everything}
    known = [row for row in everything if row["rule_id"] == listed[0]["rule_id"]]
    assert (listed[0]["open"], listed[0]["ever"]) == (
        sum(row["state"] == "open" for row in known),
        len(known),
    )
    coverage = overview.rule_coverage(cursor)
    counted = cursor.sql("SELECT sum(evaluated) FROM trail.rule_result WHERE rule_id NOT LIKE 'AUD-CHG-%'")
    assert counted.fetchall() == [(coverage["evaluated"],)]
    assert coverage["rules"] == 12


def test_sources_split_the_findings(
    cursor: duckdb.DuckDBPyConnection, everything: list[Row], of_changes: list[Row]
) -> None:
    assert findings.count_findings(cursor, findings.FindingFilter()) == len(everything) + len(of_changes)
    assert not {row["id"] for row in everything} & {row["id"] for row in of_changes}


def test_landings_are_counted_by_month_and_way(cursor: duckdb.DuckDBPyConnection) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for row in commits.list_commits(cursor, commits.CommitFilter(landed_only=True), limit=1000).to_pylist():
        if row["pull_request"]:
            way = "request"
        elif row["actor_kind"] in ("bot", "automation"):
            way = "automation"
        else:
            way = "none"
        expected[row["committed_at"].strftime("%Y-%m"), way] += 1
    found = changes.landings_by_month(cursor).to_pylist()
    assert {(row["month"].strftime("%Y-%m"), row["way"]): row["commits"] for row in found} == expected
    assert {row["way"] for row in found} == set(changes.WAYS)
    assert changes.landings_by_month(cursor, "other").num_rows == 0


def test_change_rules_with_their_open_findings(
    cursor: duckdb.DuckDBPyConnection, of_changes: list[Row]
) -> None:
    expected = Counter(row["rule_id"] for row in of_changes)
    listed = {row["rule_id"]: row for row in changes.change_rules(cursor)}
    assert {rule: row["open"] for rule, row in listed.items()} == {**expected, "AUD-CHG-0003": 0}
    assert (listed["AUD-CHG-0002"]["high"], listed["AUD-CHG-0002"]["low"]) == (1, 0)
    assert listed["AUD-CHG-0003"]["judged"], "no finding, and an answer"
    assert not any(row["judged"] for row in changes.change_rules(cursor, "other")), "no answer, no statement"


def test_a_commit_tells_how_it_landed_apart_from_what_it_opened(
    cursor: duckdb.DuckDBPyConnection, everything: list[Row], of_changes: list[Row]
) -> None:
    sha = next(row["opened_sha"] for row in of_changes if row["rule_id"] == "AUD-CHG-0001")
    touched = commits.commit_findings(cursor, REPO, sha)
    by_event = {event: {r["id"] for r in touched if r["event"] == event} for event in ("landed", "opened")}
    assert by_event["landed"] == {row["id"] for row in of_changes if row["opened_sha"] == sha}
    assert by_event["opened"] == {row["id"] for row in everything if row["opened_sha"] == sha}


def test_path_filter_keeps_commits_that_changed_such_a_file(cursor: duckdb.DuckDBPyConnection) -> None:
    wanted = commits.CommitFilter(path="APPS/ledger/")
    listed = commits.list_commits(cursor, wanted, limit=1000).to_pylist()
    assert len(listed) == commits.count_commits(cursor, wanted) == 15
    for row in listed:
        paths = commits.commit_files(cursor, row["repo"], row["sha"]).to_pylist()
        assert any(file["path"].startswith("apps/ledger/") for file in paths)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("pass", "pass"), "pass"),
        (("pass", "fail"), "fail"),
        (("pass", "error"), "error"),
        (("error", "fail"), "fail"),
        (("pass", "not evaluated"), "not evaluated"),
        (("not evaluated", "error"), "error"),
        (("manual",), "manual"),
        (("manual", "pass"), "pass"),
    ],
)
def test_a_control_is_as_good_as_its_worst_rule(
    tmp_path: Path, statuses: tuple[str, ...], expected: str
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with open_database(tmp_path / "audit.duckdb", create=True) as database:
        for at, status in enumerate(statuses):
            rule = "" if status == "manual" else f"rule-{at}"
            insert(database, "control", [{"framework": "f", "control": "c", "title": "t", "rule_id": rule}])
            if status in {"pass", "error", "fail"}:
                errors = int(status == "error")
                insert(
                    database,
                    "rule_result",
                    [{"repo": "r", "rule_id": rule, "evaluated": 1, "errors": errors}],
                )
            if status == "fail":
                finding = {
                    "id": "F",
                    "occurrence": 1,
                    "repo": "r",
                    "rule_id": rule,
                    "severity": "low",
                    "line": 1,
                }
                insert(database, "finding", [{**finding, "detected_at": now}])
        (control,) = compliance.framework_controls(database.cursor(), "f")
    assert control["status"] == expected


def test_a_commit_needs_seven_digits_and_may_be_ambiguous(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with open_database(tmp_path / "audit.duckdb", create=True) as database:
        rows = [
            {"repo": "r", "sha": sha, "authored_at": now, "committed_at": now, "author_zone_minutes": 0}
            for sha in ("abcdef0" + "1" * 33, "abcdef0" + "2" * 33)
        ]
        insert(database, "commit_record", rows)
        cursor = database.cursor()
        assert commits.find_commits(cursor, "abcdef") == []
        assert len(commits.find_commits(cursor, "abcdef0")) == 2
        assert len(commits.find_commits(cursor, "ABCDEF01")) == 1
        assert commits.find_commits(cursor, "abcdef01", "other") == []
