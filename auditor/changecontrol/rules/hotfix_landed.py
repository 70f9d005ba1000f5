"""A hotfix: a version that went straight to the last stage, and was announced. Told, so that somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.hotfix import announced, promotion_lacking, unstaged
from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange, failed


class HotfixLanded:
    """Announced by a label of the request, or by subject or trailer, which are the writer's word."""

    id = "AUD-CHG-0022"

    def lacking(self, known: Known) -> str:
        """The order of the stages is the operator's to say."""
        return promotion_lacking(known)

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """Says how it was announced, and what it brought."""
        entries = unstaged(change)
        how = announced(change) if entries else ""
        if not how:
            return ()
        versions = ", ".join(dict.fromkeys(f"{entry.resource}: {entry.value}" for entry in entries[:3]))
        return failed(
            f"announced {how}: {versions} went straight to {entries[0].stage}", environment=entries[0].stage
        )
