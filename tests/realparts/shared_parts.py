"""One running part for all workers of a test session: the first that wants it starts it and ends it last.

Workers meet at two files of a folder that they share. Who starts holds the gate; who uses holds the other file
shared, so that whoever started can wait until nobody does any more. A lock ends with its process.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

Processes = list[subprocess.Popen[bytes]]
Facts = dict[str, Any]
"""What users of a part have to know of it; plain JSON values."""

_ENDS_WITHIN_S = 900.0
_SIGNAL_ON_PARENTS_DEATH = 1
"""Linux' PR_SET_PDEATHSIG."""

_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def session_folder(base: Path) -> Path:
    """The folder that all workers of this session share; `base` is a worker's own base temporary folder."""
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def shared(folder: Path, start: Callable[[Path, Processes], Facts]) -> Iterator[Facts]:
    """What `start` told, in whichever worker it ran. It notes each process as soon as that is started.

    All of them are ended by their handles when the last user is done, and at once where `start` fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told, processes = folder / "facts.json", Processes()
    with (folder / "used").open("a") as used, (folder / "gate").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        try:
            if not told.exists():
                place = folder / str(time.monotonic_ns())
                place.mkdir()
                told.write_text(json.dumps(start(place, processes)))
            facts = json.loads(told.read_text())
            fcntl.flock(used, fcntl.LOCK_SH)
        except BaseException:
            end(processes)
            raise
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield facts
        finally:
            fcntl.flock(used, fcntl.LOCK_UN)
            if processes:
                fcntl.flock(gate, fcntl.LOCK_EX)
                told.unlink()
                _wait_for(used)
                end(processes)


def end(processes: Processes) -> None:
    """Ends them, the last started first."""
    for process in reversed(processes):
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def started(command: list[str], log: Path, processes: Processes, **environment: str) -> None:
    """Starts a program with an environment of its own, its words in `log`, and notes it.

    On Linux it also ends with this process, should that be killed before it can end anything.
    """
    with log.open("wb") as words:
        processes.append(
            subprocess.Popen(
                command,
                stdout=words,
                stderr=words,
                env=environment,
                cwd=log.parent,
                preexec_fn=_end_with_parent if _PRCTL is not None else None,
            )
        )


def _end_with_parent() -> None:
    """Runs in the new process, where nothing may be imported or logged."""
    assert _PRCTL is not None
    # An API server whose store is gone does not end for less.
    _PRCTL(_SIGNAL_ON_PARENTS_DEATH, signal.SIGKILL)


def _wait_for(used: IO[str]) -> None:
    until = time.monotonic() + _ENDS_WITHIN_S
    while time.monotonic() < until:
        try:
            fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return
