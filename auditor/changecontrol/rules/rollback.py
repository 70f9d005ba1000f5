"""A change takes an earlier one back. No fault: told because somebody will ask why."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.evidence import FieldTouch
from auditor.changecontrol.interface import Asked, ChangeVerdict, LandedChange
from auditor.changecontrol.messages import reverted

_SHOWN = 3


class Rollback(Asked):
    """The message says so, or a field went from A to B and is A again. Taking back a rollback is none."""

    id = "AUD-CHG-0021"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict for the messages; where they say nothing, one for each resource that went back."""
        taken_back = self._by_message(change)
        if taken_back:
            shown = ", ".join(sha[:12] for sha in taken_back[:_SHOWN])
            more = f" and {len(taken_back) - _SHOWN} more" if len(taken_back) > _SHOWN else ""
            return [ChangeVerdict(message=f"it says that it takes back {shown}{more}")]
        by_resource: dict[str, list[FieldTouch]] = {}
        for touch in change.known.returns.get(change.commit.sha, ()):
            by_resource.setdefault(f"{touch.resource.environment} {touch.resource}", []).append(touch)
        return [self._by_fields(touches) for touches in by_resource.values()]

    def _by_message(self, change: LandedChange) -> list[str]:
        """Shas as the messages give them; of a commit that was itself a revert, nothing is taken back."""
        found = []
        for commit in change.commits:
            for sha in reverted(commit.subject, commit.body):
                target = change.known.commits.get(sha)
                if target is None or not reverted(target.subject, target.body):
                    found.append(sha)
        return found

    def _by_fields(self, touches: list[FieldTouch]) -> ChangeVerdict:
        first = touches[0]
        fields = ", ".join(touch.pointer for touch in touches[:_SHOWN])
        more = f" and {len(touches) - _SHOWN} more fields" if len(touches) > _SHOWN else ""
        return ChangeVerdict(
            message=(
                f"{fields}{more} of {first.resource}: back to what it was before {first.previous_sha[:12]}"
            ),
            environment=first.resource.environment,
            path=first.resource.path,
            pointer=first.pointer,
            about=str(first.resource),
        )
