"""A commit that says it merges a pull request, and merges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditor.changecontrol.interface import Asked, ChangeVerdict, LandedChange, failed
from auditor.model.forge import Confirmation

_CLAIM = re.compile(r"^Merge (?:pull request #\d+ from |branch '.+' into )")


class ForgedMergeMessage(Asked):
    """The subject is a forge's own merge message, and the commit has one parent.

    Only the first line counts: a squash body may quote such a line. What the forge itself says landed by that
    request is no forgery, whatever words it chose.
    """

    id = "AUD-CHG-0002"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Quotes nothing of the message: it is hostile text and stands in the trail."""
        commit = change.commit
        if len(commit.parents) != 1 or not _CLAIM.match(commit.subject):
            return ()
        if change.confirmation is Confirmation.CONFIRMED:
            return ()
        return failed(
            f"the message by {commit.author.name} claims a merge, and the commit has a single parent"
        )
