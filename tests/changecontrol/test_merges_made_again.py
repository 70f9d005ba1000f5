"""Merges that hold more than their parents, and honest ones that had to decide something."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from changecontrol.change_audit import ChangeAudit
from histories.builder import BEA, History

Audited = Callable[..., ChangeAudit]

LINES = [f"line{number}: {number}" for number in range(1, 30)]


def text(**changes: str) -> str:
    """Thirty lines, some of them otherwise: keys are `lineN`."""
    return (
        "\n".join(
            f"{line.split(':')[0]}: {changes.get(line.split(':')[0], line.split(': ')[1])}" for line in LINES
        )
        + "\n"
    )


@pytest.fixture
def forked(story: History) -> History:
    """Both sides change line 10 of a file, each something else beside it: they conflict there and nowhere else."""
    root = story.commit("first", {"a.yaml": text(), "b.yaml": "b: 1\n"})
    story.branch("side", root)
    story.commit("ours", {"a.yaml": text(line2="ours", line10="ours"), "c.yaml": "c: 1\n"})
    story.commit(
        "theirs",
        {"a.yaml": text(line20="theirs", line10="theirs"), "b.yaml": "b: 2\n"},
        branch="side",
        by=BEA,
    )
    return story


def clean(story: History) -> History:
    root = story.commit("first", {"a.yaml": text(), "b.yaml": "b: 1\n"})
    story.branch("side", root)
    story.commit("ours", {"a.yaml": text(line2="ours")})
    story.commit("theirs", {"b.yaml": "b: 2\n"}, branch="side")
    return story


def test_a_merge_that_only_merges(story: History, audited: Audited) -> None:
    clean(story).merge("side", message="Merge branch 'side'")
    assert audited().found(6) == []


def test_a_merge_that_could_have_been_a_fast_forward(story: History, audited: Audited) -> None:
    story.branch("side", story.commit("first", {"a": "1"}))
    story.commit("side", {"b": "1"}, branch="side")
    story.merge("side")
    assert audited().found(6) == []


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({"backdoor.yaml": "x: 1\n"}, "backdoor.yaml"),
        ({"a.yaml": text(line2="ours", line5="evil")}, "a.yaml"),
        ({"b.yaml": None}, "b.yaml"),
    ],
    ids=["added", "changed", "removed"],
)
def test_something_of_its_own(
    story: History, audited: Audited, extra: dict[str, str | None], path: str
) -> None:
    merge = clean(story).merge("side", files=extra)
    found = audited()
    assert found.found(6) == [(merge, path, "")]


def test_leaving_out_what_the_branch_brought(story: History, audited: Audited) -> None:
    """`git merge -s ours`: it looks merged, and is not in the tree."""
    merge = clean(story).merge("side", files={"b.yaml": "b: 1\n"})
    assert audited().found(6) == [(merge, "b.yaml", "")]


@pytest.mark.parametrize(
    "resolved",
    [
        text(line2="ours", line20="theirs", line10="ours"),
        text(line2="ours", line20="theirs", line10="theirs"),
        text(line2="ours", line10="ours"),
        text(line2="ours", line20="theirs", line10="ours theirs"),
        text(line2="ours", line20="theirs").replace("line10: 10\n", "line10: ours\nline10: theirs\n"),
    ],
    ids=["ours", "theirs", "the whole file of one side", "woven into one line", "both lines"],
)
def test_an_honest_resolution(forked: History, audited: Audited, resolved: str) -> None:
    forked.merge("side", files={"a.yaml": resolved})
    assert audited().found(6) == []


@pytest.mark.parametrize(
    ("files", "path", "words"),
    [
        ({"a.yaml": text(line2="ours", line20="theirs", line10="privileged")}, "a.yaml", "words that are on neither side"),
        ({"a.yaml": text(line2="ours", line20="theirs", line10="ours", line28="28 29")}, "a.yaml", "beside the conflict"),
        ({"a.yaml": text(line2="ours", line20="20", line10="theirs")}, "a.yaml", "beside the conflict"),
        ({"a.yaml": text(line2="ours", line20="theirs", line10="ours"), "c.yaml": "c: 9\n"}, "c.yaml", "does not do"),
    ],
    ids=["new words", "another line", "their line left out", "another file"],
)  # fmt: skip
def test_a_resolution_that_brings_its_own(
    forked: History, audited: Audited, files: dict[str, str], path: str, words: str
) -> None:
    merge = forked.merge("side", files=files)
    found = audited()
    assert found.found(6) == [(merge, path, "")]
    assert words in found.messages(6)[0]


def test_an_octopus(story: History, audited: Audited) -> None:
    root = story.commit("first", {"a": "1"})
    for name in ("x", "y"):
        story.branch(name, root)
        story.commit(name, {name: "1"}, branch=name)
    story.merge("x", "y", message="honest")
    for name in ("v", "w"):
        story.branch(name, story.tip("main"))
        story.commit(name, {name: "1"}, branch=name)
    evil = story.merge("v", "w", files={"z": "1"}, message="evil")
    assert audited().found(6) == [(evil, "z", "")]


def test_the_repository_decides_nothing_of_how_it_is_merged(forked: History, audited: Audited) -> None:
    """Attributes and a merge driver of the repository's would make any tree right, and run a program."""
    marker = forked.path / "ran"
    with (forked.git_folder / "config").open("a") as config:
        config.write(f'[merge "mine"]\n\tdriver = touch {marker}\n')
    (forked.git_folder / "info").mkdir(exist_ok=True)
    (forked.git_folder / "info/attributes").write_text("*.yaml merge=mine\n")
    merge = forked.merge(
        "side", files={".gitattributes": "*.yaml merge=mine\n", "a.yaml": text(line10="evil")}
    )
    found = audited()
    assert {path for _, path, _ in found.found(6)} == {".gitattributes", "a.yaml"}
    assert found.shas(6) == {merge}
    assert not marker.exists()


def test_making_merges_again_leaves_no_objects_in_the_mirror(forked: History, audited: Audited) -> None:
    forked.merge("side", files={"a.yaml": text(line10="ours")})
    found = audited()
    (mirror,) = found.database.parent.glob("mirrors/*.git")
    listed = forked.git("rev-list", "--all", "--objects", folder=mirror).splitlines()
    stored = forked.git("cat-file", "--batch-all-objects", "--batch-check", folder=mirror).splitlines()
    assert {line.split()[0] for line in stored} == {line.split()[0] for line in listed}
