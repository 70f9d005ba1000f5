"""How the operator's settings read a path: its environment, whether it is kept out, and how its file is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from auditor.manifests.environment import EnvironmentRule, environment_of, glob_pattern
from auditor.manifests.formats import is_readable_name, reading_of_path
from auditor.settings import Settings

_REMEMBERED = 200_000
"""Paths whose reading is kept; histories with more distinct paths are read again, not wrongly."""


_SHORT = 200
"""Characters of a text that is worth remembering."""


def environment_rules(settings: Settings) -> tuple[EnvironmentRule, ...]:
    """The configured environments, in the order in which they count."""
    return tuple(EnvironmentRule(glob=rule.path, environment=rule.name) for rule in settings.environments)


def environments_by(settings: Settings) -> Callable[[str], str]:
    """path -> environment, configured globs before conventions."""
    rules = environment_rules(settings)

    @lru_cache(maxsize=_REMEMBERED)
    def environment(path: str) -> str:
        return environment_of(path, rules)

    return environment


def redacted_by(redact: Callable[[str], str]) -> Callable[[str], str]:
    """text -> the text as it is kept. The same paths, names and messages come again and again; a long text is its own."""
    remembered = lru_cache(maxsize=_REMEMBERED)(redact)

    def redacted(text: str) -> str:
        return remembered(text) if len(text) <= _SHORT else redact(text)

    return redacted


def counted_by(settings: Settings) -> Callable[[str], bool]:
    """path -> True where its name says that it may hold documents (manifests, Terraform, a Dockerfile), and nothing
    keeps it out."""
    excluded = exclusions_by(settings)

    @lru_cache(maxsize=_REMEMBERED)
    def counted(path: str) -> bool:
        return is_readable_name(path) and not excluded(path)

    return counted


def readings_by(redact: Callable[[str], str]) -> Callable[[str], str]:
    """path -> how its file is read, with paths as `redact` gives them."""

    @lru_cache(maxsize=_REMEMBERED)
    def reading(path: str) -> str:
        return reading_of_path(path, redact)

    return reading


def exclusions_by(settings: Settings) -> Callable[[str], bool]:
    """path -> True where a configured glob keeps it out."""
    patterns = tuple(glob_pattern(pattern) for pattern in settings.exclude)

    @lru_cache(maxsize=_REMEMBERED)
    def excluded(path: str) -> bool:
        return any(pattern.match(path) for pattern in patterns)

    return excluded
