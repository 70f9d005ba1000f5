"""The engines there are, and which one a run uses. OPA is the authority; the embedded one is always there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.policy.interface import OpaAddress

if TYPE_CHECKING:
    from auditor.policy.interface import Engine
    from auditor.policy.library import Library
    from auditor.policy.opa_server import OpaServer


class EngineSession:
    """What the processes of one run share: the engine chosen, and the OPA server if it is that.

    The server is started by whoever first needs it, or by `start`; a run that judges nothing has none.
    """

    def __init__(
        self,
        engine: str,
        *,
        policy_folders: Iterable[Path] = (),
        only: tuple[str, ...] = (),
        opa_url: str = "",
        opa_token: str = "",
    ) -> None:
        """`engine` is a name in the table; `only` as in `JudgeSpec`. Nothing is started."""
        self.engine = engine
        self._folders = tuple(policy_folders)
        self._only = only
        self._configured = OpaAddress(opa_url, opa_token) if opa_url and engine == "opa" else None
        self._uploaded = False
        self._server: OpaServer | None = None
        self._version = ""

    @property
    def opa(self) -> OpaAddress | None:
        """Where OPA answers with the rules in it; None with another engine.

        Waits for the server. Raises MissingPartError, PolicyError, EngineError.
        """
        if self.engine != "opa":
            return None
        if self._configured is None:
            self.start()
            assert self._server is not None  # noqa: S101 - start made it
            return self._server.address()
        if not self._uploaded:
            from auditor.policy.opa_server import upload

            upload(self._library(), self._configured)
            self._uploaded = True
        return self._configured

    def start(self) -> None:
        """Has our own server come up meanwhile: something will have to be judged. Raises MissingPartError."""
        if self.engine == "opa" and self._configured is None and self._server is None:
            from auditor.policy.opa_server import OpaServer

            self._server = OpaServer(self._library())

    def _library(self) -> Library:
        from auditor.policy.library import load_library

        return load_library(self._folders).only(self._only)

    def version(self) -> str:
        """The engine's version, without starting a server of our own. Raises MissingPartError, EngineError."""
        if not self._version:
            self._version = self._told_version()
        return self._version

    def _told_version(self) -> str:
        if self.engine == "embedded":
            from auditor.policy.embedded import version

            return version()
        if self._configured is None:
            from auditor.policy.opa_server import program_version

            return program_version()
        from auditor.policy.opa import version_at

        address = self.opa
        assert address is not None  # noqa: S101 - it is configured
        return version_at(address)

    def close(self) -> None:
        """Ends the server, where there is one of ours."""
        if self._server is not None:
            self._server.close()
            self._server = None


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
    only: tuple[str, ...] = (),
    opa_url: str = "",
    opa_token: str = "",
) -> Iterator[EngineSession]:
    """What all workers share: one OPA server a run (ours, or a configured one given the rules), when it is needed.

    With the embedded engine there is nothing to share. The server ends with the block. Use it in a
    thread that lives as long as the block: Linux ends the server when the starting thread ends.
    """
    session = EngineSession(
        choose_engine(choice, opa_url=opa_url),
        policy_folders=policy_folders,
        only=only,
        opa_url=opa_url,
        opa_token=opa_token,
    )
    try:
        yield session
    finally:
        session.close()
