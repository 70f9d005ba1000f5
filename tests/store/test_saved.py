"""Each saved query against answers worked out by hand from `seeded_trail`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from store.seeded_trail import HOSTILE_NAME, HOSTILE_SUBJECT, NOW, seed, sha

from auditor.errors import QueryError, UsageError
from auditor.store.saved import (
    grouped_queries,
    parse,
    parse_parameters,
    run_saved,
    saved_queries,
    saved_query,
)

MALLORY = f"{HOSTILE_NAME} <mallory@example.com>"
ADA = "Ada <ada@example.com>"
BEN = "Ben <ben@example.com>"
IMAGE = "spec.template.spec.containers[name=web].image"


def digest(commits: str) -> str:
    """SHA-256 over the sorted ids of the commits, each followed by a newline."""
    return hashlib.sha256("".join(sorted(sha(commit) + "\n" for commit in commits)).encode()).hexdigest()


def drawn(seed_text: str, commits: str) -> list[str]:
    """The commits' ids in the order in which the seed draws them."""
    ids = [sha(commit) for commit in commits]
    return sorted(
        ids, key=lambda one: hashlib.md5(f"{seed_text} {one}".encode(), usedforsecurity=False).hexdigest()
    )


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
        "sha change author_name pointer old_value new_value",
        [
            (sha("a"), "added", "Ada", "", None, None),
            (sha("d"), "modified", "renovate[bot]", IMAGE, '"web:1.1"', '"web:1.2"'),
            (sha("7"), "modified", "fluxbot", "spec.replicas", "1", "2"),
            (sha("7"), "modified", "fluxbot", IMAGE, '"web:1.2"', '"web:latest"'),
        ],
    ),
    (
        "who-changed",
        {"kind": "Deployment", "name": "api", "namespace": "shop", "environment": "production"},
        "sha landed_sha author_name landed_by pull_request",
        [(sha("1"), sha("b"), "Ben", "Ada", "1"), (sha("f"), sha("f"), "Ben", "Ben", "3")],
    ),
    ("who-changed", {"kind": "Deployment", "name": "api", "namespace": "other"}, "sha", []),
    (
        "population",
        {},
        "landed merges by_people by_programs naming_a_request old_tip new_tip unbroken digest_of_ids",
        [(8, 1, 6, 2, 4, "", sha("8"), True, digest("abcdef78"))],
    ),
    (
        "population",
        {"since": "2026-07-01", "until": "2026-10-01"},
        "landed merges by_people by_programs naming_a_request old_tip new_tip unbroken digest_of_ids",
        [(5, 0, 3, 2, 2, sha("b"), sha("7"), True, digest("cdef7"))],
    ),
    ("population", {"since": "2027-01-01"}, "landed", []),
    (
        "population-exclusions",
        {"since": "2026-07-01", "until": "2026-10-01"},
        "reason commits",
        [
            ("in the population", 5),
            ("excluded: landed before or after the period", 3),
            ("excluded: of a side branch, counted with the commit that brought it in", 1),
        ],
    ),
    (
        "changes",
        {"since": "2026-09-01"},
        "sha author_name committer_name resources environments",
        [(sha("7"), "fluxbot", "fluxbot", 1, "production"), (sha("8"), "Ada", "GitHub", 1, "production")],
    ),
    ("sample", {"seed": "7", "size": "3"}, "draw sha", list(enumerate(drawn("7", "abcdef78")[:3], 1))),
    (
        "sample",
        {"seed": "8", "since": "2026-07-01", "until": "2026-10-01"},
        "sha",
        [(i,) for i in drawn("8", "cdef7")],
    ),
    (
        "committers",
        {},
        "author_email commits landed_directly with_good_signature",
        [
            ("ada@example.com", 3, 0, 0),
            ("ben@example.com", 3, 1, 0),
            ("bot@example.com", 1, 0, 0),
            ("flux@example.com", 1, 1, 0),
            ("mallory@example.com", 1, 1, 0),
        ],
    ),
    (
        "signatures",
        {},
        "month landed good unsigned unchecked not_good",
        [
            ("2026-05", 1, 0, 1, 0, 0),
            ("2026-06", 1, 0, 0, 1, 0),
            ("2026-07", 2, 0, 1, 1, 0),
            ("2026-08", 2, 0, 0, 2, 0),
            ("2026-09", 1, 0, 1, 0, 0),
            ("2026-10", 1, 0, 0, 1, 0),
        ],
    ),
    (
        "open-over-time",
        {},
        "month critical high medium low",
        [
            ("2026-05", 0, 1, 0, 1),
            ("2026-06", 0, 2, 0, 0),
            ("2026-07", 0, 2, 0, 0),
            ("2026-08", 1, 1, 0, 0),
            ("2026-09", 1, 1, 1, 0),
            ("2026-10", 1, 2, 1, 0),
        ],
    ),
    (
        "drift-by-verdict",
        {},
        "verdict differences with_known_actor",
        [
            ("added", 1, 1),
            ("deleted", 1, 0),
            ("orphan", 1, 1),
            ("stale", 1, 0),
            ("unauthorised", 1, 1),
            ("unmanaged", 1, 0),
            ("unpruned", 1, 0),
        ],
    ),
    ("runs", {}, "id status tip", [("r1", "complete", sha("f")), ("r2", "incomplete", sha("8"))]),
    (
        "controls",
        {"framework": "iso27001"},
        "control status rules failing open_findings",
        [("A.8.32", "fail", 1, 1, 2)],
    ),
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
    ("findings-as-of", {"at": "2026-08-10"}, "name", [("db",), ("web",), ("api",)]),
    ("findings-as-of", {"at": "2026-07-15T11:59:59Z"}, "name", [("db",), ("web",), ("api",)]),
    ("findings-as-of", {"at": "2026-07-15T12:00:00Z"}, "name", [("web",), ("api",)]),
    ("findings-as-of", {"at": "2026-04-30"}, "name", []),
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
    from store.test_field_questions import ANSWERS as ABOUT_FIELDS

    about_images = {
        "images-by-registry",
        "images-unpinned",
        "image-history",
        "image-policies-missing",
    }  # in pipeline/test_scanned_images.py
    assert {name for name, *_ in (*ANSWERS, *ABOUT_FIELDS)} | about_images == set(saved_queries())


def test_a_header_says_what_a_query_answers_and_takes() -> None:
    query = saved_query("oldest-open-findings")
    assert query.title == "Oldest open findings"
    assert query.description.startswith("What has been wrong for longest.")
    assert [(p.name, p.default, p.description) for p in query.parameters] == [
        ("limit", "20", "how many to show")
    ]
    assert [p.default for p in saved_query("who-set-now").parameters] == [None, None, "", "", ""]


def test_parameters_are_checked_before_anything_runs(trail: Path) -> None:
    with pytest.raises(QueryError, match="needs a value for kind, name"):
        run_saved(trail, "who-set-now")
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
        ("findings-as-of", {"at": "yesterday"}, "Conversion Error.*yesterday"),
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
    with pytest.raises(ValueError, match="no description and no group"):
        parse("x", "-- title: X\nSELECT 1")
    with pytest.raises(ValueError, match="none of GROUPS"):
        parse("x", "-- title: X\n-- group: colours\n-- description: Y\nSELECT 1")


def test_every_query_is_listed_in_one_group() -> None:
    listed = [query.name for queries in grouped_queries().values() for query in queries]
    assert sorted(listed) == sorted(saved_queries())
    assert all(grouped_queries().values())
