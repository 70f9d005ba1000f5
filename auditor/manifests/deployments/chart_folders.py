"""Charts of the repository that nothing in it deploys: rendered with their own values, as somebody may install them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from auditor.errors import RenderError
from auditor.manifests.deployments.chart_checks import checked
from auditor.manifests.deployments.follow import Node
from auditor.manifests.deployments.interface import (
    DeclaredProblem,
    Deployment,
    DeploymentId,
    Plan,
    ProblemCause,
    SourceRef,
    failed,
)
from auditor.manifests.deployments.scene import Scene
from auditor.manifests.deployments.values import text
from auditor.manifests.layout import chart_folders
from auditor.manifests.rendering.chart_places import ValueSources
from auditor.manifests.rendering.chart_schemas import GivenValues, ReleaseRef
from auditor.manifests.rendering.chart_values import values_in
from auditor.manifests.rendering.helm_work import HelmWork, Release

CHART = "chart"
"""The kind of a deployment that is a chart, which nothing in the repository installs."""

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


def chart_files(nodes: Iterable[Node]) -> frozenset[str]:
    """Every file of the charts in the repository that are rendered: what stands in them is declared so, and no other
    way."""
    return frozenset(
        path
        for node in nodes
        for task in node.plan.work
        if isinstance(task, HelmWork)
        for path in task.chart.origins.values()
    )


def charts_left(scene: Scene, nodes: Iterable[Node]) -> list[str]:
    """The folders of charts that no deployment reads and no other chart holds, sorted. Libraries are none."""
    read = chart_files(nodes)
    folders = chart_folders(scene.tree.paths())
    return [
        folder
        for folder in sorted(folders)
        if posixpath.join(folder, "Chart.yaml") not in read
        and not any(posixpath.join(above, "charts") in _above(folder) for above in folders)
        and not _is_library(scene, folder)
    ]


def chart_plan(scene: Scene, folder: str) -> Plan:
    """The plan of a chart that nothing deploys. What it lacks to be rendered whoever installs it gives, so that a
    failure says nothing of the repository."""
    path = posixpath.join(folder, "Chart.yaml")
    title = f"chart {folder or '.'}"
    deployment = Deployment(
        id=DeploymentId(environment=scene.environment_of(path), kind=CHART, namespace="", name=folder or "."),
        path=path,
        title=title,
        folder=folder,
        source=SourceRef(kind="git"),
        settings={"values": "its own: nothing in the repository installs it"},
    )
    try:
        chart = scene.chart_in_tree(folder, follows_links=True)
    except RenderError as error:
        problem = failed(path, title, error, broken=ProblemCause.TEMPLATE)
        if problem.cause is ProblemCause.TEMPLATE:
            problem = DeclaredProblem(path=path, message=problem.message, cause=ProblemCause.UNKNOWN)
        return Plan(deployment=deployment, problems=(problem,))
    release = Release(name=_name(chart.name), namespace="")
    work = scene.helm(chart, release, path=path, lacks=("those of whoever installs it",))
    works, told = checked(
        work,
        GivenValues(values={}, is_only_defaults=True),
        ValueSources(path=path),
        about=ReleaseRef(environment=scene.environment_of(path), name=path),
        title=title,
        scene=scene,
    )
    return Plan(deployment=deployment, work=tuple(works), problems=tuple(told))


def _name(chart: str) -> str:
    """A name that Helm takes for a release."""
    return _NOT_IN_NAMES.sub("-", chart.lower()).strip("-")[:53].strip("-") or "release"


def _above(folder: str) -> Sequence[str]:
    parts = folder.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _is_library(scene: Scene, folder: str) -> bool:
    path = posixpath.join(folder, "Chart.yaml")
    try:
        return text(values_in(scene.tree.read(path), path).get("type")) == "library"
    except RenderError:
        return False
