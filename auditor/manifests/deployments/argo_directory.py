"""Which files of a folder Argo CD's directory source applies (argo-cd 3.4, `findManifests` of the reposerver)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from auditor.errors import RenderError
from auditor.manifests.deployments.globs import Dialect, matches
from auditor.manifests.deployments.values import text
from auditor.manifests.rendering.directory import DirectoryWork

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene
    from auditor.manifests.rendering.work import Afterwards

_MANIFESTS = (".yaml", ".yml", ".json")
_PROGRAMS = ".jsonnet"


def directory_work(
    folder: str, options: Mapping[str, Any], scene: Scene, afterwards: Afterwards | None
) -> tuple[DirectoryWork, list[str]]:
    """The work of a folder of plain manifests, and the files of it that would have to be run (Jsonnet).

    `options` is the source's `directory`. Raises RenderError where there is no such folder.
    """
    if folder and not scene.has_folder(folder):
        raise RenderError(f"there is no folder {folder} in the tree", hint="correct the path")
    place = scene.place()
    paths = [path for path in _below(folder, scene) if _is_applied(path, folder, options)]
    work = DirectoryWork(
        tree=scene.tree,
        folder=folder,
        paths=tuple(path for path in paths if path.endswith(_MANIFESTS)),
        redactor=scene.redactor,
        origin=place.origin,
        afterwards=afterwards,
        keying=place.keying,
    )
    return work, [path for path in paths if path.endswith(_PROGRAMS)]


def _below(folder: str, scene: Scene) -> list[str]:
    """The files below a folder in the order of a walk: by name, folder by folder."""
    prefix = f"{folder}/" if folder else ""
    return sorted(
        (path for path in scene.tree.paths() if path.startswith(prefix)), key=lambda path: path.split("/")
    )


def _is_applied(path: str, folder: str, options: Mapping[str, Any]) -> bool:
    name = path[len(folder) + 1 :] if folder else path
    if not name.endswith((*_MANIFESTS, _PROGRAMS)) or ("/" in name and options.get("recurse") is not True):
        return False
    exclude, include = text(options.get("exclude")), text(options.get("include"))
    if exclude and matches(exclude, name, Dialect.FREE):
        return False
    return not include or matches(include, name, Dialect.FREE)
