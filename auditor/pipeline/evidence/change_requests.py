"""What the forge says of landed changes: the request that each came by, and what is to be said of its approvals."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.errors import ForgeError
from auditor.forge.approval import Assessment, assess
from auditor.forge.contributors import account
from auditor.forge.owners import DIALECTS, OwnerRequirement, required_owners
from auditor.git.blobs import ObjectReader
from auditor.git.merges import remake_merges
from auditor.model import ChangeUnit, Commit, Confirmation, Directory, ForgeUser, Request
from auditor.store.forge import recorded_requests, recorded_units
from auditor.store.landed import LandedEvidence

if TYPE_CHECKING:
    from auditor.pipeline.evidence.change_evidence import ChangeEvidence


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeAccount:
    """By landed commit: its unit, its request, and the assessment of that."""

    units: Mapping[str, ChangeUnit] = field(default_factory=dict)
    requests: Mapping[str, Request] = field(default_factory=dict)
    assessments: Mapping[str, Assessment] = field(default_factory=dict)


def forge_account(
    evidence: ChangeEvidence, facts: LandedEvidence, side: Mapping[str, Sequence[Commit]]
) -> ForgeAccount:
    """Out of the trail: what the forge told up to now, this run included.

    A request that landed as several commits (a rebase) is assessed as one.
    """
    cursor = evidence.writer.cursor
    units = recorded_units(cursor, evidence.repo)
    judged = {sha: units[sha] for sha in evidence.chain if sha in units}
    numbers = {unit.number for unit in judged.values() if unit.number is not None}
    told = (
        {one.number: one for one in recorded_requests(cursor, evidence.repo, sorted(numbers))}
        if numbers
        else {}
    )
    landings: dict[int, list[Commit]] = {}
    for sha, unit in units.items():
        if unit.number in told and unit.confirmed is Confirmation.CONFIRMED and sha in evidence.commits:
            landings.setdefault(unit.number, []).append(evidence.commits[sha])
    if not landings:
        return ForgeAccount(units=judged)
    owners = _Owners(evidence, facts)
    people = _People(evidence.directory)
    clean = _clean_merges(evidence, [commit for brought in side.values() for commit in brought])
    requests: dict[str, Request] = {}
    assessments: dict[str, Assessment] = {}
    for number, landed in landings.items():
        landed.sort(key=lambda commit: commit.position or 0)
        assessment = assess(
            told[number],
            landings=landed,
            side=[commit for landing in landed for commit in side.get(landing.sha, ())],
            requirements=owners.required(landed),
            groups=owners.groups,
            person=people,
            clean_merges=clean,
            same_patch=frozenset(head for landing in landed for head in units[landing.sha].same_patch),
            other_patch=frozenset(head for landing in landed for head in units[landing.sha].other_patch),
        )
        for landing in landed:
            requests[landing.sha] = told[number]
            assessments[landing.sha] = assessment
    return ForgeAccount(units=judged, requests=requests, assessments=assessments)


def _clean_merges(evidence: ChangeEvidence, side: Sequence[Commit]) -> frozenset[str]:
    """Merges on the side of which nobody edited the result: bringing a branch up to date is no contribution."""
    merges = [commit for commit in side if len(commit.parents) > 1]
    made = remake_merges(evidence.mirror, merges, evidence.commits)
    return frozenset(sha for sha, one in made.items() if not one.differences and not one.error)


class _Owners:
    """CODEOWNERS of the base before each landing, by the history of the places where the forge looks."""

    def __init__(self, evidence: ChangeEvidence, facts: LandedEvidence) -> None:
        setting = evidence.settings.forge
        self._kind = setting.kind if setting is not None else ""
        self.groups = (
            {name: frozenset(members) for name, members in setting.groups.items()} if setting else {}
        )
        self._mirror = evidence.mirror
        self._texts: dict[str, str | None] = {}
        self._paths: dict[str, list[str]] = {}
        for sha, path in facts.paths():
            self._paths.setdefault(sha, []).append(path)
        self._places = DIALECTS[self._kind].places if self._kind else ()
        self._over_time: dict[str, list[tuple[int, str]]] = {place: [] for place in self._places}
        for path, position, blob in facts.contents_over_time(self._places):
            self._over_time[path].append((position, blob))

    def required(self, landed: Sequence[Commit]) -> tuple[OwnerRequirement, ...] | None:
        """Who had to approve what the landings changed together; None where that cannot be told."""
        paths = [path for landing in landed for path in self._paths.get(landing.sha, ())]
        text = self._text_before(landed[0].position or 0)
        if not text:
            return None if text is None else ()
        try:
            return required_owners(text, self._kind, paths)
        except ForgeError:
            return None

    def _text_before(self, position: int) -> str | None:
        """'' where there was none, None where it cannot be read."""
        for place in self._places:
            history = self._over_time[place]
            at = bisect_left(history, position, key=lambda change: change[0])
            if at and history[at - 1][1]:
                return self._text(history[at - 1][1])
        return ""

    def _text(self, blob: str) -> str | None:
        if blob not in self._texts:
            with ObjectReader(self._mirror.git, self._mirror.path) as reader:
                content = reader.read(blob)
            self._texts[blob] = content.decode("utf-8", "replace") if content is not None else None
        return self._texts[blob]


class _People:
    """Who an account or an address is: the directory's word, else the account's own."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._places = {id(person): place for place, person in enumerate(directory.people)}

    def __call__(self, user: ForgeUser) -> str:
        known = self._directory.by_login(user.login) if user.login else None
        if known is None and user.email:
            known = self._directory.by_email(user.email)
        # No account is named so: two people may have the name of a third one's account.
        return f"person {self._places[id(known)]}" if known is not None else account(user)
