"""Evidence out of a real repository's mirror, while the service holds the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import AuditorError
from auditor.service.evidence import RepositoryEvidence
from auditor.store.database import open_database


def test_without_a_mirror_it_says_so(seeded: Path) -> None:
    with open_database(seeded, read_only=True), pytest.raises(AuditorError, match="payments-platform"):
        RepositoryEvidence(seeded).excerpt("payments-platform", "0" * 40, "apps/web.yaml")
    with open_database(seeded, read_only=True), pytest.raises(AuditorError, match="payments-platform"):
        RepositoryEvidence(seeded).diff("payments-platform", "0" * 40, "apps/web.yaml")
