from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from changecontrol.change_audit import ChangeAudit
from histories.builder import History

from auditor.settings import Settings


@pytest.fixture
def story(tmp_path: Path) -> History:
    return History(tmp_path / "repo")


@pytest.fixture
def audited(story: History, tmp_path: Path) -> Callable[..., ChangeAudit]:
    """Scans the story as it stands, with settings of one's own."""

    def audit(**settings: Any) -> ChangeAudit:
        made = ChangeAudit(
            story, tmp_path / "state" / "audit.duckdb", Settings(engine="embedded", **settings)
        )
        made.scan()
        return made

    return audit
