"""`auditor serve`: the dashboard and the API in one process over one DuckDB connection."""

from __future__ import annotations

import contextlib
import importlib.util
import secrets
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.assets import asset_folder
from auditor.errors import ConfigurationError, MissingPartError, UsageError
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
    import streamlit
    from starlette.middleware import Middleware
    from starlette.routing import Mount

    from auditor.service.addresses import UnknownAddress
    from auditor.service.api import create_api
    from auditor.service.security import HostCheck, SecurityHeaders, page_policy

    index_page = Path(streamlit.__file__).parent / "static" / "index.html"
    app: ASGIApp = streamlit.App(
        asset_folder("dashboards") / "app.py",
        routes=[Mount("/api", create_api(context))],
        middleware=[
            Middleware(SecurityHeaders, policy=page_policy(index_page)),
            Middleware(HostCheck, allowed=allowed_hosts),
            Middleware(UnknownAddress),
        ],
    )
    _configure(host=host, port=port, allowed_hosts=allowed_hosts)
    return app


def _configure(*, host: str, port: int, allowed_hosts: Sequence[str]) -> None:
    """Sets what is ours to decide over every settings file, and makes sure that it holds.

    Only after the App exists does Streamlit look beside its script for the theme.
    """
    from streamlit import config

    settings: dict[str, Any] = {
        "browser.gatherUsageStats": False,
        "browser.serverAddress": host,
        "browser.serverPort": port,
        # The built-in export writes cells that a spreadsheet runs as formulas; the pages have their own.
        "client.disableDataExport": True,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "viewer",
        "logger.level": "warning",
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.allowedHosts": list(allowed_hosts),
        "server.cookieSecret": secrets.token_hex(32),
        "server.enableAgentApi": False,
        "server.enableCORS": True,
        "server.corsAllowedOrigins": [],
        "server.enableStaticServing": False,
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 1,
        "server.runOnSave": False,
    }
    config.get_config_options(force_reparse=True, options_from_flags=settings)
    wrong = [name for name, value in settings.items() if config.get_option(name) != value]
    if wrong:
        raise ConfigurationError(
            f"Streamlit did not take these settings: {', '.join(wrong)}",
            hint="this version of Streamlit is not one that the dashboard knows; install the pinned one",
        )


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


_GRACE_S = 5
"""Seconds that open pages get to end when the service does; a page that somebody left open would keep it for ever."""


def _run(app: ASGIApp, listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_S,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
