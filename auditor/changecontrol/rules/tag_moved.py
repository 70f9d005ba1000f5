"""A tag points at another commit than before."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from auditor.changecontrol.interface import ChangeVerdict, Known, failed
from auditor.model import RefMove, RefObservation

_TAGS = "refs/tags/"


class TagMoved:
    """Whoever deploys by that tag gets something else under the same name. Floating tags are made to move."""

    id = "AUD-CHG-0015"

    def judge(self, observation: RefObservation, known: Known) -> Iterable[ChangeVerdict]:
        """Names both targets."""
        if observation.move is not RefMove.MOVED or is_floating(observation.ref, known):
            return ()
        return failed(
            f"{observation.ref} pointed at {observation.old_sha[:12]} and points at {observation.new_sha[:12]} now"
        )


def is_floating(ref: str, known: Known) -> bool:
    """True for a tag that the operator lets move."""
    name = ref.removeprefix(_TAGS)
    return name != ref and any(fnmatchcase(name, glob) for glob in known.options.floating_tags)
