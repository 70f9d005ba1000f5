"""What the operator decides of schemas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from auditor.model import JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaOptions:
    """How schemas judge; it can be pickled.

    `strict` refuses fields that a schema does not know. `fail_on_missing` makes a kind without schema a finding.
    `ignore_kinds` are globs over "group/Kind" ("Kind" in the core group) that no schema judges. `crds` are
    CustomResourceDefinitions from outside the repository (a folder, a cluster), `folders` hold JSON Schemas as
    `group/kind_version.json`; both are asked where the repository itself defines a kind in no way.
    """

    strict: bool = True
    fail_on_missing: bool = False
    ignore_kinds: tuple[str, ...] = ()
    crds: tuple[JsonObject, ...] = ()
    folders: tuple[Path, ...] = ()


def ignored(globs: Sequence[str]) -> Callable[[str], bool]:
    """kind ("group/Kind") -> True where a glob fits it; answers are kept."""

    @cache
    def fits(kind: str) -> bool:
        return any(fnmatchcase(kind, glob) for glob in globs)

    return fits
