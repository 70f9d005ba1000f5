"""Where an Application's objects go: the cluster, so the environment, and the namespace of those that name none."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from auditor.manifests.deployments.argo_source import ArgoSource
from auditor.manifests.deployments.interface import Found
from auditor.manifests.deployments.options import Cluster
from auditor.manifests.deployments.values import mapping, text
from auditor.manifests.environment import BASE_ENVIRONMENT
from auditor.manifests.rendering.work import Afterwards
from auditor.manifests.scopes import is_cluster_scoped
from auditor.model import UNKNOWN_ENVIRONMENT, JsonObject

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

IN_CLUSTER = "in-cluster"
IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
GENERATED_BY = "argo-application-set"


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """`cluster` is its name, or its API address where it is named by that; '' for Argo CD's own."""

    environment: str
    cluster: str
    namespace: str


def destination_of(
    found: Found, spec: Mapping[str, Any], sources: Iterable[ArgoSource], scene: Scene
) -> Destination:
    """Where the Application's objects go.

    The environment is that of the configured cluster; else of the Application's own file; else of the folder
    that it deploys; else the cluster's name. One that an ApplicationSet generates for another cluster is not in the
    environment of the ApplicationSet's file.
    """
    written = mapping(spec.get("destination"))
    name, server = text(written.get("name")), text(written.get("server")).rstrip("/")
    is_own = name in ("", IN_CLUSTER) and server in ("", IN_CLUSTER_SERVER)
    cluster = "" if is_own else name or server
    configured = next((entry for entry in scene.options.clusters if _is(entry, name, server)), None)
    folders = [
        scene.environment_of(posixpath.join(source.folder, "kustomization.yaml"))
        for source in sources
        if source.is_local and source.has_path
    ]
    by_folder = next((entry for entry in folders if _is_one(entry)), UNKNOWN_ENVIRONMENT)
    by_cluster = name if name and not is_own else (urlsplit(server).hostname or "") if not is_own else ""
    is_generated = found.parent is not None and found.parent.kind == GENERATED_BY
    if configured is not None and configured.environment:
        choices = [configured.environment]
    elif is_generated and not is_own:
        choices = [by_folder, by_cluster, found.environment]
    else:
        choices = [found.environment, by_folder, by_cluster]
    environment = next((entry for entry in choices if _is_one(entry)), "")
    return Destination(
        environment=environment or next(filter(None, (found.environment, *folders)), UNKNOWN_ENVIRONMENT),
        cluster=cluster,
        namespace=text(written.get("namespace")),
    )


def _is(cluster: Cluster, name: str, server: str) -> bool:
    """An Application names its cluster by the one or the other; neither is Argo CD's own."""
    if not name and not server:
        name = IN_CLUSTER
    servers = {cluster.server.rstrip("/")} - {""}
    if cluster.name == IN_CLUSTER:
        servers.add(IN_CLUSTER_SERVER)
    return cluster.name == name if name else server in servers


def _is_one(environment: str) -> bool:
    return environment not in ("", UNKNOWN_ENVIRONMENT, BASE_ENVIRONMENT)


def into_namespace(destination: Destination, scene: Scene) -> Afterwards | None:
    """Gives objects that name no namespace the destination's, as Argo CD does, and takes it from those of
    cluster-scoped kinds; None where there is nothing to do."""
    namespace = destination.namespace
    if not namespace:
        return None
    further = scene.cluster_kinds()

    def change(manifest: JsonObject) -> JsonObject:
        metadata = manifest.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        if is_cluster_scoped(manifest, further):
            if "namespace" not in metadata:
                return manifest
            kept = {key: value for key, value in metadata.items() if key != "namespace"}
            return {**manifest, "metadata": kept}
        if metadata.get("namespace"):
            return manifest
        return {**manifest, "metadata": {**metadata, "namespace": namespace}}

    return Afterwards(change=change, key={"namespace": namespace, "cluster-scoped": sorted(further)})
