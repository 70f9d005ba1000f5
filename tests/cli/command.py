"""Runs the command line in this process as a user would."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def runner(monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> Run:
    """`run("scan", ".")` gives what `auditor scan .` gives."""
    from auditor.cli import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["auditor", *(str(argument) for argument in arguments)])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfdbinary.readouterr()
        code = ended.value.code
        return Ran(
            code if isinstance(code, int) else int(code is not None),
            captured.out.decode(),
            captured.err.decode(),
        )

    return run
