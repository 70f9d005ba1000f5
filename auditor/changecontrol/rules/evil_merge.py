"""A merge that holds something which merging its parents does not give."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import Asked, ChangeVerdict, LandedChange, errored


class EvilMerge(Asked):
    """The tree is not what git makes of the parents.

    A conflict has to be resolved by somebody, and choosing among what the sides say is honest: of a conflicted file
    only what stands outside the conflict, or is on no side at all, counts.
    """

    id = "AUD-CHG-0006"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a path: no review of the merged branch has shown it."""
        if len(change.commit.parents) < 2:
            return ()
        reading = change.known.merges.get(change.commit.sha)
        if reading is None:
            return errored("the merge was not compared with what its parents give")
        if reading.error:
            return errored(f"the merge could not be made again: {reading.error}")
        who = change.commit.committer.name
        return [
            ChangeVerdict(
                message=f"{who} changed {extra.path} in the merge itself: {extra.why}", path=extra.path
            )
            for extra in reading.unexplained
        ]
