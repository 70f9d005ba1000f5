"""Which request a landed commit came by: the forge's word held against git's, never the message's alone.

A message that names a request claims something. It is confirmed where the forge says that the request landed as
this very commit and git agrees, contradicted where the forge, asked for everything, says otherwise.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.model import (
    ChangeUnit,
    Confirmation,
    LandedCommit,
    LandingMethod,
    Request,
    RequestCommit,
    RequestState,
    ReviewState,
)

Origin = tuple[str, datetime]
"""Who wrote a commit and when, by its author's address and time: what a rebase keeps."""

Patch = Callable[[str, str], bytes | None]
"""The diff from the merge base of two commits to the second; None where it cannot be had."""

_NUMBER = re.compile(r"[#!](\d{1,12})$")


@dataclass(frozen=True, slots=True)
class _Match:
    """How a request fits its landing: `method` NONE where it does not, with the reason."""

    method: LandingMethod
    reason: str
    confirmed: Confirmation = Confirmation.CONFIRMED


def change_units(
    chain: Sequence[LandedCommit],
    requests: Iterable[Request],
    *,
    forge: str,
    complete: bool,
    origin: Callable[[str], Origin | None] = lambda sha: None,
) -> list[ChangeUnit]:
    """One unit a landed commit, in the chain's order (oldest first).

    `requests` are all that the forge ever told, `complete` whether it was asked for everything just now: only
    then its silence contradicts. `origin` gives the author's address and time of a side commit. Landings before
    the first one that is confirmed are older than this forge's account of the repository: not contradicted.
    """
    known = {request.number: request for request in requests}
    place = {commit.sha: at for at, commit in enumerate(chain)}
    units: dict[str, ChangeUnit] = {}
    for request in sorted(known.values(), key=lambda one: one.number):
        if request.state is RequestState.MERGED and request.merge_sha in place:
            for unit in _landed_units(chain, place[request.merge_sha], request, forge, origin):
                # Two requests may name one commit (pushed by hand): the one that git bears out counts.
                if unit.sha not in units or units[unit.sha].confirmed is not Confirmation.CONFIRMED:
                    units[unit.sha] = unit
    confirmed = [place[unit.sha] for unit in units.values() if unit.confirmed is Confirmation.CONFIRMED]
    first = min(confirmed, default=None)
    return [
        units[commit.sha]
        if commit.sha in units
        else _without(commit, known, forge, complete=complete, covered=first is not None and at >= first)
        for at, commit in enumerate(chain)
    ]


def _landed_units(
    chain: Sequence[LandedCommit],
    at: int,
    request: Request,
    forge: str,
    origin: Callable[[str], Origin | None],
) -> list[ChangeUnit]:
    landing = chain[at]
    match = _match(landing, request, origin)
    group = [landing]
    if match.method is LandingMethod.FAST_FORWARD:
        group = _pushed_along(chain, at, request)
    elif match.method is LandingMethod.REBASE:
        group = _rebased_along(chain, at, request)
    return [
        ChangeUnit(
            sha=commit.sha,
            forge=forge,
            number=request.number,
            url=request.url,
            claimed=commit.claimed,
            confirmed=match.confirmed,
            method=match.method,
            reason=match.reason + _claimed_otherwise(commit, request.number),
            side=commit.side,
        )
        for commit in group
    ]


def _match(landing: LandedCommit, request: Request, origin: Callable[[str], Origin | None]) -> _Match:
    told = f"the forge says that request {request.number} landed as this commit"
    shas = {commit.sha for commit in request.commits}
    origins = _origins(request.commits)
    if not landing.parents:
        return _Match(LandingMethod.NONE, f"{told}, which has no parent", Confirmation.CONTRADICTED)
    if len(landing.parents) > 1:
        brought = landing.parents[1:]
        if any(sha in (request.head_sha, request.squash_sha) or sha in shas for sha in brought):
            return _Match(LandingMethod.MERGE, f"{told}, which merges its commits")
        if any(origin(sha) in origins for sha in brought):
            return _Match(LandingMethod.MERGE, f"{told}, which merges its rebased commits")
        if "commits" in request.unknown:
            why = f"{told}; it did not tell all commits of the request, so that they cannot be compared"
            return _Match(LandingMethod.NONE, why, Confirmation.UNCONFIRMED)
        why = f"{told}, which merges {brought[0][:12]}, and that is none of the request's commits"
        return _Match(LandingMethod.NONE, why, Confirmation.CONTRADICTED)
    if landing.sha == request.head_sha or landing.sha in shas:
        return _Match(LandingMethod.FAST_FORWARD, f"{told}, its own")
    own = [commit for commit in request.commits if len(commit.parents) < 2]
    if len(own) > 1 and _origin(own[-1]) == (landing.author_email.casefold(), landing.authored_at):
        return _Match(LandingMethod.REBASE, f"{told}, its last one rebased")
    return _Match(LandingMethod.SQUASH, told)


def _pushed_along(chain: Sequence[LandedCommit], at: int, request: Request) -> list[LandedCommit]:
    shas = {commit.sha for commit in request.commits} | {request.head_sha}
    group = []
    while at >= 0 and chain[at].sha in shas:
        group.append(chain[at])
        at -= 1
    return group


def _rebased_along(chain: Sequence[LandedCommit], at: int, request: Request) -> list[LandedCommit]:
    """The landing and the commits before it that are the request's other ones, rebased: a rebase keeps who and when.

    Commits that became empty are left out of a rebase, so the request may have more than landed.
    """
    waiting = [_origin(commit) for commit in request.commits if len(commit.parents) < 2]
    group = []
    while at >= 0 and len(chain[at].parents) == 1:
        mark = (chain[at].author_email.casefold(), chain[at].authored_at)
        if mark not in waiting:
            break
        del waiting[len(waiting) - 1 - waiting[::-1].index(mark) :]
        group.append(chain[at])
        at -= 1
    return group


def _origin(commit: RequestCommit) -> Origin | None:
    if commit.authored_at is None or not commit.author_email:
        return None
    return commit.author_email.casefold(), commit.authored_at


def _origins(commits: Iterable[RequestCommit]) -> frozenset[Origin]:
    return frozenset(mark for commit in commits if (mark := _origin(commit)) is not None)


def _claimed_otherwise(commit: LandedCommit, number: int) -> str:
    claimed = _number(commit.claimed)
    return f"; its message names {commit.claimed}" if claimed is not None and claimed != number else ""


def _number(claimed: str) -> int | None:
    match = _NUMBER.search(claimed)
    return int(match[1]) if match else None


def _without(
    commit: LandedCommit, known: Mapping[int, Request], forge: str, *, complete: bool, covered: bool
) -> ChangeUnit:
    confirmed = Confirmation.CONTRADICTED if complete and covered else Confirmation.UNCONFIRMED
    if not complete:
        reason = "the forge could not be asked for everything"
    elif not covered:
        reason = "no request that landed before it is known to the forge: this history may be older than its account"
    else:
        reason = _silence(commit, known)
    return ChangeUnit(
        sha=commit.sha,
        forge=forge,
        number=None,
        url="",
        claimed=commit.claimed,
        confirmed=confirmed,
        method=LandingMethod.NONE,
        reason=reason,
        side=commit.side,
    )


def _silence(commit: LandedCommit, known: Mapping[int, Request]) -> str:
    said = "the forge knows no request that landed as this commit"
    number = _number(commit.claimed)
    if number is None:
        return said
    request = known.get(number)
    if request is None:
        return f"{said}, and no request {number}, which its message names"
    if request.state is not RequestState.MERGED:
        return f"{said}; request {number}, which its message names, is {request.state.value}"
    return (
        f"{said}; request {number}, which its message names, landed as {request.merge_sha[:12] or 'another'}"
    )


def patch_digest(diff: bytes) -> str:
    """SHA-256 (hex) of what a unified diff changes, wherever in the files: '' for an empty one.

    As `git patch-id --verbatim`: line numbers and blob ids are left out, white space counts (in YAML it is
    meaning). Lines of content begin with a blank, +, - or a backslash, so headers cannot be imitated.
    """
    if not diff.strip():
        return ""
    digest = hashlib.sha256()
    for line in diff.split(b"\n"):
        if line.startswith(b"index "):
            continue
        digest.update(b"@@" if line.startswith(b"@@ ") else line)
        digest.update(b"\n")
    return digest.hexdigest()


def approved_heads(request: Request, merged_head: str) -> tuple[str, ...]:
    """The heads that somebody approved other than the one that landed: those whose patch has to be compared."""
    heads = {
        review.commit_sha
        for review in request.reviews
        if review.state is ReviewState.APPROVED and review.commit_sha and review.commit_sha != merged_head
    }
    return tuple(sorted(heads))


def with_patches(
    unit: ChangeUnit,
    heads: Sequence[str],
    *,
    base: str,
    merged_head: str,
    sources: Sequence[Patch],
) -> ChangeUnit:
    """The unit with what can be told of approved `heads`: is their patch against `base` the one that landed?

    `base` is the commit that the request landed on. Each of `sources` gives the diff from the merge base to a head,
    None where it cannot. Two diffs are compared only from one source: git and a forge write them differently.
    """
    answers: dict[str, bool] = {}
    for patch in sources:
        asked = [head for head in heads if head not in answers]
        landed = patch_digest(patch(base, merged_head) or b"") if asked else ""
        for head in asked if landed else ():
            approved = patch_digest(patch(base, head) or b"")
            if approved:
                answers[head] = approved == landed
    return replace(
        unit,
        same_patch=tuple(head for head in heads if answers.get(head) is True),
        other_patch=tuple(head for head in heads if answers.get(head) is False),
    )
