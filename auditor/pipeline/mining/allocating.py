"""How the C library keeps memory of processes that take in large texts one after the other."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""mallopt's names for what it sets (malloc.h)."""

_LARGE = 256 * 1024
_LEFT_OVER = 1024 * 1024


def give_back_early() -> None:
    """Has glibc give back large blocks as soon as they are free, and use one heap for all threads; elsewhere nothing.

    By itself it raises the size from which it does so to that of the largest block it has seen freed, and what is
    kept for long then lies between the holes that batches and blobs leave. Harmless where it is done twice.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return  # another C library
    for name, value in ((_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LEFT_OVER), (_ARENA_MAX, 1)):
        mallopt(name, value)
