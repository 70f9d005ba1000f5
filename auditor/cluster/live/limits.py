"""How much of a cluster is read at once, how long it is waited for, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds on reading one cluster; the operator's, never the cluster's.

    `page_items` objects are asked for at once, fewer where a page would be larger than `page_bytes` (decoded).
    `total_bytes` bounds all that is kept; a recording larger than that could not be read back.
    `connect_s` and `read_s` are for each wait on the socket, `answer_s` for one answer as a whole, `patience_s` for
    one question with everything that it is asked again, the waiting that the server asks for included.
    `relists` is how often a kind is begun anew because the server forgot where it was.
    `silences` kinds in succession without an answer, and the others are not asked any more.
    """

    page_items: int = 500
    page_bytes: int = 32 * 2**20
    total_bytes: int = 2 * 2**30
    connect_s: float = 10.0
    read_s: float = 30.0
    answer_s: float = 120.0
    patience_s: float = 60.0
    attempts: int = 5
    retry_wait_s: float = 0.5
    relists: int = 3
    silences: int = 2


DEFAULT_LIMITS = Limits()
"""What holds where nothing else is said."""
