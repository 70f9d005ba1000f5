"""The fast YAML reader, where its answer is known to equal the exact one's."""

from __future__ import annotations

from typing import Any

from auditor.manifests.limits import Limits


def read(text: str, limits: Limits) -> list[Any] | None:
    """The value of every document, or None where the exact reader has to look."""
    del text, limits
    return None
