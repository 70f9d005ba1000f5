"""Fixtures for scanning hand-made histories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from histories.audits import Audit, share_judges
from histories.builder import History


@pytest.fixture(autouse=True, scope="package")
def _one_judge() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        share_judges(patch)
        yield


@pytest.fixture
def story(tmp_path: Path) -> History:
    """An empty repository called 'repo'."""
    return History(tmp_path / "repo")


@pytest.fixture
def audit(story: History, tmp_path: Path) -> Audit:
    """The audit of `story`."""
    return Audit(story.path, tmp_path / "audit" / "audit.duckdb")
