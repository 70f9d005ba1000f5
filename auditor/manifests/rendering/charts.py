"""Charts to render: folders of the repository with their dependencies, and packages of the operator's folder."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from auditor.errors import MissingChartError, RenderError
from auditor.manifests.rendering.archives import MAX_CHART_BYTES, MAX_FILES, read_archive
from auditor.manifests.rendering.chart_cache import ChartCache, ChartRef
from auditor.manifests.rendering.chart_links import Links
from auditor.manifests.rendering.chart_values import values_in
from auditor.manifests.rendering.closure import is_inside
from auditor.manifests.rendering.versions import range_of, version_of
from auditor.model import SourceTree

_MAX_DEPTH = 10
"""How deep charts in the repository may take in one another."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart, whole: what to lay out on a disk to render it.

    `files` are its own by path in it, `origins` those paths' files in the repository. `where` names it for
    people; `digest` is other text wherever a rendering could differ.
    """

    name: str
    version: str
    where: str
    files: Mapping[str, bytes]
    origins: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    """What is to be known of how it was chosen, such as the range that a version was found for."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all its files, and of where they are from."""
        whole = hashlib.sha256(self.where.encode())
        for path, content in sorted(self.files.items()):
            whole.update(f"\0{path}\0{self.origins.get(path, '')}\0{len(content)}\0".encode())
            whole.update(content)
        return whole.hexdigest()

    def lay(self, folder: Path) -> None:
        """Writes it below `folder`, which is made."""
        for path, content in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def with_values(self, values: Mapping[str, Any]) -> Chart:
        """The chart with other default values, as Flux' `valuesFiles` makes it."""
        import orjson

        return replace(self, files={**self.files, "values.yaml": orjson.dumps(values)})


class Charts:
    """Gives charts, each read once. `cache` is the operator's folder of fetched ones."""

    def __init__(self, cache: ChartCache) -> None:
        self.cache = cache
        self._fetched: dict[tuple[str, str, str], Chart] = {}

    def fetched(self, wanted: ChartRef) -> Chart:
        """A chart of the operator's folder. Raises MissingChartError where there is none that fits."""
        found = self.cache.find(wanted)
        key = (found.repository, found.name, found.version)
        if key not in self._fetched:
            files = read_archive(self.cache.content(found), f"chart {found.name} {found.version}")
            # A package was made without what its .helmignore names, and Helm reads none of packages.
            files.pop(".helmignore", None)
            self._fetched[key] = Chart(
                name=found.name,
                version=found.version,
                where=f"{found.name} {found.version} ({found.repository})",
                files=files,
            )
        chart = self._fetched[key]
        if found.version == wanted.version:
            return chart
        note = f"{found.version}, the newest in the cache that fits {wanted.version or '*'}"
        return replace(chart, note=note)

    def in_tree(
        self,
        tree: SourceTree,
        folder: str,
        origin: Callable[[str], str],
        *,
        follows_links: bool = False,
        depth: int = 0,
    ) -> Chart:
        """The chart in a folder of a tree, with what it depends on; a path to a package is read too. With
        `follows_links` it has the files that symbolic links in it stand for, and those name their true paths.

        Raises RenderError where there is none or it is too large, MissingChartError where a dependency is missing,
        RestrictedReferenceError for a link that leads out of the tree.
        """
        if depth > _MAX_DEPTH:
            raise RenderError(f"chart {folder or '.'} takes in charts without end", hint="end the cycle")
        where = folder
        paths = _below(tree, folder)
        if follows_links:
            links = Links(tree)
            folder = links.folder(folder)
            paths = {**_below(tree, folder), **links.files(folder)}
        if not paths and folder.endswith(".tgz") and folder in set(tree.paths()):
            return self._package(tree, folder, origin)
        if "Chart.yaml" not in paths:
            raise RenderError(f"there is no chart in {folder or '.'}", hint="correct the path")
        files = _contents(tree, paths, folder)
        about = chart_facts(files, folder)
        origins = {path: origin(source) for path, source in paths.items()}
        chart = Chart(
            name=str(about.get("name", "")),
            version=str(about.get("version", "")),
            where=where or ".",
            files=files,
            origins=origins,
        )
        return self._with_dependencies(chart, about, tree, folder, origin, depth, follows_links)

    def _package(self, tree: SourceTree, path: str, origin: Callable[[str], str]) -> Chart:
        files = read_archive(tree.read(path), path)
        about = chart_facts(files, path)
        files.pop(".helmignore", None)
        source = origin(path)
        return Chart(
            name=str(about.get("name", "")),
            version=str(about.get("version", "")),
            where=path,
            files=files,
            origins=dict.fromkeys(files, source),
        )

    def _with_dependencies(
        self,
        chart: Chart,
        about: Mapping[str, Any],
        tree: SourceTree,
        folder: str,
        origin: Callable[[str], str],
        depth: int,
        follows_links: bool,
    ) -> Chart:
        """Adds what `Chart.yaml` depends on and `charts/` lacks, as `helm dependency build` would."""
        wanted = _locked(chart.files, about, folder)
        if not wanted:
            return chart
        there = _vendored(chart.files, folder)
        files, origins = dict(chart.files), dict(chart.origins)
        for entry in wanted:
            name, version = str(entry.get("name", "")), str(entry.get("version", ""))
            if fits_range(there.get(name, ()), version):
                continue
            repository = str(entry.get("repository", ""))
            if repository.startswith("file://"):
                below = posixpath.normpath(posixpath.join(folder, repository.removeprefix("file://")))
                below = "" if below == "." else below
                if below and not is_inside(below):
                    raise RenderError(
                        f"chart {folder or '.'} depends on {repository}, which is outside the tree",
                        hint="keep the chart in the repository",
                    )
                found = self.in_tree(tree, below, origin, follows_links=follows_links, depth=depth + 1)
            elif repository.startswith(("https://", "http://", "oci://")):
                found = self.fetched(ChartRef.of(repository, name, version))
            else:
                raise MissingChartError(
                    f"chart {folder or '.'} depends on {name} {version}, which is not in its charts/",
                    hint="run `helm dependency build` and commit charts/, or name the repository's address",
                )
            _check_size(files, found)
            place = f"charts/{found.name}-{found.version}"
            files.update({f"{place}/{path}": content for path, content in found.files.items()})
            origins.update({f"{place}/{path}": source for path, source in found.origins.items()})
        return replace(chart, files=files, origins=origins)


def chart_facts(files: Mapping[str, bytes], what: str) -> Mapping[str, Any]:
    """What `Chart.yaml` says. Raises RenderError where it cannot be read."""
    about = values_in(files["Chart.yaml"], f"{what or '.'}/Chart.yaml")
    if not isinstance(about.get("name"), str) or not about["name"]:
        raise RenderError(f"{what or '.'}/Chart.yaml names no chart", hint="give it a `name`")
    return about


def dependencies_of(
    files: Mapping[str, bytes], about: Mapping[str, Any], folder: str
) -> list[Mapping[str, Any]]:
    """What a chart says that it depends on: the entries of Chart.yaml, or of requirements.yaml in older charts."""
    asked = about.get("dependencies")
    if asked is None and "requirements.yaml" in files:
        asked = values_in(files["requirements.yaml"], f"{folder}/requirements.yaml").get("dependencies")
    return [entry for entry in asked if isinstance(entry, Mapping)] if isinstance(asked, list) else []


def _locked(files: Mapping[str, bytes], about: Mapping[str, Any], folder: str) -> list[Mapping[str, Any]]:
    """What a chart depends on; its lock file says the version of each, where there is one."""
    entries = dependencies_of(files, about, folder)
    locked: list[Any] = []
    for name in ("Chart.lock", "requirements.lock"):
        if name in files:
            found = values_in(files[name], f"{folder}/{name}").get("dependencies")
            locked = found if isinstance(found, list) else []
            break
    versions = {
        (entry.get("name"), entry.get("repository")): entry.get("version")
        for entry in locked
        if isinstance(entry, Mapping)
    }
    result: list[Mapping[str, Any]] = []
    for entry in entries:
        version = versions.get((entry.get("name"), entry.get("repository"))) or entry.get("version", "")
        result.append({**entry, "version": version})
    return result


def _vendored(files: Mapping[str, bytes], folder: str) -> dict[str, list[str]]:
    """Name to versions of the charts that `charts/` holds, as folders or packages."""
    found: dict[str, list[str]] = {}
    for path, content in files.items():
        parts = path.split("/")
        if parts[0] != "charts":
            continue
        if len(parts) == 3 and parts[2] == "Chart.yaml":
            about = values_in(content, f"{folder}/{path}")
        elif len(parts) == 2 and path.endswith(".tgz"):
            about = values_in(read_archive(content, f"{folder}/{path}")["Chart.yaml"], f"{folder}/{path}")
        else:
            continue
        found.setdefault(str(about.get("name", "")), []).append(str(about.get("version", "")))
    return found


def fits_range(versions: list[str] | tuple[()], wanted: str) -> bool:
    """True where one of the versions is what is wanted; Helm itself takes any where the range is none."""
    if not versions:
        return False
    try:
        allowed = range_of(wanted)
    except RenderError:
        return True
    parsed = [version_of(version) for version in versions]
    return wanted in versions or any(version is not None and allowed.holds(version) for version in parsed)


def _below(tree: SourceTree, folder: str) -> dict[str, str]:
    """Path in the chart to path in the tree."""
    prefix = f"{folder}/" if folder else ""
    return {path[len(prefix) :]: path for path in tree.paths() if path.startswith(prefix) and is_inside(path)}


def _contents(tree: SourceTree, paths: Mapping[str, str], folder: str) -> dict[str, bytes]:
    if len(paths) > MAX_FILES:
        raise RenderError(f"chart {folder or '.'} holds more than {MAX_FILES} files", hint="make it smaller")
    files: dict[str, bytes] = {}
    left = MAX_CHART_BYTES
    for name, path in paths.items():
        files[name] = tree.read(path)
        left -= len(files[name])
        if left < 0:
            raise RenderError(
                f"chart {folder or '.'} holds more than {MAX_CHART_BYTES} bytes", hint="make it smaller"
            )
    return files


def _check_size(files: Mapping[str, bytes], further: Chart) -> None:
    if len(files) + len(further.files) > MAX_FILES or (
        sum(map(len, files.values())) + sum(map(len, further.files.values())) > MAX_CHART_BYTES
    ):
        raise RenderError("a chart and what it depends on are too large", hint="depend on less")
