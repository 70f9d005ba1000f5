"""A landed commit without a signature."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import Asked, ChangeVerdict, LandedChange, failed


class UnsignedCommit(Asked):
    """No signature header at all; whether a signature is any good takes a trust store.

    The header and not git's own `%G?`, which says "no signature" also where no allowed signers are configured.
    """

    id = "AUD-CHG-0004"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """The landing commit alone: what a squash or a merge brings in is signed by whoever landed it."""
        return () if change.commit.signature_format else failed("the commit carries no signature")
