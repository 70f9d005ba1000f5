"""Headers on every response, and the host names that the service answers to."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from auditor.service.security import HostCheck, SecurityHeaders, host_name, is_loopback, page_policy


def client(host: str = "127.0.0.1:8501") -> TestClient:
    async def page(_request: object) -> PlainTextResponse:
        return PlainTextResponse("the audit")

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("the audit")
        await socket.close()

    app = Starlette(
        routes=[Route("/", page), Route("/api/x", page), WebSocketRoute("/stream", stream)],
        middleware=[
            Middleware(SecurityHeaders, policy="default-src 'self'"),
            Middleware(HostCheck, allowed=["127.0.0.1", "localhost", "::1", "audit.example.org"]),
        ],
    )
    return TestClient(app, base_url=f"http://{host}")


@pytest.mark.parametrize("path", ["/", "/api/x", "/nothing-here"])
def test_every_response_carries_the_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src" in headers["content-security-policy"]


def test_the_api_may_load_nothing_and_is_not_kept() -> None:
    headers = client().get("/api/x").headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8501", "localhost", "LOCALHOST:1", "[::1]:8501", "audit.example.org"]
)
def test_known_hosts_are_answered(host: str) -> None:
    assert client().get("/", headers={"host": host}).text == "the audit"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example:8501",
        "",
        "127.0.0.1@evil.example",
        "a b",
    ],
)
def test_other_hosts_are_refused(host: str) -> None:
    answer = client().get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "the audit" not in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_two_host_headers_are_refused() -> None:
    answer = client().get("/", headers=[("host", "127.0.0.1"), ("host", "evil.example")])
    assert answer.status_code == 400


def test_websockets_are_checked_too() -> None:
    with client().websocket_connect("/stream", headers={"host": "localhost:8501"}) as socket:
        assert socket.receive_text() == "the audit"
    with (
        pytest.raises(WebSocketDisconnect),
        client().websocket_connect("/stream", headers={"host": "evil.example"}),
    ):
        pass


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost", "localhost"),
        ("Audit.Example.org:443", "audit.example.org"),
        ("[::1]:8501", "::1"),
        ("[::1]", "::1"),
        ("::1", ""),
        ("a:b", ""),
        ("a:123456", ""),
        ("user@host", ""),
        ("host/path", ""),
        ("", ""),
    ],
)
def test_host_name(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("example.org", False),
    ],
)
def test_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_the_policy_names_the_inline_scripts_and_no_other_host(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text('<script src="./a.js"></script><script>\n  let a = 1\n</script>', encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(b"\n  let a = 1\n").digest()).decode()
    policy = page_policy(page)
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
