"""What renders a folder of a tree to plain manifests; one file an implementation, one line in the table."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Renderer(Protocol):
    """Turns a folder on disk into a stream of YAML documents, running nothing that the folder brings."""

    @property
    def name(self) -> str:
        """Its key in the table, and what reports call it."""
        ...

    def version(self) -> str:
        """The program and its version, for the record of a run. Raises MissingPartError."""
        ...

    def render(self, root: Path, folder: str, *, timeout_s: float, max_bytes: int) -> bytes:
        """What `folder` below `root` renders to.

        Gives at most `max_bytes`, within `timeout_s` seconds. Raises RenderError naming the folder,
        MissingPartError where the program is not installed. Safe to call from several threads.
        """
        ...
