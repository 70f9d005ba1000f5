"""What the operator says about deployments; the repository cannot set any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auditor.manifests.environment import EnvironmentRule


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A cluster that Applications may name and ApplicationSets choose: its name, API address, labels and annotations,
    as Argo CD knows them, and the environment that it holds."""

    name: str
    server: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    project: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentOptions:
    """`rules` are the configured environments. `repository_urls` are addresses that mean the audited repository,
    `branch` the branch that is audited, '' where that is not known.
    `charts` and `bases` are folders that `auditor fetch-charts` fills; None where nothing was fetched.
    `variables` are values that a cluster holds and git does not, by environment, for `substituteFrom`;
    `strict_substitution` says whether Flux refuses variables that are not set, None where the
    repository tells.
    `charts_required`: a chart that was not fetched makes the audit incomplete. `kubernetes_version` and `api_versions` (`group/version` or `group/version/Kind`) are what charts are told of the
    cluster.
    """

    rules: Sequence[EnvironmentRule] = ()
    repository_urls: frozenset[str] = frozenset()
    branch: str = ""
    charts: Path | None = None
    bases: Path | None = None
    clusters: Sequence[Cluster] = ()
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    strict_substitution: bool | None = None
    kubernetes_version: str = ""
    api_versions: Sequence[str] = ()
    charts_required: bool = False
