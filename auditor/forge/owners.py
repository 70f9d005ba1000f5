"""Whose approval a path needs: CODEOWNERS of the base, in the dialect of the forge that reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnerRequirement:
    """Who would have to approve changes to some paths, and how many of them.

    `where` says which line or section of CODEOWNERS asks for it. `owners` are as written (`@name`,
    `@org/team`, an address, GitLab's `@@role`); () where the paths are deliberately nobody's.
    """

    where: str
    owners: tuple[str, ...]
    approvals: int
    paths: tuple[str, ...]
    optional: bool = False

    @staticmethod
    def is_group(owner: str) -> bool:
        """True for teams, groups and roles, whose members the file does not tell."""
        return owner.startswith("@@") or (owner.startswith("@") and "/" in owner)
