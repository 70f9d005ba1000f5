"""What every stage speaks of: severities, outcomes, actors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

JsonObject = Mapping[str, Any]

UNKNOWN_ENVIRONMENT = "default"
"""The environment of a path for which neither configuration nor convention names one."""


class Severity(StrEnum):
    """How bad a finding is. `rank` orders them, 0 is the mildest."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return list(Severity).index(self)

    def at_least(self, threshold: Severity) -> bool:
        """True where this severity is the threshold or worse."""
        return self.rank >= threshold.rank


class Outcome(StrEnum):
    """The four verdicts. Skipped and error are never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    SKIPPED = "skipped"
    ERROR = "error"


class ActorKind(StrEnum):
    """Who a commit comes from, by registry; a name alone proves nothing."""

    PERSON = "person"
    BOT = "bot"
    AUTOMATION = "automation"
    FORGE = "forge"


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A person or program as some evidence names it."""

    name: str
    email: str = ""
    kind: ActorKind = ActorKind.PERSON

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.email else self.name
