"""What a CODEOWNERS file asks for, in whichever dialect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from auditor.errors import ForgeError

MAX_CHECKS = 2_000_000
"""Patterns held against paths, for one change: a file beyond that was not made to be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnerRequirement:
    """Who would have to approve changes to some paths, and how many of them.

    `where` says which line of CODEOWNERS asks for it. `owners` are as written (`@name`, `@org/team`, an address,
    GitLab's `@@role`); () where the paths are deliberately nobody's. `author_counts` is true where the forge takes
    the approval of an owner who opened the request for granted.
    """

    where: str
    owners: tuple[str, ...]
    approvals: int
    paths: tuple[str, ...]
    optional: bool = False
    author_counts: bool = False

    @staticmethod
    def is_group(owner: str) -> bool:
        """True for teams, groups and roles, whose members the file does not tell."""
        return owner.startswith("@@") or (owner.startswith("@") and "/" in owner)


class Dialect(Protocol):
    """How one forge reads CODEOWNERS."""

    def __call__(self, text: str, paths: Sequence[str]) -> tuple[OwnerRequirement, ...]:
        """What the file asks for when these paths change."""
        ...


def checked(rules: int, paths: int) -> None:
    """Raises ForgeError where so many rules for so many paths would take too long."""
    if rules * paths > MAX_CHECKS:
        raise ForgeError(
            f"CODEOWNERS has {rules} rules, for {paths} changed files: too many to be evaluated",
            hint="use patterns for folders instead of lines for files",
        )
