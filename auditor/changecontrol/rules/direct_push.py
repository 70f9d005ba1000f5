"""A person's commit landed without a pull request. git alone gives a suspicion; a forge would confirm it."""

from __future__ import annotations

from auditor.changecontrol.interface import LandedChange
from auditor.model import ActorKind


class DirectPush:
    """One parent, no request in the message, a person's. The root commit has nothing to be reviewed against."""

    id = "AUD-CHG-0001"

    def objection(self, change: LandedChange) -> str:
        """Names the person. Automation that commits by design is not meant; a rebase-merge may look the same."""
        commit = change.commit
        if len(commit.parents) != 1 or commit.pull_request or commit.actor_kind is not ActorKind.PERSON:
            return ""
        return f"{commit.author.name} landed a commit whose message names no pull request; not confirmed by a forge"
