"""What a newcomer sees, word for word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from cli.command import Run
from syrupy.assertion import SnapshotAssertion


def test_the_summary_is_as_recorded(demo_folder: Path, snapshot: SnapshotAssertion, capsys: Any) -> None:
    from datetime import UTC, datetime

    from rich.console import Console

    from auditor.cli.demo import tell
    from auditor.demo import build_demo

    demo = build_demo(demo_folder, now=lambda: datetime(2026, 11, 2, tzinfo=UTC), engine="embedded")
    console = Console(markup=False, highlight=False, width=140, no_color=True)
    tell(demo, console)
    text = capsys.readouterr().out.replace(str(demo_folder), "FOLDER")
    assert text == snapshot


def test_what_the_story_holds_is_found(demo_folder: Path, run: Run) -> None:
    """The findings of the sample's story: who brought it in, who fixed it, after how many days."""
    database = demo_folder / "audit.duckdb"
    sql = (
        "SELECT rule_id, name, split_part(opened_by, ' <', 1) AS opened_by, split_part(fixed_by, ' <', 1) AS fixed_by,"
        " days_open FROM findings WHERE state = 'fixed' AND severity = 'critical' ORDER BY name"
    )
    rows = json.loads(run("query", sql, "--db", database, "--format", "json").out)
    assert rows == [
        {"rule_id": "AUD-POD-0001", "name": "label-printer", "opened_by": "Ben Carter", "fixed_by": "Maya Lindqvist", "days_open": 40},
        {"rule_id": "AUD-SEC-0001", "name": "notifications-smtp", "opened_by": "Ben Carter", "fixed_by": "Maya Lindqvist", "days_open": 21},
    ]  # fmt: skip


def test_an_app_that_comes_back_brings_its_findings_as_a_second_occurrence(
    demo_folder: Path, run: Run
) -> None:
    sql = (
        "SELECT id, list(occurrence ORDER BY occurrence) AS occurrences FROM findings"
        " WHERE name = 'returns-portal' AND environment = 'base' AND source = 'manifest' GROUP BY id"
    )
    rows = json.loads(run("query", sql, "--db", demo_folder / "audit.duckdb", "--format", "json").out)
    assert rows
    assert {tuple(row["occurrences"]) for row in rows} == {(1, 2)}


def test_the_records_equal_git(demo_folder: Path, run: Run) -> None:
    result = run("trail", "verify", "--db", demo_folder / "audit.duckdb")
    assert result.code == 3  # no checkpoint was kept elsewhere
    assert "every record equals git" in result.out
    assert "nothing wrong was found, and nothing is proven" in result.out


def test_the_drift_json_has_the_contract(demo_folder: Path, run: Run, snapshot: SnapshotAssertion) -> None:
    from auditor.sample import sample_snapshot

    result = run("drift", demo_folder / "northwind-gitops", "--snapshot", sample_snapshot(),
                 "--db", demo_folder / "audit.duckdb", "--format", "json")  # fmt: skip
    # The digests of secrets depend on the key that this installation made.
    document = json.loads(
        re.sub(r"auditor-redacted:secret:[0-9a-f]{16}", "auditor-redacted:secret:KEYED", result.out)
    )
    assert result.code == 1
    assert set(document) == {"version", "drift", "unknown", "summary"}
    assert document == snapshot


def test_an_empty_recording_proves_nothing(demo_folder: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text('{"apiVersion": "v1", "kind": "List", "items": []}')
    result = run("drift", demo_folder / "northwind-gitops", "--snapshot", tmp_path / "empty.json",
                 "--db", demo_folder / "audit.duckdb", "--environment", "production")  # fmt: skip
    assert result.code == 3
    assert "nothing could be compared" in result.err


def test_a_report_takes_its_format_from_the_name_of_its_file(
    demo_folder: Path, run: Run, tmp_path: Path
) -> None:
    database = demo_folder / "audit.duckdb"
    assert run("report", "soc2", "--db", database, "--out", tmp_path / "a.md").code == 0
    assert (tmp_path / "a.md").read_text().startswith("# SOC 2")
    assert run("report", "soc2", "--db", database, "--out", tmp_path / "a.pdf").code == 2
    assert not (tmp_path / "a.pdf").exists()


def test_an_unknown_rule_is_wrong_usage(demo_folder: Path, run: Run) -> None:
    result = run("findings", "list", "--db", demo_folder / "audit.duckdb", "--rule", "AUD-NOPE-0001")
    assert result.code == 2
    assert "AUD-NOPE-0001" in result.err
