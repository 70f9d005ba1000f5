"""What the operator says about deployments; the repository cannot set any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auditor.manifests.environment import EnvironmentRule


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A cluster that ApplicationSets may choose: its name, API address and labels, as Argo CD knows them."""

    name: str
    server: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentOptions:
    """`rules` are the configured environments. `repository_urls` are addresses that mean the audited repository.
    `charts` and `bases` are folders that `auditor fetch-charts` fills; None where nothing was fetched.
    `variables` are values that a cluster holds and git does not, by environment, for `substituteFrom`.
    """

    rules: Sequence[EnvironmentRule] = ()
    repository_urls: frozenset[str] = frozenset()
    charts: Path | None = None
    bases: Path | None = None
    clusters: Sequence[Cluster] = ()
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
