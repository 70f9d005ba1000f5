"""Looks at the refs of a repository one after another, as runs do, with what they record between."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from histories.builder import History

from auditor.git.mirror import Mirror, mirror_folder, update_mirror
from auditor.git.refs import kept
from auditor.pipeline.evidence.refs import RefNews, observe_refs
from auditor.store.database import open_database
from auditor.store.writer import writing

START = datetime(2026, 1, 1, tzinfo=UTC)
ZERO = datetime(2020, 1, 1, tzinfo=UTC)

_RUN = """
INSERT INTO trail.run (id, repo, tip, started_at, finished_at, status, engine, engine_version, bundle_digest,
                       settings_digest, parser_version, kubernetes_version, auditor_version, counts)
VALUES (?, 'repo', ?, ?, ?, 'complete', '', '', '', '', 1, '', '', MAP {})
"""


class Looks:
    """A repository and a database beside it; `look` is what a run does about refs, and records it."""

    def __init__(self, folder: Path) -> None:
        self.story = History(folder / "repo")
        self.state = folder / "state"
        self.database = folder / "state" / "a.duckdb"
        self._seq = count()
        self._days = count()
        self.mirror: Mirror

    def look(self, *, source: Path | None = None, redact: str = "") -> RefNews:
        """One look; everything that the tip reaches is recorded as a run would."""
        now = START + timedelta(days=next(self._days))
        with open_database(self.database, create=True) as database:
            self.mirror = update_mirror(str(source or self.story.path), self.state)
            news = observe_refs(
                database,
                self.mirror,
                "repo",
                now,
                redact=(lambda ref: ref.replace(redact, "[…]")) if redact else str,
            )
            known = {
                sha for (sha,) in database.cursor().execute("SELECT sha FROM trail.commit_record").fetchall()
            }
            reached = self.mirror.git.run("rev-list", self.mirror.tip, repository=self.mirror.path)
            run = f"run-{now:%j}"
            with writing(database) as writer:
                writer.append(
                    "commit_record",
                    [
                        ("repo", sha, "t", [], "A", "a@b", ZERO, 0, "A", "a@b", ZERO, 0, "s", "", "", seq)
                        for sha, seq in zip(reached.decode().split(), self._seq, strict=False)
                        if sha not in known
                    ],
                )
                rows = news.observation_rows("repo", run)
                writer.append("ref_observation", [(*row, next(self._seq)) for row in rows])
                rows = news.loss_rows("repo", run)
                writer.append("commit_loss", [(*row, next(self._seq)) for row in rows])
                writer.execute(_RUN, [run, self.mirror.tip, now, now])
        return news

    def lost(self) -> set[str]:
        """What the contract says is lost."""
        with open_database(self.database) as database:
            return {
                sha for (sha,) in database.cursor().execute("SELECT sha FROM commits WHERE lost").fetchall()
            }


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    looks = Looks(tmp_path)
    looks.story.commit("one", {"a": "1"})
    looks.story.commit("two", {"a": "2"})
    return looks


def told(news: RefNews) -> list[tuple[str, str]]:
    return [(seen.ref.removeprefix("refs/"), str(seen.move)) for seen in news.observations]


def test_the_first_look_and_quiet_ones(looks: Looks) -> None:
    looks.story.ref("refs/tags/v1", looks.story.tip("main"))
    assert told(looks.look()) == [("heads/main", "created"), ("tags/v1", "created")]
    for _ in range(2):
        news = looks.look()
        assert (news.observations, news.lost, news.found_again, news.notes) == ((), (), (), ())
    looks.story.commit("three", {"a": "3"})
    assert told(looks.look()) == [("heads/main", "advanced")]


def test_a_force_push_loses_commits_and_a_restored_history_finds_them_again(looks: Looks) -> None:
    base = looks.story.tip("main")
    one = looks.story.commit("three", {"a": "3"})
    two = looks.story.commit("four", {"a": "4"})
    looks.look()
    looks.story.branch("main", base)
    other = looks.story.commit("instead", {"a": "9"})
    news = looks.look()
    assert told(news) == [("heads/main", "rewritten")]
    assert (news.observations[0].old_sha, news.observations[0].new_sha) == (two, other)
    assert news.lost == tuple(sorted((one, two)))
    assert looks.lost() == {one, two}
    assert kept(looks.mirror) == {two}
    quiet = looks.look()
    assert (quiet.observations, quiet.lost, quiet.found_again) == ((), (), ())
    # Half of it comes back on another branch, then all of it.
    looks.story.branch("again", one)
    half = looks.look()
    assert (half.lost, half.found_again) == ((), (one,))
    assert looks.lost() == {two}
    looks.story.branch("main", two)
    whole = looks.look()
    assert told(whole) == [("heads/main", "rewritten")]
    assert (whole.lost, whole.found_again) == ((other,), (two,))
    assert looks.lost() == {other}


def test_a_deleted_side_branch_that_was_never_audited_is_no_loss(looks: Looks) -> None:
    side = looks.story.commit("side", {"b": "1"}, branch="side", parents=(looks.story.tip("main"),))
    looks.look()
    (looks.story.git_folder / "refs/heads/side").unlink()
    news = looks.look()
    assert told(news) == [("heads/side", "deleted")]
    assert news.lost == ()
    assert kept(looks.mirror) == {side}


def test_a_branch_that_is_deleted_and_made_again(looks: Looks) -> None:
    tip = looks.story.tip("main")
    looks.story.branch("release", tip)
    looks.look()
    (looks.story.git_folder / "refs/heads/release").unlink()
    assert told(looks.look()) == [("heads/release", "deleted")]
    assert looks.look().observations == ()
    looks.story.branch("release", looks.story.parents[tip][0])
    news = looks.look()
    assert told(news) == [("heads/release", "created")]
    assert news.observations[0].old_sha == ""


def test_a_renamed_branch_loses_nothing(looks: Looks) -> None:
    looks.look()
    looks.story.branch("trunk", looks.story.tip("main"))
    looks.story.point_head("trunk")
    (looks.story.git_folder / "refs/heads/main").unlink()
    news = looks.look()
    assert told(news) == [("heads/main", "deleted"), ("heads/trunk", "created")]
    assert news.lost == ()


def test_what_a_detached_head_held_is_lost_with_it(looks: Looks) -> None:
    base = looks.story.tip("main")
    alone = looks.story.commit("alone", {"a": "3"})
    looks.story.branch("main", base)
    looks.story.point_head(alone)
    assert told(looks.look()) == [("heads/main", "created")]
    looks.story.point_head("main")
    news = looks.look()
    assert news.observations == ()
    assert news.lost == (alone,)


def test_a_shallow_source_is_not_said_to_be_rewritten(looks: Looks, tmp_path: Path) -> None:
    source = looks.story.path.parent / "source"
    looks.story.git("clone", "--quiet", str(looks.story.path), str(source))
    looks.look(source=source)
    for number in range(3):
        looks.story.commit(f"more {number}", {"a": str(number)})
    whole = tmp_path / "whole"
    source.rename(whole)
    looks.story.git("clone", "--quiet", "--depth=1", f"file://{looks.story.path}", str(source))
    news = looks.look(source=source)
    assert (news.observations, news.lost) == ((), ())
    assert "shallow" in news.notes[0]
    shutil.rmtree(source)
    whole.rename(source)
    looks.story.git("pull", "--quiet", "--ff-only", folder=source)
    assert ("heads/main", "advanced") in told(looks.look(source=source))


def test_a_mirror_that_was_made_anew_says_that_what_was_lost_cannot_be_read(looks: Looks) -> None:
    base = looks.story.tip("main")
    lost = looks.story.commit("lost", {"a": "3"})
    looks.look()
    shutil.rmtree(mirror_folder(looks.state, looks.mirror.location))
    looks.story.branch("main", base)
    looks.story.object_file(lost).unlink()
    news = looks.look()
    assert told(news) == [("heads/main", "rewritten")]
    assert news.lost == (lost,)
    assert "cannot be read from git again" in news.notes[0]
    assert looks.look().notes == ()


def test_names_of_refs_are_redacted_and_stay_comparable(looks: Looks) -> None:
    looks.story.branch("try-hunter2", looks.story.tip("main"))
    assert ("heads/try-[…]", "created") in told(looks.look(redact="hunter2"))
    assert looks.look(redact="hunter2").observations == ()
