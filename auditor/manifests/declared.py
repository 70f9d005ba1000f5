"""What git declares at a tree: the resources that a cluster would get from it.

Where Flux' own `Kustomization` objects are in the tree they are followed from their entry points, each
rendered with its targetNamespace, patches and variables. Without Flux every Kustomize folder that no
other takes in is rendered, and every manifest that no kustomization uses counts as it stands.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.errors import RemoteReferenceError, RenderError
from auditor.manifests.artifacts import ArtifactTree
from auditor.manifests.documents import document_of, parse
from auditor.manifests.environment import BASE_ENVIRONMENT, EnvironmentRule, environment_of
from auditor.manifests.flux import FluxKustomization, artifacts_of, flux_kustomization, substituted
from auditor.manifests.interface import Renderer
from auditor.manifests.layout import FileRole, Layout, fragments_at, is_candidate, is_kustomization_name
from auditor.manifests.secrets import Redactor
from auditor.manifests.workspace import Workspace, normal_folder
from auditor.model import UNKNOWN_ENVIRONMENT, Document, ParsedBlob, Resource, ResourceId, SourceTree

_KUSTOMIZE_CONFIG = "kustomize.config.k8s.io"


class ProblemCause(StrEnum):
    """Why something is missing: the file is broken, the build is broken, it would have to be fetched, it is
    in another repository, or two files declare the same resource."""

    FILE = "file"
    BUILD = "build"
    REMOTE = "remote"
    ELSEWHERE = "elsewhere"
    TWICE = "twice"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredProblem:
    """Why the declared set is not whole: a file or folder (`path`) that could not be read or rendered."""

    path: str
    message: str
    cause: ProblemCause


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredSet:
    """Resources in the order of their files; with problems it may lack some, and must not be called whole."""

    resources: tuple[Resource, ...]
    problems: tuple[DeclaredProblem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Sources:
    """A tree's files by what they are for."""

    parsed: Mapping[str, ParsedBlob]
    plain: Sequence[str]
    flux: Sequence[tuple[str, FluxKustomization]]
    layout: Layout


def _same(path: str) -> str:
    return path


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    """One folder to render, and for whom. `origin` turns a path of its tree into one of the repository."""

    folder: str
    environment: str
    flux: FluxKustomization | None = None
    named_in: str = ""
    origin: Callable[[str], str] = _same


class _Trees:
    """The repository's workspace and those of artifacts made of it, each opened once, on first use."""

    def __init__(self, tree: SourceTree, renderer: Renderer | None, stack: ExitStack) -> None:
        self._tree = tree
        self._renderer = renderer
        self._stack = stack
        self._open: dict[tuple[tuple[str, str], ...] | None, tuple[Workspace, Callable[[str], str]]] = {}
        self._folders = {
            "/".join(parts[:n])
            for path in tree.paths()
            for parts in [path.split("/")]
            for n in range(1, len(parts))
        }

    def has_folder(self, path: str) -> bool:
        """True where the repository has that folder, below its root."""
        return posixpath.normpath(path) in self._folders if path else False

    def open(self, copies: tuple[tuple[str, str], ...] | None) -> tuple[Workspace, Callable[[str], str]]:
        """The workspace, and what turns its paths into the repository's."""
        if copies not in self._open:
            if copies is None:
                tree, origin = self._tree, _same
            else:
                artifact = ArtifactTree(self._tree, copies)
                tree, origin = artifact, artifact.origin
            workspace = self._stack.enter_context(Workspace(tree, renderer=self._renderer))
            self._open[copies] = (workspace, origin)
        return self._open[copies]


@dataclass(kw_only=True)
class _Collector:
    """Gathers resources; the last of two with the same identity in an environment stays."""

    found: dict[tuple[str, ResourceId], Resource] = field(default_factory=dict)
    problems: list[DeclaredProblem] = field(default_factory=list)

    def add(self, resource: Resource) -> None:
        document = resource.document
        if document.id.group == _KUSTOMIZE_CONFIG or not document.name:
            return
        key = (resource.environment, resource.id)
        earlier = self.found.pop(key, None)
        if earlier is not None and earlier.document.digest != document.digest:
            message = (
                f"{resource.id} is declared twice, differently: here and in {earlier.path}; this one counts"
            )
            self.problems.append(
                DeclaredProblem(path=resource.path, message=message, cause=ProblemCause.TWICE)
            )
        self.found[key] = resource


def roots(tree: SourceTree) -> list[str]:
    """Folders to render: kustomizations that no other takes in, and those that Flux names, sorted."""
    sources = _read(tree, Redactor(b"\0" * 32), {})
    return _roots(Workspace(tree), sources)


def declared_set(
    tree: SourceTree,
    *,
    environment: str | None,
    redactor: Redactor,
    renderer: Renderer | None = None,
    rules: Sequence[EnvironmentRule] = (),
    parsed: Mapping[str, ParsedBlob] | None = None,
    folders: frozenset[str] | None = None,
) -> DeclaredSet:
    """What the tree declares for one environment, or for all (None), redacted.

    `rules` are the configured environments; `parsed` may give blobs that are parsed already, by path.
    `folders` asks for what these folders render to and leaves out what else would have to be rendered.
    What cannot be rendered is a problem and the rest is still given. Raises MissingPartError where
    something has to be rendered and Kustomize is not installed.
    """
    sources = _read(tree, redactor, parsed or {})
    collector = _Collector()
    for path in _candidates(tree):
        if sources.layout.is_judged(path) and _wanted(environment, environment_of(path, rules)):
            collector.problems += [
                DeclaredProblem(
                    path=path, message=f"line {problem.line}: {problem.message}", cause=ProblemCause.FILE
                )
                for problem in sources.parsed[path].problems
                if problem.code not in ("template", "duplicate-key")
            ]
    if sources.flux:
        _follow_flux(tree, sources, environment, rules, redactor, collector, renderer, folders)
    else:
        workspace = Workspace(tree, renderer=renderer)
        wanted = [
            folder
            for folder in _roots(workspace, sources)
            if _wanted(environment, environment_of(_inside(folder), rules))
            and (folders is None or folder in folders)
        ]
        if wanted:
            with workspace:
                for folder in wanted:
                    name = environment_of(_inside(folder), rules)
                    _render(workspace, _Job(folder=folder, environment=name), redactor, collector)
        _add_plain(sources, sources.plain, environment, rules, collector)
    resources = tuple(
        sorted(collector.found.values(), key=lambda resource: (resource.environment, resource.path))
    )
    return DeclaredSet(resources=resources, problems=tuple(collector.problems))


def environments(tree: SourceTree, *, rules: Sequence[EnvironmentRule] = ()) -> tuple[str, ...]:
    """The environments that the tree declares something for, sorted; a shared base is none."""
    sources = _read(tree, Redactor(b"\0" * 32), {})
    if sources.flux:
        names = {environment_of(path, rules) for path, _ in _entries(sources)}
    else:
        names = {environment_of(_inside(folder), rules) for folder in _roots(Workspace(tree), sources)}
        names |= {environment_of(path, rules) for path in sources.plain}
    return tuple(sorted(names - {BASE_ENVIRONMENT})) or ((BASE_ENVIRONMENT,) if names else ())


def _read(tree: SourceTree, redactor: Redactor, parsed: Mapping[str, ParsedBlob]) -> _Sources:
    blobs = {
        path: parsed[path]
        if path in parsed
        else parse(tree.read(path), redactor=redactor, is_kustomization_name=is_kustomization_name(path))
        for path in _candidates(tree)
    }
    layout = Layout()
    layout.apply(blobs, ())
    used: set[str] = set()
    dead_folders: set[str] = set()
    for path, blob in blobs.items():
        if is_kustomization_name(path):
            dead_folders.add(posixpath.dirname(path))
            for document in blob.documents:
                entries = [
                    document.manifest.get(name) for name in ("resources", "components", "bases", "crds")
                ]
                names = [name for entry in entries if isinstance(entry, list) for name in entry]
                used |= fragments_at(path, [name for name in names if isinstance(name, str)])
    plain = [
        path
        for path, blob in blobs.items()
        if layout.role(path) is FileRole.MANIFEST
        and blob.documents
        and path not in used
        and posixpath.dirname(path) not in dead_folders
    ]
    flux = [
        (path, found)
        for path, blob in blobs.items()
        if layout.role(path) is FileRole.MANIFEST
        for document in blob.documents
        if (found := flux_kustomization(document)) is not None
    ]
    return _Sources(parsed=blobs, plain=plain, flux=flux, layout=layout)


def _candidates(tree: SourceTree) -> Iterable[str]:
    return [path for path in tree.paths() if is_candidate(path)]


def _roots(workspace: Workspace, sources: _Sources) -> list[str]:
    known = workspace.kustomizations
    folders = set(known.unreferenced())
    for _, flux in sources.flux:
        try:
            folder = normal_folder(flux.path)
        except RenderError:
            continue
        if folder in known.manifests:
            folders.add(folder)
    return sorted(folders)


def _entries(sources: _Sources) -> list[tuple[str, FluxKustomization]]:
    """Where Flux starts: what lies in `clusters/<name>/`, else what no other one's folder holds."""
    in_clusters = [
        (path, flux) for path, flux in sources.flux if "clusters" in path.split("/")[:-2] and "/" in path
    ]
    if in_clusters:
        return in_clusters
    folders: dict[str, str] = {}
    for path, flux in sources.flux:
        try:
            folders[normal_folder(flux.path)] = path
        except RenderError:
            continue
    return [
        (path, flux)
        for path, flux in sources.flux
        if not any(
            path != other and (not folder or path.startswith(f"{folder}/"))
            for folder, other in folders.items()
        )
    ]


def _follow_flux(
    tree: SourceTree,
    sources: _Sources,
    environment: str | None,
    rules: Sequence[EnvironmentRule],
    redactor: Redactor,
    collector: _Collector,
    renderer: Renderer | None,
    folders: frozenset[str] | None,
) -> None:
    entries = [
        (path, flux) for path, flux in _entries(sources) if _wanted(environment, environment_of(path, rules))
    ]
    pending = [(path, environment_of(path, rules), flux) for path, flux in entries]
    entry_folders = {posixpath.dirname(path) for path, _ in entries}
    plain = [path for path in sources.plain if any(_below(path, folder) for folder in entry_folders)]
    _add_plain(sources, plain, environment, rules, collector)
    copies = {
        (environment_of(path, rules), name): copied
        for path, blob in sources.parsed.items()
        for document in blob.documents
        for name, copied in artifacts_of(document).items()
    }
    seen: set[tuple[str, str]] = set()
    known = {path for path, _ in entries}
    with ExitStack() as stack:
        trees = _Trees(tree, renderer, stack)
        while pending:
            path, name, flux = pending.pop(0)
            if (name, flux.key) in seen:
                continue
            seen.add((name, flux.key))
            if name == UNKNOWN_ENVIRONMENT:
                name = environment_of(_inside(flux.path.removeprefix("./")), rules)
            copied = copies.get((name, flux.artifact)) if flux.artifact else None
            if not flux.is_local and copied is None and not trees.has_folder(flux.path):
                message = f"{flux.where} takes a {flux.source_kind}, which is not in this repository"
                collector.problems.append(
                    DeclaredProblem(path=path, message=message, cause=ProblemCause.ELSEWHERE)
                )
                continue
            workspace, origin = trees.open(copied)
            if folders is not None and not _leads_to(workspace, sources, flux.path, folders, known):
                continue
            job = _Job(folder=flux.path, environment=name, flux=flux, named_in=path, origin=origin)
            for document in _render(workspace, job, redactor, collector):
                nested = flux_kustomization(document)
                if nested is not None:
                    pending.append((path, name, nested))


def _leads_to(
    workspace: Workspace, sources: _Sources, path: str, folders: frozenset[str], known: Collection[str]
) -> bool:
    """True where rendering `path` gives one of the folders, or Flux objects of which one may lead there.

    Files in `known` are followed already, so rendering them would lead nowhere else.
    """
    try:
        folder = normal_folder(path)
    except RenderError:
        return False
    closure = workspace.kustomizations.closure(folder) or {folder}
    return folder in folders or any(
        where not in known and _below(where, entry) for where, _ in sources.flux for entry in closure
    )


def _render(workspace: Workspace, job: _Job, redactor: Redactor, collector: _Collector) -> list[Document]:
    folder, flux, files = job.folder, job.flux, workspace.kustomizations.files
    try:
        folder = normal_folder(folder)
        rendered = workspace.render(
            folder,
            redactor=redactor,
            overlay=flux.overlay if flux else None,
            components=flux.components if flux else (),
        )
    except RenderError as error:
        path = files.get(folder) or job.named_in or folder
        prefix = f"{flux.where}: " if flux else ""
        cause = ProblemCause.REMOTE if isinstance(error, RemoteReferenceError) else ProblemCause.BUILD
        message = prefix + error.message
        collector.problems.append(DeclaredProblem(path=job.origin(path), message=message, cause=cause))
        return []
    documents: list[Document] = []
    default = files.get(folder, folder)
    for entry in rendered:
        document = entry.document
        if flux is not None and flux.substitutes is not None:
            manifest = substituted(document.manifest, flux.substitutes)
            document = document_of(manifest, index=document.index, item=document.item, line=document.line)
        documents.append(document)
        sources = tuple(job.origin(source) for source in entry.sources)
        collector.add(
            Resource(
                environment=job.environment,
                path=sources[0] if sources else job.origin(default),
                document=document,
                rendered_from=folder or ".",
                sources=sources,
            )
        )
    return documents


def _add_plain(
    sources: _Sources,
    paths: Iterable[str],
    environment: str | None,
    rules: Sequence[EnvironmentRule],
    collector: _Collector,
) -> None:
    for path in paths:
        name = environment_of(path, rules)
        if _wanted(environment, name):
            for document in sources.parsed[path].documents:
                collector.add(Resource(environment=name, path=path, document=document))


def _wanted(environment: str | None, name: str) -> bool:
    return environment is None or environment == name


def _inside(folder: str) -> str:
    """A path in the folder, for what is told by folders' names."""
    return posixpath.join(folder, "kustomization.yaml")


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
