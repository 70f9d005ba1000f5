"""A person's commit landed without a pull request. git alone gives a suspicion; a forge makes it certain or clears it."""

from __future__ import annotations

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


class DirectPush(Asked):
    """One parent, no request in the message, a person's. The root commit has nothing to be reviewed against.

    A rebase-merge leaves the same trace as a direct push, and a message may name a request that it did not land by:
    only a forge can tell.
    """

    id = "AUD-CHG-0001"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Names the person. Automation that commits by design is not meant."""
        commit = change.commit
        if len(commit.parents) != 1 or commit.actor_kind is not ActorKind.PERSON:
            return ()
        if change.confirmation is Confirmation.CONFIRMED:
            return ()
        if change.confirmation is Confirmation.CONTRADICTED and change.unit is not None:
            return failed(f"{commit.author.name} landed a commit by no request: {change.unit.reason}")
        if commit.pull_request:
            return skipped(CLAIMED)
        return failed(f"{commit.author.name} landed a commit whose message names no pull request; {NO_FORGE}")
