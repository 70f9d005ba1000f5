"""What a forge tells goes into the trail once, redacted, and a failure loses nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from forge.made import START, part, request, review, sha
from forge.mining import Mine
from histories.builder import History

from auditor.errors import ForgeError
from auditor.model import Check, Confirmation, ForgeUser, Request, RequestState
from auditor.settings import ForgeSetting
from auditor.store.database import open_database
from auditor.store.forge import forge_cursor, recorded_requests
from auditor.trail.records import RECORD_KINDS, canonical, leaf_hash

SECRET = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class FakeForge:
    """A forge that tells what a test gives it, in order, and breaks off where it is told to."""

    told: list[Request] = field(default_factory=list)
    breaks_after: int | None = None
    asked: list[datetime | None] = field(default_factory=list)
    opened_with: dict[str, Any] = field(default_factory=dict)
    closed: int = 0
    diffs: dict[str, bytes] = field(default_factory=dict)
    compared: list[tuple[str, str]] = field(default_factory=list)
    name: str = "github"

    def __call__(self, kind: str, repository: str, **more: Any) -> FakeForge:
        self.opened_with = {"kind": kind, "repository": repository, **more}
        return self

    def requests(self, since: datetime | None) -> Iterator[Request]:
        self.asked.append(since)
        wanted = [one for one in self.told if since is None or one.updated_at >= since]
        for number, one in enumerate(sorted(wanted, key=lambda each: each.updated_at)):
            if number == self.breaks_after:
                raise ForgeError("git.example.com did not answer /pulls/9: ReadTimeout")
            yield one

    def patch(self, base: str, head: str) -> bytes | None:
        self.compared.append((base, head))
        return self.diffs.get(head)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def forge() -> FakeForge:
    return FakeForge()


@pytest.fixture
def mine(tmp_path: Path, forge: FakeForge) -> Mine:
    history = History(tmp_path / "source")
    history.commit("Begin", {"a.yaml": "a: 1\n"})
    history.commit("Scale (#7)", {"a.yaml": "a: 2\n"})
    return Mine(
        folder=tmp_path,
        location=str(history.path),
        setting=ForgeSetting(kind="github", repository="acme/fleet"),
        environment={"GITHUB_TOKEN": "token"},
        opened=forge,
        redact=lambda text: text.replace(SECRET, "REDACTED"),
    )


def numbered(number: int, hours: float, **more: Any) -> Request:
    more.setdefault("merge_sha", sha(f"m{number}"))
    return request(number, updated_at=START + timedelta(hours=hours), **more)


def test_told_once_recorded_once(mine: Mine, forge: FakeForge) -> None:
    full = numbered(
        7, 1, labels=("sale",), body="why", reviews=(review("bob"), review("cem", state="commented")),
        checks=(Check(name="ci", state="success", completed_at=START, url="https://ci.example.com/1"),),
        commits=(part("one", co_authors=("x@example.com",)), part("head", None, email="away@example.com")),
    )  # fmt: skip
    forge.told = [full, numbered(8, 2, state=RequestState.OPEN, merged_at=None, merged_by=None)]
    _, first = mine.run()
    assert first.rows == {
        "pull_request": 2,
        "review": 2,
        "request_commit": 3,
        "check_result": 1,
        "change_unit": 0,
    }
    _, again = mine.run()
    assert set(again.rows.values()) == {0}
    assert forge.asked == [None, START + timedelta(hours=2)]
    assert forge.closed == 2
    with open_database(mine.database, read_only=True) as opened:
        back, _open = recorded_requests(opened.cursor(), mine.repo)
    assert back == replace(full, fetched_at=back.fetched_at)


def test_a_later_truth_is_a_new_row_and_what_is_gone_is_said(mine: Mine, forge: FakeForge) -> None:
    first = numbered(7, 1, state=RequestState.OPEN, merged_at=None, merge_sha="", reviews=(review("bob"),))
    forge.told = [first]
    mine.run()
    forge.told = [
        replace(first, updated_at=START + timedelta(hours=3), title="Other", reviews=(review("cem"),))
    ]
    _, second = mine.run()
    assert (second.rows["pull_request"], second.rows["review"], second.rows["request_commit"]) == (1, 2, 0)
    assert mine.rows("SELECT title FROM trail.pull_request ORDER BY seq") == [("T",), ("Other",)]
    assert mine.rows("SELECT reviewer, gone FROM trail.review ORDER BY seq") == [
        ("bob", False), ("cem", False), ("bob", True),
    ]  # fmt: skip
    assert mine.rows("SELECT reviewer FROM reviews") == [("cem",)]
    forge.told = [
        replace(forge.told[0], updated_at=START + timedelta(hours=4), reviews=(review("cem"), review("bob")))
    ]
    mine.run()
    assert sorted(mine.rows("SELECT reviewer FROM reviews")) == [("bob",), ("cem",)]


def test_checks_of_earlier_heads_stay(mine: Mine, forge: FakeForge) -> None:
    failed = Check(name="ci", state="failure", completed_at=START)
    first = numbered(7, 1, checks=(failed, replace(failed, state="success")), head_sha=sha("old"))
    forge.told = [first]
    mine.run()
    forge.told = [
        replace(
            first,
            updated_at=START + timedelta(hours=3),
            head_sha=sha("new"),
            checks=(replace(failed, state="success"),),
        )
    ]
    mine.run()
    assert sorted(mine.rows("SELECT sha, name, state FROM checks")) == [
        (sha("new"), "ci", "success"), (sha("old"), "ci", "failure"), (sha("old"), "ci (2)", "success"),
    ]  # fmt: skip
    with open_database(mine.database, read_only=True) as opened:
        (back,) = recorded_requests(opened.cursor(), mine.repo, [7])
    assert [check.state for check in back.checks] == ["success"]


def test_a_broken_connection_keeps_what_was_told_and_goes_on_there(mine: Mine, forge: FakeForge) -> None:
    forge.told = [numbered(number, number) for number in (1, 2, 3)]
    forge.breaks_after = 2
    news, _ = mine.run()
    assert (
        news.incomplete
        == "the forge did not tell everything: git.example.com did not answer /pulls/9: ReadTimeout"
    )
    assert mine.rows("SELECT number FROM pull_requests ORDER BY number") == [(1,), (2,)]
    assert mine.rows("SELECT complete_at FROM trail.forge_cursor") == [(None,)]
    forge.breaks_after = None
    news, recorded = mine.run()
    assert news.incomplete == ""
    assert forge.asked == [None, START + timedelta(hours=2)]
    assert mine.rows("SELECT number FROM pull_requests ORDER BY number") == [(1,), (2,), (3,)]
    assert recorded.rows["pull_request"] == 1
    forge.breaks_after = 0
    mine.run()
    assert mine.rows("SELECT updated_at FROM trail.forge_cursor") == [(START + timedelta(hours=3),)]


def test_texts_are_redacted_and_bounded(mine: Mine, forge: FakeForge) -> None:
    forge.told = [
        numbered(
            7, 1, title=f"Rotate {SECRET}", body=f"{SECRET} " + "x" * 20_000, labels=(SECRET,), head_branch=SECRET,
            author=ForgeUser(login="ann\x00", name="A\x00"), commits=(part("head", subject=f"{SECRET}\x00"),),
            checks=(Check(name=SECRET, state="success", completed_at=None, url=f"https://ci/{SECRET}"),),
        )
    ]  # fmt: skip
    mine.run()
    for table in ("pull_request", "request_commit", "check_result", "review"):
        assert SECRET not in str(mine.rows(f"SELECT * FROM trail.{table}"))
    ((title, body, has_body),) = mine.rows("SELECT title, body, has_body FROM trail.pull_request")
    assert (title, has_body) == ("Rotate REDACTED", True)
    assert len(body) <= 10_000
    assert set(mine.run()[1].rows.values()) == {0}


def test_another_server_or_repository_is_asked_for_everything(mine: Mine, forge: FakeForge) -> None:
    forge.told = [numbered(7, 1)]
    mine.run()
    mine.setting = ForgeSetting(kind="github", repository="acme/other")
    mine.run()
    assert forge.asked == [None, None]
    with open_database(mine.database, read_only=True) as opened:
        cursor = forge_cursor(opened.cursor(), mine.repo, "github")
    assert cursor is not None
    assert cursor.source == "https://github.com/acme/other"


def test_the_token_reaches_the_forge_and_nothing_else(mine: Mine, forge: FakeForge) -> None:
    mine.environment = {"GITHUB_TOKEN": SECRET}
    forge.told = [numbered(7, 1)]
    news, _ = mine.run()
    assert forge.opened_with["token"] == SECRET
    assert SECRET not in repr(news)
    assert SECRET.encode() not in mine.database.read_bytes()


def test_a_landing_is_decided_and_decided_again_when_more_is_known(mine: Mine, forge: FakeForge) -> None:
    _, first = mine.run()
    root, scaled = (unit.sha for unit in first.units)
    assert {unit.confirmed for unit in first.units} == {Confirmation.UNCONFIRMED}
    assert mine.rows("SELECT sha, confirmed, reason FROM change_units ORDER BY sha = ?", scaled) == [
        (root, "not confirmed by a forge", "no forge was asked"),
        (scaled, "not confirmed by a forge", "no forge was asked"),
    ]
    forge.told = [numbered(7, 1, reviews=(review("bob"),))]
    forge.told[0] = replace(forge.told[0], merge_sha=scaled)
    mine.run()
    assert mine.rows(
        "SELECT number, claimed, confirmed, approvers FROM change_units WHERE sha = ?", scaled
    ) == [(7, "#7", "confirmed", ["bob"])]
    forge.told = [replace(forge.told[0], updated_at=START + timedelta(hours=2), merge_sha=root)]
    mine.run()  # the forge says otherwise now: both accounts stay, the later one is shown
    assert mine.rows("SELECT confirmed FROM trail.change_unit WHERE sha = ? ORDER BY seq", scaled) == [
        ("confirmed",), ("not confirmed by a forge",),
    ]  # fmt: skip


def test_a_forge_that_cannot_be_reached_takes_no_confirmation_back(mine: Mine, forge: FakeForge) -> None:
    _, first = mine.run()
    scaled = first.units[-1].sha
    forge.told = [replace(numbered(7, 1), merge_sha=scaled)]
    mine.run()
    forge.breaks_after = 0
    _, third = mine.run()
    assert third.rows["change_unit"] == 0
    assert mine.rows("SELECT confirmed FROM change_units WHERE sha = ?", scaled) == [("confirmed",)]


def test_every_row_is_in_the_log_as_it_stands_in_the_table(mine: Mine, forge: FakeForge) -> None:
    _, first = mine.run()
    scaled = first.units[-1].sha
    forge.told = [numbered(7, 1, reviews=(review("bob"), review("cem", hours=None)), checks=(Check(name="ci", state="pending", completed_at=None),))]  # fmt: skip
    forge.told[0] = replace(forge.told[0], merge_sha=scaled)
    mine.run()
    forge.told = [replace(forge.told[0], updated_at=START + timedelta(hours=2), reviews=())]
    mine.run()
    leaves = dict(mine.log.leaves())
    for table in ("pull_request", "review", "request_commit", "check_result", "change_unit"):
        columns = ", ".join(f'"{name}"' for name in RECORD_KINDS[table].columns)
        rows = mine.rows(f"SELECT {columns}, seq FROM trail.{table}")
        assert rows, table
        for *row, seq in rows:
            assert leaf_hash(canonical(table)(tuple(row))) == leaves[seq]


def test_silence_means_something_once_everything_was_told(mine: Mine, forge: FakeForge) -> None:
    forge.told = [numbered(7, 1), numbered(8, 2)]
    forge.breaks_after = 1
    broken, _ = mine.run()
    forge.told.pop()
    forge.breaks_after = None
    whole, _ = mine.run()
    after, _ = mine.run()
    assert [one.is_about_earlier_changes for one in (broken, whole, after)] == [True, True, False]
    assert whole.requests == ()


def test_a_scan_without_a_forge_needs_no_http_client() -> None:
    code = (
        "import sys; import auditor.pipeline.evidence.forge, auditor.forge.approval, auditor.forge.owners\n"
        "print([name for name in ('httpx2', 'stamina', 'regex') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("approved", "expected"), [(b"+a: 2\n", "same_patch"), (b"+a: 3\n", "other_patch")])
def test_heads_that_git_has_lost_are_compared_by_the_forge(
    mine: Mine, forge: FakeForge, approved: bytes, expected: str
) -> None:
    _, first = mine.run()
    root, squashed = (unit.sha for unit in first.units)
    forge.diffs = {sha("head"): b"+a: 2\n", sha("old"): approved}
    forge.told = [numbered(7, 1, merge_sha=squashed, reviews=(review("bob", of="old"),))]
    mine.run()
    assert forge.compared == [(root, sha("head")), (root, sha("old"))]
    assert mine.rows(f"SELECT {expected} FROM trail.change_unit") == [([sha("old")],)]
    mine.run()
    assert mine.rows("SELECT count(*) FROM trail.change_unit") == [(1,)]


def test_a_landing_that_came_since_is_held_against_what_was_told_before(mine: Mine, forge: FakeForge) -> None:
    """The forge may tell of a merge that the mirror does not have yet."""
    history = History(mine.folder / "source")
    mine.run()
    history.trees, history.parents = {}, {}
    tip = history.tip("main")
    later = history.git("commit-tree", f"{tip}^{{tree}}", "-p", tip, "-m", "Later (#9)").strip()
    forge.told = [numbered(9, 1, merge_sha=later)]
    mine.run()
    assert mine.rows("SELECT count(*) FROM change_units WHERE number = 9") == [(0,)]
    history.ref("refs/heads/main", later)
    _, third = mine.run()
    assert forge.asked[-1] is not None
    assert third.rows["pull_request"] == 0
    assert mine.rows("SELECT sha, confirmed FROM change_units WHERE number = 9") == [(later, "confirmed")]
    _, fourth = mine.run()
    assert fourth.units == ()


def test_a_push_during_an_outage_is_contradicted_when_the_forge_is_back(mine: Mine, forge: FakeForge) -> None:
    history = History(mine.folder / "source")
    mine.run()
    scaled = mine.rows("SELECT sha FROM commits WHERE landed ORDER BY position")[-1][0]
    forge.told = [numbered(7, 1, merge_sha=scaled)]
    mine.run()
    pushed = history.git("commit-tree", f"{scaled}^{{tree}}", "-p", scaled, "-m", "Quickly").strip()
    history.ref("refs/heads/main", pushed)
    forge.breaks_after = 0
    mine.run()
    said = "SELECT confirmed FROM change_units WHERE sha = ?"
    assert mine.rows(said, pushed) == [("not confirmed by a forge",)]
    forge.breaks_after = None
    back, _ = mine.run()
    assert (back.requests, back.is_about_earlier_changes) == ((), True)
    assert mine.rows(said, pushed) == [("contradicted",)]
