"""A trail that was mined from git, verified against git: also after rewritten histories and further scans."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from histories.audits import Audit, share_judges
from histories.builder import BEA, History
from histories.manifests import pod

from auditor.pipeline.integrity.verify import VerifyReport, VerifyRequest, verify
from auditor.settings import Settings


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    share_judges(monkeypatch)


class Mined:
    """A history of three commits, scanned once."""

    def __init__(self, folder: Path) -> None:
        self.story = History(folder / "repo")
        self.base = self.story.commit("base", {"db.yaml": pod("db")})
        self.story.commit("bad", {"web.yaml": pod("web", privileged=True)}, by=BEA)
        self.story.commit("more", {"db.yaml": pod("db", privileged=True)})
        self.path = folder / "audit" / "a.duckdb"
        self.audit = Audit(self.story.path, self.path)
        self.audit.scan()

    def verify(self) -> VerifyReport:
        return verify(VerifyRequest(database=self.path, settings=Settings()))

    def execute(self, sql: str) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{self.path}' AS x; USE x; SET TimeZone = 'UTC'; {sql}")


@pytest.fixture
def mined(tmp_path: Path) -> Mined:
    return Mined(tmp_path)


def test_what_scans_record_is_what_verification_makes_again(mined: Mined) -> None:
    report = mined.verify()
    assert report.everything_wrong == []
    assert report.log.records["commit_record"] == 3
    assert report.log.records["field_diff"] > 0
    (result,) = report.repositories
    assert (result.commits, result.changes, result.beyond) == (3, 3, 0)
    mined.audit.scan()
    mined.story.commit("next", {"web.yaml": pod("web")})
    mined.audit.scan()
    again = mined.verify()
    assert again.everything_wrong == []
    assert again.log.records["run"] == 3
    assert again.repositories[0].commits == 4


def test_lost_commits_are_left_to_the_log(mined: Mined) -> None:
    mined.story.branch("main", mined.base)
    mined.story.commit("good", {"web.yaml": pod("web")})
    mined.audit.scan()
    report = mined.verify()
    assert report.everything_wrong == []
    (result,) = report.repositories
    assert (result.commits, result.beyond) == (2, 2)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE trail.commit_record SET author_name = 'Mallory' WHERE subject = 'bad'", "author_name is recorded as 'Mallory', git says"),
        ("DELETE FROM trail.commit_record WHERE subject = 'bad'", "in git, and not recorded"),
        ("UPDATE trail.landing SET position = 9 WHERE position = 1", "position is recorded as 9, git says 1"),
        ("UPDATE trail.file_change SET new_blob = old_blob WHERE path = 'db.yaml'", "new_blob is recorded as"),
        ("INSERT INTO trail.landing SELECT * REPLACE ('f' AS sha) FROM trail.landing LIMIT 1", "landing sha=f: recorded, and not in git"),
        ("UPDATE trail.finding SET severity = 'low'", "finding is not as run"),
    ],
)  # fmt: skip
def test_what_differs_from_git_is_told_with_the_true_value(mined: Mined, sql: str, told: str) -> None:
    mined.execute(sql)
    assert any(told in text for text in mined.verify().everything_wrong), mined.verify().everything_wrong
