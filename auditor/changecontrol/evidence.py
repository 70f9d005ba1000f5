"""What is told of a landed change beside its commits: resources, fields, versions, merges, and when it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceTouch:
    """A resource that a landed change added, modified or deleted; digests as in the trail ('' for absence)."""

    sha: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    path: str
    change: str
    old_digest: str
    new_digest: str

    @property
    def group(self) -> str:
        """The API group, '' for the core one."""
        return self.api_version.rpartition("/")[0]

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldTouch:
    """One field that a commit changed: JSON texts, None where it was or is not there.

    Where a whole resource came or went, `pointer` is '' and both values are None. `sha` may be a side commit.
    `previous_sha` is the landed change that set the value before, where that was asked for.
    """

    resource: ResourceTouch
    pointer: str
    old_value: str | None
    new_value: str | None
    previous_sha: str = ""


class MarkedField(NamedTuple):
    """A field with a marker of Flux' image automation, in a resource as its file names it."""

    kind: str
    namespace: str
    name: str
    pointer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StageEntry:
    """A version (image or chart) that a landed change brought into a stage for the first time there.

    `earlier_position` is where it first landed in the stage before, None where it never did.
    """

    resource: ResourceTouch
    pointer: str
    value: str
    stage: str
    before: str
    earlier_position: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unexplained:
    """A path of a merge that has something which merging its parents does not give; `why` in words."""

    path: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeReading:
    """A merge held against what merging its parents gives; `error` says why it could not be ('' where it was)."""

    unexplained: tuple[Unexplained, ...] = ()
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstSight:
    """When we first saw a landed change: not before `after` (None: we had not looked yet), and at `at` it was there."""

    at: datetime
    after: datetime | None
