"""`auditor serve`: the dashboard and the API in one process over one DuckDB connection."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.assets import asset_folder
from auditor.errors import MissingPartError, UsageError
from auditor.service.context import ServiceContext, serving
from auditor.service.evidence import RepositoryEvidence
from auditor.service.interface import EvidenceSource
from auditor.store.database import open_database

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_PARTS = ("streamlit", "altair", "fastapi", "uvicorn")


def serve(
    db: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    allowed_hosts: Sequence[str] = (),
    evidence: EvidenceSource | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> None:
    """Serves dashboard and API of the database until interrupted; reads it and never writes.

    `announce` gets the address once it is bound. Nobody signs in: whoever reaches the address reads
    the audit, so it is loopback unless told otherwise, and an address for every interface needs
    `allowed_hosts`, the names under which the service is meant to be reached.

    Raises MissingPartError without the dashboard's packages, StoreError where the database is missing
    or locked, UsageError where the address cannot be used.
    """
    _require_parts()
    names = _allowed_names(host, allowed_hosts)
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(open_database(db.resolve(), read_only=True))
        listener = stack.enter_context(_listen(host, port))
        context = ServiceContext(database=database, evidence=evidence or RepositoryEvidence(database.path))
        stack.enter_context(serving(context))
        # Streamlit reads settings and secrets from the working directory, which may be the audited
        # repository: its files must not set anything here.
        stack.enter_context(contextlib.chdir(asset_folder("dashboards")))
        app = create_app(context, host=host, port=listener.getsockname()[1], allowed_hosts=names)
        announce(f"http://{_in_url(host)}:{listener.getsockname()[1]}")
        _run(app, listener)


def create_app(context: ServiceContext, *, host: str, port: int, allowed_hosts: Sequence[str]) -> ASGIApp:
    """The ASGI application: Streamlit's pages, the API under /api, and the checks around both."""
    for name, value in _environment(host=host, port=port, allowed_hosts=allowed_hosts).items():
        os.environ[name] = value
    import streamlit
    from starlette.middleware import Middleware
    from starlette.routing import Mount

    from auditor.service.api import create_api
    from auditor.service.security import HostCheck, SecurityHeaders, page_policy

    index_page = Path(streamlit.__file__).parent / "static" / "index.html"
    app: ASGIApp = streamlit.App(
        asset_folder("dashboards") / "app.py",
        routes=[Mount("/api", create_api(context))],
        middleware=[
            Middleware(SecurityHeaders, policy=page_policy(index_page)),
            Middleware(HostCheck, allowed=allowed_hosts),
        ],
    )
    return app


def _environment(*, host: str, port: int, allowed_hosts: Sequence[str]) -> Mapping[str, str]:
    """Streamlit's settings that are ours to decide; its environment outranks every settings file."""
    settings: dict[str, Any] = {
        "BROWSER_GATHER_USAGE_STATS": "false",
        "BROWSER_SERVER_ADDRESS": host,
        "BROWSER_SERVER_PORT": port,
        "CLIENT_SHOW_ERROR_DETAILS": "none",
        "CLIENT_SHOW_ERROR_LINKS": "false",
        "CLIENT_TOOLBAR_MODE": "viewer",
        "SERVER_ADDRESS": host,
        "SERVER_PORT": port,
        "SERVER_HEADLESS": "true",
        "SERVER_ALLOWED_HOSTS": ",".join(allowed_hosts),
        "SERVER_COOKIE_SECRET": secrets.token_hex(32),
        "SERVER_ENABLE_AGENT_API": "false",
        "SERVER_ENABLE_CORS": "true",
        "SERVER_ENABLE_STATIC_SERVING": "false",
        "SERVER_ENABLE_XSRF_PROTECTION": "true",
        "SERVER_FILE_WATCHER_TYPE": "none",
        "SERVER_MAX_UPLOAD_SIZE": 1,
        "SERVER_RUN_ON_SAVE": "false",
    }
    return {f"STREAMLIT_{name}": str(value) for name, value in settings.items()}


def _require_parts() -> None:
    missing = [name for name in _PARTS if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingPartError(
            f"the dashboard needs Python packages that are not installed: {', '.join(missing)}",
            hint="pip install 'auditor[scan,dashboard]'",
        )


def _allowed_names(host: str, allowed_hosts: Sequence[str]) -> tuple[str, ...]:
    from auditor.service.security import LOOPBACK_NAMES, is_loopback, is_wildcard

    if is_wildcard(host) and not allowed_hosts:
        raise UsageError(
            f"{host} is every address of this machine, and nobody signs in to this service",
            hint="name the hosts people will use (--allowed-host audit.example.org), or keep 127.0.0.1"
            " behind a proxy that authenticates",
        )
    names = {name.strip("[]").lower() for name in allowed_hosts}
    if is_loopback(host) or is_wildcard(host):
        names |= LOOPBACK_NAMES
    if not is_wildcard(host):
        names.add(host.lower())
    return tuple(sorted(names))


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"{host} is not an address of this machine: {error}") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} on {host} cannot be used: {error.strerror or error}",
            hint="another program may hold it; choose another with --port",
        ) from error
    return listener


def _run(app: ASGIApp, listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="on"
    )
    uvicorn.Server(config).run(sockets=[listener])


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
