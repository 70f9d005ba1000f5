"""Runs a program that reads hostile files: no environment, bounded time and output, killed as a group."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 65_536
_ERROR_BYTES = 65_536
_ADDRESS_SPACE = 8 * 1024**3


class OverLimitError(Exception):
    """The program ran too long or wrote too much; says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """How a program ended: its exit code, standard output, and the first 64 KiB of its errors."""

    code: int
    output: bytes
    errors: str


def run_bounded(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout_s: float,
    max_bytes: int,
    max_memory_bytes: int | None = None,
) -> Completed:
    """Runs `command` in `folder` with exactly `environment` and no input.

    `max_memory_bytes` bounds what it may write to in memory, where the system can: it then fails by itself.
    Raises OverLimitError past `timeout_s` seconds or `max_bytes` of output, OSError where it cannot start.
    Whatever the program started in its process group is killed with it.
    """
    with subprocess.Popen(
        list(command),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            _restrain(process.pid, max_memory_bytes)
            output, errors = _read(process, time.monotonic() + timeout_s, timeout_s, max_bytes)
            code = process.wait(timeout=max(timeout_s, 1))
        except subprocess.TimeoutExpired as error:
            raise OverLimitError(f"it ran longer than {timeout_s:g} s") from error
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return Completed(code=code, output=output, errors=errors.decode("utf-8", "replace"))


def _read(
    process: subprocess.Popen[bytes], deadline: float, timeout_s: float, max_bytes: int
) -> tuple[bytes, bytes]:
    assert process.stdout is not None  # noqa: S101 - both are pipes
    assert process.stderr is not None  # noqa: S101
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, output)
        selector.register(process.stderr, selectors.EVENT_READ, errors)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise OverLimitError(f"it ran longer than {timeout_s:g} s")
            for key, _ in selector.select(left):
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.data is output or len(errors) < _ERROR_BYTES:
                    key.data.extend(chunk)
            if len(output) > max_bytes:
                raise OverLimitError(f"it wrote more than {max_bytes} bytes")
    return bytes(output), bytes(errors[:_ERROR_BYTES])


def _restrain(pid: int, max_memory_bytes: int | None) -> None:
    """Bounds the address space and the memory, where the system can do so from outside."""
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError, ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
            if max_memory_bytes is not None:
                resource.prlimit(pid, resource.RLIMIT_DATA, (max_memory_bytes, max_memory_bytes))
