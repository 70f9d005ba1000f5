"""Which environment a file belongs to, and which cluster holds which environment."""

from __future__ import annotations

from pydantic import Field

from auditor.settings.section import Section


class EnvironmentSetting(Section):
    """Files under a glob belong to an environment."""

    path: str = Field(description="glob over repository paths; ** crosses folders")
    name: str = Field(description="the environment's name")


class ClusterSetting(Section):
    """A cluster by its name, which environment it should hold, and what Argo CD knows of it."""

    environment: str = ""
    server: str = Field(default="", description="its API address, as Applications name it")
    labels: dict[str, str] = Field(
        default_factory=dict, description="its labels in Argo CD, which ApplicationSets choose by"
    )
    annotations: dict[str, str] = Field(default_factory=dict, description="its annotations in Argo CD")
