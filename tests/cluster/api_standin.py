"""A stand-in for an API server, on loopback: for answers that the real one cannot be made to give at will.

It knows no Kubernetes: it serves the lists that a test gives it in pages, tells of them as discovery does, and gives
the faults that a test asked for. What a real API server does is tested in tests/realparts/test_live.py.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Fault = Callable[["Handler"], None]
"""Answers one request in its own way."""

DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass
class Standin:
    """What it serves. `lists` are objects by address, `faults` what is answered to the next requests of an address."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    faults: dict[str, deque[Fault | None]] = field(default_factory=dict)
    always: dict[str, Fault] = field(default_factory=dict)
    aggregated: bool = True
    stale: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def serve(self, path: str, kind: str, *items: dict[str, Any]) -> None:
        """Serves the objects, without apiVersion and kind, as the API server does for its own kinds."""
        self.lists[path], self.kinds[path] = list(items), kind

    def next(self, path: str, *faults: Fault | None) -> None:
        """What the next requests for this address meet; None is the ordinary answer."""
        self.faults.setdefault(path, deque()).extend(faults)

    def methods(self) -> set[str]:
        """Every HTTP method that was used."""
        return {method for method, *_ in self.asked}

    def queries(self, path: str) -> list[dict[str, str]]:
        """The parameters of each request for this address."""
        return [query for _, asked, query, _ in self.asked if asked == path]

    def kubeconfig(self, folder: Path, user: Mapping[str, Any] | None = None, name: str = "test") -> Path:
        """A kubeconfig with one context that leads here."""
        path = folder / f"{name}.kubeconfig"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": self.url}}],
            "users": [{"name": name, "user": user if user is not None else {"token": "good"}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        }
        path.write_text(json.dumps(document))
        return path


def status(code: int, message: str = "", **headers: str) -> Fault:
    """An answer with a `Status`; underscores in headers' names are hyphens."""

    def answer(handler: Handler) -> None:
        body = {"kind": "Status", "status": "Failure", "message": message, "code": code}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.give(code, json.dumps(body).encode(), named)

    return answer


def text(body: bytes) -> Fault:
    """An answer of 200 with this body."""
    return lambda handler: handler.give(200, body)


def cut(handler: Handler) -> None:
    """An answer that ends in the middle, as when the server is killed."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"kind": "List", "items": [')
    handler.close_connection = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: Standin

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - as the library looks for them

    def give(self, code: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        here = self.standin
        here.asked.append((self.command, parts.path, query, dict(self.headers)))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if here.tokens and token not in here.tokens:
            status(401, "Unauthorized")(self)
            return
        waiting = here.faults.get(parts.path)
        fault = waiting.popleft() if waiting else None
        fault = fault or here.always.get(parts.path)
        if fault is not None:
            fault(self)
        elif parts.path == "/version":
            self.give(200, b'{"gitVersion": "v1.37.2"}')
        elif parts.path in here.lists:
            self.give(200, json.dumps(self.page(parts.path, query)).encode())
        else:
            self.discovery(parts.path)

    def page(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        items = self.standin.lists[path]
        start, limit = int(query.get("continue", "0")), int(query.get("limit", "1000000"))
        end = start + limit
        metadata = {"resourceVersion": "7"}
        if end < len(items):
            metadata["continue"] = str(end)
        return {"kind": f"{self.standin.kinds[path]}List", "metadata": metadata, "items": items[start:end]}

    def discovery(self, path: str) -> None:
        groups: dict[str, dict[str, list[dict[str, Any]]]] = {"": {}}
        for address, kind in self.standin.kinds.items():
            *root, version, resource = address.strip("/").split("/")
            group = root[1] if root[0] == "apis" else ""
            entry = {"resource": resource, "name": resource, "kind": kind, "verbs": ["get", "list"]}
            entry["responseKind"] = {"kind": kind}
            groups.setdefault(group, {}).setdefault(version, []).append(entry)
        if path in ("/api", "/apis") and self.standin.aggregated:
            self.aggregated(path, groups)
        elif path == "/api":
            self.give(200, json.dumps({"kind": "APIVersions", "versions": list(groups[""])}).encode())
        elif path == "/apis":
            listed = [
                {
                    "name": name,
                    "preferredVersion": {"version": next(iter(versions))},
                    "versions": [{"version": version} for version in versions],
                }
                for name, versions in groups.items()
                if name
            ]
            self.give(200, json.dumps({"kind": "APIGroupList", "groups": listed}).encode())
        else:
            *root, version = path.strip("/").split("/")
            found = groups.get(root[1] if len(root) > 1 else "", {}).get(version)
            if found is None:
                status(404, "not found")(self)
                return
            more = [
                {"name": "x/status", "kind": "X", "verbs": ["get", "list"]},
                {"name": "reviews", "kind": "Review", "verbs": ["create"]},
            ]
            self.give(200, json.dumps({"kind": "APIResourceList", "resources": found + more}).encode())

    def aggregated(self, path: str, groups: Mapping[str, Mapping[str, Any]]) -> None:
        chosen = {name: versions for name, versions in groups.items() if (name == "") == (path == "/api")}
        items = [
            {
                "metadata": {"name": name},
                "versions": [
                    {"version": version, "freshness": "Current", "resources": resources}
                    for version, resources in versions.items()
                ],
            }
            for name, versions in chosen.items()
        ]
        if path == "/apis":
            items += [
                {"metadata": {"name": name}, "versions": [{"version": version, "freshness": "Stale"}]}
                for name, version in self.standin.stale
            ]
        body = json.dumps({"kind": "APIGroupDiscoveryList", "items": items}).encode()
        self.give(200, body, {"Content-Type": DISCOVERY})


@contextmanager
def standin_server() -> Iterator[Standin]:
    """Serves on loopback for as long as the block runs."""
    here = Standin()
    handler = type("Bound", (Handler,), {"standin": here})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    here.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
