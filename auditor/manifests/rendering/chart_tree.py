"""A chart and the charts that it depends on, as far as values and their schemas go: names, defaults, what is enabled.

After Helm 4 (`pkg/chart/common/util`, `pkg/chart/v2/util`): which subcharts count, and how values come together.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auditor.errors import RenderError
from auditor.manifests.rendering.archives import read_archive
from auditor.manifests.rendering.chart_values import values_in
from auditor.manifests.rendering.charts import Chart, dependencies_of, fits_range

GLOBAL = "global"
_MOST_TREES = 64
_MAX_DEPTH = 10


@dataclass(frozen=True, kw_only=True)
class ChartTree:
    """A chart by the name under which its values stand. `schema` is its values.schema.json, None where it has none.

    `condition` and `tags` are what its parent says of it and decide whether it counts; `imports` is True where it takes
    values over from its subcharts.
    """

    name: str
    version: str
    defaults: Mapping[str, Any]
    schema: bytes | None
    subcharts: tuple[ChartTree, ...] = ()
    condition: str = ""
    tags: tuple[str, ...] = ()
    imports: bool = False

    def has_schema(self) -> bool:
        """True where it, or a chart below it, has a schema."""
        return self.schema is not None or any(chart.has_schema() for chart in self.subcharts)


_TREES: OrderedDict[str, ChartTree] = OrderedDict()


def chart_tree(chart: Chart) -> ChartTree:
    """The tree of a chart, read once for each content. Raises RenderError for what cannot be read."""
    key = chart.digest
    found = _TREES.get(key)
    if found is None:
        found = _TREES[key] = _tree(chart.files, chart.where, 0)
        while len(_TREES) > _MOST_TREES:
            _TREES.popitem(last=False)
    return found


def may_have_schema(chart: Chart) -> bool:
    """False where no file of the chart, and no package in it, can be a schema; told by names alone."""
    return any(path.endswith(("values.schema.json", ".tgz")) for path in chart.files)


def _tree(files: Mapping[str, bytes], where: str, depth: int) -> ChartTree:
    if depth > _MAX_DEPTH:
        raise RenderError(f"{where} holds charts without end", hint="end the cycle")
    about = values_in(files.get("Chart.yaml", b""), f"{where}/Chart.yaml")
    own = ChartTree(
        name=str(about.get("name", "")),
        version=str(about.get("version", "")),
        defaults=values_in(files.get("values.yaml", b""), f"{where}/values.yaml"),
        schema=files.get("values.schema.json"),
    )
    vendored = [_tree(below, f"{where}/{name}", depth + 1) for name, below in _vendored(files, where)]
    if not vendored:
        return own
    asked = dependencies_of(files, about, where)
    return replace(
        own,
        subcharts=tuple(_subcharts(vendored, asked)),
        imports=any(entry.get("import-values") for entry in asked),
    )


def _vendored(files: Mapping[str, bytes], where: str) -> Iterator[tuple[str, Mapping[str, bytes]]]:
    """The charts in `charts/`: folders, and packages."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        parts = path.split("/", 2)
        if parts[0] != "charts" or len(parts) < 2 or parts[1].startswith(("_", ".")):
            continue
        if len(parts) == 3:
            folders.setdefault(parts[1], {})[parts[2]] = content
        elif path.endswith(".tgz"):
            yield path, read_archive(content, f"{where}/{path}")
    yield from ((f"charts/{name}", below) for name, below in folders.items() if "Chart.yaml" in below)


def _subcharts(vendored: Sequence[ChartTree], asked: Sequence[Mapping[str, Any]]) -> Iterator[ChartTree]:
    """The vendored charts under the names that their values have: as often as the chart depends on them."""
    wanted = [(str(entry.get("name", "")), str(entry.get("version", "")), entry) for entry in asked]
    for chart in vendored:
        if not any(
            chart.name == name and fits_range([chart.version], version) for name, version, _ in wanted
        ):
            yield chart
    for name, version, entry in wanted:
        for chart in vendored:
            if chart.name == name and fits_range([chart.version], version):
                tags = entry.get("tags")
                yield replace(
                    chart,
                    name=str(entry.get("alias") or name),
                    condition=str(entry.get("condition") or ""),
                    tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
                )
                break


def coalesced(chart: ChartTree, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values over the defaults of the chart, and in them those of its subcharts, disabled ones too. Raises
    RenderError where a subchart's are no mapping, which Helm refuses."""
    result = _over_defaults(chart, copy.deepcopy(dict(values)))
    for sub in chart.subcharts:
        own = result.setdefault(sub.name, {})
        if not isinstance(own, dict):
            raise RenderError(f"the values of subchart {sub.name} are no mapping", hint="correct them")
        result[sub.name] = coalesced(sub, _with_globals(own, result))
    return result


def _over_defaults(chart: ChartTree, values: dict[str, Any]) -> dict[str, Any]:
    subcharts = {sub.name for sub in chart.subcharts}
    for key, default in copy.deepcopy(dict(chart.defaults)).items():
        if key not in values:
            if default is not None:
                values[key] = default if key in subcharts else _without_nulls(default)
        elif values[key] is None:
            # A null takes a default away.
            del values[key]
        elif isinstance(values[key], dict) and isinstance(default, dict):
            # What goes down to a subchart keeps its nulls: they take that one's defaults away.
            keeps = key in subcharts
            _fill(values[key], default if keeps else _without_nulls(default), keeps_nulls=keeps)
    return values


def _fill(values: dict[str, Any], below: Mapping[str, Any], *, keeps_nulls: bool) -> None:
    for key, under in below.items():
        if key not in values:
            values[key] = under
        elif values[key] is None:
            if under is not None and not keeps_nulls:
                del values[key]
        elif isinstance(values[key], dict) and isinstance(under, dict):
            _fill(values[key], under, keeps_nulls=keeps_nulls)


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(entry) for key, entry in value.items() if entry is not None}


def _with_globals(own: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """A subchart's values with what is global above it, which wins."""
    here, there = own.get(GLOBAL, {}), above.get(GLOBAL, {})
    if not isinstance(here, dict) or not isinstance(there, dict):
        return own
    result = dict(here)
    for key, value in there.items():
        if isinstance(value, dict):
            if isinstance(result.get(key, {}), dict):
                merged = copy.deepcopy(value)
                _fill(merged, result.get(key, {}), keeps_nulls=True)
                result[key] = merged
        elif not isinstance(result.get(key), dict):
            result[key] = value
    return {**own, GLOBAL: result}


def enabled(
    chart: ChartTree, values: Mapping[str, Any], tags: Any
) -> list[tuple[ChartTree, tuple[str, ...]]]:
    """The subcharts that count, each with the path of the value in `values`, the chart's coalesced ones, that said so;
    none where nothing did, ('tags',) where the `tags` of the whole release did."""
    found: list[tuple[ChartTree, tuple[str, ...]]] = []
    for sub in chart.subcharts:
        decides: tuple[str, ...] = ()
        is_on = True
        said = [tags[tag] for tag in sub.tags if tag in tags] if isinstance(tags, Mapping) else []
        said = [value for value in said if isinstance(value, bool)]
        if said:
            decides, is_on = ("tags",), any(said)
        for path in sub.condition.strip().split(","):
            value = _at(values, path.split(".")) if path else None
            if isinstance(value, bool):
                decides, is_on = tuple(path.split(".")), value
                break
        if is_on:
            found.append((sub, decides))
    return found


def _at(values: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if not isinstance(values, Mapping) or key not in values:
            return None
        values = values[key]
    return values
