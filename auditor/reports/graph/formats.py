"""The table of formats of the deployment graph."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from auditor.reports.graph.interface import GraphFormat
from auditor.reports.graph.json_document import JsonFormat
from auditor.reports.graph.mermaid import MermaidFormat
from auditor.reports.graph.tree import TreeFormat

GRAPH_FORMATS: Mapping[str, GraphFormat] = MappingProxyType(
    {"tree": TreeFormat(), "json": JsonFormat(), "mermaid": MermaidFormat()}
)
"""Every format by its name."""
