"""Standard streams and files, whatever state the caller left them in: closed, full, or without a reader."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from auditor.errors import AuditorError, UsageError


def read_standard_input() -> bytes:
    """All of it. Raises UsageError where it is closed or cannot be read."""
    if sys.stdin is None:
        raise UsageError("standard input is closed", hint="pipe manifests into it, or leave out `-`")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise UsageError(f"standard input cannot be read: {error.strerror}") from error


def print_data(data: bytes) -> None:
    """Writes to standard output. A reader that has gone (`| head`) is no failure: what was found stays true.

    Raises AuditorError where it is closed or full.
    """
    if sys.stdout is None:
        raise _unwritable("standard output", "it is closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        _to_nowhere(sys.stdout)
    except OSError as error:
        _to_nowhere(sys.stdout)
        raise _unwritable("standard output", str(error.strerror)) from error


def print_remarks(text: str) -> None:
    """Writes to standard error; where nobody takes it, nothing more can be said, and nothing else changes."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _to_nowhere(sys.stderr)


def look_at_target(path: Path) -> None:
    """Raises UsageError where a file cannot be written, before the work is done that it is to hold."""
    folder = path.parent
    reason = ""
    if path.is_dir():
        reason = "it is a folder"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}"
    elif not os.access(path if path.exists() else folder, os.W_OK):
        reason = "permission denied"
    if reason:
        raise UsageError(f"{path} cannot be written: {reason}", hint="name a file in a folder that is yours")


def save(path: Path, data: bytes) -> None:
    """Writes a file whole: where that fails, what was there before stays. Raises AuditorError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()) or not os.access(path.parent, os.W_OK):
            path.write_bytes(data)  # a device, a pipe, a link: nothing that could be replaced
            return
        draft.write_bytes(data)
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)
    except OSError as error:
        raise _unwritable(str(path), str(error.strerror)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """An interrupt, and SIGTERM with which CI systems end jobs, end this process with what it started.

    The exit code is 128 and the signal's number, as shells have it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = os.getpid()
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> NoReturn:
        if os.getpid() != ours:
            os._exit(128 + number)
        came.append(number)
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:  # it came where Python drops exceptions, as in a callback at a fork
        sys.exit(128 + came[0])


def _unwritable(what: str, reason: str) -> AuditorError:
    return AuditorError(
        f"{what} cannot be written: {reason}",
        hint="the check was made and its result is lost; make room and repeat it",
    )


def _to_nowhere(stream: TextIO) -> None:
    """What is left in its buffer would fail once more when Python ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
