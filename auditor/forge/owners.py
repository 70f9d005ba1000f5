"""Whose approval a path needs: CODEOWNERS of the base, in the dialect of the forge that reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.forge.codeowners import gitea, github, gitlab
from auditor.forge.codeowners.requirement import Dialect, OwnerRequirement

__all__ = ["DIALECTS", "OwnerDialect", "OwnerRequirement", "required_owners"]


@dataclass(frozen=True, slots=True)
class OwnerDialect:
    """How one kind of forge reads CODEOWNERS: the places it looks at, in order, and the function that reads it."""

    places: tuple[str, ...]
    read: Dialect


DIALECTS: Mapping[str, OwnerDialect] = {
    "github": OwnerDialect(github.PLACES, github.required_owners),
    "gitlab": OwnerDialect(gitlab.PLACES, gitlab.required_owners),
    "gitea": OwnerDialect(gitea.PLACES, gitea.required_owners),
}
"""By kind of forge."""


def required_owners(text: str, dialect: str, paths: Sequence[str]) -> tuple[OwnerRequirement, ...]:
    """Who would have to approve changes to these paths, and how many, as `dialect` reads the file's text.

    Paths that nobody owns are in none of the requirements, or in one without owners. Raises ForgeError where the
    file is made so that it cannot be evaluated.
    """
    return DIALECTS[dialect].read(text, tuple(dict.fromkeys(paths)))
