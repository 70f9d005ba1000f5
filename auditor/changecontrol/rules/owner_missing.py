"""The owners of what was changed were not among those who approved."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, skipped
from auditor.changecontrol.rules.approvals import assessed, forge_lacking


class OwnerMissing:
    """By the CODEOWNERS of the base when it was merged, as the forge reads it."""

    id = "AUD-CHG-0010"

    def lacking(self, known: Known) -> str:
        """Only a forge knows of approvals."""
        return forge_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict for each line (or section) of CODEOWNERS that is not fulfilled."""
        found = assessed(change)
        if isinstance(found, tuple):
            return found
        missing = found.missing_owners
        if missing is None:
            return skipped("CODEOWNERS of the base could not be evaluated")
        certain = [
            ChangeVerdict(message=f"an owner's approval is missing: {one.why}", about=one.why)
            for one in missing
            if one.certain
        ]
        if certain or not missing:
            return certain
        return skipped("whether an owner approved cannot be told: the members of a group are not known")
