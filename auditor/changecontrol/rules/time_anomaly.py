"""A commit that claims to be older than its parent."""

from __future__ import annotations

from datetime import timedelta

from auditor.changecontrol.interface import LandedChange

SKEW = timedelta(minutes=10)
"""How far two honest clocks may be apart."""


class TimeAnomaly:
    """The committer's time is before a parent's by more than clocks differ."""

    id = "AUD-CHG-0005"

    def objection(self, change: LandedChange) -> str:
        """Names the parent and by how much."""
        commit = change.commit
        for sha in commit.parents:
            parent = change.commits.get(sha)
            if parent is not None and commit.committer.at < parent.committer.at - SKEW:
                by = parent.committer.at - commit.committer.at
                return f"committed {by} before its parent {sha[:12]}, by what both claim"
        return ""
