"""What the rules on approvals have in common: a forge's answers, or the reason why there are none."""

from __future__ import annotations

from auditor.changecontrol.interface import NO_FORGE, Assessment, ChangeVerdict, Known, LandedChange, skipped
from auditor.model import ActorKind
from auditor.model.forge import Confirmation


def forge_lacking(known: Known) -> str:
    """Why nothing can be said of approvals; '' where a forge is configured."""
    return "" if known.forge else f"{NO_FORGE}: none is configured (`forge`), and git knows of no approvals"


def assessed(change: LandedChange) -> Assessment | tuple[ChangeVerdict, ...]:
    """What the forge says of the approvals, or a skipped verdict: an unknown is no pass.

    () where the forge says that it landed by no request: what that means is for two other rules to say.
    """
    if change.assessment is not None:
        return change.assessment
    if change.confirmation is Confirmation.CONTRADICTED:
        return ()
    return skipped(
        f"{NO_FORGE}: {change.known.forge_error or 'the forge tells of no request that it landed by'}"
    )


def landed_without_request(change: LandedChange) -> bool:
    """True for a person's change of which the forge says that no request landed as it."""
    return change.confirmation is Confirmation.CONTRADICTED and change.commit.actor_kind is ActorKind.PERSON
