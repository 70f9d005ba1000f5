"""Where the refs went since the last run, and what was lost with them: for the scan, right after the fetch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.git.mirror import Mirror
from auditor.git.refs import (
    descents,
    existing_commits,
    keep,
    moved_branches,
    observe,
    reachable_from_refs,
    read_refs,
    unreachable_from_refs,
)
from auditor.model import RefMove, RefObservation
from auditor.store.database import Database
from auditor.store.observations import last_tip, lost_before, recorded_commits, refs_before
from auditor.store.writer import Writer
from auditor.trail.log import Log


@dataclass(frozen=True, kw_only=True, slots=True)
class RefNews:
    """What a look at the refs told.

    `lost` are recorded commits that no ref of the source reaches any more and that were not known to be lost;
    `found_again` those that were lost and are back. Both sorted. `notes` say what could not be told or kept.
    """

    seen_at: datetime
    observations: tuple[RefObservation, ...]
    lost: tuple[str, ...]
    found_again: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def observation_rows(self, repo: str, run: str) -> Iterator[tuple[Any, ...]]:
        """Rows of trail.ref_observation, without their place in the log."""
        for seen in self.observations:
            yield repo, seen.ref, seen.old_sha, seen.new_sha, str(seen.move), seen.seen_at, run

    def loss_rows(self, repo: str, run: str) -> Iterator[tuple[Any, ...]]:
        """Rows of trail.commit_loss, without their place in the log."""
        for shas, lost in ((self.lost, True), (self.found_again, False)):
            for sha in shas:
                yield repo, sha, lost, self.seen_at, run


def observe_refs(
    database: Database,
    mirror: Mirror,
    repo: str,
    now: datetime,
    *,
    redact: Callable[[str], str] = str,
) -> RefNews:
    """Compares the refs with what earlier runs recorded, and holds in the mirror what was lost.

    Records nothing: the rows belong into the run's transaction. `redact` is applied to ref names. The first look
    at a repository gives a CREATED for every ref. Raises GitError where the mirror cannot be read.
    """
    before = refs_before(database, repo)
    # Two names that are redacted alike would be one; sorted, the same one stands for both every time.
    refs = {redact(ref): sha for ref, sha in sorted(read_refs(mirror).items(), reverse=True)}
    shallow = (mirror.path / "shallow").exists()
    descending = descents(mirror, moved_branches(before, refs))
    untold: list[str] = []

    def is_ancestor(old: str, new: str) -> bool | None:
        if (old, new) in descending:
            return True
        if shallow:
            untold.append(old)
            return None
        return False

    observations = observe(before, refs, is_ancestor, seen_at=now)
    notes = []
    if untold:
        notes.append(
            f"{len(untold)} branches moved in a shallow source: whether they were rewritten cannot be told"
        )
    lost: set[str] = set()
    known_lost = lost_before(database, repo)
    if not shallow:  # where history is cut off, what is not there may still exist
        lost = _lost(database, mirror, repo, observations, notes) - known_lost
    back = _found_again(mirror, known_lost) if known_lost and not shallow else set()
    return RefNews(
        seen_at=now,
        observations=tuple(observations),
        lost=tuple(sorted(lost)),
        found_again=tuple(sorted(back)),
        notes=tuple(notes),
    )


def record_refs(writer: Writer, log: Log, news: RefNews, *, repo: str, run: str) -> None:
    """Adds what was seen to the run's transaction; findings that rest on lost commits are told apart by it."""
    for table, rows in (
        ("ref_observation", news.observation_rows(repo, run)),
        ("commit_loss", news.loss_rows(repo, run)),
    ):
        writer.append(table, log.numbered(table, rows))


def _lost(
    database: Database, mirror: Mirror, repo: str, observations: Collection[RefObservation], notes: list[str]
) -> set[str]:
    """Recorded commits that were reached from where a ref was, and are from none now."""
    left = {
        seen.old_sha
        for seen in observations
        if seen.move in (RefMove.REWRITTEN, RefMove.MOVED, RefMove.DELETED)
    }
    # A run may have audited what no ref held: a detached HEAD, or a commit by its id.
    tip = last_tip(database, repo)
    went_on = {seen.old_sha for seen in observations if seen.move is RefMove.ADVANCED}
    if tip and tip != mirror.tip and tip not in went_on:
        left.add(tip)
    if not left:
        return set()
    here = set(existing_commits(mirror, left))
    recorded_tips = recorded_commits(database, repo, left - here)
    if recorded_tips:
        notes.append(
            f"the mirror was made anew, and {len(recorded_tips)} earlier tips are not in the source any more: what"
            " they alone reached stays recorded, and cannot be read from git again"
        )
        return recorded_commits(database, repo) - reachable_from_refs(mirror)
    gone = unreachable_from_refs(mirror, here)
    keep(mirror, here.intersection(gone))
    return recorded_commits(database, repo, gone) if gone else set()


def _found_again(mirror: Mirror, lost: Collection[str]) -> set[str]:
    here = set(existing_commits(mirror, lost))
    return here - set(unreachable_from_refs(mirror, here)) if here else set()
