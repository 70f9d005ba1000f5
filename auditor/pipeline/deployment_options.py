"""What the operator's settings say of deployments: for everything that asks what git declares."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.errors import GitError
from auditor.git.mirror import Mirror
from auditor.manifests.deployments.options import Cluster, DeploymentOptions
from auditor.pipeline.paths import environment_rules
from auditor.settings import Settings

_FORGES = {"github": "https://github.com", "gitlab": "https://gitlab.com"}


def deployment_options(settings: Settings, mirror: Mirror | None = None) -> DeploymentOptions:
    """The options; `mirror` is that of the audited repository, None for a plain folder."""
    folder = charts_folder(settings)
    return DeploymentOptions(
        rules=environment_rules(settings),
        repository_urls=_addresses(settings, mirror),
        branch=mirror.revision if mirror is not None else "",
        clusters=tuple(
            Cluster(
                name=name,
                server=found.server,
                labels=found.labels,
                annotations=found.annotations,
                environment=found.environment,
            )
            for name, found in settings.clusters.items()
        ),
        charts=folder if folder.is_dir() else None,
        kubernetes_version=settings.kubernetes_version,
        api_versions=settings.rendering.api_versions,
        variables=settings.rendering.variables,
        strict_substitution=settings.rendering.strict_substitution,
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


def _addresses(settings: Settings, mirror: Mirror | None) -> frozenset[str]:
    """What the operator says are addresses of the audited repository; where that is nothing, the remotes of a clone."""
    found = set(settings.rendering.repository_urls)
    forge = settings.forge
    if forge is not None and (forge.url or forge.kind in _FORGES):
        found.add(f"{(forge.url or _FORGES[forge.kind]).rstrip('/')}/{forge.repository}")
    if mirror is None:
        return frozenset(found)
    if "://" in mirror.location or (":" in mirror.location and not Path(mirror.location).exists()):
        found.add(mirror.location)
    return frozenset(found or _remotes(mirror))


def _remotes(mirror: Mirror) -> set[str]:
    """The addresses of a local clone's remotes, if they are addresses of another machine."""
    folder = Path(mirror.location)
    config = next((file for file in (folder / ".git" / "config", folder / "config") if file.is_file()), None)
    if config is None:
        return set()
    try:
        listing = mirror.git.run(
            "config", "--file", str(config), "-z", "--get-regexp", r"^remote\..*\.url$", accepted=(0, 1)
        )
    except GitError:
        return set()
    urls = (entry.partition(b"\n")[2].decode("utf-8", "replace") for entry in listing.split(b"\0") if entry)
    return {url for url in urls if not url.startswith(("/", ".", "file:")) and ":" in url}
