"""A real Kubernetes API on loopback: etcd and kube-apiserver, people with rights of their own, an audit log."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from realparts.shared_parts import Facts, Processes, started

PROGRAMS = Path(__file__).resolve().parents[2] / ".tools" / "bin"
KUBECTL = Path(sysconfig.get_path("scripts")) / "kubectl"
START_LIMIT_S = 120.0

_PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager")

ADMIN = "kubernetes-admin"
FLUX = "system:serviceaccount:flux-system:kustomize-controller"
CONTROLLERS = "system:kube-controller-manager"
PEOPLE = {"ann@example.com": "developers", "bob@example.com": "developers", "cem@example.com": "auditors"}
"""Developers may change what applications consist of, auditors may read everything but Secrets."""

_GROUPS = {ADMIN: "system:masters", CONTROLLERS: "system:masters", FLUX: "controllers", **PEOPLE}

_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {"level": "None", "resources": [{"group": "coordination.k8s.io"}]},
        {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]},
        {"level": "RequestResponse", "users": list(PEOPLE), "omitManagedFields": True},
        {"level": "Metadata"},
    ],
}


def needs_cluster(test: Any) -> Any:
    """Marks a test that is skipped, and counted, where the API server was not built."""
    skip = pytest.mark.skipif(
        not all((PROGRAMS / name).is_file() for name in _PROGRAMS),
        reason=f"not all of {', '.join(_PROGRAMS)} in .tools/bin: `make tools` builds them",
    )
    return pytest.mark.needs_cluster(skip(test))


@dataclass(frozen=True)
class Cluster:
    """A running cluster, as any worker sees it."""

    folder: Path
    url: str
    tokens: Mapping[str, str]

    @property
    def audit_log(self) -> Path:
        """What people and controllers wrote, a JSON event a line."""
        return self.folder / "audit.log"

    def kubeconfig(self, user: str = ADMIN) -> Path:
        """A file with which kubectl and controllers act as this user."""
        return self.folder / f"{_file_name(user)}.kubeconfig"

    def kubectl(self, *arguments: str, user: str = ADMIN, given: Any = None, ok: bool = True) -> str:
        """What kubectl prints; `given` is its input, as JSON. Where `ok` is false, its words of failure."""
        done = subprocess.run(
            [str(KUBECTL), "--kubeconfig", str(self.kubeconfig(user)), *arguments],
            input=None if given is None else json.dumps(given).encode(),
            capture_output=True,
            env={"HOME": str(self.folder), "PATH": os.environ.get("PATH", "")},
            timeout=120,
        )
        assert (done.returncode == 0) is ok, (done.stdout + done.stderr).decode()[-3000:]
        return (done.stdout if ok else done.stderr).decode()

    def get(self, path: str, *, user: str = ADMIN) -> Any:
        """An object, or a list of them, by its address below the server's."""
        answer = self.request("GET", path, user)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def patch(self, path: str, body: Any, *, user: str = ADMIN) -> Any:
        """The object after a JSON merge patch."""
        answer = self.request("PATCH", path, user, content=json.dumps(body))
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def find(self, group: str, kind: str, namespace: str, name: str) -> str | None:
        """An object of the group's preferred version as JSON; None where there is none."""
        address = self._address(group, kind, namespace)
        answer = self.request("GET", f"{address}/{name}", ADMIN)
        assert answer.status_code in (200, 404), answer.text[:500]
        return answer.text if answer.status_code == 200 else None

    def request(self, method: str, path: str, user: str, content: str | None = None) -> httpx2.Response:
        """The server's answer to the user, whatever it is."""
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        return _client().request(method, f"{self.url}{path}", headers=headers, content=content)

    def is_namespaced(self, group: str, kind: str) -> bool:
        """Whether objects of the kind are in a namespace each."""
        return self._kind(group, kind).is_namespaced

    def _address(self, group: str, kind: str, namespace: str) -> str:
        known = self._kind(group, kind)
        where = f"namespaces/{namespace}/" if namespace else ""
        return f"{known.version}/{where}{known.plural}"

    def _kind(self, group: str, kind: str) -> _Kind:
        key = (self.url, group, kind)
        if key not in _KINDS:
            preferred = self.get(f"/apis/{group}")["preferredVersion"]["groupVersion"] if group else ""
            version = f"/apis/{preferred}" if group else "/api/v1"
            _KINDS[key] = next(
                _Kind(version, entry["name"], entry["namespaced"])
                for entry in self.get(version)["resources"]
                if entry["kind"] == kind and "/" not in entry["name"]
            )
        return _KINDS[key]


@dataclass(frozen=True)
class _Kind:
    version: str
    plural: str
    is_namespaced: bool


_KINDS: dict[tuple[str, str, str], _Kind] = {}


@lru_cache(maxsize=1)
def _client() -> httpx2.Client:
    return httpx2.Client(verify=False, timeout=30)  # the server's certificate is of its own making


def start_cluster(
    folder: Path,
    processes: Processes,
    *,
    audit_policy: Mapping[str, Any] = _AUDIT_POLICY,
    options: tuple[str, ...] = (),
) -> Facts:
    """Starts etcd and the API server (with further `options`) with their data in `folder`, and lets people and Flux in."""
    store, port = free_port(), free_port()
    url = f"https://127.0.0.1:{port}"
    tokens = {user: f"token-of-{_file_name(user)}" for user in _GROUPS}
    (folder / "tokens.csv").write_text(
        "".join(f'{tokens[user]},{user},{n},"{group}"\n' for n, (user, group) in enumerate(_GROUPS.items()))
    )
    (folder / "audit.json").write_text(json.dumps(audit_policy))
    _write_key(folder / "sa.key")
    for user, token in tokens.items():
        (folder / f"{_file_name(user)}.kubeconfig").write_text(json.dumps(_kubeconfig(url, token)))
    started(
        [
            str(PROGRAMS / "etcd"), "--data-dir", str(folder / "etcd"), "--unsafe-no-fsync", "--log-level", "warn",
            "--listen-client-urls", f"http://127.0.0.1:{store}",
            "--advertise-client-urls", f"http://127.0.0.1:{store}",
            "--listen-peer-urls", "http://127.0.0.1:0",
        ],
        folder / "etcd.log",
        processes,
    )  # fmt: skip
    started(
        [
            str(PROGRAMS / "kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{store}", f"--cert-dir={folder / 'certificates'}",
            f"--secure-port={port}", "--bind-address=127.0.0.1", f"--token-auth-file={folder / 'tokens.csv'}",
            "--authorization-mode=RBAC", "--service-account-issuer=https://cluster.example.com",
            f"--service-account-key-file={folder / 'sa.key'}",
            f"--service-account-signing-key-file={folder / 'sa.key'}",
            "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount",
            f"--audit-log-path={folder / 'audit.log'}", f"--audit-policy-file={folder / 'audit.json'}",
            *options,
        ],
        folder / "kube-apiserver.log",
        processes,
        HOME=str(folder),
    )  # fmt: skip
    facts = {"folder": str(folder), "url": url, "tokens": tokens, "store": f"http://127.0.0.1:{store}"}
    cluster = cluster_of(facts)

    def is_ready() -> bool:
        assert all(process.poll() is None for process in processes), _logs(folder)
        try:
            return cluster.request("GET", "/readyz", ADMIN).status_code == 200
        except httpx2.HTTPError:
            return False

    wait_until(is_ready, lambda: f"the API server did not become ready: {_logs(folder)}", START_LIMIT_S)
    cluster.kubectl(
        "apply", "--server-side", "-f", "-", given={"apiVersion": "v1", "kind": "List", "items": _RIGHTS}
    )
    return facts


def start_controllers(cluster: Cluster, folder: Path, processes: Processes) -> Facts:
    """Starts kube-controller-manager: Deployments get ReplicaSets and Pods, owners are real, namespaces end."""
    command = [
        str(PROGRAMS / "kube-controller-manager"), f"--kubeconfig={cluster.kubeconfig(CONTROLLERS)}",
        "--leader-elect=false", f"--service-account-private-key-file={cluster.folder / 'sa.key'}",
        "--bind-address=127.0.0.1", f"--secure-port={free_port()}",
    ]  # fmt: skip
    started(command, folder / "kube-controller-manager.log", processes, HOME=str(folder))
    return {"folder": str(folder)}


def cluster_of(facts: Facts) -> Cluster:
    """The cluster that `start_cluster` told of."""
    return Cluster(folder=Path(facts["folder"]), url=facts["url"], tokens=facts["tokens"])


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], otherwise: Callable[[], str], limit_s: float = 60.0) -> None:
    """Comes back as soon as it is so; fails with words made then, after `limit_s` seconds."""
    until = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.1)


def _file_name(user: str) -> str:
    return user.replace(":", "-").replace("@", "-at-")


def _logs(folder: Path) -> str:
    return "\n".join(
        path.read_text()[-2000:] for path in sorted(folder.glob("*.log")) if path.name != "audit.log"
    )


def _kubeconfig(url: str, token: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": url, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }


def _write_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )


def _role(name: str, *rules: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": list(rules),
    }


def _binding(role: str, kind: str, name: str) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"{role}-{_file_name(name)}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}],
    }


_RIGHTS = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}},
    # The API server's own `edit` and `view` are filled by a controller that need not run here.
    _role(
        "developer",
        {
            "apiGroups": ["", "apps", "batch"],
            "resources": ["configmaps", "services", "deployments", "deployments/scale", "cronjobs", "jobs"],
            "verbs": ["*"],
        },
    ),
    _role(
        "auditor",
        {"apiGroups": ["", "apps", "batch"], "resources": ["configmaps", "services", "deployments"], "verbs": ["get", "list", "watch"]},
    ),
    _binding("developer", "Group", "developers"),
    _binding("auditor", "Group", "auditors"),
    _binding("cluster-admin", "User", FLUX),
]  # fmt: skip
