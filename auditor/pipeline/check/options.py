"""What the operator's settings mean for a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.findings.waivers import DEFAULT_PATH, WaiverTerms
from auditor.manifests.environment import EnvironmentRule, environment_of, glob_pattern
from auditor.pipeline.definitions import schema_options
from auditor.policy.judge import JudgeSpec

if TYPE_CHECKING:
    from auditor.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckOptions:
    """How paths are read and what excuses a finding; it can be pickled.

    `waivers` is the file's path from the repository's root ('' for none); the rest as in `PolicySetting`.
    """

    environments: tuple[EnvironmentRule, ...] = ()
    exclude: tuple[str, ...] = ()
    waivers: str = DEFAULT_PATH
    waiver_days_at_most: int = 0
    never_waived: tuple[str, ...] = ()
    inline: bool = True

    def environment_of(self, path: str) -> str:
        """The environment of a path of the repository."""
        return environment_of(path, self.environments)

    def excluded(self) -> Callable[[str], bool]:
        """path -> True where the operator keeps it out."""
        patterns = tuple(glob_pattern(pattern) for pattern in self.exclude)
        return lambda path: any(pattern.match(path) for pattern in patterns)

    def terms(self, rules: frozenset[str]) -> WaiverTerms:
        """What the operator allows of waivers, given the ids of the rules there are."""
        return WaiverTerms(rules=rules, never=self.never_waived, days_at_most=self.waiver_days_at_most)


def options_of(settings: Settings) -> CheckOptions:
    """The options that the settings say."""
    policies = settings.policies
    return CheckOptions(
        environments=tuple(
            EnvironmentRule(glob=rule.path, environment=rule.name) for rule in settings.environments
        ),
        exclude=settings.exclude,
        waivers=policies.waivers,
        waiver_days_at_most=policies.waiver_days_at_most,
        never_waived=policies.never_waived,
        inline=policies.inline_suppressions,
    )


def judge_spec_of(
    settings: Settings, further: tuple[Path, ...] = (), *, only: tuple[str, ...] = ()
) -> JudgeSpec:
    """What the settings say of the rules, with `further` folders of them, and the parts that are asked `only`."""
    policies = settings.policies
    return JudgeSpec(
        policy_folders=(*policies.folders, *further),
        engine=settings.engine,
        kubernetes_version=settings.kubernetes_version,
        parameters=policies.parameters,
        environments=policies.environments,
        workloads=policies.workloads,
        disabled=policies.disabled,
        severities=policies.severity,
        foreign_on_embedded=policies.foreign_on_embedded,
        schema_options=schema_options(settings),
        only=only,
    )
