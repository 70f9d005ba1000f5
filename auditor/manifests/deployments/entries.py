"""Where following starts: the objects that nothing else brings, and the folders that nobody names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from auditor.errors import RenderError
from auditor.manifests.deployments.deployers import deployer_of
from auditor.manifests.deployments.interface import Deployment, DeploymentId, Found, Plan, failed
from auditor.manifests.deployments.scene import Scene
from auditor.manifests.deployments.sources import Sources, is_below, path_inside
from auditor.manifests.rendering.kustomizations import Kustomizations
from auditor.manifests.rendering.workspace import normal_folder
from auditor.model import Document

KUSTOMIZE = "kustomize"
"""The kind of a deployment that is a Kustomize folder, which nothing in the repository names."""


def entry_objects(sources: Sources) -> list[tuple[str, Document]]:
    """The objects that deploy, with their files, that no other one's folder brings.

    Flux' own count where they lie in `clusters/<name>/`, if there is such a folder; of what is left, those that
    another takes in are brought by that. What is not Flux' and a kustomization takes in is brought by its build.
    """
    flux = [entry for entry in sources.deploying if _is_flux(entry[1])]
    in_clusters = [entry for entry in flux if "clusters" in entry[0].split("/")[:-2] and "/" in entry[0]]
    starting = in_clusters or flux
    known = {id(document) for _, document in starting}
    candidates = [
        entry
        for entry in sources.deploying
        if id(entry[1]) in known or (not _is_flux(entry[1]) and entry[0] not in sources.used)
    ]
    folders: dict[str, str] = {}
    for path, document in candidates:
        folder = folder_of(document)
        if folder is not None:
            folders[folder] = path
    return [
        (path, document)
        for path, document in candidates
        if all(folders.get(above, path) == path for above in _folders_above(path))
    ]


def folder_of(document: Document) -> str | None:
    """The folder of this repository that an object takes in; None where it takes none, or none that is inside."""
    deployer = deployer_of(document)
    named = deployer.folder(document) if deployer is not None else None
    try:
        return normal_folder(named) if named is not None else None
    except RenderError:
        return None


def found_objects(scene: Scene, entries: Sequence[tuple[str, Document]]) -> list[Found]:
    """The entries as what is to be followed, each in its file's environment."""
    return [
        Found(document=document, environment=scene.environment_of(path), path=path)
        for path, document in entries
    ]


def kustomize_roots(kustomizations: Kustomizations, sources: Sources) -> list[str]:
    """Kustomize folders that no other takes in, and those that objects name, sorted."""
    folders = set(kustomizations.unreferenced())
    named = {folder_of(document) for _, document in sources.deploying}
    return sorted(
        folders | {folder for folder in named if folder is not None and folder in kustomizations.manifests}
    )


def kustomize_plan(scene: Scene, folder: str) -> Plan:
    """The plan of a Kustomize folder that nothing in the repository names."""
    path = scene.place().workspace.kustomizations.files.get(folder, path_inside(folder))
    environment = scene.environment_of(path_inside(folder))
    deployment = Deployment(
        id=DeploymentId(environment=environment, kind=KUSTOMIZE, namespace="", name=folder or "."),
        path=path,
        folder=folder,
    )
    try:
        return Plan(deployment=deployment, work=(scene.kustomize(folder),))
    except RenderError as error:
        scene.refused(folder)
        return Plan(deployment=deployment, problems=(failed(path, "", error),))


def is_taken(path: str, folders: Sequence[str]) -> bool:
    """True where one of the folders holds the path, or is it."""
    return any(path == folder or is_below(path, folder) for folder in folders)


def _is_flux(document: Document) -> bool:
    deployer = deployer_of(document)
    return deployer is not None and deployer.name.startswith("flux-")


def _folders_above(path: str) -> Iterator[str]:
    """Every folder that the file is in, the root ('') last."""
    while path:
        path = posixpath.dirname(path)
        yield path
