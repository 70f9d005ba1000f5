"""The engines there are, and which one a run uses. OPA is the authority; the embedded one is always there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.policy.interface import OpaAddress

if TYPE_CHECKING:
    from auditor.policy.interface import Engine
    from auditor.policy.library import Library


@dataclass(frozen=True, slots=True)
class EngineSession:
    """What the processes of one run share: the engine chosen, and the OPA server's address if it is that."""

    engine: str
    opa: OpaAddress | None


def _opa(library: Library, address: OpaAddress | None) -> Engine:
    from auditor.policy.opa import OpaEngine

    if address is None:
        raise UsageError("the OPA engine needs a server", hint="open an engine_session first")
    return OpaEngine(library, address)


def _embedded(library: Library, address: OpaAddress | None) -> Engine:
    from auditor.policy.embedded import EmbeddedEngine

    return EmbeddedEngine(library)


ENGINES: Mapping[str, Callable[[Library, OpaAddress | None], Engine]] = {"opa": _opa, "embedded": _embedded}
"""Every implementation by its name."""

ENGINE_CHOICES = ("auto", *ENGINES)
"""What a user may ask for; auto takes OPA where it is found."""


def choose_engine(choice: str, *, opa_url: str = "") -> str:
    """The engine's name for a choice. UsageError for an unknown choice.

    Whether an asked-for OPA exists shows when the session starts it.
    """
    if choice not in ENGINE_CHOICES:
        raise UsageError(f"there is no engine {choice!r}", hint=f"one of {', '.join(ENGINE_CHOICES)}")
    if choice != "auto":
        return choice
    from auditor.policy.opa_server import find_opa

    return "opa" if opa_url or find_opa() else "embedded"


@contextmanager
def engine_session(
    choice: str = "auto",
    *,
    policy_folders: Iterable[Path] = (),
    opa_url: str = "",
    opa_token: str = "",
) -> Iterator[EngineSession]:
    """Open what all workers share: one OPA server a run (started here, or a configured one given the rules).

    With the embedded engine there is nothing to share. The server ends with the block. Enter it in a
    thread that lives as long as the block: Linux ends the server when the starting thread ends.
    """
    engine = choose_engine(choice, opa_url=opa_url)
    if engine != "opa":
        yield EngineSession(engine, None)
        return
    from auditor.policy.library import load_library
    from auditor.policy.opa_server import running_server, upload

    library = load_library(policy_folders)
    if opa_url:
        address = OpaAddress(opa_url, opa_token)
        upload(library, address)
        yield EngineSession(engine, address)
        return
    with running_server(library) as address:
        yield EngineSession(engine, address)
