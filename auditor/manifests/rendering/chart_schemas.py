"""The values of a release against the schemas of its chart and of the charts in it.

Judged is what is known. Where git does not hold all values, what something unknown may replace is not, nor what it may
yet satisfy: a value that is required and is not there.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from auditor.errors import RenderError
from auditor.manifests.pointers import PointerError, format_pointer, keyed_steps
from auditor.manifests.rendering.chart_tree import (
    GLOBAL,
    ChartTree,
    chart_tree,
    coalesced,
    enabled,
    may_have_schema,
)
from auditor.manifests.rendering.charts import Chart
from auditor.manifests.rendering.values_schema import SchemaError, Schemas, Violation, Way

MAX_VALUES_BYTES = 16 * 1024 * 1024
_MOST_KEPT = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenValues:
    """What a release gives its chart. `values` are all that are known, merged.

    `certain` are those of them that nothing unknown can replace, None where all is known. `opened` are ways at which
    something unknown is set. `is_only_defaults`: nobody installs the chart, so that its own values are judged, and an
    empty one is taken to wait for whoever does.
    """

    values: Mapping[str, Any]
    certain: Mapping[str, Any] | None = None
    opened: Sequence[Way] = ()
    is_only_defaults: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueViolation:
    """A value that a schema refuses: the way to it from the top of the values, its pointer, of which chart the schema
    is, and what is wrong, without the value. `is_missing`: it is required and not there."""

    way: Way
    pointer: str
    chart: str
    message: str
    is_missing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedValues:
    """`violations` by chart, from the top, and by way. `unjudged` says which schemas could not be used, and why;
    `refers_outside`: one of them would have something fetched. `judged` is the number of schemas that were used."""

    violations: tuple[ValueViolation, ...] = ()
    unjudged: tuple[str, ...] = ()
    refers_outside: bool = False
    judged: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRef:
    """What installs a chart, as findings name it: the object, or no kind and the chart's file as the name."""

    environment: str
    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""


class ValuesRefusedError(RenderError):
    """Values that the schema of their chart refuses: Helm installs nothing. `path`, `line` and `pointer` are of the
    first of them, `about` is what gives them."""

    def __init__(
        self, message: str, *, about: ReleaseRef, path: str = "", line: int = 0, pointer: str = ""
    ) -> None:
        super().__init__(message, hint="correct the value; the chart's values.schema.json says what fits")
        self.about = about
        self.path = path
        self.line = line
        self.pointer = pointer


_NOTHING = JudgedValues()
_SCHEMAS = Schemas()
_KEPT: OrderedDict[str, JudgedValues] = OrderedDict()
_LOCK = threading.Lock()


def judge_values(chart: Chart, given: GivenValues) -> JudgedValues:
    """Holds the values against the schemas; once for the same chart and values. Never raises: values and charts
    that cannot be read are not judged, which Helm then says."""
    if not may_have_schema(chart):
        return _NOTHING
    with _LOCK:
        return _judged(chart, given)


def _judged(chart: Chart, given: GivenValues) -> JudgedValues:
    try:
        tree = chart_tree(chart)
        if not tree.has_schema():
            return _NOTHING
        parts = [given.values, given.certain, given.opened, given.is_only_defaults]
        content = orjson.dumps(parts, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)
    except (RenderError, orjson.JSONEncodeError, RecursionError):
        return _NOTHING
    if len(content) > MAX_VALUES_BYTES:
        return JudgedValues(unjudged=(f"its values are larger than {MAX_VALUES_BYTES} bytes",))
    key = f"{chart.digest}:{hashlib.sha256(content).hexdigest()}"
    found = _KEPT.get(key)
    if found is None:
        found = _KEPT[key] = _judge(tree, orjson.loads(content), given)
        if len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


def _judge(tree: ChartTree, parts: list[Any], given: GivenValues) -> JudgedValues:
    values, certain = parts[0], parts[1]
    try:
        whole = orjson.loads(orjson.dumps(coalesced(tree, values), option=orjson.OPT_NON_STR_KEYS))
    except RenderError as error:
        return JudgedValues(unjudged=(error.message,))
    if given.is_only_defaults:
        known = _Known(whole, opened=(), is_only_defaults=True)
    elif certain is not None:
        known = _Known(certain, opened=given.opened)
    elif given.opened:
        known = _Known(whole, opened=given.opened, is_whole=True)
    else:
        known = None
    looking = _Looking(known=known, tags=whole.get("tags"))
    looking.look(tree, whole, ())
    return JudgedValues(
        violations=tuple(replace(found, pointer=_pointer(whole, found.way)) for found in looking.violations),
        unjudged=tuple(dict.fromkeys(looking.unjudged)),
        refers_outside=looking.refers_outside,
        judged=looking.judged,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """The values that nothing can replace. `is_whole`: nothing but what is at or below the opened ways is missing."""

    values: Mapping[str, Any]
    opened: Sequence[Way]
    is_only_defaults: bool = False
    is_whole: bool = False

    def holds(self, violation: Violation, way: Way) -> bool:
        """True where the violation at `way` (from the top) is there whatever the unknown values are."""
        judged = way[: len(way) - len(violation.way) + (violation.within or 0)]
        if self.is_whole and violation.keyword == "required" and violation.within is not None:
            return not self._is_opened(way)
        if violation.is_conditional:
            return self._is_closed(judged)
        return self.has(way)

    def has(self, way: Way) -> bool:
        """True where a value stands at the way that nothing can replace."""
        shared = _below_globals(way)
        if self._is_opened(way):
            return False
        return self._stands(way) or (shared is not None and self._stands(shared))

    def _is_opened(self, way: Way) -> bool:
        """True where something unknown is set at the way, below it or above it."""
        return any(way[: len(one)] == one or one[: len(way)] == way for one in self.opened)

    def _stands(self, way: Way) -> bool:
        value: Any = self.values
        for step in way:
            if isinstance(value, list):
                return True  # lists are replaced whole
            if not isinstance(value, Mapping) or step not in value:
                return False
            value = value[step]
        return not (self.is_only_defaults and value in (None, "", [], {}))

    def _is_closed(self, way: Way) -> bool:
        """True where the value there cannot grow: it is no mapping, or stands in a list."""
        if self.is_whole:
            return not self._is_opened(way)
        value: Any = self.values
        for step in way:
            if isinstance(value, list):
                return self.has(way)
            if not isinstance(value, Mapping) or step not in value:
                return False
            value = value[step]
        return not isinstance(value, Mapping) and self.has(way)


def _below_globals(way: Way) -> Way | None:
    """The way to a subchart's global value as it stands at the top, None for another's."""
    if GLOBAL in way[1:]:
        return way[way.index(GLOBAL, 1) :]
    return None


class _Looking:
    """Goes through a chart and those in it."""

    def __init__(self, *, known: _Known | None, tags: Any) -> None:
        self.known = known
        self.tags = tags
        self.violations: list[ValueViolation] = []
        self.unjudged: list[str] = []
        self.refers_outside = False
        self.judged = 0

    def look(self, chart: ChartTree, values: Mapping[str, Any], way: Way) -> None:
        """Judges the chart's values, which stand at `way`, and those of the charts in it that count."""
        if chart.schema is not None:
            self._hold(chart, chart.schema, values, way)
        for sub, decides in enabled(chart, values, self.tags):
            own = values.get(sub.name)
            is_sure = not decides or self.known is None or self.known.has(_from_top(decides, way))
            if isinstance(own, Mapping) and is_sure:
                self.look(sub, own, (*way, sub.name))

    def _hold(self, chart: ChartTree, schema: bytes, values: Mapping[str, Any], way: Way) -> None:
        name = f"chart {chart.name} {chart.version}".strip()
        # A chart that imports values from those in it has more than what stands in its own and those given.
        known = self.known
        if chart.imports:
            known = replace(known or _Known(_placed(values, way), opened=()), is_whole=False)
        try:
            found = _SCHEMAS.schema(schema, f"values.schema.json of {name}").violations(values)
        except SchemaError as error:
            self.unjudged.append(error.message)
            self.refers_outside |= error.refers_outside
            return
        self.judged += 1
        self.violations += [
            ValueViolation(
                way=(*way, *one.way),
                pointer="",
                chart=name,
                message=one.message,
                is_missing=one.keyword == "required",
            )
            for one in found
            if known is None or known.holds(one, (*way, *one.way))
        ]


def _from_top(decides: Way, way: Way) -> Way:
    return decides if decides == ("tags",) else (*way, *decides)


def _placed(values: Mapping[str, Any], way: Way) -> Mapping[str, Any]:
    placed: Any = values
    for step in reversed(way):
        placed = {step: placed}
    found: Mapping[str, Any] = placed
    return found


def _pointer(values: Any, way: Way) -> str:
    """The pointer of a value, below `values`, by list key where it stands in a list."""
    try:
        return format_pointer(("values", *keyed_steps(values, way)))
    except (PointerError, KeyError, IndexError, TypeError):
        return format_pointer(("values", *way))
