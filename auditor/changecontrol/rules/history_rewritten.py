"""A branch whose history must only grow was rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from auditor.changecontrol.interface import ChangeVerdict, Known, failed
from auditor.model import RefMove, RefObservation


class HistoryRewritten:
    """What we had recorded as its tip is not an ancestor of what it points at now.

    The audited branch and those configured: people rebase their own branches, and may. A branch seen first has no
    history with us.
    """

    id = "AUD-CHG-0014"

    def judge(self, observation: RefObservation, known: Known) -> Iterable[ChangeVerdict]:
        """Names both tips."""
        if observation.move is not RefMove.REWRITTEN or not is_protected(observation.ref, known):
            return ()
        return failed(
            f"{observation.ref} went from {observation.old_sha[:12]} to {observation.new_sha[:12]}, which does not descend"
            " from it: what had landed is not in the history any more"
        )


def is_protected(ref: str, known: Known) -> bool:
    """True for the audited branch and for those that are configured."""
    name = ref.removeprefix("refs/heads/")
    if name == ref:
        return False
    globs = known.options.protected_branches
    return ref == known.audited_ref or any(fnmatchcase(name, glob) for glob in globs)
