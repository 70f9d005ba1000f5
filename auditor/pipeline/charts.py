"""Fetches the charts that a repository's releases need, so that they can be rendered without the network."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from auditor.errors import AuditorError, FetchError
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.tree import CommitTree
from auditor.manifests.deployments.declared import declared_set
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.rendering.archives import read_archive
from auditor.manifests.rendering.chart_cache import ChartCache, ChartRef
from auditor.manifests.rendering.charts import chart_facts
from auditor.manifests.rendering.versions import is_exact
from auditor.manifests.secrets import Redactor
from auditor.model import SourceTree
from auditor.pipeline.deployment_options import charts_folder, deployment_options
from auditor.pipeline.fetching.addresses import Allowed
from auditor.pipeline.fetching.registries import OciRegistries
from auditor.pipeline.fetching.repositories import Download, HttpRepositories
from auditor.pipeline.fetching.web import Web
from auditor.pipeline.graph import is_plain_folder
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.state import redaction_key, state_folder
from auditor.settings import Settings

_MAX_ROUNDS = 5
"""What a chart renders to may ask for charts again."""

MAX_CHARTS = 2_000
"""Charts fetched for one repository in one call."""


@dataclass(frozen=True, kw_only=True)
class FetchRequest:
    """Which repository's charts: a path or an address, or a folder that is none.

    `update` fetches again what has a newer version in its range. `folder` '' is the configured one.
    """

    location: str
    database: Path
    settings: Settings
    revision: str = ""
    folder: Path | None = None
    update: bool = False
    allowed: Allowed = field(default_factory=Allowed)
    progress: Progress = field(default_factory=Silent)


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedChart:
    """What became of one chart. `state` is 'fetched', 'there' (it was already) or 'failed'."""

    repository: str
    name: str
    asked: str
    state: str
    version: str = ""
    message: str = ""


class _Source(Protocol):
    def fetch(self, wanted: ChartRef) -> Download: ...


def fetch_charts(request: FetchRequest, *, web: Web | None = None) -> list[FetchedChart]:
    """Fetches every chart that rendering the repository asks for, and what those ask for. Gives what became of each,
    sorted. `web` is for tests.

    Raises UsageError and GitError where the repository cannot be read, MissingPartError without Kustomize.
    """
    state = state_folder(request.database)
    redactor = Redactor(redaction_key(state))
    folder = request.folder or charts_folder(request.settings)
    folder.mkdir(parents=True, exist_ok=True)
    mirror: Mirror | None = None
    with ExitStack() as stack:
        request.progress.stage("reading the repository", None, "")
        if is_plain_folder(request.location) and not request.revision:
            tree: SourceTree = FolderTree(Path(request.location))
        else:
            mirror = update_mirror(request.location, state, revision=request.revision)
            reader = stack.enter_context(ObjectReader(mirror.git, mirror.path))
            tree = CommitTree(mirror, mirror.tip, reader)
        options = replace(deployment_options(request.settings, mirror), charts=folder)
        opened = web or stack.enter_context(Web(request.allowed))
        http = HttpRepositories(opened)
        oci = OciRegistries(opened, plain_http=request.allowed.plain_http)
        sources: Mapping[str, _Source] = {"https": http, "http": http, "oci": oci}
        return _rounds(tree, redactor, options, sources, ChartCache(folder), request)


def _rounds(
    tree: SourceTree,
    redactor: Redactor,
    options: DeploymentOptions,
    sources: Mapping[str, _Source],
    cache: ChartCache,
    request: FetchRequest,
) -> list[FetchedChart]:
    done: dict[ChartRef, FetchedChart] = {}
    for _ in range(_MAX_ROUNDS):
        request.progress.stage("looking for charts", None, "")
        asked = declared_set(tree, environment=None, redactor=redactor, options=options).charts
        new = sorted(ref for ref in asked if ref not in done)[: MAX_CHARTS - len(done)]
        if not new:
            break
        request.progress.stage("fetching charts", len(new), "charts")
        for wanted in new:
            done[wanted] = _one(wanted, asked[wanted], sources, cache, update=request.update)
            request.progress.advance(1)
        if all(found.state != "fetched" for found in (done[ref] for ref in new)):
            break
    return [done[ref] for ref in sorted(done)]


def _one(
    wanted: ChartRef, there: str, sources: Mapping[str, _Source], cache: ChartCache, *, update: bool
) -> FetchedChart:
    facts = {"repository": wanted.repository, "name": wanted.name, "asked": wanted.version or "*"}
    if there and (not update or is_exact(wanted.version)):
        return FetchedChart(**facts, state="there", version=there)
    try:
        scheme = wanted.repository.partition("://")[0]
        if scheme not in sources:
            raise FetchError(f"{wanted.repository} is not fetched: only https:// and oci:// addresses are")
        download = sources[scheme].fetch(wanted)
        version = _checked(wanted, download)
        stored = ChartRef(wanted.repository, wanted.name, version)
        cache.keep(stored, download.content, tags=download.tags, manifest=download.manifest)
    except AuditorError as error:
        message = f"{error.message} ({error.hint})" if error.hint else error.message
        return FetchedChart(**facts, state="failed", message=message)
    return FetchedChart(**facts, state="fetched", version=version, message=download.note)


def _checked(wanted: ChartRef, download: Download) -> str:
    """The version to store it under. Raises RenderError, FetchError for what is no chart, or another."""
    about = chart_facts(read_archive(download.content, str(wanted)), wanted.name)
    if about.get("name") != wanted.name:
        raise FetchError(f"{wanted} is another chart: {about.get('name')!r}"[:300], hint="it was not stored")
    said = str(about.get("version", ""))
    # Indexes may leave out a leading `v`; a tag need not be a version at all.
    if download.version and is_exact(download.version):
        if said.removeprefix("v") != download.version.removeprefix("v"):
            raise FetchError(
                f"{wanted} says that it is version {said!r}, not {download.version}"[:300],
                hint="it was not stored",
            )
        return download.version
    return said
