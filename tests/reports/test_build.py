"""The report's numbers against answers worked out by hand from `seeded_trail`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from store.seeded_trail import NOW, at, insert, seed, sha

from auditor.errors import UsageError
from auditor.reports.build import build_report, control_status
from auditor.reports.model import Report, Status
from auditor.reports.period import parse_period
from auditor.store.database import Database, open_database


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(seed(tmp_path_factory.mktemp("trail") / "audit.duckdb"), read_only=True) as database:
        yield database


@pytest.fixture(scope="module")
def quarter(trail: Database) -> Report:
    return build_report(trail, "soc2", parse_period("2026-Q3"), NOW)


def test_each_control_has_the_status_of_its_worst_rule(quarter: Report) -> None:
    assert [(control.control, control.status.value, control.answered) for control in quarter.controls] == [
        ("CC1.1", "manual", 0),
        ("CC6.1", "fail", 2),
        ("CC6.2", "not evaluated", 1),
        ("CC6.8", "not evaluated", 1),
        ("CC7.1", "error", 1),
        ("CC7.2", "not evaluated", 0),
        ("CC8.1", "fail", 2),
        ("CC8.10", "not evaluated", 0),
        ("CC9.2", "pass", 1),
    ]
    assert quarter.by_status == {
        Status.FAIL: 2,
        Status.ERROR: 1,
        Status.NOT_EVALUATED: 4,
        Status.PASS: 1,
        Status.MANUAL: 1,
        Status.NOT_APPLICABLE: 0,
    }


@pytest.mark.parametrize("others", [(Status.PASS,), (Status.PASS, Status.PASS, Status.PASS)])
@pytest.mark.parametrize("bad", [Status.FAIL, Status.ERROR, Status.NOT_EVALUATED])
def test_nothing_but_passes_makes_a_pass(bad: Status, others: tuple[Status, ...]) -> None:
    assert control_status(others) is Status.PASS
    assert control_status([*others, bad]) is bad
    assert control_status([bad, *others]) is bad
    assert control_status([Status.NOT_APPLICABLE, *others, bad], "Look.") is bad
    assert control_status([]) is Status.MANUAL


def test_nothing_to_judge_takes_nothing_from_a_pass_and_is_none() -> None:
    assert control_status([Status.NOT_APPLICABLE, Status.PASS]) is Status.PASS
    assert control_status([Status.NOT_APPLICABLE, Status.PASS], "Look.") is Status.PASS
    assert control_status([Status.NOT_APPLICABLE, Status.NOT_APPLICABLE]) is Status.NOT_APPLICABLE
    assert control_status([Status.NOT_APPLICABLE], "Look.") is Status.MANUAL


def test_each_rule_says_why(quarter: Report) -> None:
    reasons = {
        rule.rule.rule_id: (rule.status.value, rule.reason)
        for control in quarter.controls
        for rule in control.rules
    }
    assert reasons == {
        "AUD-K8S-0001": ("fail", "1 finding open at the end of the period"),
        "AUD-SEC-0001": ("fail", "1 finding open at the end of the period"),
        "AUD-K8S-0003": ("fail", "2 findings open at the end of the period"),
        "AUD-K8S-0004": ("pass", "4 objects evaluated"),
        "AUD-K8S-0005": ("pass", "4 objects evaluated"),
        "AUD-K8S-0006": ("error", "1 object could not be evaluated"),
        "AUD-K8S-0007": (
            "not evaluated",
            "nothing to judge was seen, and the last run did not see everything",
        ),
        "AUD-K8S-0008": ("not evaluated", "the last run says nothing about this rule"),
        "AUD-K8S-0009": ("not evaluated", "90 objects skipped, 9 objects evaluated without an open finding"),
    }


@pytest.mark.parametrize(
    ("period", "start", "opened", "fixed", "end", "median"),
    [
        # f1 May 1-, f2 Jun 10-Aug 20, f3 Jul 2-Jul 15 and Aug 5-, f5 Sep 30-, f6 unknown-, f7 Oct 2-, f8 May 1-Jun 10
        ("2026-Q3", 2, 3, 2, 4, 42.0),
        ("2026-Q2", 0, 3, 1, 3, 40.0),
        ("2026-07", 2, 1, 1, 3, 13.0),
        ("2026-08", 2, 1, 1, 3, 71.0),
        ("2026-09", 2, 1, 0, 4, None),
        ("2026-Q4", 3, 1, 0, 5, None),
        ("2026", 0, 7, 3, 5, 40.0),
        ("2025", 0, 0, 0, 1, None),
    ],
)
def test_findings_are_counted_for_the_period(
    trail: Database, period: str, start: int, opened: int, fixed: int, end: int, median: float | None
) -> None:
    counts = build_report(trail, "soc2", parse_period(period), NOW).counts
    assert (counts.open_at_start, counts.opened, counts.fixed, counts.open_at_end) == (
        start,
        opened,
        fixed,
        end,
    )
    assert counts.median_days == median
    assert counts.unknown == 1
    assert counts.open_at_start + counts.opened + counts.unknown - counts.fixed == counts.open_at_end


def test_a_finding_fixed_after_the_period_was_open_when_it_ended(trail: Database) -> None:
    report = build_report(trail, "soc2", parse_period("2026-07"), NOW)
    control = next(control for control in report.controls if control.control == "CC6.1")
    assert [(f.name, f.occurrence) for f in control.findings] == [("db", 1), ("web", 1), ("api", 1)]
    assert control.counts.open_at_end == 2


def test_the_population_of_the_quarter(quarter: Report) -> None:
    population = quarter.population
    assert (population.landed, population.not_landed) == (5, 0)
    assert [(a.actor_kind, a.landed, a.merges, a.without_request) for a in population.by_actor] == [
        ("person", 3, 0, 2),
        ("automation", 1, 0, 1),
        ("bot", 1, 0, 0),
    ]
    assert population.signatures == {"unchecked": 3, "none": 2}
    assert [commit.sha for commit in population.direct_pushes] == [sha("c"), sha("e")]
    assert (population.first_at, population.last_at) == (at(7, 2), at(9, 30, 23, 30))
    ids = "".join(sha(letter) + "\n" for letter in "7cdef")
    assert population.digest == hashlib.sha256(ids.encode()).hexdigest()


def test_the_last_instant_of_a_period_belongs_to_it_and_the_first_of_the_next_does_not(
    trail: Database,
) -> None:
    assert build_report(trail, "soc2", parse_period("2026-09-30..2026-09-30"), NOW).population.landed == 1
    assert build_report(trail, "soc2", parse_period("2026-10-01..2026-10-01"), NOW).population.landed == 0


def test_what_was_audited_is_the_last_run_and_its_gaps(quarter: Report) -> None:
    (run,) = quarter.runs
    assert (run.id, run.tip, run.status, run.engine, run.engine_version) == (
        "r2", sha("8"), "incomplete", "opa", "1.22.2",
    )  # fmt: skip
    assert (run.runs_in_period, run.incomplete_in_period) == (1, 0)
    assert [(gap.outcome, gap.subject, gap.occurrences) for gap in quarter.gaps] == [
        ("error", "AUD-K8S-0006", 1),
        ("skipped", "render", 2),
    ]
    assert not quarter.complete
    assert quarter.checkpoint is None


def test_drift_is_that_seen_in_the_period_once_each(trail: Database, quarter: Report) -> None:
    assert quarter.drift_by_verdict == {"unauthorised": 1}
    year = build_report(trail, "soc2", parse_period("2026"), NOW)
    assert year.drift_by_verdict == {
        "unauthorised": 1, "deleted": 1, "added": 1, "stale": 1, "unpruned": 1, "orphan": 1, "unmanaged": 1,
    }  # fmt: skip
    assert (year.drift[0].first_seen_at, year.drift[0].last_seen_at) == (at(9, 1), at(10, 5))


def test_the_reader_is_warned_first(trail: Database, quarter: Report) -> None:
    assert len(quarter.notices) == 1
    assert "The last run over shop is incomplete" in quarter.notices[0]
    running = build_report(trail, "soc2", parse_period("2026-Q4"), NOW)
    assert any(
        "The period is not over: this report speaks of it until 2026-10-06 08:00 UTC" in n
        for n in running.notices
    )
    assert any("finished at 2026-10-05 12:01 UTC, before the period ended" in n for n in running.notices)
    assert running.covered_until == at(10, 5, 12, 1)
    assert any(
        "No commit landed" in n for n in build_report(trail, "soc2", parse_period("2025"), NOW).notices
    )


def test_without_a_period_it_is_all_that_is_recorded(trail: Database) -> None:
    report = build_report(trail, "soc2", None, NOW)
    assert build_report(trail, "soc2", "", NOW) == report
    assert report.period.start == at(5, 1)
    assert report.population.landed == 8
    assert not any("not over" in notice for notice in report.notices)


def test_another_framework_and_none(trail: Database) -> None:
    (control,) = build_report(trail, "iso27001", parse_period("2026-Q3"), NOW).controls
    assert (control.control, control.status) == ("A.8.32", Status.FAIL)
    with pytest.raises(UsageError, match="'hipaa'") as caught:
        build_report(trail, "hipaa", None, NOW)
    assert "iso27001, soc2" in str(caught.value)


def test_a_period_may_be_given_as_text(trail: Database, quarter: Report) -> None:
    assert build_report(trail, "soc2", "2026-Q3", NOW) == quarter
    with pytest.raises(UsageError, match="'Q3' is not a period"):
        build_report(trail, "soc2", "Q3", NOW)


def test_a_period_that_has_not_begun_is_refused(trail: Database) -> None:
    with pytest.raises(UsageError, match="has not begun"):
        build_report(trail, "soc2", parse_period("2027"), NOW)


def test_an_empty_database_is_said_to_be_unscanned(tmp_path: Path) -> None:
    with (
        open_database(tmp_path / "new.duckdb", create=True) as database,
        pytest.raises(UsageError, match="auditor scan"),
    ):
        build_report(database, "soc2", None, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_manifest_names_tips_and_digest_that_git_would_give(quarter: Report) -> None:
    (manifest,) = quarter.manifests
    ids = sorted(sha(commit) for commit in "cdef7")
    assert (manifest.landed, manifest.old_tip, manifest.new_tip) == (5, sha("b"), sha("7"))
    assert manifest.unbroken
    assert manifest.digest_of_ids == hashlib.sha256("".join(f"{one}\n" for one in ids).encode()).hexdigest()
    assert manifest.digest_of_ids == quarter.population.digest


def test_every_recorded_commit_is_counted_once(quarter: Report) -> None:
    assert [(row.commits, row.reason.partition(":")[0]) for row in quarter.exclusions] == [
        (5, "in the population"),
        (3, "excluded"),
        (1, "excluded"),
    ]


def test_without_log_checkpoint_and_forge_nothing_is_claimed(quarter: Report) -> None:
    assert (quarter.integrity.records, quarter.integrity.unsigned, quarter.integrity.root) == (0, 0, "")
    assert quarter.integrity.requests == {"not confirmed by a forge": 5}
    assert any("No forge" in limit for limit in quarter.limits)


def test_a_log_its_checkpoint_a_forge_and_a_rewritten_branch_are_told(tmp_path: Path) -> None:
    with open_database(seed(tmp_path / "audit.duckdb")) as database:
        run = database.connection
        insert(
            run,
            "tree_head",
            [
                {"size": size, "root": b"\xab" * 32, "frontier": b"", "recorded_at": at(9, 1)}
                for size in (70, 100)
            ],
        )
        insert(run, "checkpoint", [{"size": 70, "root": "q80=", "signed_at": at(9, 1)}])
        insert(
            run,
            "ref_observation",
            [{"repo": "shop", "ref": "refs/heads/main", "move": "rewritten"} | {"seen_at": at(9, 1)}],
        )
        insert(run, "commit_loss", [{"repo": "shop", "sha": sha("1"), "lost": True, "seen_at": at(9, 1)}])
        unit = {"repo": "shop", "sha": sha("d"), "forge": "gitea", "number": 2, "confirmed": "confirmed"}
        insert(run, "change_unit", [unit | {"decided_at": at(9, 1)}])
        report = build_report(database, "soc2", parse_period("2026-Q3"), NOW)
    known = report.integrity
    assert (known.records, known.unsigned, known.root, known.lost) == (100, 30, "ab" * 32, 1)
    assert known.requests == {"confirmed": 1, "not confirmed by a forge": 4}
    assert known.rewritten == {"rewritten": 1}
    assert any("History was rewritten" in notice for notice in report.notices)
    assert not any("No forge" in limit for limit in report.limits)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The same trail twice, as `shop` and as `depot`; in depot nothing was ever found and one rule never asked."""
    with open_database(seed(tmp_path_factory.mktemp("two") / "audit.duckdb")) as database:
        run = database.connection
        tables = run.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'trail' AND column_name = 'repo'"
            " AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')"
        ).fetchall()
        for (table,) in tables:
            if table != "finding":
                run.execute(
                    f"INSERT INTO trail.{table} SELECT * REPLACE ('depot' AS repo) FROM trail.{table}"
                )
        run.execute("DELETE FROM trail.rule_result WHERE repo = 'depot' AND rule_id = 'AUD-K8S-0004'")
        yield database


def test_a_report_on_one_repository_says_what_it_said_when_that_was_all(
    two: Database, quarter: Report, trail: Database
) -> None:
    alone = build_report(two, "soc2", parse_period("2026-Q3"), NOW, repo="shop")
    assert replace(alone, repo="") == quarter
    whole = build_report(two, "soc2", None, NOW, repo="shop")
    assert replace(whole, repo="") == build_report(trail, "soc2", None, NOW)


def test_what_one_repository_did_is_not_held_against_another(two: Database, quarter: Report) -> None:
    depot = build_report(two, "soc2", parse_period("2026-Q3"), NOW, repo="depot")
    assert depot.repo == "depot"
    assert {run.repo for run in depot.runs} == {"depot"}
    assert {row.repo for row in (*depot.drift, *depot.manifests, *depot.exclusions, *depot.gaps)} == {"depot"}
    assert (depot.counts.open_at_end, depot.counts.opened) == (0, 0)
    assert depot.population.landed == quarter.population.landed
    statuses = {control.control: control.status for control in depot.controls}
    assert Status.FAIL not in statuses.values()
    assert statuses["CC8.1"] is Status.NOT_EVALUATED
    together = build_report(two, "soc2", parse_period("2026-Q3"), NOW)
    assert together.repo == ""
    assert together.population.landed == 2 * quarter.population.landed
    assert {control.control: control.status for control in together.controls}["CC8.1"] is Status.FAIL


def test_a_repository_that_no_run_was_over_is_refused(two: Database) -> None:
    with pytest.raises(UsageError, match="'shed'") as caught:
        build_report(two, "soc2", None, NOW, repo="shed")
    assert "there is depot, shop" in str(caught.value)


def test_controls_stand_in_the_order_of_their_framework(tmp_path: Path) -> None:
    with open_database(seed(tmp_path / "audit.duckdb")) as database:
        rows = [("two-party-review", 2), ("choose-scs", 0), ("history", 1)]
        insert(
            database.connection,
            "control",
            [{"framework": "slsa-source", "control": control, "position": place} for control, place in rows],
        )
        report = build_report(database, "slsa-source", None, NOW)
    assert [control.control for control in report.controls] == ["choose-scs", "history", "two-party-review"]
    assert (report.framework_title, report.text) == ("slsa-source", None)


def test_a_report_says_which_text_it_follows_and_how_many_controls_need_people(quarter: Report) -> None:
    assert quarter.text is not None
    assert (quarter.framework_title, quarter.text.version) == ("SOC 2 (Trust Services Criteria)", "2017")
    # CC1.1 is for people alone, CC8.1 for rules and people.
    assert quarter.needing_people == 2
