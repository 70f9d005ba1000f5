"""Signed by the forge's own key, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, failed
from auditor.changecontrol.rules.trust import good_check, is_platform, trust_lacking
from auditor.model import ActorKind


class PlatformSignedOnly:
    """Such a signature says which platform made the commit, not which person: whoever holds the session could.

    A merge whose commits are signed by their authors is theirs, whoever signed the merge. A bot that commits through
    its forge has no key but the forge's.
    """

    id = "AUD-CHG-0012"

    def lacking(self, known: Known) -> str:
        """Whose key it is takes a trust store."""
        return trust_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Names the author who did not sign."""
        known, commit = change.known, change.commit
        check = good_check(known, commit.sha)
        if check is None or not is_platform(known, check) or commit.actor_kind is not ActorKind.PERSON:
            return ()
        checks = [good_check(known, side.sha) for side in change.side]
        if any(one is not None and not is_platform(known, one) for one in checks):
            return ()
        return failed(
            f"signed by the forge's own key alone; nothing but the forge's word ties it to {commit.author.name}"
        )
