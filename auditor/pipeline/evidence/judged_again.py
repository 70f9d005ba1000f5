"""Which landed changes and moves of refs a run judges: the new ones, or all of them where the evidence has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.git.history import read_earlier
from auditor.git.mirror import Mirror
from auditor.git.refs import existing_commits
from auditor.model import Commit, RefMove, RefObservation
from auditor.pipeline.evidence.news import News
from auditor.pipeline.mining.starting import Start
from auditor.settings import Settings
from auditor.store.database import Database
from auditor.store.observations import observations_before
from auditor.store.previous import PreviousRun, recorded_landings


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangesToJudge:
    """`all_of_them`: what earlier runs said of any change is replaced; else it stays, and these are added."""

    all_of_them: bool
    chain: Sequence[str]
    landed_in: Mapping[str, str]
    commits: Mapping[str, Commit]
    ref_moves: Sequence[RefObservation]


def changes_to_judge(
    database: Database,
    mirror: Mirror,
    repo: str,
    start: Start,
    commits: Mapping[str, Commit],
    news: News,
    *,
    previous: PreviousRun | None,
    settings: Settings,
) -> ChangesToJudge:
    """Decides. `commits` are the new ones; those of earlier runs are read from the mirror where they are judged again.

    Raises GitError, IncompleteHistoryError.
    """
    chain, landed_in = start.skeleton.chain, start.skeleton.landed_in
    fresh = start.after is None
    if not fresh and not _has_changed(previous, news, commits, settings):
        return ChangesToJudge(
            all_of_them=False,
            chain=chain,
            landed_in=landed_in,
            commits={**_parents(mirror, commits), **commits},
            ref_moves=news.refs.observations,
        )
    every: dict[str, Commit] = {**_parents(mirror, commits), **commits} if fresh else dict(commits)
    if not fresh:
        recorded = recorded_landings(database, repo, start.generation)
        read = read_earlier(mirror, [row.sha for row in recorded])
        every = {
            row.sha: replace(
                read[row.sha],
                landed=row.landed,
                position=row.position,
                actor_kind=row.actor_kind,
                pull_request=row.pull_request,
            )
            for row in recorded
        } | every
        chain = (*(row.sha for row in recorded if row.landed), *chain)
        landed_in = {row.sha: row.landed_in for row in recorded} | landed_in
    return ChangesToJudge(
        all_of_them=True,
        chain=chain,
        landed_in=landed_in,
        commits=every,
        ref_moves=(*_observed_before(database, repo), *news.refs.observations),
    )


def _parents(mirror: Mirror, commits: Mapping[str, Commit]) -> dict[str, Commit]:
    """Parents of the new commits that an earlier run has recorded; in a shallow source some are not there."""
    parents = {parent for commit in commits.values() for parent in commit.parents} - commits.keys()
    there = existing_commits(mirror, parents) if parents else ()
    return read_earlier(mirror, sorted(there)) if there else {}


def _has_changed(
    previous: PreviousRun | None, news: News, commits: Mapping[str, Commit], settings: Settings
) -> bool:
    if previous is None or previous.judging_digest != settings.judging_digest:
        return True
    if previous.status != "complete":
        return True  # what a rule could not answer then, it may now
    return news.is_about_earlier_changes(commits)


def _observed_before(database: Database, repo: str) -> list[RefObservation]:
    return [
        RefObservation(ref=ref, old_sha=old, new_sha=new, move=RefMove(move), seen_at=seen_at)
        for ref, old, new, move, seen_at in observations_before(database, repo)
    ]
