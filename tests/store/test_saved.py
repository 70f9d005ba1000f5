"""Each saved query against answers worked out by hand from `seeded_trail`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from store.seeded_trail import HOSTILE_NAME, HOSTILE_SUBJECT, NOW, seed, sha

from auditor.errors import QueryError, UsageError
from auditor.store.saved import parse, parse_parameters, run_saved, saved_queries, saved_query

MALLORY = f"{HOSTILE_NAME} <mallory@example.com>"
ADA = "Ada <ada@example.com>"
BEN = "Ben <ben@example.com>"
IMAGE = "spec.template.spec.containers[name=web].image"

# query, parameters, columns to look at, expected rows
ANSWERS: list[tuple[str, dict[str, str], str, list[tuple[Any, ...]]]] = [
    (
        "open-findings",
        {},
        "severity rule_id name opened_by",
        [
            ("critical", "AUD-SEC-0001", "db", MALLORY),
            ("high", "AUD-K8S-0001", "web", ADA),
            ("high", "AUD-K8S-0001", "worker", ADA),
            ("medium", "AUD-K8S-0003", "web", "fluxbot <flux@example.com>"),
            ("medium", "AUD-K8S-0003", "cache", ""),
        ],
    ),
    ("open-findings", {"severity": "critical"}, "name", [("db",)]),
    (
        "findings-by-rule",
        {},
        "rule_id open fixed",
        [
            ("AUD-K8S-0001", 2, 1),
            ("AUD-K8S-0003", 2, 0),
            ("AUD-SEC-0001", 1, 1),
            ("AUD-K8S-0004", 0, 1),
        ],
    ),
    ("oldest-open-findings", {}, "name", [("web",), ("db",), ("web",), ("worker",)]),
    ("oldest-open-findings", {"limit": "1"}, "name opened_sha", [("web", sha("a"))]),
    (
        "time-to-fix",
        {},
        "severity fixed median_days longest_days still_open",
        [
            ("critical", 1, 13.0, 13.0, 1),
            ("high", 1, 71.0, 71.0, 2),
            ("medium", 0, None, None, 2),
            ("low", 1, 40.0, 40.0, 0),
        ],
    ),
    (
        "direct-pushes",
        {},
        "sha author_name subject",
        [(sha("c"), "Ben", "Add credentials"), (sha("e"), HOSTILE_NAME, HOSTILE_SUBJECT)],
    ),
    ("direct-pushes", {"since": "2026-07-03"}, "sha", [(sha("e"),)]),
    ("direct-pushes", {"until": "2026-07-03"}, "sha", [(sha("c"),)]),
    ("direct-pushes", {"since": "2026-07-02T14:00:01+02:00", "until": "2026-08-05"}, "sha", []),
    (
        "who-changed",
        {"kind": "Deployment", "name": "web"},
        "sha change author_name fields",
        [
            (sha("a"), "added", "Ada", None),
            (sha("d"), "modified", "renovate[bot]", [IMAGE]),
            (sha("7"), "modified", "fluxbot", ["spec.replicas", IMAGE]),
        ],
    ),
    (
        "who-changed",
        {"kind": "Deployment", "name": "api", "namespace": "shop", "environment": "production"},
        "sha landed author_name pull_request",
        [(sha("1"), False, "Ben", ""), (sha("b"), True, "Ada", "1"), (sha("f"), True, "Ben", "3")],
    ),
    ("who-changed", {"kind": "Deployment", "name": "api", "namespace": "other"}, "sha", []),
    (
        "bot-activity",
        {},
        "actor_kind author_name commits landed_without_request",
        [("bot", "renovate[bot]", 1, 0), ("automation", "fluxbot", 1, 1)],
    ),
    (
        "busiest-people",
        {},
        "author_email commits landed direct_pushes",
        [("ada@example.com", 3, 3, 0), ("ben@example.com", 3, 2, 1), ("mallory@example.com", 1, 1, 1)],
    ),
    (
        "unsigned-commits",
        {},
        "sha landed",
        [(sha("7"), True), (sha("c"), True), (sha("1"), False), (sha("a"), True)],
    ),
    (
        "drift-unauthorised",
        {},
        "name pointer declared live actor",
        [("web", "spec.replicas", "2", "5", "eve")],
    ),
    (
        "reverts",
        {},
        "sha reverted_sha reverted_author days_between",
        [(sha("f"), sha("e"), HOSTILE_NAME, 15.0)],
    ),
    (
        "secrets-in-git",
        {},
        "state name opened_sha fixed_sha",
        [("fixed", "db", sha("c"), sha("d")), ("open", "db", sha("e"), "")],
    ),
    (
        "changes-by-month",
        {},
        "month landed by_people by_bots by_automation direct_pushes",
        [
            ("2026-05", 1, 1, 0, 0, 0),
            ("2026-06", 1, 1, 0, 0, 0),
            ("2026-07", 2, 1, 1, 0, 1),
            ("2026-08", 2, 2, 0, 0, 1),
            ("2026-09", 1, 0, 0, 1, 0),
            ("2026-10", 1, 1, 0, 0, 0),
        ],
    ),
    ("as-of", {"at": "2026-08-10"}, "name", [("db",), ("web",), ("api",)]),
    ("as-of", {"at": "2026-07-15T11:59:59Z"}, "name", [("db",), ("web",), ("api",)]),
    ("as-of", {"at": "2026-07-15T12:00:00Z"}, "name", [("web",), ("api",)]),
    ("as-of", {"at": "2026-04-30"}, "name", []),
    (
        "not-evaluated",
        {},
        "outcome subject occurrences",
        [
            ("error", "AUD-K8S-0006", 1),
            ("skipped", "render", 2),
            ("not evaluated", "AUD-K8S-0007", 0),
            ("not evaluated", "AUD-K8S-0008", 0),
        ],
    ),
]


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed(tmp_path_factory.mktemp("trail") / "audit.duckdb")


@pytest.mark.parametrize(("name", "parameters", "columns", "expected"), ANSWERS)
def test_answers(
    trail: Path, name: str, parameters: dict[str, str], columns: str, expected: list[tuple[Any, ...]]
) -> None:
    result = run_saved(trail, name, parameters=parameters, now=NOW)
    assert [tuple(row[column] for column in columns.split()) for row in result.table.to_pylist()] == expected


def test_every_saved_query_has_an_answer_here() -> None:
    assert {name for name, *_ in ANSWERS} == set(saved_queries())


def test_a_header_says_what_a_query_answers_and_takes() -> None:
    query = saved_query("oldest-open-findings")
    assert query.title == "Oldest open findings"
    assert query.description.startswith("What has been wrong for longest.")
    assert [(p.name, p.default, p.description) for p in query.parameters] == [
        ("limit", "20", "how many to show")
    ]
    assert [p.default for p in saved_query("who-changed").parameters] == [None, None, "", ""]


def test_parameters_are_checked_before_anything_runs(trail: Path) -> None:
    with pytest.raises(QueryError, match="needs a value for kind, name"):
        run_saved(trail, "who-changed")
    with pytest.raises(QueryError, match="has no parameter colour"):
        run_saved(trail, "open-findings", parameters={"colour": "red"})
    with pytest.raises(UsageError, match="open-findings"):
        saved_query("open-finding")


def test_a_parameter_is_a_value_never_sql(trail: Path) -> None:
    hostile = "x' OR true; DROP TABLE commits --"
    result = run_saved(trail, "who-changed", parameters={"kind": hostile, "name": hostile})
    assert result.table.num_rows == 0


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("as-of", {"at": "yesterday"}, "Conversion Error.*yesterday"),
        ("oldest-open-findings", {"limit": "many"}, "Conversion Error.*many"),
        ("open-findings", {"severity": "terrible"}, "severity is low, medium, high or critical"),
    ],
)
def test_a_value_that_does_not_fit_is_named(
    trail: Path, name: str, parameters: dict[str, str], message: str
) -> None:
    with pytest.raises(QueryError, match=message):
        run_saved(trail, name, parameters=parameters)


def test_param_texts() -> None:
    assert parse_parameters(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for wrong in ("a", "=1", "a b=1"):
        with pytest.raises(UsageError, match="not name=value"):
            parse_parameters([wrong])
    with pytest.raises(UsageError, match="given twice"):
        parse_parameters(["a=1", "a=2"])


def test_a_header_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        parse("x", "-- title: X\n-- description: Y\n-- oops\nSELECT 1")
    with pytest.raises(ValueError, match="no description"):
        parse("x", "-- title: X\nSELECT 1")
