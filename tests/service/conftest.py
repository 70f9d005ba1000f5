"""The API and the application over a made-up database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from service.trail_seed import seed
from starlette.testclient import TestClient

from auditor.service.api import create_api
from auditor.service.context import ServiceContext
from auditor.service.evidence import RepositoryEvidence
from auditor.store.database import open_database


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed(tmp_path_factory.mktemp("service") / "audit.duckdb", incomplete=True)


@pytest.fixture
def context(seeded: Path) -> Iterator[ServiceContext]:
    with open_database(seeded, read_only=True) as database:
        yield ServiceContext(database=database, evidence=RepositoryEvidence(seeded))


@pytest.fixture
def api(context: ServiceContext) -> TestClient:
    return TestClient(create_api(context))
