"""Servers of charts on this machine for tests: a repository over HTTP, and a real registry."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2

CONFIG = "application/vnd.cncf.helm.config.v1+json"
LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"

Reply = tuple[int, dict[str, str], bytes]


class Server:
    """Answers by path; `asked` are the requests that came, with their Authorization."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[str], Reply]] = {}
        self.asked: list[tuple[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                login = self.headers.get("Authorization", "")
                server.asked.append((self.path, login))
                reply = server.replies.get(self.path.partition("?")[0], (404, {}, b""))
                status, headers, body = reply(login) if callable(reply) else reply
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def index(*charts: tuple[str, str, bytes, str]) -> bytes:
    """An index.yaml of (name, version, package, address)."""
    entries: dict[str, list[dict[str, object]]] = {}
    for name, version, content, url in charts:
        digest = hashlib.sha256(content).hexdigest()
        entry = {"name": name, "version": version, "urls": [url], "digest": digest, "apiVersion": "v2"}
        entries.setdefault(name, []).append(entry)
    return json.dumps({"apiVersion": "v1", "entries": entries}).encode()


@contextmanager
def registry(program: Path, folder: Path) -> Iterator[str]:
    """A real registry on this machine; its host and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    config = folder / "registry.json"
    config.write_text(
        json.dumps(
            {
                "version": 0.1,
                "log": {"level": "error"},
                "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
                "http": {"addr": host},
            }
        )
    )
    with subprocess.Popen(
        [str(program), "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                try:
                    httpx2.get(f"http://{host}/v2/", timeout=1, trust_env=False)
                    break
                except httpx2.HTTPError:
                    time.sleep(0.05)
            yield host
        finally:
            process.terminate()
            process.wait(timeout=10)


def push(host: str, repository: str, tag: str, content: bytes) -> str:
    """Puts a chart into a registry as `helm push` does; the digest of its manifest."""
    base = f"http://{host}/v2/{repository}"
    layers = []
    with httpx2.Client(trust_env=False) as client:
        for kind, blob in ((CONFIG, b"{}"), (LAYER, content)):
            digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
            started = client.post(f"{base}/blobs/uploads/")
            where = httpx2.URL(str(started.url)).join(started.headers["location"])
            where = where.copy_merge_params({"digest": digest})
            client.put(where, content=blob).raise_for_status()
            layers.append({"mediaType": kind, "digest": digest, "size": len(blob)})
        manifest = json.dumps(
            {"schemaVersion": 2, "mediaType": MANIFEST, "config": layers[0], "layers": layers[1:]}
        ).encode()
        client.put(
            f"{base}/manifests/{tag}", content=manifest, headers={"Content-Type": MANIFEST}
        ).raise_for_status()
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"
