"""A change landed that nobody had approved."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, failed, skipped
from auditor.changecontrol.rules.approvals import assessed, forge_lacking, landed_without_request


class UnapprovedChange:
    """No approval stood when the request was merged; merging is not approving. Without a request nobody was asked."""

    id = "AUD-CHG-0007"

    def lacking(self, known: Known) -> str:
        """Only a forge knows of approvals."""
        return forge_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """The forge's account, in words."""
        if landed_without_request(change):
            return failed(f"{change.commit.author.name}'s change landed by no request, so nobody approved it")
        found = assessed(change)
        if isinstance(found, tuple):
            return found
        if found.approved is None:
            return skipped(f"the forge does not tell: {_unspecific(found.reasons['approved'])}")
        return () if found.approved else failed(found.reasons["approved"])


def _unspecific(reason: str) -> str:
    """Reasons are counted, so who approved is left out."""
    return reason if reason.startswith("the forge") else "when the approval was given"
