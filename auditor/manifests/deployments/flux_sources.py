"""Where a Flux Kustomization takes its files from: the audited repository, an artifact of it, or somewhere else."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.manifests.deployments.addresses import same_address, without_credentials
from auditor.manifests.deployments.artifacts import Copies
from auditor.manifests.deployments.flux_overlay import build_path
from auditor.manifests.deployments.git_artifacts import GitArtifact
from auditor.manifests.deployments.interface import Found, SourceRef
from auditor.manifests.deployments.own_addresses import BOOTSTRAP
from auditor.manifests.deployments.sourceignore import IGNORE_FILE, left_out_by_default
from auditor.manifests.deployments.values import mapping, mappings, text, texts
from auditor.manifests.layout import is_candidate
from auditor.model import Document

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

GIT = "GitRepository"
_BRANCHES = frozenset({"", "branch main", "branch master"})
_MAX_INCLUDES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class FluxSource:
    """A source. `copies` is the artifact to build in, None for the repository as it is. `elsewhere` says why it is
    not here, '' where it is. `settings` are facts for people."""

    ref: SourceRef
    copies: Copies | GitArtifact | None = None
    elsewhere: str = ""
    settings: Mapping[str, str]


def source_of(found: Found, environment: str, folder: str, scene: Scene) -> FluxSource:
    """The source that a Kustomization names, for the folder of it that is built ('' for the root)."""
    document = found.document
    reference = mapping(mapping(document.manifest.get("spec")).get("sourceRef"))
    kind, name = text(reference.get("kind")) or GIT, text(reference.get("name"))
    namespace = text(reference.get("namespace")) or document.namespace
    declared = scene.find(environment, kind, namespace, name) or scene.written(
        environment, kind, namespace, name
    )
    spec = mapping(declared.manifest.get("spec")) if declared is not None else {}
    url = text(spec.get("url")) or text(spec.get("endpoint"))
    revision = _revision(mapping(spec.get("ref")))
    copies: Copies | GitArtifact | None = None
    settings: dict[str, str] = {}
    elsewhere = ""
    if kind == "ExternalArtifact":
        copies = scene.artifact(environment, name)
        if copies is None and not scene.has_folder(folder):
            elsewhere = "which nothing here makes of this repository"
    elif kind != GIT:
        # As `flux push artifact` makes one of a repository: what it holds is what is here.
        if scene.has_folder(folder):
            settings["source"] = "taken for a copy of this repository, which has that folder"
        else:
            elsewhere = "which is not in this repository"
    elif _is_here(url, name, folder, scene):
        is_other = revision not in _BRANCHES | {f"branch {scene.options.branch}"}
        copies, missing = _artifact(spec, namespace, environment, folder, scene)
        if missing:
            settings["lacks"] = missing
            if _is_included(spec, folder):
                elsewhere = f"of which this part comes from {missing}"
        if is_other and folder and not scene.has_folder(folder):
            elsewhere = f"at {revision}, which is not what is audited"
        elif is_other:
            settings["revision"] = f"{revision}; taken as the audited one has it"
    else:
        elsewhere = "which is another repository"
    return FluxSource(
        ref=SourceRef(
            kind=kind,
            namespace=namespace,
            name=name,
            url=without_credentials(url),
            revision=revision,
            is_local=not elsewhere,
        ),
        copies=copies,
        elsewhere=elsewhere,
        settings=settings,
    )


def _is_here(url: str, name: str, folder: str, scene: Scene) -> bool:
    """True where the address means the audited repository; of one that nobody told, where the folder is here."""
    if url and scene.own_addresses:
        return same_address(url) in scene.own_addresses
    return scene.has_folder(folder) or not folder or (not url and name == BOOTSTRAP)


def _revision(reference: Mapping[str, Any]) -> str:
    for field in ("name", "commit", "semver", "tag", "branch"):
        if text(reference.get(field)):
            return f"{field} {reference[field]}"
    return ""


def _artifact(
    spec: Mapping[str, Any], namespace: str, environment: str, folder: str, scene: Scene
) -> tuple[GitArtifact | None, str]:
    """How the repository is cut for a source, None where that makes no difference; and what it lacks."""
    missing: list[str] = []
    cut = _cut(spec, namespace, environment, scene, missing, depth=0)
    lacks = ", ".join(sorted(set(missing)))
    if cut == GitArtifact() and not _leaves_something_out(folder, scene):
        return None, lacks
    return cut, lacks


def _cut(
    spec: Mapping[str, Any],
    namespace: str,
    environment: str,
    scene: Scene,
    missing: list[str],
    *,
    depth: int,
) -> GitArtifact:
    includes: list[tuple[str, str, GitArtifact]] = []
    for include in mappings(spec.get("include")) if depth < 3 else ():
        name = text(mapping(include.get("repository")).get("name"))
        found = scene.find(environment, GIT, namespace, name) or scene.written(
            environment, GIT, namespace, name
        )
        other = mapping(found.manifest.get("spec")) if isinstance(found, Document) else {}
        if len(includes) >= _MAX_INCLUDES or same_address(text(other.get("url"))) not in scene.own_addresses:
            missing.append(f"{GIT} {name}")
            continue
        cut = _cut(other, namespace, environment, scene, missing, depth=depth + 1)
        includes.append((build_path(text(include.get("fromPath"))), _target(include), cut))
    ignore = spec.get("ignore")
    return GitArtifact(
        ignore=ignore if isinstance(ignore, str) else None,
        sparse=tuple(path.removeprefix("./") for path in texts(spec.get("sparseCheckout"))),
        includes=tuple(includes),
    )


def _target(include: Mapping[str, Any]) -> str:
    return build_path(text(include.get("toPath")) or text(mapping(include.get("repository")).get("name")))


def _is_included(spec: Mapping[str, Any], folder: str) -> bool:
    return any(f"{folder}/".startswith(f"{_target(include)}/") for include in mappings(spec.get("include")))


def _leaves_something_out(folder: str, scene: Scene) -> bool:
    """True where an ignore file, or the default list, keeps a manifest out of what a build of the folder may read."""
    if any(posixpath.basename(path) == IGNORE_FILE for path in scene.tree.paths()):
        return True
    if folder in scene.place().workspace.kustomizations.manifests:
        return False
    prefix = f"{folder}/" if folder else ""
    return any(
        path.startswith(prefix) and is_candidate(path) for path in left_out_by_default(scene.tree.paths())
    )
