"""A commit that says it merges a pull request, and merges nothing."""

from __future__ import annotations

import re

from auditor.changecontrol.interface import LandedChange

_CLAIM = re.compile(r"^Merge (?:pull request #\d+ from |branch '.+' into )")


class ForgedMergeMessage:
    """The subject is a forge's own merge message, and the commit has one parent.

    Only the first line counts: a squash body may quote such a line.
    """

    id = "AUD-CHG-0002"

    def objection(self, change: LandedChange) -> str:
        """Quotes nothing of the message: it is hostile text and stands in the trail."""
        commit = change.commit
        if len(commit.parents) == 1 and _CLAIM.match(commit.subject):
            return f"the message by {commit.author.name} claims a merge, and the commit has a single parent"
        return ""
