"""What charts and Kustomizations are rendered with."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from auditor.settings.section import Section


class RenderingSetting(Section):
    """What charts are rendered with. Nothing is fetched while auditing: `auditor fetch-charts` does that."""

    charts: Path | None = Field(
        default=None,
        description="the folder of fetched charts; ~/.cache/auditor/charts by default. Nobody else should write there",
    )
    repository_urls: tuple[str, ...] = Field(
        default=(),
        description="addresses by which Flux and Argo CD take the audited repository, besides the forge's and the one "
        "that it is read from; without any, a clone's remotes",
    )
    api_versions: tuple[str, ...] = Field(
        default=(),
        description="APIs that charts are told the cluster has, besides Kubernetes' own: monitoring.coreos.com/v1",
    )
    variables: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="by environment, what Flux' `substituteFrom` takes from a cluster that git does not hold. They show "
        "in whatever they are filled into, so no secrets here",
    )
    strict_substitution: bool | None = Field(
        default=None,
        description="whether Flux refuses variables that are not set (its feature gate StrictPostBuildSubstitutions); "
        "by default what the repository's own Flux says, else true as from kustomize-controller 1.9 on",
    )
    fail_on_missing_charts: bool = Field(
        default=False,
        description="whether a chart that was not fetched makes a scan incomplete (exit code 3)",
    )
    history: str = Field(
        default="new",
        pattern=r"^(all|[1-9][0-9]{0,4}d|new|tips)$",
        description="which landings are rendered, besides the tip: all; those of the last days before it (90d); new: "
        "those since the last scan, at most 90 days; tips: none. Where others are, a finding on what is rendered has "
        "the commit that brought it in",
    )
