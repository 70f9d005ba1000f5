"""What a change-control rule sees and says.

A rule is about one landed change (`ChangeRule`) or about one move of a ref (`RefRule`). It gets everything that is
known of it, from `Known`: git, our own record of refs, keys and the directory, and the forge. What is not known is
never taken for good: a rule that cannot be asked at all says so once (`lacking`), one that cannot answer for a
single change skips it with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from auditor.changecontrol.evidence import (
    FieldTouch,
    FirstSight,
    MarkedField,
    MergeReading,
    ResourceTouch,
    StageEntry,
)
from auditor.changecontrol.options import ChangeOptions
from auditor.model import (
    Commit,
    Directory,
    FileChange,
    Identity,
    Outcome,
    Person,
    RefObservation,
    Request,
    SignatureCheck,
)
from auditor.model.forge import ChangeUnit, Confirmation

NO_FORGE = "not confirmed by a forge"
"""What a finding says where git alone is the evidence."""

CLAIMED = f"the message names a request, which is a claim; {NO_FORGE}"
"""Why nothing is said of a change that claims a request: neither that it is true nor that it is not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeVerdict:
    """What a rule says of one landed change or ref, where that is not simply 'pass'.

    `environment`, `path` and `pointer` say where in the change, '' where the whole change is meant; together they
    tell a rule's verdicts on one change apart. `about` does where they do not (a resource's name, for one).
    """

    message: str
    outcome: Outcome = Outcome.FAIL
    environment: str = ""
    path: str = ""
    pointer: str = ""
    about: str = ""


def failed(message: str, *, environment: str = "") -> tuple[ChangeVerdict, ...]:
    """One failure of the whole change."""
    return (ChangeVerdict(message=message, environment=environment),)


def skipped(reason: str) -> tuple[ChangeVerdict, ...]:
    """The rule cannot answer for this change. Equal reasons are counted together, so they name no commit."""
    return (ChangeVerdict(message=reason, outcome=Outcome.SKIPPED),)


def errored(reason: str) -> tuple[ChangeVerdict, ...]:
    """Answering failed, which makes the run incomplete. Equal reasons are counted together."""
    return (ChangeVerdict(message=reason, outcome=Outcome.ERROR),)


class MissingOwner(Protocol):
    """An owner's approval that is missing."""

    @property
    def certain(self) -> bool:
        """False where the members of a group are not known."""
        ...

    @property
    def why(self) -> str:
        """In words."""
        ...


class Assessment(Protocol):
    """What a forge says of a request's approvals. None means that its answers do not tell; None is no pass."""

    @property
    def approved(self) -> bool | None:
        """Whether an approval stood at the merge."""
        ...

    @property
    def self_approved(self) -> bool | None:
        """Whether some contributor has no approver who is somebody else, and there is an approval."""
        ...

    @property
    def stale(self) -> bool | None:
        """Whether no approval was given for what landed, and there is one."""
        ...

    @property
    def missing_owners(self) -> Sequence[MissingOwner] | None:
        """Owners whose approval is missing; None where no CODEOWNERS was asked about."""
        ...

    @property
    def reasons(self) -> Mapping[str, str]:
        """A sentence for each of 'approved', 'self_approved', 'stale'."""
        ...


def _no_manifest(digest: str) -> Mapping[str, Any] | None:
    return None


def _no_text(blob: str) -> bytes | None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Everything known that rules ask of, by sha of the landed change unless it says otherwise.

    `commits` are all that are judged, their side commits and parents. Files, resources and fields are those that a
    rule looks at, chosen by the store; see `auditor.store.landed`. `forge` is its name, '' where none is configured,
    and `forge_error` why its answers are not whole ('' where they are). `audited_ref` is the ref whose history is
    audited. `marked` gives, by commit and path, the fields of a file that Flux' image automation was told to set, with
    their ImagePolicy. `contents` says of a blob that it is 'binary' or an 'lfs' pointer. `text` gives a blob's bytes (None where it is too large), `manifest` a manifest by its digest (None
    where it cannot be had).
    """

    commits: Mapping[str, Commit]
    options: ChangeOptions = field(default_factory=ChangeOptions)
    directory: Directory = field(default_factory=lambda: Directory(()))
    audited_ref: str = ""
    lacks: tuple[str, ...] = ()
    files: Mapping[str, Sequence[FileChange]] = field(default_factory=dict)
    contents: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Sequence[ResourceTouch]] = field(default_factory=dict)
    program_fields: Mapping[str, Sequence[FieldTouch]] = field(default_factory=dict)
    marked: Mapping[tuple[str, str], Mapping[MarkedField, str]] = field(default_factory=dict)
    returns: Mapping[str, Sequence[FieldTouch]] = field(default_factory=dict)
    remote_bases: Mapping[str, Sequence[FieldTouch]] = field(default_factory=dict)
    stage_entries: Mapping[str, Sequence[StageEntry]] = field(default_factory=dict)
    environments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    merges: Mapping[str, MergeReading] = field(default_factory=dict)
    first_sights: Mapping[str, FirstSight] = field(default_factory=dict)
    signatures: Mapping[str, Sequence[SignatureCheck]] = field(default_factory=dict)
    trust_configured: bool = False
    forge: str = ""
    forge_error: str = ""
    units: Mapping[str, ChangeUnit] = field(default_factory=dict)
    requests: Mapping[str, Request] = field(default_factory=dict)
    assessments: Mapping[str, Assessment] = field(default_factory=dict)
    text: Callable[[str], bytes | None] = _no_text
    manifest: Callable[[str], Mapping[str, Any] | None] = _no_manifest
    _claimed: dict[tuple[str, str], Person | None] = field(default_factory=dict, repr=False)

    def claimed(self, identity: Identity) -> Person | None:
        """Whom an identity claims to be, by the directory; it proves nothing."""
        key = (identity.name, identity.email)
        if key not in self._claimed:
            self._claimed[key] = self.directory.claimed(*key)
        return self._claimed[key]


@dataclass(frozen=True, kw_only=True, slots=True)
class LandedChange:
    """One landed commit, the side commits that it brought in, and what is known."""

    commit: Commit
    side: tuple[Commit, ...]
    known: Known

    @property
    def commits(self) -> tuple[Commit, ...]:
        """The landed commit and those that it brought in."""
        return (self.commit, *self.side)

    @property
    def unit(self) -> ChangeUnit | None:
        """What the forge says of how it landed; None where no forge was asked."""
        return self.known.units.get(self.commit.sha)

    @property
    def confirmation(self) -> Confirmation:
        """Whether a forge confirms the request; without one, nothing is confirmed."""
        unit = self.unit
        return unit.confirmed if unit is not None else Confirmation.UNCONFIRMED

    @property
    def request(self) -> Request | None:
        """The request it landed by, as the forge told it; None where none is known."""
        return self.known.requests.get(self.commit.sha)

    @property
    def assessment(self) -> Assessment | None:
        """What is to be said of its approvals; None where no request is known."""
        return self.known.assessments.get(self.commit.sha)


class ChangeRule(Protocol):
    """One rule on how a change landed. `id` is that of its description in the rule catalogue."""

    id: str

    def lacking(self, known: Known) -> str:
        """Why the rule can be asked of no change at all, said once; '' where it can be."""
        ...

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """What is wrong with the change, or why that cannot be told; nothing where it is as it should be."""
        ...


class RefRule(Protocol):
    """One rule on how a ref moved between two looks at it."""

    id: str

    def judge(self, observation: RefObservation, known: Known) -> Iterable[ChangeVerdict]:
        """What is wrong with the move; nothing where it is as it should be."""
        ...


class Asked:
    """A rule that can always be asked."""

    def lacking(self, known: Known) -> str:
        """Nothing is lacking."""
        return ""
