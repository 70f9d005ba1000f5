"""Controls of a framework, in one repository and over several: the pages' queries and the saved query agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from store.seeded_trail import at, insert

from auditor.store.database import open_database
from auditor.store.pages.compliance import control_rules, framework_controls
from auditor.store.saved import saved_query

# control, position, rule; in an order that is not the framework's
CONTROLS = [
    ("A.8.10", 1, "R-CLEAN"),
    ("A.8.2", 0, "R-CLEAN"),
    ("A.8.2", 0, "R-OPEN"),
    ("A.8.20", 2, "R-NOWHERE"),
    ("A.8.30", 3, "R-SKIPS"),
    ("A.8.40", 4, "R-BREAKS"),
    ("A.8.41", 5, "R-NOTHING"),
    ("A.8.42", 6, "R-CHARTS"),
    ("A.8.43", 7, "R-NOTHING"),
    ("A.8.43", 7, "R-CLEAN"),
    ("A.8.44", 8, "R-NOTHING"),
]

# repo, rule, evaluated, failed, skipped, errors
RESULTS = [
    ("shop", "R-CLEAN", 3, 0, 0, 0),
    ("shop", "R-OPEN", 2, 1, 0, 0),
    ("shop", "R-SKIPS", 1, 0, 0, 0),
    ("shop", "R-BREAKS", 1, 0, 0, 0),
    ("depot", "R-CLEAN", 0, 0, 0, 0),
    ("shop", "R-NOTHING", 0, 0, 0, 0),
    ("depot", "R-NOTHING", 0, 0, 0, 0),
    ("shop", "R-CHARTS", 0, 0, 0, 0),
    ("depot", "R-CHARTS", 0, 0, 5, 0),
    ("depot", "R-OPEN", 4, 0, 0, 0),
    ("depot", "R-SKIPS", 1, 0, 1, 0),
    ("depot", "R-BREAKS", 1, 0, 0, 1),
]

STATUSES = {
    "shop": {
        "A.8.2": "fail", "A.8.10": "pass", "A.8.20": "not evaluated", "A.8.30": "pass", "A.8.40": "pass",
        "A.8.41": "not applicable", "A.8.42": "not applicable", "A.8.43": "pass", "A.8.44": "manual",
    },
    # What has nothing to judge takes nothing from what passes, and is no pass; nor is it where nobody looked.
    "depot": {
        "A.8.2": "pass", "A.8.10": "not applicable", "A.8.20": "not evaluated", "A.8.30": "not evaluated",
        "A.8.40": "error", "A.8.41": "not applicable", "A.8.42": "not evaluated", "A.8.43": "not applicable",
        "A.8.44": "manual",
    },
    # What depot holds nothing of takes nothing from shop's answer; what it skipped or broke on does.
    "": {
        "A.8.2": "fail", "A.8.10": "pass", "A.8.20": "not evaluated", "A.8.30": "not evaluated", "A.8.40": "error",
        "A.8.41": "not applicable", "A.8.42": "not evaluated", "A.8.43": "pass", "A.8.44": "manual",
    },
}  # fmt: skip


def run(repo: str, day: int = 1, *, status: str = "complete", parser_version: int = 4) -> dict[str, object]:
    """A run's row, as far as the views look at it."""
    return {
        "id": f"{repo}-{day}",
        "repo": repo,
        "status": status,
        "parser_version": parser_version,
        "started_at": at(9, day),
        "finished_at": at(9, day),
        "counts": {},
    }


@pytest.fixture(scope="module")
def cursor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database(tmp_path_factory.mktemp("compliance") / "a.duckdb", create=True) as database:
        insert(
            database.connection,
            "control",
            [
                {
                    "framework": "f",
                    "control": control,
                    "title": control.lower(),
                    "rule_id": rule,
                    "position": place,
                }
                for control, place, rule in CONTROLS
            ]
            + [
                {"framework": "f", "control": "A.8.44", "rule_id": "", "position": 8, "manual": "Say why."},
                {"framework": "f", "control": "A.8.50", "rule_id": "", "position": 9, "manual": "Show it."},
            ],
        )
        insert(database.connection, "run", [run("shop"), run("depot")])
        names = ("repo", "rule_id", "evaluated", "failed", "skipped", "errors")
        insert(database.connection, "rule_result", [dict(zip(names, row, strict=True)) for row in RESULTS])
        finding = {
            "repo": "shop",
            "rule_id": "R-OPEN",
            "source": "resource",
            "id": "1",
            "detected_at": at(9, 1),
        }
        insert(database.connection, "finding", [finding])
        yield database.cursor()


@pytest.mark.parametrize("repo", ["shop", "depot", ""])
def test_each_control_stands_once_in_its_framework_s_order(cursor, repo: str) -> None:
    found = framework_controls(cursor, "f", repo)
    assert [(row["control"], row["status"]) for row in found] == [
        *STATUSES[repo].items(),
        ("A.8.50", "manual"),
    ]
    assert found[-1]["manual"] == "Show it."
    assert [row["rules"] for row in found] == [2, 1, 1, 1, 1, 1, 1, 2, 1, 0]
    assert found[5]["not_applicable"] == 1
    assert found[7]["not_applicable"] == (2 if repo == "depot" else 1)
    saved = cursor.execute(saved_query("controls").sql, {"framework": "f", "repo": repo}).fetchall()
    assert [(row[0], row[2]) for row in saved] == [(row["control"], row["status"]) for row in found]
    assert [row[3] for row in saved] == [row["rules"] for row in found]
    assert [row[6] for row in saved] == [row["not_applicable"] for row in found]


@pytest.mark.parametrize(
    ("repo", "expected"),
    [
        ("shop", [("R-OPEN", "fail", 1, 2), ("R-CLEAN", "pass", 0, 3)]),
        ("depot", [("R-CLEAN", "not applicable", 0, 0), ("R-OPEN", "pass", 0, 4)]),
        ("", [("R-OPEN", "fail", 1, 6), ("R-CLEAN", "pass", 0, 3)]),
    ],
)
def test_the_rules_behind_a_control_count_what_the_repositories_hold(
    cursor, repo: str, expected: list
) -> None:
    found = control_rules(cursor, "f", "A.8.2", repo)
    assert [
        (row["rule_id"], row["status"], row["open_findings"], row["evaluated"]) for row in found
    ] == expected


def test_the_view_has_a_row_for_each_rule_of_a_control_in_each_repository(cursor) -> None:
    rows = cursor.execute("SELECT repo, count(*) FROM controls GROUP BY repo ORDER BY repo").fetchall()
    assert rows == [("depot", len(CONTROLS) + 2), ("shop", len(CONTROLS) + 2)]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([run("shop")], "not applicable"),
        ([run("shop", status="incomplete")], "not evaluated"),
        ([run("shop", 1, status="incomplete"), run("shop", 2)], "not applicable"),
        ([run("shop", 1), run("shop", 2, status="incomplete")], "not evaluated"),
        ([run("shop", parser_version=3)], "not evaluated"),  # wrote such rows for disabled rules too
        ([], "not evaluated"),
    ],
)
def test_nothing_to_judge_is_said_only_of_what_was_seen_whole(
    tmp_path: Path, runs: list[dict[str, object]], expected: str
) -> None:
    with open_database(tmp_path / "a.duckdb", create=True) as database:
        insert(database.connection, "control", [{"framework": "f", "control": "1", "rule_id": "R"}])
        insert(database.connection, "rule_result", [{"repo": "shop", "rule_id": "R", "evaluated": 0}])
        if runs:
            insert(database.connection, "run", runs)
        found = framework_controls(database.cursor(), "f")
    assert [row["status"] for row in found] == [expected]


def test_controls_are_there_before_anything_was_audited(tmp_path: Path) -> None:
    with open_database(tmp_path / "a.duckdb", create=True) as database:
        insert(database.connection, "control", [{"framework": "f", "control": "1", "rule_id": "R"}])
        found = framework_controls(database.cursor(), "f")
    assert [(row["control"], row["status"], row["rules"]) for row in found] == [("1", "not evaluated", 1)]
