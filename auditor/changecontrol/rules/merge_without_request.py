"""A merge that names no pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditor.changecontrol.interface import (
    CLAIMED,
    NO_FORGE,
    Asked,
    ChangeVerdict,
    LandedChange,
    failed,
    skipped,
)
from auditor.model import ActorKind
from auditor.model.forge import Confirmation

_UPDATE = re.compile(r"^Merge (?:remote-tracking )?branch '")


class MergeWithoutRequest(Asked):
    """Two parents, no number. `Merge branch 'main' into …` is git's own message when a clone is updated.

    Merges that automation makes by design are not meant.
    """

    id = "AUD-CHG-0003"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Says how many commits the merge brought in."""
        commit = change.commit
        if len(commit.parents) < 2 or commit.actor_kind is not ActorKind.PERSON:
            return ()
        if change.confirmation is Confirmation.CONFIRMED:
            return ()
        how = "as git merges a branch" if _UPDATE.match(commit.subject) else "by hand"
        if change.confirmation is Confirmation.CONTRADICTED and change.unit is not None:
            return failed(
                f"{commit.author.name} merged {len(change.side)} commits {how}: {change.unit.reason}"
            )
        if commit.pull_request:
            return skipped(CLAIMED)
        return failed(
            f"{commit.author.name} merged {len(change.side)} commits {how}, and no pull request is named; {NO_FORGE}"
        )
