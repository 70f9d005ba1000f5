"""A child process that answers one line a question, within a time limit: what others wrote may end it, or never end."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from typing import Any

import orjson

from auditor.errors import EngineError
from auditor.policy.interface import EngineSlowError


class LineChild:
    """A Python program that is told one line at its start and answers one line (JSON) a line.

    It is started at the first question, and again at the next one where it has ended. `what` it is called in errors.
    """

    def __init__(self, program: str, told: bytes, what: str) -> None:
        """Starts nothing yet."""
        self._program = program
        self._told = told
        self._what = what
        self._pending = b""
        self._owner = 0
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, line: bytes, seconds: float) -> dict[str, Any]:
        """The answer. EngineError where the child ends, EngineSlowError where it takes longer; it is ended then."""
        if self._owner != os.getpid():
            self.process, self._pending = None, b""
        return self._exchange(self.process or self._start(seconds), line, seconds)

    def close(self) -> None:
        """Ends the child; one that a process has from its parent is the parent's."""
        child, self.process, self._pending = self.process, None, b""
        if child is not None and self._owner == os.getpid():
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def _start(self, seconds: float) -> subprocess.Popen[bytes]:
        self._owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-c", self._program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._exchange(self.process, self._told, seconds)
        return self.process

    def _exchange(self, child: subprocess.Popen[bytes], line: bytes, seconds: float) -> dict[str, Any]:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - both are pipes
        try:
            child.stdin.write(line + b"\n")
            child.stdin.flush()
            return dict(orjson.loads(self._line(child.stdout.fileno(), seconds)))
        except (OSError, orjson.JSONDecodeError) as error:
            self.close()
            raise EngineError(f"{self._what} ended: it crashed over a policy") from error
        except EngineError:
            self.close()
            raise

    def _line(self, number: int, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([number], [], [], left)[0]:
                raise EngineSlowError(f"{self._what} did not answer within {seconds:g} s")
            read = os.read(number, 1 << 20)
            if not read:
                raise EngineError(f"{self._what} ended: it crashed over a policy")
            self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        return line
