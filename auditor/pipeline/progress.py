"""How a long stage tells how far it is; what shows it is the caller's business."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Shows stages one after another."""

    def stage(self, label: str, total: int | None, unit: str) -> None:
        """A new stage begins; `total` None where its length is not known."""
        ...

    def advance(self, count: int) -> None:
        """So many more units are done."""
        ...


class Silent:
    """Shows nothing."""

    def stage(self, label: str, total: int | None, unit: str) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""
