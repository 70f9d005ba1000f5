"""A real Gitea on loopback: users, repositories, requests and reviews through its API, nothing else."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".tools" / "bin" / "gitea"
SHARE = ROOT / ".tools" / "gitea"
PASSWORD = "correct-horse-battery-staple"  # of a server that lives as long as the tests
START_LIMIT_S = 60.0


def needs_gitea(test: Any) -> Any:
    """Marks a test that is skipped, and counted, where Gitea was not built."""
    skip = pytest.mark.skipif(not PROGRAM.is_file(), reason="no gitea in .tools/bin: `make tools` builds it")
    return pytest.mark.needs_gitea(skip(test))


@dataclass
class GiteaServer:
    """The running server; `url` without a slash at the end."""

    folder: Path
    url: str = ""
    process: subprocess.Popen[bytes] | None = None
    users: list[str] = field(default_factory=list)

    def start(self) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "app.ini"
        config.write_text(_CONFIGURATION.format(folder=self.folder, share=SHARE, port=port, url=self.url))
        self._run("migrate")
        with (self.folder / "gitea.log").open("wb") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), "--config", str(config), "web"],
                stdout=log,
                stderr=log,
                env=self._environment(),
                cwd=self.folder,
            )
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            try:
                if httpx2.get(f"{self.url}/api/v1/version", timeout=2).status_code == 200:
                    break
            except httpx2.HTTPError:
                time.sleep(0.1)
        else:
            raise AssertionError((self.folder / "gitea.log").read_text()[-3000:])
        self.add_user("root-admin", admin=True)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def add_user(self, name: str, *, admin: bool = False) -> None:
        if name in self.users:
            return
        flags = ["--admin"] if admin else []
        self._run(
            "admin", "user", "create", "--username", name, "--password", PASSWORD,
            "--email", f"{name}@example.com", "--must-change-password=false", *flags,
        )  # fmt: skip
        self.users.append(name)

    def api(self, user: str, method: str, path: str, body: Any = None, *, ok: bool = True) -> Any:
        """An answer's JSON (its status where `ok` is false)."""
        answer = httpx2.request(
            method, f"{self.url}/api/v1{path}", json=body, auth=(user, PASSWORD), timeout=30
        )
        if not ok:
            return answer.status_code
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def token(self, user: str) -> str:
        """A token that may read repositories."""
        made = self.api(
            user, "POST", f"/users/{user}/tokens",
            {"name": f"audit-{time.monotonic_ns()}", "scopes": ["read:repository", "read:user", "read:issue"]},
        )  # fmt: skip
        return str(made["sha1"])

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(PROGRAM), "--config", str(self.folder / "app.ini"), *arguments],
            capture_output=True,
            env=self._environment(),
            cwd=self.folder,
            timeout=120,
        )
        assert done.returncode == 0, (done.stdout + done.stderr).decode()[-3000:]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.folder),
            "USER": os.environ.get("USER", "gitea"),
            "GITEA_WORK_DIR": str(self.folder),
        }


@dataclass
class GiteaRepository:
    """One repository of the server, with the steps that people take in it."""

    server: GiteaServer
    owner: str
    name: str

    @property
    def path(self) -> str:
        return f"/repos/{self.owner}/{self.name}"

    @property
    def location(self) -> str:
        """Where its git repository lies: the same one that the forge serves."""
        return str(self.server.folder / "repositories" / self.owner / f"{self.name}.git")

    def write(
        self, user: str, branch: str, files: dict[str, str], *, message: str = "", new: str = ""
    ) -> str:
        """Commits files by the user on a branch (on a `new` one that begins there); the commit's id."""
        known = {}
        for path in files:
            reply = httpx2.get(
                f"{self.server.url}/api/v1{self.path}/contents/{path}",
                params={"ref": branch},
                auth=(user, PASSWORD),
            )
            known[path] = reply.json().get("sha", "") if reply.status_code == 200 else ""
        body = {
            "branch": branch,
            "message": message or f"Change {', '.join(files)}",
            "files": [
                {
                    "operation": "update" if known[path] else "create",
                    "path": path,
                    "content": base64.b64encode(text.encode()).decode(),
                    **({"sha": known[path]} if known[path] else {}),
                }
                for path, text in files.items()
            ],
        }
        if new:
            body["new_branch"] = new
        return str(self.server.api(user, "POST", f"{self.path}/contents", body)["commit"]["sha"])

    def open(self, user: str, head: str, *, title: str = "", body: str = "") -> int:
        made = self.server.api(
            user, "POST", f"{self.path}/pulls",
            {"head": head, "base": "main", "title": title or f"Change by {head}", "body": body},
        )  # fmt: skip
        return int(made["number"])

    def review(self, user: str, number: int, event: str = "APPROVED", *, ok: bool = True) -> Any:
        return self.server.api(
            user, "POST", f"{self.path}/pulls/{number}/reviews", {"event": event, "body": "seen"}, ok=ok
        )

    def merge(self, user: str, number: int, style: str = "merge", **more: Any) -> str:
        """Merges; the commit that landed. Gitea works out in the background whether it can, so this tries again."""
        until = time.monotonic() + 30
        while True:
            status = self.server.api(
                user, "POST", f"{self.path}/pulls/{number}/merge", {"do": style, **more}, ok=False
            )
            if status == 200:
                break
            assert time.monotonic() < until, f"request {number} could not be merged: {status}"
            time.sleep(0.1)
        return str(self.server.api(user, "GET", f"{self.path}/pulls/{number}")["merge_commit_sha"])

    def settled(self, number: int, *, head: str) -> None:
        """Waits until the forge has taken note of a push: it does so in the background."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            pulls = self.server.api("root-admin", "GET", f"{self.path}/pulls?state=all")
            if any(pull["number"] == number and pull["head"]["sha"] == head for pull in pulls):
                return
            time.sleep(0.1)
        raise AssertionError(f"request {number} never came to {head}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_CONFIGURATION = """\
APP_NAME = forge
RUN_MODE = prod
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = {folder}

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = {url}/
STATIC_ROOT_PATH = {share}
OFFLINE_MODE = true
DISABLE_SSH = true
LFS_START_SERVER = false

[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db

[repository]
ROOT = {folder}/repositories
DEFAULT_BRANCH = main

[repository.pull-request]
DEFAULT_MERGE_STYLE = merge

[security]
INSTALL_LOCK = true
SECRET_KEY = not-a-secret-of-a-server-on-loopback
PASSWORD_HASH_ALGO = pbkdf2$1000$50

[service]
DISABLE_REGISTRATION = true

[service.explore]
REQUIRE_SIGNIN_VIEW = false

[log]
LEVEL = Warn
ROOT_PATH = {folder}/log

[indexer]
ISSUE_INDEXER_TYPE = db

[cron]
ENABLED = false

[actions]
ENABLED = false

[packages]
ENABLED = false
"""
