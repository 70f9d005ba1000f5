"""What the operator's settings say of deployments: for everything that asks what git declares."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from auditor.manifests.deployments.options import DeploymentOptions
from auditor.pipeline.paths import environment_rules
from auditor.settings import Settings


def deployment_options(settings: Settings, repository_urls: Iterable[str] = ()) -> DeploymentOptions:
    """The options; `repository_urls` are addresses of the audited repository."""
    folder = charts_folder(settings)
    return DeploymentOptions(
        rules=environment_rules(settings),
        repository_urls=frozenset(repository_urls),
        charts=folder if folder.is_dir() else None,
        kubernetes_version=settings.kubernetes_version,
        api_versions=settings.rendering.api_versions,
        charts_required=settings.rendering.fail_on_missing_charts,
    )


def charts_folder(settings: Settings) -> Path:
    """Where fetched charts are: as configured, else in the user's cache.

    Not beside the database: that may be in a checkout, whose files are the audited repository's.
    """
    if settings.rendering.charts is not None:
        return settings.rendering.charts
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "auditor" / "charts"
