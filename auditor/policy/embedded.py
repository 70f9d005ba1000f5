"""The embedded engine: rego-cpp through `regopy`, so that the product works with nothing else installed.

It compiles once and runs the compiled entry point; `query`, which its documentation shows first,
compiles at every call and is six to ten times slower. It has no time limit of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auditor.errors import EngineError, PolicyError
from auditor.policy.interface import ENTRY_MODULE, ENTRY_PATH, Answer, Item, answer_all, request_body

if TYPE_CHECKING:
    from auditor.policy.library import Library


class EmbeddedEngine:
    """Runs the library's rules in this process."""

    name = "embedded"

    def __init__(self, library: Library) -> None:
        """Compiles every module of the library; PolicyError where rego-cpp refuses them."""
        import regopy

        compiler = regopy.Interpreter()
        compiler.log_level = regopy.LogLevel.NONE
        try:
            for path, text in library.modules.items():
                compiler.add_module(path, text)
            compiler.add_module("auditor_entry.rego", ENTRY_MODULE)
            self._bundle = compiler.build(None, [ENTRY_PATH])
        except regopy.RegoError as error:
            raise PolicyError(
                f"the embedded engine cannot compile the rules: {error}",
                hint="`auditor policy lint` names the file; `auditor policy test` runs each rule",
            ) from error
        self._compiler = compiler
        self._interpreter = regopy.Interpreter()
        self._interpreter.log_level = regopy.LogLevel.NONE
        self._error = regopy.RegoError
        self.version = str(regopy.__version__)

    def evaluate(self, items: Sequence[Item]) -> list[Answer]:
        """One answer an item, in order."""
        return answer_all(self._ask, items)

    def close(self) -> None:
        """Nothing to give back: the compiled rules go with the object."""

    def _ask(self, items: Sequence[Item]) -> list[Mapping[str, Any]]:
        try:
            self._interpreter.set_input_term(request_body(items).decode())
            output = self._interpreter.query_bundle_entrypoint(self._bundle, ENTRY_PATH)
        except (self._error, UnicodeDecodeError, ValueError) as error:
            raise EngineError(f"the embedded engine failed: {_first_line(error)}") from error
        if not output.ok():
            raise EngineError("the embedded engine failed: a rule ended with an evaluation error")
        expressions = output.results[0].expressions if output.results else []
        answers = expressions[0] if expressions else None
        if not isinstance(answers, list) or len(answers) != len(items):
            raise EngineError("the embedded engine gave no answer")
        return answers


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
