"""A dashboard over a made-up database, driven without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from dashboards.image_seed import seed_images
from dashboards.rendered_seed import seed_rendered
from service.trail_seed import seed, seed_empty
from streamlit.testing.v1 import AppTest

from auditor.assets import asset_folder
from auditor.errors import NotAvailableError, StoreError
from auditor.service.context import ServiceContext, serving
from auditor.store.database import open_database

OpenPage = Callable[..., AppTest]


class MadeUpEvidence:
    """An evidence source that answers with what was asked of it, or fails as told."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.problem = problem

    def excerpt(self, repo: str, sha: str, path: str) -> str:
        if self.problem:
            raise self.problem
        return "\n".join(f"line {number} of {path}" for number in range(1, 61))

    def diff(self, repo: str, sha: str, path: str) -> str:
        if self.problem:
            raise self.problem
        return f"--- {path}\n+++ {path}\n@@ -1 +1 @@\n-privileged: true\n+privileged: false {sha}"


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("databases")
    return {
        "complete": seed(folder / "complete.duckdb"),
        "incomplete": seed(folder / "incomplete.duckdb", incomplete=True),
        "rendered": seed_rendered(folder / "rendered.duckdb"),
        "images": seed_images(folder / "images.duckdb"),
        "empty": seed_empty(folder / "empty.duckdb"),
        "damaged": _damaged(folder / "damaged.duckdb"),
    }


def _damaged(path: Path) -> Path:
    seed_empty(path)
    with open_database(path) as database:
        database.connection.execute("DROP VIEW drift")
    return path


@pytest.fixture
def open_page(databases: dict[str, Path]) -> Iterator[OpenPage]:
    """Opens a page: `open_page("views/finding.py", database="complete", id="F-…")`."""
    with ExitStack() as stack:

        def open_(
            page: str = "",
            *,
            database: str = "complete",
            evidence: MadeUpEvidence | None = None,
            **address: object,
        ) -> AppTest:
            opened = stack.enter_context(open_database(databases[database], read_only=True))
            context = ServiceContext(database=opened, evidence=evidence or MadeUpEvidence())
            stack.enter_context(serving(context))
            app = AppTest.from_file(str(asset_folder("dashboards") / "app.py"), default_timeout=30)
            if page:
                app.run()
                app.switch_page(page)
            for name, value in address.items():
                app.query_params[name] = value
            return app.run()

        yield open_


@pytest.fixture
def unreadable() -> MadeUpEvidence:
    return MadeUpEvidence(StoreError("the mirror of payments-platform is gone"))


@pytest.fixture
def missing_part() -> MadeUpEvidence:
    return MadeUpEvidence(NotAvailableError("this installation cannot read files"))
