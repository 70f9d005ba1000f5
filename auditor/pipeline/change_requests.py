"""What the forge says of landed changes: the request that each came by, and what is to be said of its approvals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.forge.approval import Assessment, assess
from auditor.forge.contributors import account
from auditor.model import ChangeUnit, Commit, Confirmation, ForgeUser, Request
from auditor.store.forge import recorded_requests, recorded_units

if TYPE_CHECKING:
    from auditor.pipeline.change_evidence import ChangeEvidence


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeAccount:
    """By landed commit: its unit, its request, and the assessment of that."""

    units: Mapping[str, ChangeUnit] = field(default_factory=dict)
    requests: Mapping[str, Request] = field(default_factory=dict)
    assessments: Mapping[str, Assessment] = field(default_factory=dict)


def forge_account(evidence: ChangeEvidence, side: Mapping[str, Sequence[Commit]]) -> ForgeAccount:
    """Out of the trail: what the forge told up to now, this run included.

    A request that landed as several commits (a rebase) is assessed as one.
    """
    cursor = evidence.writer.cursor
    units = recorded_units(cursor, evidence.repo)
    judged = {sha: units[sha] for sha in evidence.chain if sha in units}
    numbers = {unit.number for unit in judged.values() if unit.number is not None}
    if not numbers:
        return ForgeAccount(units=judged)
    told = {request.number: request for request in recorded_requests(cursor, evidence.repo, sorted(numbers))}
    landings: dict[int, list[str]] = {}
    for sha, unit in judged.items():
        if unit.number in told and unit.confirmed is Confirmation.CONFIRMED:
            landings.setdefault(unit.number, []).append(sha)
    requests: dict[str, Request] = {}
    assessments: dict[str, Assessment] = {}
    for number, shas in landings.items():
        assessment = assess(
            told[number],
            landings=[evidence.commits[sha] for sha in shas if sha in evidence.commits],
            side=[commit for sha in shas for commit in side.get(sha, ())],
            person=_person_by(evidence),
            same_patch=frozenset(head for sha in shas for head in judged[sha].same_patch),
            other_patch=frozenset(head for sha in shas for head in judged[sha].other_patch),
        )
        for sha in shas:
            requests[sha] = told[number]
            assessments[sha] = assessment
    return ForgeAccount(units=judged, requests=requests, assessments=assessments)


class _person_by:  # noqa: N801 - stands for a function
    """Who an account is: the directory's word, else the account's own."""

    def __init__(self, evidence: ChangeEvidence) -> None:
        self._directory = evidence.directory

    def __call__(self, user: ForgeUser) -> str:
        known = self._directory.by_login(user.login) if user.login else None
        if known is None and user.email:
            known = self._directory.by_email(user.email)
        return known.name if known is not None else account(user)
