"""Which commit last wrote a line, against git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.git.lines import Version, last_writers


def versions_of(contents: list[str]) -> tuple[list[Version], dict[str, bytes]]:
    """Versions, newest first, and the blobs: commit `n` makes content `n`."""
    blobs = {f"b{number}": text.encode() for number, text in enumerate(contents)}
    made = [
        Version(sha=f"c{number}", old_blob=f"b{number - 1}" if number else "", new_blob=f"b{number}")
        for number in range(len(contents))
    ]
    return made[::-1], blobs


def writers(contents: list[str], *lines: int) -> list[str]:
    made, blobs = versions_of(contents)
    found = last_writers(lines, made, blobs.get)
    return [found[line] for line in lines]


def test_a_line_belongs_to_the_commit_that_wrote_it() -> None:
    assert writers(["a\nb\nc\n", "a\nB\nc\n"], 1, 2, 3) == ["c0", "c1", "c0"]


def test_a_line_that_only_moved_is_nobody_elses() -> None:
    assert writers(["a\nb\n", "new\na\nb\n", "new\nmore\na\nb\n"], 1, 2, 3, 4) == ["c1", "c2", "c0", "c0"]


def test_a_line_written_back_is_the_later_commits() -> None:
    assert writers(["a\n", "b\n", "a\n"], 1) == ["c2"]


def test_what_is_older_than_the_versions_is_not_known() -> None:
    made, blobs = versions_of(["a\n", "a\nb\n"])
    assert last_writers([1, 2], made[:1], blobs.get) == {1: "", 2: "c1"}


def test_a_version_that_is_not_there_ends_what_is_known() -> None:
    made, blobs = versions_of(["a\n", "a\nb\n", "a\nb\nc\n"])
    del blobs["b0"]
    assert last_writers([1, 2, 3], made, blobs.get) == {1: "", 2: "", 3: "c2"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True), min_size=1, max_size=5
    )
)
def test_as_git_blames(tmp_path_factory: pytest.TempPathFactory, history: list[list[str]]) -> None:
    """Lines are distinct within a version, so that there is one way to compare two of them, but for their order:
    they are kept sorted."""
    contents = ["".join(f"{line}\n" for line in sorted(version)) for version in history]
    contents = [text for number, text in enumerate(contents) if not number or text != contents[number - 1]]
    folder = tmp_path_factory.mktemp("repository")
    names: dict[str, str] = {}

    def git(*words: str) -> str:
        command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.test", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    for number, text in enumerate(contents):
        (folder / "file").write_text(text, encoding="utf-8")
        git("add", "file")
        git("commit", "-q", "-m", str(number))
        names[git("rev-parse", "HEAD").strip()] = f"c{number}"
    blamed = [
        names[line.split()[0]]
        for line in git("blame", "--line-porcelain", "file").splitlines()
        if line[:40].strip() in names and len(line.split()) in (3, 4)
    ]
    assert writers(contents, *range(1, len(blamed) + 1)) == blamed
    assert Path(folder / "file").read_text(encoding="utf-8") == contents[-1]
