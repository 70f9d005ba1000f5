"""A tag, or a branch whose history counts, is gone."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.changecontrol.interface import ChangeVerdict, Known, failed
from auditor.changecontrol.rules.history_rewritten import is_protected
from auditor.changecontrol.rules.tag_moved import is_floating
from auditor.model import RefMove, RefObservation


class RefDeleted:
    """A release's tag, the audited branch, or one that is configured. Branches of merged requests come and go."""

    id = "AUD-CHG-0016"

    def judge(self, observation: RefObservation, known: Known) -> Iterable[ChangeVerdict]:
        """Names what it pointed at."""
        if observation.move is not RefMove.DELETED:
            return ()
        is_tag = observation.ref.startswith("refs/tags/")
        if not (is_tag and not is_floating(observation.ref, known)) and not is_protected(
            observation.ref, known
        ):
            return ()
        return failed(f"{observation.ref} is gone; it pointed at {observation.old_sha[:12]}")
