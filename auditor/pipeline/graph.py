"""The deployments of a repository, from its entry points down: what deploys what, and what nothing deploys."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from auditor.errors import UsageError
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import repository_name, update_mirror
from auditor.git.tree import CommitTree
from auditor.manifests.deployments.declared import declared_set
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.sources import is_wanted, read_sources
from auditor.manifests.deployments.structure import declared_structure
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.secrets import Redactor
from auditor.model import SourceTree
from auditor.pipeline.deployment_options import deployment_options
from auditor.pipeline.graph_building import GraphBuilding
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.state import redaction_key, state_folder
from auditor.reports.graph.model import Graph
from auditor.settings import Settings


@dataclass(frozen=True, kw_only=True)
class GraphRequest:
    """What to look at: a repository (a path or an address), or a folder that is none.

    `environment` '' means all. Without `render` nothing is rendered and the structure alone is told.
    """

    location: str
    database: Path
    settings: Settings
    revision: str = ""
    environment: str = ""
    render: bool = True
    progress: Progress = field(default_factory=Silent)


def deployment_graph(request: GraphRequest) -> Graph:
    """The graph of a repository's revision, or of a folder's files.

    Raises UsageError where there is no such repository, revision or environment, GitError where it cannot be read,
    MissingPartError where something has to be rendered and what renders is not installed.
    """
    folder = state_folder(request.database)
    redactor = Redactor(redaction_key(folder))
    with ExitStack() as stack:
        request.progress.stage("reading the repository", None, "")
        if is_plain_folder(request.location):
            if request.revision:
                raise UsageError(
                    f"{request.location} is no git repository, so it has no revisions",
                    hint="leave out --rev, or name a repository",
                )
            tree: SourceTree = FolderTree(Path(request.location))
            name, tip = repository_name(request.location), ""
            options = deployment_options(request.settings)
        else:
            mirror = update_mirror(request.location, folder, revision=request.revision)
            reader = stack.enter_context(ObjectReader(mirror.git, mirror.path))
            tree, name, tip = CommitTree(mirror, mirror.tip, reader), mirror.name, mirror.tip
            options = deployment_options(request.settings, mirror)
        graph = graph_of(tree, redactor, options, request, repository=name, tip=tip)
    if request.environment and request.environment not in graph.environments:
        raise UsageError(
            f"nothing is deployed to an environment {request.environment!r}",
            hint=f"it is one of: {', '.join(graph.environments) or 'none'}",
        )
    return _of_environment(graph, request.environment) if request.environment else graph


def is_plain_folder(location: str) -> bool:
    """True for a folder that is no git repository, with a work tree or without."""
    folder = Path(location)
    return folder.is_dir() and not (folder / ".git").exists() and not (folder / "HEAD").is_file()


def graph_of(
    tree: SourceTree,
    redactor: Redactor,
    options: DeploymentOptions,
    request: GraphRequest,
    *,
    repository: str,
    tip: str,
) -> Graph:
    """The graph of a tree, for all environments."""
    sources = read_sources(tree, redactor, {})
    if request.render:
        request.progress.stage("rendering what git declares", None, "")
        declared = declared_set(
            tree, environment=None, redactor=redactor, options=options, parsed=sources.parsed
        )
    else:
        declared = declared_structure(tree, redactor=redactor, options=options, parsed=sources.parsed)
    building = GraphBuilding(
        declared=declared, sources=sources, redactor=redactor, options=options, is_rendered=request.render
    )
    return building.graph(repository, tip)


def _of_environment(graph: Graph, environment: str) -> Graph:
    """What of the graph is one environment's. What nothing deploys stays where it is that environment's or nobody's."""
    nodes = tuple(node for node in graph.nodes if node.id.environment == environment)
    others = {node.id.environment for node in graph.nodes} - {environment}
    return Graph(
        repository=graph.repository,
        tip=graph.tip,
        is_rendered=graph.is_rendered,
        nodes=nodes,
        edges=tuple(edge for edge in graph.edges if is_wanted(environment, edge.start.environment)),
        unreached=tuple(entry for entry in graph.unreached if entry.environment not in others),
        problems=graph.problems,
        incomplete=graph.incomplete,
    )
