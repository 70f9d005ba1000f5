from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli.command import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: Any, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    return runner(monkeypatch, capfdbinary)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, built once a worker with the embedded engine so that it is the same everywhere."""
    from datetime import UTC, datetime

    from auditor.demo import build_demo

    folder = tmp_path_factory.mktemp("demo") / "demo"
    build_demo(folder, now=lambda: datetime(2026, 11, 1, tzinfo=UTC), engine="embedded")
    return folder
