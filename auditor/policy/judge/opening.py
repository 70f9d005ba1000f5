"""The engine of one judge, opened when the first question is asked."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from auditor.policy.engines import ENGINES, EngineSession, choose_engine, engine_session
from auditor.policy.judge.spec import JudgeSpec

if TYPE_CHECKING:
    from auditor.policy.interface import Engine
    from auditor.policy.library import Library


class JudgesEngine:
    """An engine with a judge's rules in it: that of a session which outlives it, or one of the judge's own."""

    def __init__(
        self, spec: JudgeSpec, session: EngineSession | None, *, served: Library, asked: Library
    ) -> None:
        """Opens nothing. `served` are the rules that an OPA server holds, `asked` those of them that are not disabled."""
        self._spec = spec
        self._session = session
        self._served = served
        self._asked = asked
        self._stack = ExitStack()
        self._opened: Engine | None = None

    def open(self) -> Engine:
        """The engine. Raises what loading, compiling and starting raise; a server that was started has then ended."""
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> Engine:
        spec = self._spec
        if self._session is not None:
            name, address = self._session.engine, self._session.opa
        else:
            name = choose_engine(spec.engine, opa_url=spec.opa.url if spec.opa else "")
            address = spec.opa
        if name == "opa" and address is None:
            if spec.base is not None:
                from auditor.policy.opa_server import running_server

                address = self._stack.enter_context(running_server(self._served))
            else:
                session = engine_session(name, policy_folders=spec.policy_folders, only=spec.only)
                address = self._stack.enter_context(session).opa
        # A server holds every rule there is; rules that are disabled are those that it is not asked.
        engine = ENGINES[name](self._served if name == "opa" else self._on_embedded(), address)
        self._stack.callback(engine.close)
        return engine

    def _on_embedded(self) -> Library:
        if not self._asked.foreign_rules or self._spec.foreign_on_embedded:
            return self._asked
        from auditor.policy.foreign.compiling import without_foreign_rego

        return without_foreign_rego(self._asked)

    @property
    def name(self) -> str:
        """'opa' or 'embedded'."""
        return self._session.engine if self._session is not None else self.open().name

    @property
    def version(self) -> str:
        """The version of OPA or of rego-cpp; opens nothing where there is a session."""
        if self._opened is None and self._session is not None:
            return self._session.version()
        return self.open().version

    def close(self) -> None:
        """Ends the engine, and the OPA server where it was started here."""
        self._stack.close()
