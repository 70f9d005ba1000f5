"""What deploys what, without rendering: told by which files each deployment reads.

What exists only in what is rendered (an Application that a chart makes) is not found so, and neither are namespaces
that a rendering sets.
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.manifests.deployments.collecting import Collector
from auditor.manifests.deployments.declared import DeclaredSet, starting
from auditor.manifests.deployments.follow import Following
from auditor.manifests.deployments.interface import Found, Plan
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.deployments.scene import Scene
from auditor.manifests.deployments.sources import SerialTree, is_below, read_sources
from auditor.manifests.rendering.interface import ReadsFiles
from auditor.manifests.secrets import Redactor
from auditor.model import Document, ParsedBlob, SourceTree


def declared_structure(
    tree: SourceTree,
    *,
    redactor: Redactor,
    options: DeploymentOptions | None = None,
    parsed: Mapping[str, ParsedBlob] | None = None,
) -> DeclaredSet:
    """The deployments of all environments, none of them rendered, and what stands in files as it is.

    `parsed` may give blobs that are parsed already, by path. Needs no program; raises nothing of its own.
    """
    tree = SerialTree(tree)
    sources = read_sources(tree, redactor, parsed or {})
    collector = Collector()
    deploying: dict[str, list[Document]] = {}
    for path, document in sources.deploying:
        deploying.setdefault(path, []).append(document)
    with Scene(tree, sources, redactor, options or DeploymentOptions()) as scene:
        following = Following(scene=scene, collector=collector, wanted=_nothing)
        starting(scene, None, following, None)
        done: set[object] = set()
        while True:
            new = [node for name, node in following.nodes.items() if name not in done]
            if not new:
                break
            done |= {node.plan.deployment.id for node in new}
            following.objects(
                [
                    Found(
                        document=document,
                        environment=node.plan.deployment.id.environment,
                        path=path,
                        parent=node.plan.deployment.id,
                    )
                    for node in new
                    for path in sorted(files_of(node.plan, deploying))
                    for document in deploying[path]
                ]
            )
    return DeclaredSet(
        resources=tuple(collector.found.values()),
        problems=tuple(collector.problems),
        nodes=following.nodes,
        owners=collector.owners,
    )


def files_of(plan: Plan, paths: Mapping[str, object]) -> set[str]:
    """Those of the paths that the deployment reads: what its renderings read, or where that is not known, all that
    stands in its folder."""
    known = [task for task in plan.work if isinstance(task, ReadsFiles)]
    found = {path for task in known for path in task.files() if path in paths}
    folders = [task.folder for task in plan.work if not isinstance(task, ReadsFiles)]
    if not plan.work and plan.deployment.folder:
        folders = [plan.deployment.folder]
    for folder in folders:
        clean = folder.removeprefix("./").strip("/")
        clean = "" if clean == "." else clean
        found |= {path for path in paths if path == clean or is_below(path, clean)}
    return found


def _nothing(plan: Plan) -> bool:
    return False
