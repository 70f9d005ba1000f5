"""What Argo CD gives to Helm for a source: the chart, values in their order, parameters.

After argo-cd 3.4: `helmTemplate` and `getResolvedValueFiles` of the reposerver, util/helm.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.argo_source import ArgoSource
from auditor.manifests.deployments.argo_variables import BuildVariables
from auditor.manifests.deployments.globs import Dialect, matches
from auditor.manifests.deployments.interface import ProblemCause
from auditor.manifests.deployments.values import mapping, mappings, text, texts
from auditor.manifests.rendering.chart_cache import ChartRef
from auditor.manifests.rendering.chart_places import ValueSources
from auditor.manifests.rendering.chart_schemas import GivenValues
from auditor.manifests.rendering.chart_values import given_values, values_in, way_of
from auditor.manifests.rendering.charts import Chart
from auditor.manifests.rendering.closure import is_inside
from auditor.manifests.rendering.helm_work import HelmWork, Release

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene
    from auditor.manifests.rendering.work import Afterwards

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_COMMA = re.compile(r"(?<!\\),")
_GLOB = re.compile(r"[*?\[]")

Says = Callable[[ProblemCause, str], None]
"""Takes a problem of the Application: why, and what follows its name."""


def helm_work(
    source: ArgoSource,
    sources: Sequence[ArgoSource],
    variables: BuildVariables,
    *,
    application: str,
    namespace: str,
    path: str,
    scene: Scene,
    afterwards: Afterwards | None,
    says: Says,
) -> tuple[HelmWork, str, GivenValues]:
    """The release that a source is, what is to be known of how its chart was chosen, and the values that it is given.

    `namespace` is the destination's, `path` the file that declares the Application. Values that are not here are told
    through `says`; it is rendered without them. Raises RenderError, MissingChartError.
    """
    options = mapping(source.options.get("helm"))
    chart = _chart(source, scene)
    values = _ValueFiles(
        source=source,
        by_name={f"${entry.ref}": entry for entry in sources if entry.ref},
        chart=chart,
        variables=variables,
        scene=scene,
        says=says,
        ignores_missing=options.get("ignoreMissingValueFiles") is True,
    )
    given = values.contents(texts(options.get("valueFiles")))
    certain = given[values.known_from :] if values.known_from is not None else None
    own = _own_values(options, application)
    release = Release(
        name=text(options.get("releaseName")) or application,
        namespace=text(options.get("namespace")) or namespace,
        values=[*given, *own],
        sets=[_parameter(entry, variables) for entry in mappings(options.get("parameters"))],
        set_files=[
            (text(entry.get("name")), content)
            for entry in mappings(options.get("fileParameters"))
            for content in [values.file(text(entry.get("path")))]
            if content is not None
        ],
        include_crds=options.get("skipCrds") is not True,
        kube_version=text(options.get("kubeVersion")),
        api_versions=texts(options.get("apiVersions")),
        skip_tests=options.get("skipTests") is True,
        skip_schema=options.get("skipSchemaValidation") is True,
    )
    work = scene.helm(chart, release, path=path, lacks=tuple(values.lacks), afterwards=afterwards)
    judged = GivenValues(
        values=given_values(release.values, release.sets, release.set_files),
        certain=None if certain is None else given_values([*certain, *own], release.sets, release.set_files),
        opened=[
            way_of(text(entry.get("name")))
            for entry in mappings(options.get("fileParameters"))
            if text(entry.get("path")) in values.lacks
        ],
    )
    return replace(work, value_files=tuple(values.files)), chart.note, judged


def values_sources(path: str, application: str, work: HelmWork) -> ValueSources:
    """Where the values of an Application's source stand, as far as that is files of the repository."""
    return ValueSources(
        path=path, kind="Application", name=application, below=tuple(reversed(work.value_files))
    )


def _chart(source: ArgoSource, scene: Scene) -> Chart:
    if source.is_local:
        return scene.chart_in_tree(source.folder, follows_links=True)
    address = source.url if "://" in source.url else f"oci://{source.url}"
    return scene.charts.fetched(ChartRef.of(address, source.chart, source.revision))


def _own_values(options: Mapping[str, Any], application: str) -> list[Mapping[str, Any]]:
    """`valuesObject`, else `values`, which is text."""
    given = options.get("valuesObject")
    if isinstance(given, Mapping):
        return [given]
    written = text(options.get("values"))
    return [values_in(written.encode(), f"the values of Application {application}")] if written else []


def _parameter(entry: Mapping[str, Any], variables: BuildVariables) -> tuple[str, str]:
    value = variables.filled(str(entry.get("value", "")))
    if not (value.startswith("{") and value.endswith("}")):
        value = _COMMA.sub(r"\\,", value)
    option = "set-string" if entry.get("forceString") is True else "set"
    return option, f"{text(entry.get('name'))}={value}"


@dataclass(kw_only=True)
class _ValueFiles:
    """Finds the files that a source names: of its own repository or chart, or of another source (`$ref/…`)."""

    source: ArgoSource
    by_name: Mapping[str, ArgoSource]
    chart: Chart
    variables: BuildVariables
    scene: Scene
    says: Says
    ignores_missing: bool
    lacks: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """The values files of the repository that count, the last most."""
    known_from: int | None = None
    """How many of the values files count before the last that is not here; None where all are."""

    def contents(self, names: Sequence[str]) -> list[Mapping[str, Any]]:
        """The values of the files, in the order in which they count; a pattern leaves out what is named by itself."""
        places = [self._place(name) for name in names]
        single = {place for place in places if place is not None and not _GLOB.search(place)}
        order: list[str] = []
        for name, place in zip(names, places, strict=True):
            if place is None:
                self.known_from = len(order)
                continue
            if _GLOB.search(place):
                found = sorted(path for path in self._known(name) if matches(place, path, Dialect.DOUBLE))
                if not found and not self.ignores_missing:
                    raise RenderError(f"no file is named like {name}", hint="correct `valueFiles`")
                order += [path for path in found if path not in single and path not in order]
            elif place in order:
                continue
            elif place in self._known(name):
                order.append(place)
            elif not self.ignores_missing:
                raise RenderError(
                    f"there is no values file {name}",
                    hint="correct `valueFiles`, or set ignoreMissingValueFiles",
                )
        self.files = [place.removeprefix(_REPOSITORY) for place in order if place.startswith(_REPOSITORY)]
        return [values_in(self._read(place), place) for place in order]

    def file(self, name: str) -> str | None:
        """A file's text; None where it is not here, which is told."""
        place = self._place(name)
        if place is None:
            return None
        if place not in self._known(name):
            raise RenderError(f"there is no file {name}", hint="correct `fileParameters`")
        return self._read(place).decode("utf-8", "replace")

    def _place(self, name: str) -> str | None:
        """The path in the repository, or in a fetched chart; None for what is elsewhere, which is told."""
        first, _, rest = name.partition("/")
        other = self.by_name.get(first) if name.startswith("$") else None
        if other is not None and not other.is_local:
            self._lacks(ProblemCause.ELSEWHERE, name, f"of {other.as_ref().url}, another repository")
            return None
        written = self.variables.filled(f"/{rest}" if other is not None else name)
        if _SCHEME.match(written):
            self._lacks(ProblemCause.REMOTE, written, "from the network")
            return None
        folder = "" if written.startswith("/") or not self.source.is_local else self.source.folder
        place = posixpath.normpath(posixpath.join(folder, written.lstrip("/")))
        if not is_inside(place):
            raise RenderError(f"{name} leads out of the tree", hint="correct the path")
        return f"{_REPOSITORY if other is not None or self.source.is_local else _CHART}{place}"

    def _lacks(self, cause: ProblemCause, name: str, where: str) -> None:
        self.lacks.append(name)
        self.says(cause, f"takes values in {name} {where}")

    def _known(self, name: str) -> frozenset[str]:
        in_repository = self.source.is_local or name.partition("/")[0] in self.by_name
        if in_repository:
            return frozenset(f"{_REPOSITORY}{path}" for path in self.scene.tree.paths())
        return frozenset(f"{_CHART}{path}" for path in self.chart.files)

    def _read(self, place: str) -> bytes:
        if place.startswith(_CHART):
            return self.chart.files[place.removeprefix(_CHART)]
        return self.scene.tree.read(place.removeprefix(_REPOSITORY))


_REPOSITORY = "repository/"
_CHART = "chart/"
