"""Which landings are rendered: the operator chooses how far back, since each costs builds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from auditor.git.history import Skeleton
from auditor.git.mirror import FETCH_LIMIT_S, Mirror

NEW_DAYS = 90
"""How far before the tip the landings since the last scan are rendered one by one; what is older is not."""

_DAYS = re.compile(r"([1-9][0-9]{0,4})d")


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedHistory:
    """How far back: `days` before the tip (None: to the first commit). `known_only`: not before what the last scan
    rendered; with `days` 0 the tip alone."""

    days: int | None
    known_only: bool = False

    @classmethod
    def of(cls, text: str) -> RenderedHistory:
        """Of the setting: 'all', '<number>d', 'new', 'tips'. Raises ValueError for anything else."""
        days = _DAYS.fullmatch(text)
        if days is not None:
            return cls(days=int(days[1]))
        known = {
            "all": cls(days=None),
            "new": cls(days=NEW_DAYS, known_only=True),
            "tips": cls(days=0, known_only=True),
        }
        if text not in known:
            raise ValueError("give all, a number of days such as 90d, new, or tips")
        return known[text]


@dataclass(frozen=True, kw_only=True, slots=True)
class Landed:
    """A landed commit and its place in the line."""

    sha: str
    position: int


def landings_to_render(
    mirror: Mirror, skeleton: Skeleton, history: RenderedHistory, *, rendered_tip: str
) -> tuple[Landed, ...]:
    """The landings to look at, oldest first, the tip last. The first of several is there to know what was there
    before, unless it is the line's first. `skeleton` is what is new, `rendered_tip` what the last scan rendered ('' where it did not).
    """
    chain = skeleton.chain
    if not chain:
        return ()
    begin = len(chain) - max(1, len(_within(mirror, chain, history.days)))
    if history.known_only and history.days:
        if rendered_tip in chain:
            begin = max(begin, chain.index(rendered_tip) + 1)
        elif not rendered_tip or rendered_tip != _first_parent(skeleton, 0):
            begin = len(chain) - 1
    begin = min(begin, len(chain) - 1)
    landed = [Landed(sha=sha, position=skeleton.start + place) for place, sha in enumerate(chain)][begin:]
    before = _first_parent(skeleton, begin)
    looks_back = history.days != 0 and (rendered_tip != "" or not history.known_only)
    if before and (before == rendered_tip or looks_back):
        landed.insert(0, Landed(sha=before, position=skeleton.start + begin - 1))
    return tuple(landed)


def begins_at(mirror: Mirror, history: RenderedHistory) -> int:
    """The position of the window's first landing, among all that landed; -1 where none is asked for by date."""
    if history.known_only:
        return -1
    listing = mirror.git.run(
        "rev-list", "--first-parent", mirror.tip, repository=mirror.path, time_limit_s=FETCH_LIMIT_S
    )
    chain = listing.decode("ascii").split()[::-1]
    return len(chain) - max(1, len(_within(mirror, chain, history.days)))


def _within(mirror: Mirror, chain: Sequence[str], days: int | None) -> Sequence[str]:
    """The end of the chain that landed in the last days before the tip, by the committers' clocks: up to the newest
    landing that is older."""
    if days is None:
        return chain
    if days == 0:
        return chain[-1:]
    listing = mirror.git.run(
        "log", "--first-parent", f"--max-count={len(chain)}", "--format=%ct", chain[-1],
        repository=mirror.path, time_limit_s=FETCH_LIMIT_S,
    )  # fmt: skip
    times = [int(line) for line in listing.split()]
    oldest = times[0] - days * 86_400
    return chain[len(chain) - len(list(takewhile(lambda at: at >= oldest, times))) :]


def _first_parent(skeleton: Skeleton, place: int) -> str:
    parents = skeleton.parents[skeleton.chain[place]]
    return parents[0] if parents else ""
