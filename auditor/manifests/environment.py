"""Which environment a path belongs to: by configured globs, else by the usual folder names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from auditor.model import UNKNOWN_ENVIRONMENT

BASE_ENVIRONMENT = "base"
"""The environment of what several environments share (`base/`, `bases/`)."""

_STAGES = frozenset(
    {"production", "prod", "prd", "live", "canary", "dr", "demo", "sandbox", "perf", "acceptance"}
    | {"staging", "stage", "stg", "preproduction", "preprod", "pre-production", "pre-prod"}
    | {"development", "develop", "dev", "testing", "test", "qa", "uat", "integration", "nonprod", "non-prod"}
)
_PARENTS = (frozenset({"clusters"}), frozenset({"environments", "envs", "env"}), frozenset({"overlays"}))


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentRule:
    """A configured rule: paths that match `glob` belong to `environment`.

    In a glob `**` stands for any folders, `*` and `?` stay within one name. A glob that names a
    folder (`clusters/prod` or `clusters/prod/`) takes everything below it.
    """

    glob: str
    environment: str


def environment_of(path: str, rules: Sequence[EnvironmentRule] = ()) -> str:
    """The environment's name as the path writes it.

    In order: the first rule that matches; the folder after `clusters`; after `environments`, `envs` or
    `env`; after `overlays`; a folder named as a stage (`production`, `dev`, …); 'base' below `base` or
    `bases`; else UNKNOWN_ENVIRONMENT.
    """
    for rule in rules:
        if glob_pattern(rule.glob).match(path):
            return rule.environment
    folders = path.removeprefix('"').split("/")[:-1]
    for parents in _PARENTS:
        for parent, folder in pairwise(folders):
            if parent.lower() in parents:
                return folder
    for folder in folders:
        if folder.lower() in _STAGES:
            return folder
    if any(folder.lower() in ("base", "bases") for folder in folders):
        return BASE_ENVIRONMENT
    return UNKNOWN_ENVIRONMENT


@lru_cache(maxsize=1024)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """The glob as a pattern for `match` on a whole path; see EnvironmentRule for its meaning."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob.strip("/"))
    special = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(special.get(part, re.escape(part)) for part in parts) + r"(?:/.*)?\Z", re.DOTALL
    )
