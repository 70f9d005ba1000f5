"""The real parts: etcd, an API server and two controllers, and the two clocks of a recording."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


def run(*command: str, text: str = "", env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=120, env={**os.environ, **(env or {})}
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


FLUX = "system:serviceaccount:flux-system:kustomize-controller"


HCM = "system:kube-controller-manager"


FLAGGER = "system:serviceaccount:flagger-system:flagger"


PEOPLE = ("tomasz.zielinski", "priya.raman", "daniel.okafor", "luis.ferreira")


class Cluster:
    """etcd, an API server and the deployment and ReplicaSet controllers on loopback."""

    def __init__(self, bin_folder: Path, work: Path) -> None:
        self.work, self.processes = work, []
        self.log: list[tuple[datetime, datetime]] = []
        etcd, api = free_port(), free_port()
        users = [
            FLUX,
            "kubernetes-admin",
            HCM,
            FLAGGER,
            *(f"{p}@example.com" for p in PEOPLE),
        ]
        (work / "tokens.csv").write_text(
            "".join(f'{i}-token,{u},{i},"system:masters"\n' for i, u in enumerate(users))
        )
        (work / "audit.yaml").write_text(
            json.dumps(
                {
                    "apiVersion": "audit.k8s.io/v1",
                    "kind": "Policy",
                    "omitStages": ["RequestReceived"],
                    "rules": [
                        {"level": "None", "verbs": ["get", "list", "watch"]},
                        {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]},
                        {
                            "level": "RequestResponse",
                            "users": [f"{p}@example.com" for p in PEOPLE],
                            "omitManagedFields": True,
                        },
                        {"level": "Metadata"},
                    ],
                }
            )
        )
        run("openssl", "genrsa", "-out", str(work / "sa.key"), "2048")
        self.start(
            bin_folder / "etcd",
            "--data-dir",
            work / "etcd",
            "--listen-client-urls",
            f"http://127.0.0.1:{etcd}",
            "--advertise-client-urls",
            f"http://127.0.0.1:{etcd}",
            "--listen-peer-urls",
            f"http://127.0.0.1:{free_port()}",
            "--unsafe-no-fsync",
        )
        self.start(
            bin_folder / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            f"--cert-dir={work}/certs",
            f"--secure-port={api}",
            "--bind-address=127.0.0.1",
            f"--token-auth-file={work}/tokens.csv",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://x",
            f"--service-account-key-file={work}/sa.key",
            f"--service-account-signing-key-file={work}/sa.key",
            "--service-cluster-ip-range=10.96.0.0/24",
            f"--audit-log-path={work}/audit.log",
            f"--audit-policy-file={work}/audit.yaml",
            "--disable-admission-plugins=ServiceAccount",
        )
        self.configs = {user: self.kubeconfig(user, f"{i}-token", api) for i, user in enumerate(users)}
        for _ in range(120):
            try:
                self.kubectl("kubernetes-admin", "get", "--raw", "/readyz")
                break
            except SystemExit:
                time.sleep(1)
        time.sleep(5)
        self.start(
            bin_folder / "kube-controller-manager",
            f"--kubeconfig={self.configs[HCM]}",
            "--leader-elect=false",
            f"--service-account-private-key-file={work}/sa.key",
            f"--secure-port={free_port()}",
            "--controllers=deployment-controller,replicaset-controller,serviceaccount-controller",
        )

    def start(self, *command: object) -> None:
        name = Path(str(command[0])).name
        self.processes.append(
            subprocess.Popen(
                [str(c) for c in command],
                stdout=(self.work / f"{name}.log").open("w"),
                stderr=subprocess.STDOUT,
            )
        )

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(30)

    def kubeconfig(self, user: str, token: str, port: int) -> Path:
        path = self.work / f"{re.sub('[^a-z]', '-', user)}.kubeconfig"
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "c",
                    "clusters": [
                        {
                            "name": "c",
                            "cluster": {
                                "server": f"https://127.0.0.1:{port}",
                                "insecure-skip-tls-verify": True,
                            },
                        }
                    ],
                    "users": [{"name": "u", "user": {"token": token}}],
                    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                }
            )
        )
        return path

    def kubectl(self, user: str, *arguments: str, text: str = "", editor: str = "") -> str:
        return run(
            "kubectl",
            *arguments,
            text=text,
            env={"KUBECONFIG": str(self.configs[user]), "KUBE_EDITOR": editor},
        )

    def at(self, story: str, action: Callable[[], object]) -> None:
        """Runs `action`; every time stamp that the server gives in the meantime becomes `story`."""
        time.sleep(2.2)
        begin = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
        action()
        time.sleep(2.2)
        self.log.append((begin, datetime.fromisoformat(story).replace(tzinfo=UTC)))

    def story_time(self, real: datetime) -> datetime | None:
        """The story's time of a real one; None before the first action."""
        for begin, story in reversed(self.log):
            if real >= begin:
                return story + (real - begin) if (real - begin) < timedelta(seconds=8) else story
        return None
