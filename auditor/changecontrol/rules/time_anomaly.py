"""A commit that claims to be older than its parent, or made after we saw it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from auditor.changecontrol.interface import Asked, ChangeVerdict, LandedChange, failed

SKEW = timedelta(minutes=10)
"""How far two honest clocks may be apart."""


class TimeAnomaly(Asked):
    """The committer's time is before a parent's, or after our first sight, by more than clocks differ."""

    id = "AUD-CHG-0005"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Names the parent, or the sight, and by how much."""
        commit = change.commit
        at = commit.committer.at
        for sha in commit.parents:
            parent = change.known.commits.get(sha)
            if parent is not None and at < parent.committer.at - SKEW:
                by = parent.committer.at - at
                return failed(f"committed {by} before its parent {sha[:12]}, by what both claim")
        sight = change.known.first_sights.get(commit.sha)
        if sight is not None and at > sight.at + SKEW:
            by = timedelta(seconds=round((at - sight.at).total_seconds()))
            return failed(f"it was here {by} before it claims to have been committed")
        return ()
