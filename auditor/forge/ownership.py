"""Which owners of the changed paths did not approve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.forge.owners import OwnerRequirement
from auditor.model import ForgeUser, Request


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingOwner:
    """Owners of changed paths of whom too few approved; `certain` is false where a group's members are not known."""

    requirement: OwnerRequirement
    approved: int
    certain: bool
    why: str


def missing_owners(
    requirements: Sequence[OwnerRequirement],
    approvers: Sequence[ForgeUser],
    groups: Mapping[str, Iterable[str]],
    request: Request,
) -> tuple[MissingOwner, ...]:
    """The requirements that too few of these approvers meet; optional ones and those without owners ask nothing.

    `groups` are the members (accounts) of teams and roles by name, as CODEOWNERS writes it.
    """
    known_groups = {
        name.casefold(): frozenset(map(str.casefold, members)) for name, members in groups.items()
    }
    found = []
    for requirement in requirements:
        if requirement.optional or not requirement.owners:
            continue
        counted = {user.login.casefold(): user.email.casefold() for user in approvers}
        if requirement.author_counts:
            counted[request.author.login.casefold()] = request.author.email.casefold()
        owners, unknown_groups = _owners(requirement, known_groups)
        approved = sum(login in owners or mail in owners for login, mail in counted.items())
        if approved >= requirement.approvals:
            continue
        # Whoever else approved could be a member of a group whose members are not known.
        certain = "reviews" not in request.unknown and not (
            unknown_groups and len(counted) >= requirement.approvals and len(counted) > approved
        )
        paths = ", ".join(requirement.paths[:3]) + (" …" if len(requirement.paths) > 3 else "")
        why = (
            f"{paths} ({requirement.where}): {approved} of {requirement.approvals} approval(s) by"
            f" {' '.join(requirement.owners)}"
        )
        if not certain:
            unknown = f"the members of {', '.join(unknown_groups)} are not known" if unknown_groups else ""
            why += f"; {unknown or 'the forge did not tell the reviews'}"
        found.append(MissingOwner(requirement=requirement, approved=approved, certain=certain, why=why))
    return tuple(found)


def _owners(
    requirement: OwnerRequirement, groups: Mapping[str, frozenset[str]]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The accounts and addresses that are owners, and the groups of which nobody said who is in them."""
    owners: set[str] = set()
    unknown = []
    for owner in requirement.owners:
        name = owner.casefold()
        if name in groups:
            owners |= groups[name]
        elif requirement.is_group(owner):
            unknown.append(owner)
        else:
            owners.add(name.removeprefix("@"))
    owners.discard("")
    return frozenset(owners), tuple(unknown)
