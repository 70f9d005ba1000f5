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
]

# repo, rule, evaluated, failed, skipped, errors
RESULTS = [
    ("shop", "R-CLEAN", 3, 0, 0, 0),
    ("shop", "R-OPEN", 2, 1, 0, 0),
    ("shop", "R-SKIPS", 1, 0, 0, 0),
    ("shop", "R-BREAKS", 1, 0, 0, 0),
    ("depot", "R-CLEAN", 0, 0, 0, 0),
    ("depot", "R-OPEN", 4, 0, 0, 0),
    ("depot", "R-SKIPS", 1, 0, 1, 0),
    ("depot", "R-BREAKS", 1, 0, 0, 1),
]

STATUSES = {
    "shop": {"A.8.2": "fail", "A.8.10": "pass", "A.8.20": "not evaluated", "A.8.30": "pass", "A.8.40": "pass"},
    "depot": {
        "A.8.2": "not evaluated", "A.8.10": "not evaluated", "A.8.20": "not evaluated", "A.8.30": "not evaluated",
        "A.8.40": "error",
    },
    # What depot holds nothing of takes nothing from shop's answer; what it skipped or broke on does.
    "": {
        "A.8.2": "fail", "A.8.10": "pass", "A.8.20": "not evaluated", "A.8.30": "not evaluated", "A.8.40": "error",
    },
}  # fmt: skip


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
            + [{"framework": "f", "control": "A.8.50", "rule_id": "", "position": 5, "manual": "Show it."}],
        )
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
    assert [row["rules"] for row in found] == [2, 1, 1, 1, 1, 0]
    saved = cursor.execute(saved_query("controls").sql, {"framework": "f", "repo": repo}).fetchall()
    assert [(row[0], row[2]) for row in saved] == [(row["control"], row["status"]) for row in found]
    assert [row[3] for row in saved] == [row["rules"] for row in found]


@pytest.mark.parametrize(
    ("repo", "expected"),
    [
        ("shop", [("R-OPEN", "fail", 1, 2), ("R-CLEAN", "pass", 0, 3)]),
        ("depot", [("R-CLEAN", "not evaluated", 0, 0), ("R-OPEN", "pass", 0, 4)]),
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
    assert rows == [("depot", len(CONTROLS) + 1), ("shop", len(CONTROLS) + 1)]


def test_controls_are_there_before_anything_was_audited(tmp_path: Path) -> None:
    with open_database(tmp_path / "a.duckdb", create=True) as database:
        insert(database.connection, "control", [{"framework": "f", "control": "1", "rule_id": "R"}])
        found = framework_controls(database.cursor(), "f")
    assert [(row["control"], row["status"], row["rules"]) for row in found] == [("1", "not evaluated", 1)]
