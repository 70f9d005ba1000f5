"""Landed commits and requests: a message is a claim, the forge and git together are the proof."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from forge.made import at, landed, part, request, review, sha

from auditor.forge.joining import approved_heads, change_units, patch_digest, with_patches
from auditor.model import ChangeUnit, Confirmation, LandedCommit, LandingMethod, Request, RequestState

ROOT = landed("root")


def joined(
    chain: list[LandedCommit], *requests: Request, complete: bool = True, **more: Any
) -> dict[str, ChangeUnit]:
    units = change_units(chain, requests, forge="github", complete=complete, **more)
    assert [unit.sha for unit in units] == [commit.sha for commit in chain]
    return {bytes.fromhex(unit.sha).rstrip(b"\0").decode(): unit for unit in units}


def test_a_merge_of_the_requests_head() -> None:
    units = joined([ROOT, landed("landed", "root", "head", claimed="#7", side=("head",))], request())
    unit = units["landed"]
    assert (unit.number, unit.confirmed, unit.method) == (7, Confirmation.CONFIRMED, LandingMethod.MERGE)
    assert (unit.url, unit.side) == ("https://git.example.com/7", (sha("head"),))


def test_a_merge_of_something_else_under_the_requests_name_is_contradicted() -> None:
    units = joined([ROOT, landed("landed", "root", "evil", claimed="#7")], request())
    assert (units["landed"].number, units["landed"].confirmed) == (7, Confirmation.CONTRADICTED)
    untold = joined([ROOT, landed("landed", "root", "evil")], request(unknown=("commits",)))
    assert untold["landed"].confirmed is Confirmation.UNCONFIRMED


def test_a_merge_of_the_rebased_head_or_of_the_squashed_commit() -> None:
    origins = {sha("rebased"): ("ann@example.com", at(4))}
    units = joined([ROOT, landed("landed", "root", "rebased")], request(), origin=origins.get)
    assert (units["landed"].confirmed, units["landed"].method) == (
        Confirmation.CONFIRMED,
        LandingMethod.MERGE,
    )
    squashed = joined([ROOT, landed("landed", "root", "squash")], request(squash_sha=sha("squash")))
    assert squashed["landed"].confirmed is Confirmation.CONFIRMED


def test_a_squash() -> None:
    made = request(commits=(part("one"), part("head")))
    unit = joined([ROOT, landed("landed", "root", claimed="#7")], made)["landed"]
    assert (unit.number, unit.confirmed, unit.method) == (7, Confirmation.CONFIRMED, LandingMethod.SQUASH)


def test_a_rebase_brings_all_its_commits_and_no_others() -> None:
    made = request(commits=(part("c"), part("cc"), part("ccc")), head_sha=sha("ccc"))
    chain = [
        ROOT,
        landed("direct", "root", author="cem"),
        landed("first", "direct", authored_at=at(1)),
        landed("second", "first", authored_at=at(2)),
        landed("landed", "second", authored_at=at(3)),
        landed("after", "landed", author="cem"),
    ]
    units = joined(chain, made)
    assert {name for name, unit in units.items() if unit.number == 7} == {"first", "second", "landed"}
    assert units["landed"].method is LandingMethod.REBASE
    assert units["direct"].confirmed is Confirmation.UNCONFIRMED  # before anything the forge knows
    assert units["after"].confirmed is Confirmation.CONTRADICTED


def test_a_rebase_that_lost_an_empty_commit() -> None:
    made = request(commits=(part("c"), part("cc"), part("ccc")), head_sha=sha("ccc"))
    chain = [ROOT, landed("first", "root", authored_at=at(1)), landed("landed", "first", authored_at=at(3))]
    assert {name for name, unit in joined(chain, made).items() if unit.number == 7} == {"first", "landed"}


def test_a_fast_forward_brings_the_requests_own_commits() -> None:
    made = request(commits=(part("one"), part("landed")), head_sha=sha("landed"))
    units = joined([ROOT, landed("one", "root"), landed("landed", "one")], made)
    assert [units[name].method for name in ("one", "landed")] == [LandingMethod.FAST_FORWARD] * 2
    assert units["root"].number is None


@pytest.mark.parametrize(
    ("claimed", "known", "said"),
    [
        ("", (), "knows no request that landed as this commit"),
        ("#9", (), "no request 9, which its message names"),
        (
            "#9",
            (request(9, state=RequestState.OPEN, merge_sha=""),),
            "request 9, which its message names, is open",
        ),
        ("#9", (request(9, state=RequestState.CLOSED, merge_sha=""),), "is closed"),
        ("group/project!9", (request(9, merge_sha=sha("elsewhere")),), f"landed as {sha('elsewhere')[:12]}"),
        ("https://review.example.com/c/x", (), "knows no request that landed as this commit"),
    ],
)
def test_claims_that_the_forge_contradicts(claimed: str, known: tuple[Request, ...], said: str) -> None:
    chain = [ROOT, landed("landed", "root", "head"), landed("pushed", "landed", claimed=claimed)]
    unit = joined(chain, request(), *known)["pushed"]
    assert (unit.number, unit.confirmed) == (None, Confirmation.CONTRADICTED)
    assert unit.reason.endswith(said)


def test_silence_contradicts_only_where_everything_was_told() -> None:
    chain = [ROOT, landed("landed", "root", "head"), landed("pushed", "landed", claimed="#9")]
    units = joined(chain, request(), complete=False)
    assert units["landed"].confirmed is Confirmation.CONFIRMED
    assert units["pushed"].confirmed is Confirmation.UNCONFIRMED


def test_a_history_older_than_the_forge_is_not_contradicted() -> None:
    chain = [ROOT, landed("old", "root", claimed="#3"), landed("landed", "old", "head")]
    units = joined(chain, request())
    assert [units[name].confirmed for name in ("root", "old")] == [Confirmation.UNCONFIRMED] * 2
    assert all(unit.confirmed is Confirmation.UNCONFIRMED for unit in joined(chain[:2]).values())


def test_two_requests_that_name_one_commit() -> None:
    """Somebody marked a request as merged by hand: the one that git bears out counts."""
    false = request(3, commits=(part("other"),), head_sha=sha("other"))
    for order in ((false, request()), (request(), false)):
        unit = joined([ROOT, landed("landed", "root", "head")], *order)["landed"]
        assert (unit.number, unit.confirmed) == (7, Confirmation.CONFIRMED)


def test_a_message_that_names_another_request_is_told() -> None:
    unit = joined([ROOT, landed("landed", "root", "head", claimed="#3")], request())["landed"]
    assert (unit.number, unit.confirmed) == (7, Confirmation.CONFIRMED)
    assert unit.reason.endswith("its message names #3")


def test_open_requests_land_nowhere() -> None:
    made = request(state=RequestState.OPEN)
    assert joined([ROOT, landed("landed", "root")], made)["landed"].number is None


def git(folder: Path, *arguments: str, **more: Any) -> bytes:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, **more
    ).stdout


@pytest.fixture
def diffs(tmp_path: Path) -> Any:
    """Makes the diff of two texts of one file, as git prints it."""
    git(tmp_path, "init", "-q")

    def make(old: str, new: str) -> bytes:
        for name, text in (("old", old), ("new", new)):
            (tmp_path / name).write_text(text)
        made = subprocess.run(
            ["git", "-C", str(tmp_path), "diff", "--no-index", "--full-index", "old", "new"],
            capture_output=True,
        )
        return made.stdout

    return make


LINES = [f"line {number}" for number in range(30)]


def body(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def test_a_patch_is_the_same_further_down_and_another_with_other_content(diffs: Any) -> None:
    changed = [*LINES[:20], "changed", *LINES[21:]]
    plain = diffs(body(LINES), body(changed))
    moved = diffs(body(["new first line", *LINES]), body(["new first line", *changed]))
    assert plain != moved
    assert patch_digest(plain) == patch_digest(moved)
    assert patch_digest(diffs(body(LINES), body([*LINES[:20], "other", *LINES[21:]]))) != patch_digest(plain)
    # In YAML, white space is meaning.
    assert patch_digest(diffs(body(LINES), body([*LINES[:20], "  changed", *LINES[21:]]))) != patch_digest(
        plain
    )
    assert patch_digest(b"") == ""


def test_content_cannot_pass_for_a_header() -> None:
    head = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n"
    assert patch_digest(head + b"+index 1\n") != patch_digest(head + b"+index 2\n")
    assert patch_digest(head + b"+@@ -1 +1 @@\n") != patch_digest(head + b"+@@ -2 +2 @@\n")
    assert patch_digest(b"index 1..2\n" + head) == patch_digest(b"index 3..4\n" + head)


def test_what_is_compared() -> None:
    made = request(
        reviews=(review("bob", of="old"), review("cem"), review("dora", of="gone", state="commented"))
    )
    assert approved_heads(made, sha("head")) == (sha("old"),)
    unit = joined([ROOT, landed("landed", "root", "head")], made)["landed"]
    others: dict[str, bytes] = {}
    texts = {sha("head"): b"patch", sha("old"): b"patch", sha("older"): b"another"}

    def told(*heads: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = with_patches(
            unit, [sha(head) for head in heads], base=sha("root"), merged_head=sha("head"),
            sources=(lambda base, head: texts.get(head), lambda base, head: others.get(head)),
        )  # fmt: skip
        return found.same_patch, found.other_patch

    assert told("old", "older", "lost") == ((sha("old"),), (sha("older"),))
    del texts[sha("head")]
    assert told("old") == ((), ())
    # A source that has both is asked where another lacks one; what two sources say is never mixed.
    others |= {sha("head"): b"written otherwise", sha("lost"): b"written otherwise", sha("older"): b"other"}
    assert told("older", "lost") == ((sha("lost"),), (sha("older"),))
    texts[sha("head")] = b"patch"
    assert told("old", "lost") == ((sha("old"), sha("lost")), ())
