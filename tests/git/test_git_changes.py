"""The recorded commits and changes are git's own: counted and compared with what git itself lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from histories.builder import BEA, History, link, program, submodule

from auditor.git.history import is_ancestor, is_on_chain, read_changes, read_commits, read_skeleton
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.names import path_bytes


@pytest.fixture(scope="module", autouse=True, params=[0, 32], ids=["pydriller", "few"])
def however_many_are_new(request: pytest.FixtureRequest) -> Iterator[None]:
    """Few new commits are read from their raw objects alone: both ways have to say the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auditor.git.history.FEW", request.param)
        yield


def eventful(path: Path) -> History:
    """Everything that a tree can go through, with an octopus, a criss-cross and two roots."""
    story = History(path)
    long = "".join(f"line {number}\n" for number in range(40))
    base = story.commit(
        "one",
        {"a.yaml": long, "b.yaml": "b\n", b"caf\xe9.yaml": "c\n", "x/y/z.json": "{}\n", '"q".yaml': "q\n"},
    )
    story.branch("side", base)
    story.branch("third", base)
    story.commit("side", {"b.yaml": "side\n", "s.yaml": "s\n"}, branch="side", by=BEA)
    story.commit("third", {"t.yaml": "t\n"}, branch="third")
    story.commit("rename and edit", {"moved/a.yaml": long + "more\n", "a.yaml": None})
    story.commit("mode", {"b.yaml": program("b\n")})
    story.commit("type", {"x/y/z.json": link("../../b.yaml")})
    story.commit("submodule", {"vendor": submodule()})
    story.commit("nothing")
    story.commit("a file where a folder was", {"x/y/z.json": None, "x": "now a file\n"})
    story.commit("copy", {"copy.yaml": long + "more\n"})
    story.commit("orphan", {"o.yaml": "o\n"}, branch="orphan")
    story.merge("side", "third", "orphan", files={"evil.yaml": "e\n"})
    ours = story.tip("main")
    story.merge("main", branch="side")
    story.commit("delete all", {"moved/a.yaml": None, b"caf\xe9.yaml": None, '"q".yaml': None})
    story.merge("side", message="criss")
    assert ours
    story.commit("unreached", {"u.yaml": "u\n"}, branch="unreached")
    return story


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    story = eventful(tmp_path / "repo")
    assert story.git("fsck", "--no-dangling") == ""
    return update_mirror(str(story.path), tmp_path / "state")


def _raw_log(repository: Path) -> Counter[tuple[str, ...]]:
    """`git log --first-parent -m --raw` and the side commits, one commit at a time, read in the plainest way."""
    story = History.__new__(History)
    story.path = repository
    found: Counter[tuple[str, ...]] = Counter()
    for sha in story.git("rev-list", "main").split():
        listing = story.git(
            "diff-tree", "-r", "-z", "--root", "-M", "--no-commit-id", "-m", "--first-parent", sha
        )
        parents = story.git("rev-list", "--parents", "-1", sha).split()[1:]
        if parents:
            listing = story.git("diff-tree", "-r", "-z", "-M", parents[0], sha)
        parts = listing.split("\0")
        while len(parts) > 1:
            old_mode, new_mode, old, new, status = parts.pop(0)[1:].split(" ")
            old_path = parts.pop(0)
            path = parts.pop(0) if status[0] in "RC" else old_path
            found[(sha, status[0], old_mode, new_mode, old, new, old_path, path)] += 1
    return found


def test_changes_are_those_of_git_commit_by_commit(mirror: Mirror, tmp_path: Path) -> None:
    letters = {"added": "A", "modified": "M", "deleted": "D", "renamed": "R"}
    found: Counter[tuple[str, ...]] = Counter()
    for change in read_changes(mirror, read_skeleton(mirror)):
        letter = letters[change.change.value]
        if letter == "M" and change.old_mode[:3] != change.new_mode[:3]:
            letter = "T"
        paths = [
            path_bytes(path).decode("utf-8", "surrogateescape")
            for path in (change.old_path or change.path, change.path)
        ]
        modes = (change.old_mode or "000000", change.new_mode or "000000")
        found[
            (change.sha, letter, *modes, change.old_blob or "0" * 40, change.new_blob or "0" * 40, *paths)
        ] += 1
    assert found == _raw_log(tmp_path / "repo")
    assert {entry[1] for entry in found} == {"A", "M", "T", "D", "R"}


def test_commits_are_those_of_rev_list(mirror: Mirror, tmp_path: Path) -> None:
    story = History.__new__(History)
    story.path = tmp_path / "repo"
    skeleton = read_skeleton(mirror)
    commits = {commit.sha: commit for commit in read_commits(mirror, skeleton)}
    listed = {
        line.split()[0]: tuple(line.split()[1:])
        for line in story.git("rev-list", "--parents", "main").splitlines()
    }
    assert {sha: commit.parents for sha, commit in commits.items()} == listed
    line = story.git("rev-list", "--first-parent", "--reverse", "main").split()
    assert list(skeleton.chain) == line
    assert {sha: commit.position for sha, commit in commits.items() if commit.landed} == {
        sha: at for at, sha in enumerate(line)
    }
    assert all(commit.position is None for commit in commits.values() if not commit.landed)


def test_every_commit_landed_in_the_first_landing_that_reaches_it(mirror: Mirror, tmp_path: Path) -> None:
    story = History.__new__(History)
    story.path = tmp_path / "repo"
    skeleton = read_skeleton(mirror)
    expected: dict[str, str] = {}
    for sha in skeleton.chain:
        for reached in story.git("rev-list", sha).split():
            expected.setdefault(reached, sha)
    assert skeleton.landed_in == expected


def test_the_line_and_its_ancestors(mirror: Mirror) -> None:
    skeleton = read_skeleton(mirror)
    on_line = set(skeleton.chain)
    for sha in skeleton.parents:
        assert is_on_chain(mirror, sha) == (sha in on_line)
        assert is_ancestor(mirror, sha)
    assert not is_on_chain(mirror, "1" * 40)
    assert not is_ancestor(mirror, "1" * 40)


def test_what_is_new_after_a_commit_is_the_rest(mirror: Mirror) -> None:
    whole = read_skeleton(mirror)
    everything = {(change.sha, change.path) for change in read_changes(mirror, whole)}
    assert len(whole.chain) > 2
    for position, after in enumerate(whole.chain[:-1]):
        part = read_skeleton(mirror, after=after, start=position + 1)
        before = set(whole.parents) - set(part.parents)
        assert part.chain == whole.chain[position + 1 :]
        assert {sha: whole.landed_in[sha] for sha in part.parents} == part.landed_in
        new = {(change.sha, change.path) for change in read_changes(mirror, part, after=after)}
        assert new == {entry for entry in everything if entry[0] not in before}
        commits = list(read_commits(mirror, part, after=after))
        assert {commit.sha for commit in commits} == set(part.parents)
        assert sorted(c.position for c in commits if c.position is not None) == list(
            range(position + 1, len(whole.chain))
        )


@pytest.mark.parametrize("step", [0, -86_400 * 400, 86_400 * 400])
def test_clocks_that_go_wrong_lose_no_commit(tmp_path: Path, step: int) -> None:
    """git walks by date: with dates that run backwards it may list what was asked to be left out."""
    story = History(tmp_path / "repo")
    for number in range(12):
        at = max(1, story.clock + (step if number % 2 else 3600))
        story.commit(f"{number}", {f"{number}.yaml": "x"}, at=at)
        if number % 3 == 2:
            story.branch("side", story.tip("main"))
            for more in range(7):
                story.commit(
                    f"side {number} {more}",
                    {f"s{number}{more}.yaml": "x"},
                    branch="side",
                    at=max(1, story.clock - step),
                )
            story.merge("side", at=max(1, story.clock + step))
    mirror = update_mirror(str(story.path), tmp_path / "state")
    whole = read_skeleton(mirror)
    assert len(whole.chain) == 16
    for position, after in enumerate(whole.chain):
        assert is_on_chain(mirror, after)
        part = read_skeleton(mirror, after=after, start=position + 1)
        reached = set(story.git("rev-list", after).split())
        assert set(part.parents) == set(whole.parents) - reached
        assert part.chain == whole.chain[position + 1 :]
