"""The history is not whole: what is not there was not judged."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import Asked, ChangeVerdict, LandedChange, errored


class IncompleteHistory(Asked):
    """A shallow clone, grafts, replaced or missing objects. No statement about the whole can be made, so it is an
    error of the run for every change and never a pass: somebody may have cut off what they did not want to be seen."""

    id = "AUD-CHG-0028"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """What the repository lacks, which is the same for every change."""
        lacks = change.known.lacks
        return errored("; ".join(lacks)) if lacks else ()
