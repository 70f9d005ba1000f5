"""A merge that names no pull request."""

from __future__ import annotations

import re

from auditor.changecontrol.interface import LandedChange

_UPDATE = re.compile(r"^Merge (?:remote-tracking )?branch '")


class MergeWithoutRequest:
    """Two parents, no number. `Merge branch 'main' into …` is git's own message when a clone is updated."""

    id = "AUD-CHG-0003"

    def objection(self, change: LandedChange) -> str:
        """Says how many commits the merge brought in."""
        commit = change.commit
        if len(commit.parents) < 2 or commit.pull_request:
            return ""
        how = "as git merges a branch" if _UPDATE.match(commit.subject) else "by hand"
        return f"{commit.author.name} merged {len(change.side)} commits {how}, and no pull request is named"
