"""What the pages show of a file and of a change: the truth, without its secrets, and only of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from histories.audits import Audit, share_judges
from histories.builder import History, link
from histories.manifests import text

from auditor.errors import AuditorError, StoreError, UsageError
from auditor.evidence import MAX_LINES, diff, excerpt

PASSWORD = "correct-horse-battery"


def secret(value: str) -> str:
    return text(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": value}}
    )


@pytest.fixture
def story(tmp_path: Path) -> History:
    return History(tmp_path / "repo")


@pytest.fixture
def scanned(story: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    share_judges(monkeypatch)
    return Audit(story.path, tmp_path / "audit" / "a.duckdb")


def test_a_file_and_its_change(story: History, scanned: Audit) -> None:
    one = story.commit("one", {"a.yaml": "a: 1\nb: 2\n"})
    two = story.commit("two", {"a.yaml": "a: 1\nb: 3\n"})
    three = story.commit("three", {"a.yaml": None})
    repo = scanned.scan().repo
    assert excerpt(scanned.database, repo, one, "a.yaml") == "a: 1\nb: 2"
    assert diff(scanned.database, repo, two, "a.yaml").splitlines() == [
        "--- a.yaml",
        "+++ a.yaml",
        "@@ -1,2 +1,2 @@",
        " a: 1",
        "-b: 2",
        "+b: 3",
    ]
    assert diff(scanned.database, repo, one, "a.yaml").splitlines()[:2] == [
        "--- (did not exist)",
        "+++ a.yaml",
    ]
    assert diff(scanned.database, repo, three, "a.yaml").splitlines()[1] == "+++ (deleted)"
    assert diff(scanned.database, repo, three, "other.yaml") == ""


@pytest.mark.parametrize(
    ("old", "new"), [("a.yaml", "b/c.yaml"), ("ü.yaml", "日.yaml"), ("a b.yaml", '"q".yaml')]
)
def test_a_rename_is_held_against_the_old_name(story: History, scanned: Audit, old: str, new: str) -> None:
    lines = "".join(f"line{number}: x\n" for number in range(30))
    story.commit("one", {old: lines})
    sha = story.commit("two", {old: None, new: lines + "more: y\n"})
    repo = scanned.scan().repo
    [(path, old_path)] = scanned.rows("SELECT path, old_path FROM file_changes WHERE sha = ?", sha)
    shown = diff(scanned.database, repo, sha, path).splitlines()
    assert shown[0] == f"--- {old_path}"
    assert [line for line in shown[2:] if line.startswith(("+", "-"))] == ["+more: y"]


def test_secrets_are_digests_on_both_sides(story: History, scanned: Audit) -> None:
    story.commit("one", {"s.yaml": secret(PASSWORD)})
    sha = story.commit("two", {"s.yaml": secret("another-password-1")})
    repo = scanned.scan().repo
    shown = excerpt(scanned.database, repo, sha, "s.yaml") + diff(scanned.database, repo, sha, "s.yaml")
    assert PASSWORD not in shown
    assert "another-password-1" not in shown
    assert shown.count("auditor-redacted:") >= 3


def test_a_long_file_is_cut_and_says_so(story: History, scanned: Audit) -> None:
    sha = story.commit("one", {"a.yaml": "".join(f"k{number}: x\n" for number in range(MAX_LINES + 5))})
    shown = excerpt(scanned.database, scanned.scan().repo, sha, "a.yaml").splitlines()
    assert len(shown) == MAX_LINES + 1
    assert shown[-1] == "… 5 more lines"


@pytest.mark.parametrize(
    "sha", ["--output=x", "-h", "HEAD; touch x", "", "1" * 40, "main^{/x}", "../../etc/passwd", "\0"]
)
def test_what_is_no_commit_is_refused(
    story: History, scanned: Audit, tmp_path: Path, sha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    story.commit("one", {"a.yaml": "a: 1\n"})
    repo = scanned.scan().repo
    before = sorted(tmp_path.rglob("*"))
    for show in (excerpt, diff):
        with pytest.raises(UsageError):
            show(scanned.database, repo, sha, "a.yaml")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "link.yaml",
        "",
        "nothing.yaml",
        "a.yaml/x",
        '"',
        '"\\9',
        "\0",
        "--help",
    ],
)
def test_what_is_no_file_of_the_commit_is_refused(story: History, scanned: Audit, path: str) -> None:
    sha = story.commit("one", {"a.yaml": "a: 1\n", "link.yaml": link("/etc/passwd")})
    repo = scanned.scan().repo
    with pytest.raises(UsageError):
        excerpt(scanned.database, repo, sha, path)
    assert "root:" not in diff(scanned.database, repo, sha, path)


def test_without_its_mirror_or_database(story: History, scanned: Audit, tmp_path: Path) -> None:
    sha = story.commit("one", {"a.yaml": "a: 1\n"})
    repo = scanned.scan().repo
    with pytest.raises(StoreError):
        excerpt(scanned.database, "other", sha, "a.yaml")
    with pytest.raises(AuditorError):
        excerpt(tmp_path / "none" / "a.duckdb", repo, sha, "a.yaml")
