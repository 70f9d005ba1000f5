"""Histories that are rewritten between scans: found, told, nothing of the old one lost from the record, and quiet after."""

from __future__ import annotations

from pathlib import Path

import pytest
from histories.audits import Audit, share_judges
from histories.builder import BEA, History, run_git
from histories.manifests import pod

from auditor.git.mirror import mirror_folder

MOVES = (
    "SELECT ref, move, old_sha, new_sha FROM ref_observations WHERE move <> 'created' ORDER BY seen_at, ref"
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    share_judges(monkeypatch)


class Rewritten:
    """A history whose privileged pod came in by a commit that a force push took away."""

    def __init__(self, folder: Path) -> None:
        self.story = History(folder / "repo")
        self.base = self.story.commit("base", {"db.yaml": pod("db")})
        self.bad = self.story.commit("bad", {"web.yaml": pod("web", privileged=True)}, by=BEA)
        self.more = self.story.commit("more", {"db.yaml": pod("db", privileged=True)})
        self.audit = Audit(self.story.path, folder / "audit" / "a.duckdb")
        self.audit.scan()
        self.mirror = mirror_folder(folder / "audit", str(self.story.path))

    def force_push(self) -> str:
        """The base, and something else upon it."""
        self.story.branch("main", self.base)
        return self.story.commit("good", {"web.yaml": pod("web")})

    def commits(self, where: str) -> list[str]:
        """Subjects of the commits of which the contract says so."""
        return [row[0] for row in self.audit.rows(f"SELECT subject FROM commits WHERE {where} ORDER BY 1")]


@pytest.fixture
def rewritten(tmp_path: Path) -> Rewritten:
    return Rewritten(tmp_path)


def test_a_force_push_is_found_on_the_next_scan(rewritten: Rewritten) -> None:
    assert rewritten.audit.rows(MOVES) == []
    good = rewritten.force_push()
    result = rewritten.audit.scan()
    assert rewritten.audit.rows(MOVES) == [("refs/heads/main", "rewritten", rewritten.more, good)]
    assert any("history was rewritten" in note for note in result.notes)
    assert not result.incremental


def test_lost_commits_stay_on_record_and_readable(rewritten: Rewritten) -> None:
    rewritten.force_push()
    rewritten.audit.scan()
    assert rewritten.commits("lost") == ["bad", "more"]
    assert rewritten.commits("NOT lost") == ["base", "good"]
    assert rewritten.commits("landed") == ["base", "good"]
    assert rewritten.audit.rows("SELECT count(*), count(DISTINCT position) FROM commits WHERE landed") == [
        (2, 2)
    ]
    run_git("gc", "--quiet", "--prune=now", folder=rewritten.mirror)
    manifest = run_git("cat-file", "blob", f"{rewritten.bad}:web.yaml", folder=rewritten.mirror)
    assert '"privileged": true' in manifest
    paths = rewritten.audit.rows("SELECT path, landed FROM file_changes WHERE sha = ?", rewritten.bad)
    assert paths == [("web.yaml", False)]


def test_findings_of_lost_commits_say_so_and_are_open_no_more(rewritten: Rewritten) -> None:
    before = {row[0] for row in rewritten.audit.rows("SELECT DISTINCT state FROM found WHERE name = 'web'")}
    assert before == {"open"}
    rewritten.force_push()
    rewritten.audit.scan()
    told = rewritten.audit.rows(
        "SELECT DISTINCT opened_sha, lost, state FROM findings WHERE rule_id IN"
        " (SELECT rule_id FROM findings WHERE opened_sha = ?) AND name = 'web' AND lost",
        rewritten.bad,
    )
    assert told == [(rewritten.bad, True, "fixed")]
    still_open = rewritten.audit.rows(
        "SELECT DISTINCT opened_sha FROM found WHERE NOT lost AND opened_sha IN (?, ?)",
        rewritten.bad,
        rewritten.more,
    )
    assert still_open == []


def test_a_second_scan_of_the_same_is_quiet(rewritten: Rewritten) -> None:
    rewritten.force_push()
    rewritten.audit.scan()
    before = {name: rows for name, rows in rewritten.audit.tables().items() if name not in _RUNNING}
    for _ in range(2):
        result = rewritten.audit.scan()
        assert result.notes == ()
        assert result.counts["new_commits"] == 0
        assert {n: r for n, r in rewritten.audit.tables().items() if n not in _RUNNING} == before


_RUNNING = ("leaf", "tree_head", "run", "gap")
"""Tables to which every run adds."""


def test_a_commit_after_a_rewrite_is_an_ordinary_scan(rewritten: Rewritten) -> None:
    rewritten.force_push()
    rewritten.audit.scan()
    rewritten.story.commit("next", {"db.yaml": pod("db", privileged=True)})
    result = rewritten.audit.scan()
    assert result.incremental
    assert [row[1] for row in rewritten.audit.rows(MOVES)] == ["rewritten", "advanced"]
    assert rewritten.commits("lost") == ["bad", "more"]


def test_a_history_that_is_restored_is_found_again(rewritten: Rewritten) -> None:
    whole = rewritten.audit.rows("SELECT sha, landed, position FROM commits ORDER BY sha")
    found = rewritten.audit.rows("SELECT id, opened_sha, state, lost FROM found ORDER BY id")
    rewritten.force_push()
    rewritten.audit.scan()
    rewritten.story.branch("main", rewritten.more)
    rewritten.audit.scan()
    assert rewritten.commits("lost") == ["good"]
    assert (
        rewritten.audit.rows("SELECT sha, landed, position FROM commits WHERE NOT lost ORDER BY sha") == whole
    )
    assert (
        rewritten.audit.rows("SELECT id, opened_sha, state, lost FROM found WHERE NOT lost ORDER BY id")
        == found
    )
    losses = rewritten.audit.rows("SELECT lost, count(*) FROM trail.commit_loss GROUP BY lost ORDER BY lost")
    assert losses == [(False, 2), (True, 3)]


def test_the_old_line_kept_in_another_branch_is_not_lost_and_has_not_landed(rewritten: Rewritten) -> None:
    rewritten.story.branch("backup", rewritten.more)
    rewritten.force_push()
    rewritten.audit.scan()
    assert rewritten.commits("lost") == []
    assert rewritten.commits("landed") == ["base", "good"]


def test_other_branches_are_watched_while_the_audited_one_rests(rewritten: Rewritten) -> None:
    rewritten.story.branch("release", rewritten.more)
    rewritten.audit.scan()
    rewritten.story.branch("release", rewritten.bad)
    rewritten.audit.scan()
    assert rewritten.audit.rows(MOVES) == [("refs/heads/release", "rewritten", rewritten.more, rewritten.bad)]
    assert rewritten.commits("lost") == []


def test_a_scan_commit_by_commit_sees_the_same_loss(tmp_path: Path) -> None:
    """What is lost does not hang on how often was looked before."""
    once, often = Rewritten(tmp_path / "once"), Rewritten(tmp_path / "often")
    often.audit.scan()
    for one in (once, often):
        one.force_push()
        one.audit.scan()
        assert one.commits("lost") == ["bad", "more"]
