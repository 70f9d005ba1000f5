"""Findings that are waived, advisory or of a history that is gone: apart, and counted by nothing that fails a control."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from store.seeded_trail import NOW, at, insert

from auditor.reports.build import build_report
from auditor.reports.formats import FORMATS
from auditor.reports.model import Report
from auditor.store.database import Database, open_database
from auditor.store.pages.compliance import framework_controls

RUN = {
    "id": "r1",
    "repo": "shop",
    "started_at": at(9, 30),
    "finished_at": at(9, 30),
    "status": "complete",
    "parser_version": 4,
    "counts": {},
}
CONTROLS = {"C.1": "R-WAIVED", "C.2": "R-LOST", "C.3": "R-ADVICE", "C.4": "R-MIXED", "C.5": "R-NOTHING"}


def finding(identity: str, rule: str, **others: Any) -> dict[str, Any]:
    """An open finding about a manifest, since the first of July."""
    return {
        "id": identity,
        "occurrence": 1,
        "repo": "shop",
        "rule_id": rule,
        "severity": "high",
        "source": "manifest",
        "environment": "live",
        "kind": "Deployment",
        "name": identity,
        "path": "apps/web.yaml",
        "message": f"says {rule}",
        "opened_at": at(7, 1),
        "opened_sha": "a" * 40,
        "detected_at": at(9, 1),
        **others,
    }


def waiver(rule: str, line: int, **others: Any) -> dict[str, Any]:
    """An entry of the file of waivers."""
    return {
        "repo": "shop",
        "source": "waiver",
        "path": ".auditor-waivers.yaml",
        "line": line,
        "rule": rule,
        "reason": f"because of {rule}",
        "owner": "the security team",
        "ticket": "SEC-1",
        **others,
    }


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "a.duckdb", create=True) as database:
        link = database.connection
        insert(link, "run", [RUN])
        insert(
            link,
            "control",
            [
                {"framework": "f", "control": control, "title": control, "rule_id": rule, "position": place}
                for place, (control, rule) in enumerate(CONTROLS.items())
            ],
        )
        insert(
            link, "rule", [{"rule_id": rule, "title": rule, "severity": "high"} for rule in CONTROLS.values()]
        )
        insert(
            link,
            "rule_result",
            [
                {"repo": "shop", "rule_id": rule, "evaluated": 0 if rule == "R-NOTHING" else 4, "failed": 0}
                for rule in CONTROLS.values()
            ],
        )
        insert(
            link,
            "finding",
            [
                finding("F-waived", "R-WAIVED"),
                finding("F-lost", "R-LOST", lost=True),
                finding("F-advice", "R-ADVICE", advisory=True),
                finding("F-open", "R-MIXED"),
                finding("F-late", "R-MIXED"),
                finding("F-ended", "R-MIXED"),
                finding("F-moved", "R-MIXED", source="change", lost=True),
            ],
        )
        insert(
            link,
            "waiver",
            [
                waiver("R-WAIVED", 1, granted=date(2026, 7, 2), expires=date(2099, 1, 1)),
                waiver("R-MIXED", 9, granted=date(2026, 10, 1), expires=date(2099, 1, 1)),
                waiver("R-MIXED", 17, granted=date(2026, 7, 2), expires=date(2026, 9, 1)),
                waiver("R-MIXED", 25),
            ],
        )
        fits = [
            ("F-waived", "R-WAIVED", 1),
            ("F-late", "R-MIXED", 9),
            ("F-ended", "R-MIXED", 17),
            ("F-moved", "R-MIXED", 25),
        ]
        insert(
            link,
            "waived",
            [
                {
                    "repo": "shop", "finding": name, "source": "waiver", "path": ".auditor-waivers.yaml", "line": line,
                    "rule": rule,
                }
                for name, rule, line in fits
            ],
        )  # fmt: skip
        yield database


def quarter(trail: Database) -> Report:
    return build_report(trail, "f", "2026-Q3", NOW)


def test_what_is_waived_advisory_or_of_a_lost_history_fails_no_control(trail: Database) -> None:
    report = quarter(trail)
    assert {control.control: control.status.value for control in report.controls} == {
        "C.1": "pass",
        "C.2": "pass",
        "C.3": "pass",
        "C.4": "fail",
        "C.5": "not applicable",
    }
    reasons = {control.control: control.rules[0].reason for control in report.controls}
    assert reasons["C.1"] == "4 objects evaluated; 1 finding waived"
    assert reasons["C.2"] == "4 objects evaluated; 1 finding in a history that is gone"
    assert reasons["C.3"] == "4 objects evaluated; 1 advisory finding open"
    assert reasons["C.5"] == "nothing in the repository for it to judge"


def test_each_finding_is_in_one_number(trail: Database) -> None:
    counts = quarter(trail).counts
    # Open: F-open, F-late (waived after the period), F-ended (waived before its end), F-moved (a change stays one).
    assert (counts.open_at_end, counts.waived, counts.advisory, counts.lost, counts.fixed) == (4, 1, 1, 1, 0)
    assert counts.opened == counts.open_at_end + counts.waived + counts.advisory


def test_waivers_are_those_of_the_last_day_of_the_evidence(trail: Database) -> None:
    assert [(one.id, [w.line for w in one.waivers]) for one in quarter(trail).waived] == [("F-waived", [1])]
    august = build_report(trail, "f", "2026-08", NOW)
    assert [one.id for one in august.waived] == ["F-ended", "F-waived"]
    before = build_report(trail, "f", "2026-07-01..2026-07-01", NOW)
    assert before.waived == ()
    assert before.counts.open_at_end == 5


def test_the_report_says_who_accepted_what_until_when(trail: Database) -> None:
    report = quarter(trail)
    assert [one.id for one in report.lost] == ["F-lost"]
    for name, form in FORMATS.items():
        text = form.render(report).decode()
        for said in ("the security team", "because of R-WAIVED", "2026-07-02", "before 2099-01-01", "SEC-1"):
            assert said in text, (name, said)
        assert "because of R-MIXED" not in text
        assert "history is gone" in text


def test_the_page_and_the_report_say_the_same_of_what_is_so_now(trail: Database) -> None:
    report = build_report(trail, "f", "", NOW)
    with trail.cursor() as cursor:
        pages = {row["control"]: row["status"] for row in framework_controls(cursor, "f")}
    assert pages == {control.control: control.status.value for control in report.controls}
