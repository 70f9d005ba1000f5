"""`auditor serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import DEFAULT_DATABASE, DatabaseOption
from auditor.cli.terminal import remarks


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(serve)


def serve(
    database: DatabaseOption = DEFAULT_DATABASE,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Nobody signs in yet: keep it local.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8501,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option("--allowed-host", help="A name under which browsers reach it; may be repeated."),
    ] = None,
) -> None:
    """Serve the dashboard and its API on a database."""
    start(database, host=host, port=port, allowed_hosts=tuple(allowed_host or ()))


def start(
    database: Path, *, host: str = "127.0.0.1", port: int = 8501, allowed_hosts: tuple[str, ...] = ()
) -> None:
    """Serves until interrupted."""
    from auditor.service.server import serve as run_service

    def announce(address: str) -> None:
        remarks().print(f"dashboard: {address}   API: {address}/api/docs   (Ctrl-C ends it)")

    run_service(database, host=host, port=port, allowed_hosts=allowed_hosts, announce=announce)
