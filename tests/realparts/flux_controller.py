"""The real kustomize-controller on the real API, and the few lines that play the source side for it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from realparts.cluster_server import (
    ADMIN,
    FLUX,
    PROGRAMS,
    Cluster,
    free_port,
    needs_cluster,
    started,
    wait_until,
)
from realparts.shared_parts import Facts, Processes

DEFINITIONS = PROGRAMS.parent / "crds"
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations"
SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/{namespace}/gitrepositories"

_CONTROLLERS = {
    "kustomize-controller": ["--watch-label-selector=!sharding.fluxcd.io/key"],
    "kustomize-controller-lenient": [
        "--watch-label-selector=sharding.fluxcd.io/key=lenient",
        "--feature-gates=StrictPostBuildSubstitutions=false",
    ],
}

SETTLES_WITHIN_S = 120.0

_NOT_YET = frozenset({"DependencyNotReady", "Progressing"})
"""Reasons of a Kustomization that is not ready that pass by themselves."""


def needs_flux(test: Any) -> Any:
    """Marks a test that is skipped, and counted, where kustomize-controller or its cluster was not built."""
    is_there = (PROGRAMS / "kustomize-controller").is_file() and DEFINITIONS.is_dir()
    skip = pytest.mark.skipif(
        not is_there, reason="no kustomize-controller in .tools/bin: `make tools` builds it"
    )
    return pytest.mark.needs_flux(skip(needs_cluster(test)))


def start_flux(cluster: Cluster, folder: Path, processes: Processes) -> Facts:
    """Defines Flux' resources and starts two kustomize-controllers for all namespaces: one as it comes, and one
    for Kustomizations with the label `sharding.fluxcd.io/key: lenient` that lets variables be missing."""
    definitions = sorted(DEFINITIONS.glob("*.yaml"))
    cluster.kubectl("apply", "--server-side", *(f"--filename={path}" for path in definitions))
    cluster.kubectl(
        "wait",
        "--for=condition=established",
        "--timeout=60s",
        *(f"--filename={path}" for path in definitions),
    )
    for name, flags in _CONTROLLERS.items():
        started(
            [
                str(PROGRAMS / "kustomize-controller"), "--enable-leader-election=false", "--no-remote-bases",
                "--metrics-addr=127.0.0.1:0", f"--health-addr=127.0.0.1:{free_port()}",
                "--requeue-dependency=1s", "--log-level=info", *flags,
            ],
            folder / f"{name}.log",
            processes,
            HOME=str(folder),
            TMPDIR=str(folder),
            KUBECONFIG=str(cluster.kubeconfig(FLUX)),
            RUNTIME_NAMESPACE="flux-system",
        )  # fmt: skip
    return {"folder": str(folder)}


@dataclass
class Artifacts:
    """Serves the trees that sources point to, as source-controller does."""

    address: str = ""
    _held: dict[str, bytes] = field(default_factory=dict)

    def publish(self, cluster: Cluster, namespace: str, name: str, tree: Mapping[str, str]) -> str:
        """Makes the tree what the GitRepository has fetched; gives the revision, which is of its content."""
        content = _tar(tree)
        sha = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        revision = f"main@sha1:{sha}"
        self._held[f"/{namespace}/{name}/{sha}.tar.gz"] = content
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        artifact = {
            "url": f"{self.address}/{namespace}/{name}/{sha}.tar.gz",
            "path": f"gitrepository/{namespace}/{name}/{sha}.tar.gz",
            "revision": revision,
            "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "lastUpdateTime": now,
            "size": len(content),
        }
        ready = {
            "type": "Ready",
            "status": "True",
            "reason": "Succeeded",
            "message": f"stored artifact for revision '{revision}'",
            "lastTransitionTime": now,
            "observedGeneration": 1,
        }
        status = {"artifact": artifact, "observedGeneration": 1, "conditions": [ready]}
        cluster.patch(f"{SOURCES.format(namespace=namespace)}/{name}/status", {"status": status})
        return revision


@contextmanager
def artifacts() -> Iterator[Artifacts]:
    """A server of artifacts on loopback, for as long as the block runs."""
    held = Artifacts()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = held._held.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def kustomizations(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The Kustomizations of a namespace, by name."""
    found = cluster.get(KUSTOMIZATIONS.format(namespace=namespace))["items"]
    return {entry["metadata"]["name"]: entry for entry in found}


def suspend(cluster: Cluster, namespace: str) -> None:
    """Ends the controller's work on a namespace: what fails on purpose is tried again every second."""
    # The one that brings the others first, or it would take the words of git for theirs.
    names = sorted(kustomizations(cluster, namespace), key=lambda name: name != "root")
    for name in names:
        path = f"{KUSTOMIZATIONS.format(namespace=namespace)}/{name}"
        answer = cluster.request("PATCH", path, ADMIN, content='{"spec":{"suspend":true}}')
        assert answer.status_code in (200, 404), answer.text[:500]


def settled(cluster: Cluster, namespace: str, revision: str, *, names: frozenset[str]) -> dict[str, str]:
    """Waits until each of these Kustomizations has taken the revision or failed on it; why it failed, by name, ''
    for what did not."""
    state: dict[str, str | None] = {}

    def is_settled() -> bool:
        found = kustomizations(cluster, namespace)
        state.clear()
        state.update({name: _verdict(found.get(name, {}), revision) for name in names | found.keys()})
        return None not in state.values()

    wait_until(
        is_settled,
        lambda: json.dumps(
            {name: entry.get("status") for name, entry in kustomizations(cluster, namespace).items()},
            indent=1,
        ),
        SETTLES_WITHIN_S,
    )
    return {name: words or "" for name, words in state.items()}


def inventory(cluster: Cluster, namespace: str) -> set[tuple[str, str, str, str]]:
    """group, kind, namespace and name of everything that the namespace's Kustomizations say they applied."""
    found = set()
    for entry in kustomizations(cluster, namespace).values():
        for applied in ((entry.get("status") or {}).get("inventory") or {}).get("entries") or []:
            where, name, group, kind = applied["id"].split("_")
            # Names of RBAC objects may hold a colon, which an id writes so.
            found.add((group, kind, where, name.replace("__", ":")))
    return found


def _verdict(entry: Mapping[str, Any], revision: str) -> str | None:
    """None while nothing can be said, '' when the revision is applied, otherwise why it is not."""
    status = entry.get("status") or {}
    if entry.get("spec", {}).get("suspend"):
        return ""
    ready = next((found for found in status.get("conditions", []) if found["type"] == "Ready"), {})
    if not entry or ready.get("observedGeneration") != entry["metadata"]["generation"]:
        return None
    if ready.get("status") == "True":
        return "" if status.get("lastAppliedRevision") == revision else None
    words = str(ready.get("message"))
    if ready.get("status") != "False" or ready.get("reason") in _NOT_YET or "artifact not found" in words:
        return None
    # It notes a revision as attempted once it has found the path in it.
    is_of_it = status.get("lastAttemptedRevision") == revision or ready.get("reason") == "ArtifactFailed"
    return words if is_of_it else None


def _tar(tree: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path, text in sorted(tree.items()):
            content = text.encode()
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return held.getvalue()
