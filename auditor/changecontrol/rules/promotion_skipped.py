"""A version reached the last stage that had not been in the stage before."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.hotfix import announced, promotion_lacking, unstaged
from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange


class PromotionSkipped:
    """An image or a chart version. What was announced as a hotfix is another rule's: it is told, not objected to."""

    id = "AUD-CHG-0020"

    def lacking(self, known: Known) -> str:
        """The order of the stages is the operator's to say."""
        return promotion_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a field."""
        entries = unstaged(change)
        if not entries or announced(change):
            return ()
        return [
            ChangeVerdict(
                message=(
                    f"{entry.resource} runs {entry.value} in {entry.stage}, which "
                    + (
                        f"had never been in {entry.before}"
                        if entry.earlier_position is None
                        else f"landed in {entry.before} only with the same change"
                    )
                ),
                environment=entry.stage,
                path=entry.resource.path,
                pointer=entry.pointer,
                about=str(entry.resource),
            )
            for entry in entries
        ]
