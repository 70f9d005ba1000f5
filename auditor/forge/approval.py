"""Was a landed request approved, by somebody else, as it landed, and by the owners of what it changes?

Pure functions over what a forge told. Three answers, never two: True, False, and None where the evidence
does not say; None is never a pass. Every conclusion comes with its reason in words.

The rules: somebody approves before the merge (ISO 27001 A.8.32, SOC 2 CC8.1); merging is not approving; each
contributor has an approver who is another person (SLSA source track, two-party review), so who edits a bot's
request and then approves it has approved their own work; what was approved is what landed, where bringing the
base up to date changes nothing as long as the patch stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditor.forge.contributors import Contributor, Person, account, contributors
from auditor.forge.owners import OwnerRequirement
from auditor.forge.ownership import MissingOwner, missing_owners
from auditor.model import Commit, ForgeUser, Request, RequestState, Review, ReviewState

_DECISIVE = frozenset({ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED})
"""A comment after an approval does not take it back, on any of the forges."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """One approving review. `counts` says whether it stood when the request was merged, `why` in words.

    `independent` is false where the reviewer contributed. `covers` says whether it was given for what landed
    (None: the evidence does not say), `covers_why` in words.
    """

    reviewer: ForgeUser
    at: datetime | None
    commit_sha: str
    counts: bool
    why: str
    independent: bool
    covers: bool | None
    covers_why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What is to be said of one landed request.

    `approved`: an approval stood at the merge, whoever gave it. `self_approved`: there is one, and some
    contributor has no approver who is another person. `stale`: no approval was given for what landed.
    `missing_owners` is None where no CODEOWNERS was asked about. Each of the three is None where the evidence
    does not say; `reasons` has one sentence for each of 'approved', 'self_approved', 'stale'.
    """

    number: int
    url: str
    merged_head: str
    contributors: tuple[Contributor, ...]
    approvals: tuple[Approval, ...]
    approved: bool | None
    self_approved: bool | None
    stale: bool | None
    missing_owners: tuple[MissingOwner, ...] | None
    reasons: dict[str, str]

    @property
    def facts(self) -> tuple[str, ...]:
        """Everything that was found, a sentence each."""
        said = [self.reasons[name] for name in ("approved", "self_approved", "stale")]
        said += [
            f"{approval.reviewer.login}: {approval.why}; {approval.covers_why}" for approval in self.approvals
        ]
        said += [f"{person.name} contributed ({', '.join(person.roles)})" for person in self.contributors]
        said += [missing.why for missing in self.missing_owners or ()]
        return tuple(said)


def assess(
    request: Request,
    *,
    landings: Sequence[Commit] = (),
    side: Sequence[Commit] = (),
    requirements: Sequence[OwnerRequirement] | None = None,
    groups: Mapping[str, Iterable[str]] | None = None,
    person: Person = account,
    clean_merges: frozenset[str] = frozenset(),
    same_patch: frozenset[str] = frozenset(),
    other_patch: frozenset[str] = frozenset(),
) -> Assessment:
    """What the forge's account of `request` says of the way it landed.

    `landings` are the commits that landed by it, oldest first, `side` those that they brought in, both as git
    has them. `requirements` are the owners of the paths that it changed, by the CODEOWNERS of the base before
    it; `groups` the members (logins) of teams and roles by name. `person` says who an account or address is;
    `clean_merges` names merges of the base whose result nobody edited, which are nobody's contribution.
    `same_patch` and `other_patch` are approved heads whose patch is (not) the one that landed: see `ChangeUnit`.
    """
    people = contributors(request, landings, side, person, clean_merges)
    head = merged_head(request, landings)
    approvals = tuple(
        _approval(review, request, people, person, _Landed(head, same_patch, other_patch))
        for review in request.reviews
        if review.state in (ReviewState.APPROVED, ReviewState.DISMISSED)
    )
    standing = [approval for approval in approvals if approval.counts]
    reasons: dict[str, str] = {}
    approved = _approved(request, standing, reasons)
    return Assessment(
        number=request.number,
        url=request.url,
        merged_head=head,
        contributors=people,
        approvals=approvals,
        approved=approved,
        self_approved=_self_approved(request, standing, people, person, reasons),
        stale=_stale(standing, reasons),
        missing_owners=None
        if requirements is None
        else missing_owners(requirements, [one.reviewer for one in standing], groups or {}, request),
        reasons=reasons,
    )


def merged_head(request: Request, landings: Sequence[Commit]) -> str:
    """The request's last commit when it landed: by git where the landing merges one of its commits, else as told."""
    return merged_head_of(request, landings[-1].parents if landings else ())


def merged_head_of(request: Request, parents: Sequence[str]) -> str:
    """The same, by the parents of the (last) landed commit."""
    if len(parents) == 2 and parents[1] in {commit.sha for commit in request.commits}:
        return parents[1]
    return request.head_sha


@dataclass(frozen=True, slots=True)
class _Landed:
    head: str
    same_patch: frozenset[str]
    other_patch: frozenset[str]


def _approval(
    review: Review, request: Request, people: Sequence[Contributor], person: Person, landed: _Landed
) -> Approval:
    counts, why = _counts(review, request, person)
    covers, covers_why = _covers(review, landed)
    who = person(review.reviewer)
    return Approval(
        reviewer=review.reviewer,
        at=review.submitted_at,
        commit_sha=review.commit_sha,
        counts=counts,
        why=why,
        independent=all(who not in one.principals for one in people),
        covers=covers,
        covers_why=covers_why,
    )


def _counts(review: Review, request: Request, person: Person) -> tuple[bool, str]:
    if review.state is ReviewState.DISMISSED:
        return False, "the review was dismissed"
    if review.reviewer.is_bot:
        return False, "a bot's approval is nobody's"
    merged = request.merged_at
    if merged is not None and review.submitted_at is not None and review.submitted_at > merged:
        return False, "approved after the merge"
    later = _later(review, request, person)
    if merged is not None:
        before_merge = [one for one in later if one.submitted_at is not None and one.submitted_at <= merged]
    else:
        before_merge = later
    for one in before_merge:
        if one.state is not ReviewState.APPROVED:
            return False, f"taken back by a later review ({one.state.value.replace('_', ' ')})"
        return False, "repeated by a later approval of the same person"
    # Gitea takes the mark off a review when the same person reviews again, even after the merge.
    if review.official is False and not later:
        return False, "the forge does not count this reviewer's approvals for the branch"
    if merged is not None and review.submitted_at is None:
        return True, "approved, at a time that the forge does not tell"
    return True, "approved before the merge" if request.state is RequestState.MERGED else "approved"


def _later(review: Review, request: Request, person: Person) -> list[Review]:
    """Decisive reviews of the same person after this one, oldest first."""
    who = person(review.reviewer)
    position = request.reviews.index(review)
    later = [
        one
        for at, one in enumerate(request.reviews)
        if one.state in _DECISIVE
        and person(one.reviewer) == who
        and _order(one, at) > _order(review, position)
    ]
    return sorted(later, key=lambda one: _order(one, request.reviews.index(one)))


def _order(review: Review, position: int) -> tuple[float, int]:
    return (review.submitted_at.timestamp() if review.submitted_at else 0.0, position)


def _covers(review: Review, landed: _Landed) -> tuple[bool | None, str]:
    head, at = landed.head[:12], review.commit_sha
    if at and at == landed.head:
        return True, f"for {head}, which landed"
    named = f"for {at[:12]}" if at else "for a head that the forge does not name"
    if at in landed.same_patch:
        return True, f"{named}; what landed ({head}) is the same patch on a newer base"
    if at in landed.other_patch:
        return False, f"{named}; another patch landed ({head})"
    if review.stale is not None:
        said = "out of date" if review.stale else "still valid"
        return not review.stale, f"{named}; the forge calls it {said} for what landed ({head})"
    return None, f"{named}; whether what landed ({head}) is the same patch cannot be told"


def _approved(request: Request, standing: Sequence[Approval], reasons: dict[str, str]) -> bool | None:
    if standing:
        timed = [approval for approval in standing if approval.at is not None or request.merged_at is None]
        who = ", ".join(sorted({approval.reviewer.login for approval in standing}))
        if timed:
            reasons["approved"] = f"approved by {who}"
            return True
        reasons["approved"] = f"approved by {who}, but the forge does not tell whether before the merge"
        return None
    if "reviews" in request.unknown:
        reasons["approved"] = "the forge did not tell the reviews of this request"
        return None
    merger = f"; merging it ({request.merged_by.login}) is not approving it" if request.merged_by else ""
    reasons["approved"] = f"no approval stood when it was merged{merger}"
    return False


def _self_approved(
    request: Request,
    standing: Sequence[Approval],
    people: Sequence[Contributor],
    person: Person,
    reasons: dict[str, str],
) -> bool | None:
    approvers = {person(approval.reviewer): approval.reviewer.login for approval in standing}
    if not approvers:
        reasons["self_approved"] = "nobody approved it"
        return None if "reviews" in request.unknown else False
    for one in people:
        others = [login for who, login in approvers.items() if who not in one.principals]
        if not others:
            reasons["self_approved"] = (
                f"{one.name} contributed ({', '.join(one.roles)}) and is the only one who approved"
            )
            return True
    # Somebody the forge does not know may be the one approver under another address.
    unknown = [one for one in people if not one.known and len(approvers) < 2]
    if unknown:
        reasons["self_approved"] = (
            f"the forge knows no account for {unknown[0].name}, so that it cannot be told"
            f" whether {next(iter(approvers.values()))} is somebody else"
        )
        return None
    if "commits" in request.unknown:
        reasons["self_approved"] = (
            "the forge did not tell all commits, so that not all contributors are known"
        )
        return None
    reasons["self_approved"] = "every contributor has an approver who is somebody else"
    return False


def _stale(standing: Sequence[Approval], reasons: dict[str, str]) -> bool | None:
    if not standing:
        reasons["stale"] = "there is no approval that could be out of date"
        return False
    asked = [approval for approval in standing if approval.independent] or list(standing)
    for wanted in (True, None, False):
        for approval in asked:
            if approval.covers is wanted:
                reasons["stale"] = f"approved by {approval.reviewer.login} {approval.covers_why}"
                return None if wanted is None else not wanted
    raise AssertionError("an approval covers what landed, does not, or it cannot be told")
