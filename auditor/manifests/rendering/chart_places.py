"""Where a value that a chart gets stands: which file and line gives it, of all that give values.

Asked of values that a schema refuses. A place is told only where the value there is the one that the chart gets; what
a patch makes of it on the way, or a generated object holds, stands at the object that installs the chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.manifests.nodes import Node
from auditor.manifests.rendering.chart_values import way_of
from auditor.manifests.rendering.charts import Chart
from auditor.manifests.rendering.trace_patches import PatchText, inline_patch
from auditor.manifests.rendering.traced_files import TracedFiles, plain_value, reached, scalar
from auditor.manifests.rendering.values_schema import Way

MISSING = object()
"""The value of what is required and not there."""

ANY = object()
"""The value of what the chart itself gives."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InObject:
    """A text with values in an object of the repository: of a ConfigMap's `data`, by key."""

    path: str
    kind: str
    name: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueSources:
    """What gives a chart its values. `path`, `kind` and `name` are of the object that installs it (no kind where none
    does); `below` are files, and texts in objects, that count after what the object itself gives, the first of them
    most. What the chart says itself comes last."""

    path: str
    kind: str = ""
    name: str = ""
    below: Sequence[str | InObject] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuePlace:
    """A line of a file; line 0 is the whole file."""

    path: str
    line: int


def place_of(way: Way, value: Any, sources: ValueSources, chart: Chart, files: TracedFiles) -> ValuePlace:
    """Where the value at `way` stands; of one that is MISSING, where the mapping stands that should hold it. The object
    that installs the chart where that cannot be told."""
    root = files.object(sources.path, sources.kind, (sources.name,)) if sources.kind else None
    nearest: tuple[int, ValuePlace] | None = None
    for start, text, taken in _roots(way, sources, root, chart, files):
        found = reached(start, way[taken:])
        if found is not None:
            return _place(found[0], text) if _is_it(found[1], value) else _of_object(sources, root)
        for length in range(len(way) - 1, taken, -1):
            above = reached(start, way[taken:length])
            if above is not None:
                if nearest is None or length > nearest[0]:
                    nearest = (length, _place(above[0], text))
                break
    if value is MISSING and nearest is not None:
        return nearest[1]
    return _of_object(sources, root)


def _is_it(node: Node, value: Any) -> bool:
    """True where the node gives the value, or says by a variable what it is filled in with."""
    if value is ANY or (isinstance(node.value, str) and "${" in node.value):
        return True
    written = plain_value(node)
    return written == value or node.sort != "scalar"


def _place(node: Node, text: PatchText) -> ValuePlace:
    path, line, _ = text.place(node)
    return ValuePlace(path=path, line=line)


def _of_object(sources: ValueSources, root: Node | None) -> ValuePlace:
    return ValuePlace(path=sources.path, line=root.line if root is not None else 0)


_Root = tuple[Node, PatchText, int]
"""Where values begin, what text that is in, and how many steps of the way lead there."""


def _roots(
    way: Way, sources: ValueSources, root: Node | None, chart: Chart, files: TracedFiles
) -> Iterator[_Root]:
    if root is not None:
        yield from _in_object(way, sources.path, root)
    for source in sources.below:
        if isinstance(source, str):
            yield from _in_file(source, files)
            continue
        holder = files.object(source.path, source.kind, (source.name,))
        found = reached(holder, ("data", source.key)) if holder is not None else None
        if found is not None:
            yield from _in_text(source.path, found[1])
    for name, taken in _defaults(way, chart):
        for start, text, _ in _in_file(name, files):
            yield start, text, taken


def _in_object(way: Way, path: str, root: Node) -> Iterator[_Root]:
    whole = PatchText(path=path, roots=(root,))
    given = reached(root, ("spec", "values"))
    if given is not None:
        yield given[1], whole, 0
    for helm in _helm_of(root):
        listed = helm.get("parameters")
        for entry in reversed(listed[1].items if listed is not None else []):
            name = scalar(entry, "name")
            if isinstance(name, str) and way_of(name) == way and entry.get("value") is not None:
                yield entry, whole, len(way)
        inline, text = helm.get("valuesObject"), helm.get("values")
        if inline is not None:
            yield inline[1], whole, 0
        elif text is not None:
            yield from _in_text(path, text[1])


def _helm_of(root: Node) -> Iterator[Node]:
    """The `helm` fields of an Application's sources."""
    single, several = reached(root, ("spec", "source")), reached(root, ("spec", "sources"))
    entries = [single[1]] if single is not None else several[1].items if several is not None else []
    for entry in entries:
        found = entry.get("helm")
        if found is not None:
            yield found[1]


def _in_text(path: str, node: Node) -> Iterator[_Root]:
    if isinstance(node.value, str):
        text = inline_patch(path, node)
        for start in text.roots[:1]:
            yield start, text, 0


def _in_file(path: str, files: TracedFiles) -> Iterator[_Root]:
    for start in files.roots(path)[:1]:
        yield start, PatchText(path=path, roots=(start,)), 0


def _defaults(way: Way, chart: Chart) -> Iterator[tuple[str, int]]:
    """The values files of the chart and of those in it that the way leads to, with the steps that lead there."""
    folder = ""
    for taken in range(len(way)):
        own = chart.origins.get(f"{folder}values.yaml", "")
        if own and not own.endswith(".tgz"):
            yield own, taken
        # Under an alias a chart's folder cannot be told from the way.
        found = {
            path.split("/")[folder.count("/") + 1]
            for path in chart.origins
            if path.startswith(f"{folder}charts/{way[taken]}") and path.endswith("/Chart.yaml")
        }
        names = [name for name in found if name == way[taken] or name.startswith(f"{way[taken]}-")]
        if len(names) != 1:
            return
        folder = f"{folder}charts/{names[0]}/"
