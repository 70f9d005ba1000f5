"""The plug point: one forge, asked for the requests of one repository."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from auditor.model import Request


class Forge(Protocol):
    """A forge's account of one repository. Holds connections: close it, or use it as a context manager."""

    name: str

    def requests(self, since: datetime | None) -> Iterator[Request]:
        """Every request updated at or after `since` (all for None), each complete, the longest untouched first.

        Can be broken off anywhere: asked again from the `updated_at` of the last one given, nothing is missed.
        Raises ForgeError where an answer is missing or not whole.
        """
        ...

    def patch(self, base: str, head: str) -> bytes | None:
        """The unified diff from the merge base of two commits to `head`; None where the forge does not give it."""
        ...

    def close(self) -> None:
        """Closes the connections."""
        ...
