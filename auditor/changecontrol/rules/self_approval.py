"""Somebody approved what they had a part in, and nobody else did."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, failed, skipped
from auditor.changecontrol.rules.approvals import assessed, forge_lacking


class SelfApproval:
    """An author, co-author or pusher has no approver who is somebody else.

    Who edits a bot's request and then approves it has approved their own work.
    """

    id = "AUD-CHG-0008"

    def lacking(self, known: Known) -> str:
        """Only a forge knows of approvals."""
        return forge_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Names who approved, and what their part was."""
        found = assessed(change)
        if isinstance(found, tuple):
            return found
        if found.self_approved is None:
            return skipped("the forge does not tell whether somebody else approved")
        return failed(found.reasons["self_approved"]) if found.self_approved else ()
