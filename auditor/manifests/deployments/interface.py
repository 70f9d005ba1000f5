"""What deploys something out of a tree, and how it is read; one file an implementation, one line in the table.

An object that deploys (Flux' `Kustomization` or `HelmRelease`, Argo CD's `Application`, …) is read into a `Plan`:
what it is, what has to be rendered for it, which further objects it makes. What that renders to may hold further
objects that deploy, and so on until there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from auditor.errors import (
    MissingChartError,
    MissingFolderError,
    RemoteReferenceError,
    RenderError,
    RestrictedReferenceError,
    UnknownValuesError,
)
from auditor.manifests.rendering.chart_schemas import ReleaseRef, ValuesRefusedError
from auditor.manifests.rendering.interface import Work
from auditor.model import Document

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene


class ProblemCause(StrEnum):
    """Why something is missing: the file is broken, the build is broken, it would have to be fetched, it reaches
    outside its tree, it is in another repository, it is declared twice, a chart is not in the cache, auditor does
    not know how, a reference names nothing, the folder to deploy is not there, a cycle leads to it, or git does not
    hold a value that it needs."""

    FILE = "file"
    BUILD = "build"
    TEMPLATE = "template"
    VALUES = "values"
    SCHEMA = "schema"
    REMOTE = "remote"
    OUTSIDE = "outside"
    ELSEWHERE = "elsewhere"
    TWICE = "twice"
    CHART = "chart"
    UNSUPPORTED = "unsupported"
    REFERENCE = "reference"
    PATH = "path"
    CYCLE = "cycle"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredProblem:
    """Why the declared set is not whole: a file or folder (`path`) that could not be read or rendered. `line` is 0 and
    `pointer` '' where it is about all of the file; `about` is set where what it is about is named otherwise."""

    path: str
    message: str
    cause: ProblemCause
    line: int = 0
    pointer: str = ""
    about: ReleaseRef | None = None


_CAUSES: tuple[tuple[type[RenderError], ProblemCause], ...] = (
    (RemoteReferenceError, ProblemCause.REMOTE),
    (RestrictedReferenceError, ProblemCause.OUTSIDE),
    (MissingChartError, ProblemCause.CHART),
    (MissingFolderError, ProblemCause.PATH),
    (UnknownValuesError, ProblemCause.UNKNOWN),
)


_NOT_WHOLE = frozenset(
    {ProblemCause.FILE, ProblemCause.BUILD, ProblemCause.TEMPLATE, ProblemCause.VALUES, ProblemCause.OUTSIDE}
)


def leaves_out(problem: DeclaredProblem) -> bool:
    """True where something that git holds is not among the declared resources because it is broken: the defaults of a
    chart that nothing installs keep it from nothing."""
    is_of_chart = problem.about is not None and not problem.about.kind
    return problem.cause in _NOT_WHOLE and not is_of_chart


def failed(
    path: str, title: str, error: RenderError, *, broken: ProblemCause = ProblemCause.BUILD
) -> DeclaredProblem:
    """The problem of what could not be rendered. `title` names the deployment, '' where it is but a folder; `broken` is
    the cause where the error tells of none."""
    if isinstance(error, ValuesRefusedError):
        return DeclaredProblem(
            path=error.path or path,
            message=f"{title}: {error.message}" if title else error.message,
            cause=ProblemCause.VALUES,
            line=error.line,
            pointer=error.pointer,
            about=error.about,
        )
    cause = next((cause for kind, cause in _CAUSES if isinstance(error, kind)), broken)
    return DeclaredProblem(
        path=path, message=f"{title}: {error.message}" if title else error.message, cause=cause
    )


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class DeploymentId:
    """What a deployment is called. `kind` is a name of the table of deployers, or 'kustomize', 'chart', 'plain'."""

    environment: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRef:
    """Where a deployment takes its files from, as far as its object says. `kind` is Flux' kind of source, or
    'git', 'helm' or 'oci' for an address. `is_local` is True for the audited repository itself."""

    kind: str
    namespace: str = ""
    name: str = ""
    url: str = ""
    revision: str = ""
    is_local: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """Something that deploys. `path` and `line` are where it is declared, `folder` what it deploys (a folder of
    the source, or a chart), `folders` every folder of this repository that it takes in, where it has several sources, `depends_on` what it waits for, `reads` the objects that it takes values from.
    `lands_in` is the environment that gets what it deploys, '' for its own. `prunes` is None where that is not said. `title` names it in messages. `settings` are further facts for people, in the order to show.
    """

    id: DeploymentId
    path: str
    line: int = 0
    title: str = ""
    folder: str = ""
    folders: tuple[str, ...] = ()
    source: SourceRef | None = None
    depends_on: tuple[DeploymentId, ...] = ()
    lands_in: str = ""
    reads: tuple[str, ...] = ()
    suspended: bool = False
    prunes: bool | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """The environment that gets what it deploys."""
        return self.lands_in or self.id.environment


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An object that deploys, where it was found: the environment, the file, and what brought it."""

    document: Document
    environment: str
    path: str
    parent: DeploymentId | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be done for one deployment.

    `work` is rendered and belongs to it. `documents` are what it makes by itself: an ApplicationSet's
    Applications. `problems` say why it is not whole. `waits_for` names objects of the same environment that were
    not found so far: the plan is then made again when everything else has been followed, with `final`.
    """

    deployment: Deployment
    work: tuple[Work, ...] = ()
    documents: tuple[Document, ...] = ()
    problems: tuple[DeclaredProblem, ...] = ()
    waits_for: tuple[str, ...] = ()


class Deployer(Protocol):
    """Reads one kind of object that deploys."""

    @property
    def name(self) -> str:
        """Its key in the table, and the `kind` of its deployments."""
        ...

    def is_for(self, document: Document) -> bool:
        """True for the objects that it reads."""
        ...

    def folder(self, document: Document) -> str | None:
        """The folder of this repository that the object takes in, as it writes it, where that can be told from the
        object alone; None otherwise. Decides where following starts."""
        ...

    def plan(self, found: Found, scene: Scene, *, final: bool) -> Plan:
        """What to do for the object. Never raises but MissingPartError: what is wrong is a problem of the plan."""
        ...
