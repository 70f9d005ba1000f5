"""What `--help` says is part of what users rely on."""

from __future__ import annotations

import pytest
from cli.command import Run
from syrupy.assertion import SnapshotAssertion

COMMANDS = (
    (), ("scan",), ("check",), ("drift",), ("snapshot",), ("query",), ("findings",), ("findings", "list"), ("findings", "show"),
    ("report",), ("trail",), ("trail", "init"), ("trail", "checkpoint"), ("trail", "verify"),
    ("trail", "export"), ("policy",), ("policy", "list"), ("policy", "show"),
    ("policy", "test"), ("policy", "lint"), ("fetch-charts",), ("serve",), ("init",), ("doctor",), ("demo",),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_as_recorded(run: Run, command: tuple[str, ...], snapshot: SnapshotAssertion) -> None:
    result = run(*command, "--help")
    assert result.code == 0
    assert result.out == snapshot


@pytest.mark.parametrize(
    "command",
    [
        ("findings", "review"),
        ("report", "soc2", "--format", "pdf"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_not_there_yet_says_so_in_one_line(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.code == 2
    assert result.out == ""
    assert "yet" in result.err.splitlines()[0]


def test_unknown_command_is_wrong_usage(run: Run) -> None:
    result = run("audit-everything")
    assert result.code == 2
    assert result.out == ""
