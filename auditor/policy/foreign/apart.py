"""The embedded engine in a process of its own: somebody else's Rego may end rego-cpp with a crash, or never end.

The child is told the modules once and answers one line a question. It knows nothing of the project: what it runs is
the text below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from auditor.errors import EngineError
from auditor.policy.foreign.children import LineChild

ANSWER_SECONDS = 30.0
"""Time limit of one question, as with OPA."""

_CHILD = r"""
import ctypes, json, sys
if sys.platform == "linux":
    try:
        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
    except OSError:
        pass
import regopy
modules, entrypoints = json.loads(sys.stdin.readline())
compiler = regopy.Interpreter()
compiler.log_level = regopy.LogLevel.NONE
for name, text in modules.items():
    compiler.add_module(name, text)
bundle = compiler.build(None, entrypoints)
asked = regopy.Interpreter()
asked.log_level = regopy.LogLevel.NONE
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    number, body = json.loads(line)
    try:
        asked.set_input_term(body)
        output = asked.query_bundle_entrypoint(bundle, entrypoints[number])
        if not output.ok():
            said = {"error": "a rule ended with an evaluation error"}
        else:
            found = output.results[0].expressions if output.results else []
            said = {"value": found[0] if found else None}
    except Exception as error:
        said = {"error": (str(error).strip().splitlines() or [type(error).__name__])[0]}
    print(json.dumps(said), flush=True)
"""


class ApartEngine:
    """One child process with the modules in it; a child that ends is replaced at the next question."""

    def __init__(self, modules: Mapping[str, str], entrypoints: Sequence[str]) -> None:
        """Starts nothing yet."""
        self._entrypoints = list(entrypoints)
        told = orjson.dumps([dict(modules), self._entrypoints])
        self.child = LineChild(_CHILD, told, "the embedded engine")

    def ask(self, entry: str, body: bytes) -> Any:
        """The value of an entry point for an input. EngineError where the child fails, ends or takes too long."""
        line = orjson.dumps([self._entrypoints.index(entry), body.decode()])
        said = self.child.ask(line, ANSWER_SECONDS)
        if "error" in said:
            raise EngineError(f"the embedded engine failed: {said['error']}")
        return said.get("value")

    def close(self) -> None:
        """Ends the child."""
        self.child.close()
