"""A landed commit without a signature."""

from __future__ import annotations

from auditor.changecontrol.interface import LandedChange


class UnsignedCommit:
    """No signature header at all; whether a signature is any good takes a trust store."""

    id = "AUD-CHG-0004"

    def objection(self, change: LandedChange) -> str:
        """The landing commit alone: what a squash or a merge brings in is signed by whoever landed it."""
        return "" if change.commit.signature_format else "the commit carries no signature"
