"""The embedded engine in a process of its own: somebody else's Rego may end rego-cpp with a crash, or never end.

The child is told the modules once and answers one line a question. It knows nothing of the project: what it runs is
the text below.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from auditor.errors import EngineError

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
        self._told = orjson.dumps([dict(modules), list(entrypoints)]) + b"\n"
        self._entrypoints = list(entrypoints)
        self._child: subprocess.Popen[bytes] | None = None
        self._pending = b""

    def ask(self, entry: str, body: bytes) -> Any:
        """The value of an entry point for an input. EngineError where the child fails, ends or takes too long."""
        child = self._child or self._start()
        said = self._exchange(child, orjson.dumps([self._entrypoints.index(entry), body.decode()]) + b"\n")
        if "error" in said:
            raise EngineError(f"the embedded engine failed: {said['error']}")
        return said.get("value")

    def close(self) -> None:
        """Ends the child."""
        child, self._child, self._pending = self._child, None, b""
        if child is not None:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def _start(self) -> subprocess.Popen[bytes]:
        self._child = subprocess.Popen(
            [sys.executable, "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._exchange(self._child, self._told)
        return self._child

    def _exchange(self, child: subprocess.Popen[bytes], line: bytes) -> dict[str, Any]:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - both are pipes
        try:
            child.stdin.write(line)
            child.stdin.flush()
            answer = self._line(child.stdout.fileno())
            return dict(orjson.loads(answer))
        except (OSError, orjson.JSONDecodeError) as error:
            self.close()
            raise EngineError("the embedded engine ended: it crashed over a policy") from error
        except EngineError:
            self.close()
            raise

    def _line(self, number: int) -> bytes:
        deadline = time.monotonic() + ANSWER_SECONDS
        while b"\n" not in self._pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([number], [], [], left)[0]:
                raise EngineError(f"the embedded engine did not answer within {ANSWER_SECONDS:g} s")
            read = os.read(number, 1 << 20)
            if not read:
                raise EngineError("the embedded engine ended: it crashed over a policy")
            self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        return line
