"""Processes that end with the one that started them, also where that one is killed and no `finally` runs."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> Callable[[], None] | None:
    """What a new process calls so that Linux ends it with the thread that started it; None elsewhere.

    The C library is looked up here, before there is a new process, in which little may be done.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    return ask
