"""What was approved is not what landed."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, failed, skipped
from auditor.changecontrol.rules.approvals import assessed, forge_lacking


class StaleApproval:
    """Commits came after the approval, and the patch is another one. Bringing the base up to date changes no patch."""

    id = "AUD-CHG-0009"

    def lacking(self, known: Known) -> str:
        """Only a forge knows of approvals."""
        return forge_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Names the head that was approved and the one that landed."""
        found = assessed(change)
        if isinstance(found, tuple):
            return found
        if found.stale is None:
            return skipped("whether what was approved is what landed cannot be told")
        return failed(found.reasons["stale"]) if found.stale else ()
