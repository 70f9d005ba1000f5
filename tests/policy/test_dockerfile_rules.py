"""Dockerfiles as people write them, through reading, rules and places: what is found and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.manifests.secrets import Redactor
from auditor.pipeline.check import check
from auditor.policy.judge import Judge, JudgeSpec

PINNED = "debian:12.7@sha256:2f2307d7c75315ca7561e17a4e3aa95d58837f326954af08514044e8286e6d65"


def found_in(tmp_path: Path, text: str, name: str = "Dockerfile") -> set[tuple[str, int]]:
    (tmp_path / name).write_text(text)
    with Judge(JudgeSpec(engine="embedded")) as judge:
        result = check([tmp_path], judge=judge, redactor=Redactor(b"k" * 32))
    assert result.errors == []
    return {(finding.rule_id.removeprefix("AUD-DOCK-"), finding.line) for finding in result.findings}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"FROM {PINNED}\nUSER 1000", set()),
        ("FROM golang AS b\nFROM scratch\nCOPY --from=b /x /x\nUSER 1", {("0001", 1), ("0002", 1)}),
        ("ARG V=latest\nFROM debian:$V\nUSER 1", {("0001", 2), ("0002", 2)}),
        ("ARG V\nFROM debian:$V\nUSER 1", set()),
        (f"FROM {PINNED}", {("0003", 1)}),
        (f"FROM {PINNED} AS a\nUSER 1\nFROM a\nUSER root", {("0003", 4)}),
        (f"FROM {PINNED}\nADD https://e.org/x.tgz /x\nUSER 1", {("0004", 2)}),
        (f"FROM {PINNED}\nUSER 1\nENV A=b \\\n  DB_PASSWORD=hunter2x9", {("0005", 3)}),
        (f"FROM {PINNED}\nUSER 1\nARG NPM_TOKEN", {("0006", 3)}),
        (f"FROM {PINNED}\nUSER 1\nRUN a && \\\n curl https://e.org/i.sh | bash", {("0007", 3)}),
        (f"FROM {PINNED}\nUSER 1\nRUN <<EOF\nUSER root\nEOF\nEXPOSE 22", {("0009", 6)}),
        (f"FROM {PINNED}\nUSER 1\nRUN --mount=type=secret,id=t curl -k https://e.org", {("0010", 3)}),
    ],
)
def test_what_is_found_and_where(tmp_path: Path, text: str, found: set[tuple[str, int]]) -> None:
    assert found_in(tmp_path, text) == found


def test_files_of_other_names_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile.md").write_text("FROM golang")
    assert found_in(tmp_path, f"FROM {PINNED}\nUSER 1", "web.Dockerfile") == set()


def test_a_template_is_skipped_and_named(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n{{ if .x }}\n")
    with Judge(JudgeSpec(engine="embedded")) as judge:
        result = check([tmp_path], judge=judge, redactor=Redactor(b"k" * 32))
    assert (result.findings, result.errors) == ([], [])
    assert [skipped.path for skipped in result.skipped] == [(tmp_path / "Dockerfile").as_posix()]
