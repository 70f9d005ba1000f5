"""Which chart a HelmRelease takes: `chart.spec`, or `chartRef` to a HelmChart, an OCIRepository or an artifact."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.addresses import same_address, without_credentials
from auditor.manifests.deployments.artifacts import Copies
from auditor.manifests.deployments.interface import ProblemCause, SourceRef
from auditor.manifests.deployments.values import mapping, text, texts
from auditor.manifests.rendering.chart_cache import ChartRef
from auditor.manifests.rendering.chart_values import merged, values_in
from auditor.manifests.rendering.charts import Chart
from auditor.manifests.rendering.workspace import normal_folder

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene
    from auditor.model import Document

_TREES = frozenset({"GitRepository", "Bucket", "ExternalArtifact"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartChoice:
    """A chart of a repository (`ref`), or in a folder of this one or of an artifact (`folder`, `copies`).

    `wrong` says why there is neither, `problem` its cause. `waits_for` are objects that may be found yet.
    """

    source: SourceRef | None = None
    ref: ChartRef | None = None
    folder: str = ""
    copies: Copies | None = None
    values_files: tuple[str, ...] = ()
    ignores_missing: bool = False
    waits_for: tuple[str, ...] = ()
    wrong: str = ""
    problem: ProblemCause | None = None

    @property
    def shown(self) -> str:
        """The chart for people, as it is asked for."""
        if self.ref is not None:
            return f"{self.ref.name} {self.ref.version or '*'} of {self.ref.repository}"
        return self.folder


def chart_choice(
    spec: Mapping[str, Any], *, scene: Scene, environment: str, namespace: str, final: bool
) -> ChartChoice:
    """The chart that a HelmRelease's `spec` asks for, as far as its sources are known by now. When `final`, sources
    that stand in a file count too, though nothing that is known applies it."""
    template = mapping(mapping(spec.get("chart")).get("spec"))
    if template:
        return _templated(template, scene, environment, namespace, final)
    reference = mapping(spec.get("chartRef"))
    kind, name = text(reference.get("kind")), text(reference.get("name"))
    if not name:
        return _wrong("names no chart: neither `chart` nor `chartRef`", ProblemCause.REFERENCE)
    where = text(reference.get("namespace")) or namespace
    if kind == "HelmChart":
        chart = _found(scene, environment, kind, where, name, final)
        if chart is None:
            return _absent(kind, where, name)
        return _templated(mapping(chart.manifest.get("spec")), scene, environment, where, final)
    if kind == "OCIRepository":
        return _of_oci(scene, environment, where, name, final)
    if kind == "ExternalArtifact":
        return _in_tree(kind, where, name, ".", scene, environment, final)
    return _wrong(f"takes its chart from a {kind}, which auditor does not know", ProblemCause.UNSUPPORTED)


def chosen_chart(choice: ChartChoice, scene: Scene) -> Chart:
    """The chart itself. Raises RenderError, MissingChartError where it has to be fetched first."""
    if choice.wrong:
        raise RenderError(choice.wrong)
    if choice.ref is not None:
        chart = scene.charts.fetched(choice.ref)
        files: Mapping[str, bytes] = chart.files
        return _with_values_files(chart, choice, files.get)
    chart = scene.chart_in_tree(choice.folder, choice.copies)
    place = scene.place(choice.copies)
    known = set(place.tree.paths())
    return _with_values_files(chart, choice, lambda path: place.tree.read(path) if path in known else None)


def _with_values_files(chart: Chart, choice: ChartChoice, read: Any) -> Chart:
    """The chart with `valuesFiles` merged instead of its own `values.yaml`; theirs are paths of the source."""
    if not choice.values_files:
        return chart
    values: dict[str, Any] = {}
    for name in choice.values_files:
        path = normal_folder(name)
        content = read(path)
        if content is None and choice.ignores_missing:
            continue
        if content is None:
            raise RenderError(f"there is no values file {name} in its source", hint="correct `valuesFiles`")
        values = merged(values, values_in(content, name))
    return chart.with_values(values)


def _templated(
    template: Mapping[str, Any], scene: Scene, environment: str, namespace: str, final: bool
) -> ChartChoice:
    reference = mapping(template.get("sourceRef"))
    kind, name = text(reference.get("kind")), text(reference.get("name"))
    where = text(reference.get("namespace")) or namespace
    chart = text(template.get("chart"))
    if kind == "HelmRepository":
        version = text(template.get("version"))
        found = _of_helm_repository(scene, environment, where, name, chart, version, final)
    elif kind in _TREES:
        found = _in_tree(kind, where, name, chart, scene, environment, final)
    else:
        return _wrong(f"takes its chart from a {kind}, which auditor does not know", ProblemCause.UNSUPPORTED)
    # `valuesFile` is of v2beta1, and comes first.
    first = text(template.get("valuesFile"))
    return replace(
        found,
        values_files=(*((first,) if first else ()), *texts(template.get("valuesFiles"))),
        ignores_missing=template.get("ignoreMissingValuesFiles") is True,
    )


def _of_helm_repository(
    scene: Scene, environment: str, namespace: str, name: str, chart: str, version: str, final: bool
) -> ChartChoice:
    repository = _found(scene, environment, "HelmRepository", namespace, name, final)
    if repository is None:
        return _absent("HelmRepository", namespace, name)
    url = without_credentials(text(mapping(repository.manifest.get("spec")).get("url")))
    source = SourceRef(
        kind="HelmRepository", namespace=namespace, name=name, url=url, revision=version, is_local=False
    )
    if not url or not chart:
        return _wrong(
            f"HelmRepository {namespace}/{name} has no url, or no chart is named", ProblemCause.REFERENCE
        )
    return ChartChoice(source=source, ref=ChartRef.of(url, chart, "" if version == "*" else version))


def _of_oci(scene: Scene, environment: str, namespace: str, name: str, final: bool) -> ChartChoice:
    repository = _found(scene, environment, "OCIRepository", namespace, name, final)
    if repository is None:
        return _absent("OCIRepository", namespace, name)
    spec = mapping(repository.manifest.get("spec"))
    url, ref = without_credentials(text(spec.get("url"))), mapping(spec.get("ref"))
    # In this order, source-controller's: a digest, else a range, else a tag, else `latest`.
    version = text(ref.get("digest")) or text(ref.get("semver")) or text(ref.get("tag")) or "latest"
    source = SourceRef(
        kind="OCIRepository", namespace=namespace, name=name, url=url, revision=version, is_local=False
    )
    if not url.startswith("oci://"):
        return _wrong(f"OCIRepository {namespace}/{name} has no oci:// address", ProblemCause.REFERENCE)
    return ChartChoice(source=source, ref=ChartRef.of(url, "", version))


def _in_tree(
    kind: str, namespace: str, name: str, chart: str, scene: Scene, environment: str, final: bool
) -> ChartChoice:
    """A chart in the tree of a source: this repository's where its address says so, or its folder is here."""
    folder = posixpath.normpath(chart.removeprefix("/") or ".").removeprefix("./")
    folder = "" if folder == "." else folder
    document = _found(scene, environment, kind, namespace, name, final)
    url = without_credentials(text(mapping(document.manifest.get("spec")).get("url"))) if document else ""
    copies = scene.artifact(environment, name) if kind == "ExternalArtifact" else None
    known = scene.own_addresses
    is_elsewhere = bool(url and known) and same_address(url) not in known
    is_here = copies is not None or (
        not is_elsewhere and (scene.has_folder(folder) or folder.endswith(".tgz"))
    )
    source = SourceRef(kind=kind, namespace=namespace, name=name, url=url, is_local=is_here)
    if not is_here:
        shown = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        return replace(
            _wrong(
                f"takes its chart {chart} from {shown}, which is not this repository", ProblemCause.ELSEWHERE
            ),
            source=source,
        )
    return ChartChoice(source=source, folder=folder, copies=copies)


def _found(
    scene: Scene, environment: str, kind: str, namespace: str, name: str, final: bool
) -> Document | None:
    document = scene.find(environment, kind, namespace, name)
    return document or (scene.written(environment, kind, namespace, name) if final else None)


def _absent(kind: str, namespace: str, name: str) -> ChartChoice:
    shown = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    return ChartChoice(
        source=SourceRef(kind=kind, namespace=namespace, name=name, is_local=False),
        waits_for=(shown,),
        wrong=f"takes its chart from {shown}, which git does not declare",
        problem=ProblemCause.REFERENCE,
    )


def _wrong(reason: str, cause: ProblemCause) -> ChartChoice:
    return ChartChoice(wrong=reason, problem=cause)
