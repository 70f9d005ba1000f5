"""Something landed while nothing was to land."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from auditor.changecontrol.evidence import FirstSight
from auditor.changecontrol.interface import ChangeVerdict, Known, LandedChange
from auditor.changecontrol.options import Freeze


class FreezeBreach:
    """By when we saw it first: a commit's date is the committer's to choose.

    It landed between the last look that did not find it and the first that did. What had landed before the first
    look of all has only the dates that it claims. Every finding says on what it rests.
    """

    id = "AUD-CHG-0024"

    def lacking(self, known: Known) -> str:
        """When nothing may land is the operator's to say."""
        return "" if known.options.freezes else "no change freezes are configured (`change_control.freezes`)"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a freeze."""
        known, sha = change.known, change.commit.sha
        sight = known.first_sights.get(sha)
        found = []
        for freeze in known.options.freezes:
            touched = known.environments.get(sha, frozenset())
            if freeze.environments and touched.isdisjoint(freeze.environments):
                continue
            evidence = _evidence(freeze, change.commit.committer.at, sight)
            if evidence:
                environment = next((name for name in freeze.environments if name in touched), "")
                found.append(
                    ChangeVerdict(
                        message=f"landed in the freeze {freeze.name!r}: {evidence}",
                        environment=environment,
                        about=freeze.name,
                    )
                )
        return found


def _evidence(freeze: Freeze, claimed: datetime, sight: FirstSight | None) -> str:
    """Why it landed in the freeze, in words; '' where it did not."""
    if sight is None or sight.after is None:
        if freeze.around(claimed) is None:
            return ""
        return f"its committer date, {_text(claimed)}, says so; it had landed before we first looked"
    window = freeze.around(sight.at)
    if window is not None:
        if sight.after >= window[0]:
            return f"it was not there at {_text(sight.after)}, and it was at {_text(sight.at)}"
        return (
            f"first seen at {_text(sight.at)}; we had looked at {_text(sight.after)}, before the freeze, and its"
            f" committer date is {_text(claimed)}"
        )
    if sight.after < claimed <= sight.at and freeze.around(claimed) is not None:
        return f"its committer date, {_text(claimed)}, says so; first seen at {_text(sight.at)}"
    return ""


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
