"""`auditor trail` as its users meet it: key, checkpoint, verification, proofs, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from cli.command import Run
from pipeline import trail_by_hand

import auditor

SCRIPT = Path(auditor.__file__).parents[1] / "docs" / "verify_proof.py"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Two runs, nothing signed."""
    path = tmp_path / "audit.duckdb"
    trail_by_hand.make(path)
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    path = tmp_path / "settings.yaml"
    path.write_text(f"version: 1\ntrail:\n  copies: [{tmp_path / 'outside'}]\n")
    return path


def test_from_key_to_proof(run: Run, database: Path, config: Path, tmp_path: Path) -> None:
    made = run("trail", "init", "--db", database, "--name", "example.com/audit")
    assert made.code == 0
    key = made.out.strip()
    assert key.startswith("example.com/audit+")
    signed = run("trail", "checkpoint", "--db", database, "--config", config)
    assert signed.code == 0, signed.err
    assert signed.out.startswith("example.com/audit\n7\n")
    found = run("trail", "verify", "--db", database, "--config", config, "--no-git")
    assert found.code == 0, found.out
    assert "nothing of the first 7 records was changed, dropped or reordered" in found.out
    out = tmp_path / "proof.json"
    assert run("trail", "export", "--db", database, "--record", "4", "--out", out).code == 0
    checked = subprocess.run(
        [sys.executable, "-I", SCRIPT, out, "--key", key], capture_output=True, text=True, encoding="utf-8"
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "record 4 of 7" in checked.stdout


def test_without_anything_outside_the_exit_code_says_so(run: Run, database: Path) -> None:
    result = run("trail", "verify", "--db", database, "--no-git")
    assert result.code == 3
    assert "NOT VERIFIED: no checkpoint from outside" in result.out
    assert "nothing wrong was found, and nothing is proven" in result.out


def test_a_changed_record_is_named_and_fails(run: Run, database: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"ATTACH '{database}' AS x; UPDATE x.trail.file_change SET path = 'x' WHERE seq = 4"
        )
    result = run("trail", "verify", "--db", database, "--no-git")
    assert result.code == 1
    assert "WRONG: file_change 4 (repo shop" in result.out
    as_json = run("trail", "verify", "--db", database, "--no-git", "--format", "json")
    assert as_json.code == 1
    assert json.loads(as_json.out)["wrong"][0].startswith("file_change 4")


def test_git_that_is_gone_is_not_passed_over(run: Run, database: Path, config: Path) -> None:
    run("trail", "init", "--db", database)
    run("trail", "checkpoint", "--db", database, "--config", config)
    result = run("trail", "verify", "--db", database, "--config", config)
    assert result.code == 3
    assert "NOT VERIFIED: shop was not compared with git" in result.out


def test_a_place_that_cannot_be_written_is_incomplete(
    run: Run, database: Path, config: Path, tmp_path: Path
) -> None:
    run("trail", "init", "--db", database)
    config.write_text(f"version: 1\ntrail:\n  copies: [{tmp_path / 'missing'}, {tmp_path / 'outside'}]\n")
    result = run("trail", "checkpoint", "--db", database, "--config", config, "--format", "json")
    assert result.code == 3
    assert "missing" in result.err
    said = json.loads(result.out)
    assert [Path(failed["place"]).name for failed in said["failed"]] == ["missing"]
    assert any("outside" in path for path in said["written"])


def test_no_key_no_checkpoint(run: Run, database: Path) -> None:
    result = run("trail", "checkpoint", "--db", database)
    assert result.code == 2
    assert "auditor trail init" in result.err


def test_a_second_init_overwrites_nothing(run: Run, database: Path, tmp_path: Path) -> None:
    run("trail", "init", "--db", database)
    before = (tmp_path / "trail.key").read_bytes()
    assert run("trail", "init", "--db", database).code == 3
    assert (tmp_path / "trail.key").read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [(), ("--record", "1", "--consistency", "1", "2"), ("--record", "99"), ("--consistency", "2", "99")],
)
def test_wrong_usage_of_export(run: Run, database: Path, arguments: tuple[str, ...]) -> None:
    assert run("trail", "export", "--db", database, *arguments).code == 2


def test_proofs_without_a_checkpoint_say_so(run: Run, database: Path) -> None:
    result = run("trail", "export", "--db", database, "--consistency", "4", "7")
    assert result.code == 0
    assert "nobody vouches" in result.err
    assert json.loads(result.out)["old"]["size"] == 4


def test_a_key_that_is_none_is_an_error(run: Run, database: Path) -> None:
    result = run("trail", "verify", "--db", database, "--no-git", "--key", "nonsense")
    assert result.code == 3
    assert "verifier key" in result.err
