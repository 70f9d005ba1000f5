"""What a change-control rule sees and says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from auditor.model import Commit


@dataclass(frozen=True, kw_only=True, slots=True)
class LandedChange:
    """One landed commit, the side commits it brought in, and every commit known by sha (for its parents)."""

    commit: Commit
    side: tuple[Commit, ...]
    commits: Mapping[str, Commit]


class ChangeRule(Protocol):
    """One rule on how a change landed. `id` is that of its description in the rule catalogue."""

    id: str

    def objection(self, change: LandedChange) -> str:
        """What is wrong, in words; '' where nothing is."""
        ...
