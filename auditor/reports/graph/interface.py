"""What a format of the deployment graph is."""

from __future__ import annotations

from typing import Protocol

from auditor.reports.graph.model import Graph


class GraphFormat(Protocol):
    """Turns a graph into one text."""

    def render(self, graph: Graph) -> bytes:
        """The graph in UTF-8; equal graphs give equal bytes. What people read holds no control characters."""
        ...
