"""The exact YAML reader: libyaml's events, our scalar rules, and bounds that hold while it reads.

libyaml is what go-yaml v2 was ported from, so what one refuses the other refuses. Values are built in
one loop with an explicit stack: no nesting can exhaust Python's or C's stack, and an alias is a shared
reference whose size is counted each time it is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from auditor.manifests.limits import Limits
from auditor.manifests.scalars import ScalarError, key_of, value_of
from auditor.manifests.syntax_words import syntax_error

_NON_SPECIFIC_TAG = re.compile(r"(?:&\S+\s+)?!\s")


class LoadError(Exception):
    """A document that kubectl would not read. `line` and `column` are 1-based within the text."""

    def __init__(self, code: str, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column


@dataclass(kw_only=True, slots=True)
class Budget:
    """What one blob may still use; shared by all its documents."""

    nodes: int
    expanded_bytes: int

    @classmethod
    def of(cls, limits: Limits) -> Budget:
        """The whole allowance of one blob."""
        return cls(nodes=limits.nodes, expanded_bytes=limits.expanded_bytes)


@dataclass(kw_only=True, slots=True)
class Loaded:
    """One YAML document as JSON values.

    `duplicates` are (key, line, column) of keys given again in one mapping; the last one won.
    `lines` maps id() of a mapping near the root to its 1-based line.
    """

    value: Any
    line: int
    duplicates: list[tuple[str, int, int]] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence under construction."""

    value: Any
    anchor: str | None
    start_nodes: int
    start_bytes: int
    key: str | None = None
    expects_key: bool = False
    merging: bool = False
    given: set[str] = field(default_factory=set)


_MERGE = object()
_OPEN = object()
_LINE_DEPTH = 6


def load_documents(text: str, limits: Limits, budget: Budget) -> tuple[list[Loaded], LoadError | None]:
    """Every document of `text` up to the first that cannot be read, and why that one could not."""
    loaded: list[Loaded] = []
    loader = yaml.CLoader(text)
    try:
        while not loader.check_event(yaml.StreamEndEvent):
            event = loader.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                loaded.append(_Builder(loader, text, limits, budget).build())
    except LoadError as error:
        return loaded, error
    except yaml.MarkedYAMLError as error:
        return loaded, LoadError("syntax", *syntax_error(error, text))
    except yaml.reader.ReaderError as error:
        line, column = _position(text, error.position)
        return loaded, LoadError("syntax", "a control character, which YAML does not allow", line, column)
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError, MemoryError) as error:
        return loaded, LoadError("syntax", f"not YAML: {type(error).__name__}", 1, 1)
    finally:
        loader.dispose()
    return loaded, None


def _position(text: str, index: int) -> tuple[int, int]:
    before = text[: max(index, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Builder:
    """Builds the one document whose start event was just read."""

    def __init__(self, loader: Any, text: str, limits: Limits, budget: Budget) -> None:
        self.loader = loader
        self.text = text
        self.limits = limits
        self.budget = budget
        self.nodes = 0
        self.bytes = 0
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int, int, bool]] = {}
        self.result = Loaded(value=None, line=1)
        self.has_bang = "! " in text or "!\n" in text or "!\r" in text

    def build(self) -> Loaded:
        """Reads events up to the document's end. Raises LoadError."""
        get_event = self.loader.get_event
        first = True
        while True:
            event = get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, is_mapping=kind is yaml.MappingStartEvent)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close(event)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            else:
                break
            if first:
                self.result.line = event.start_mark.line + 1
                first = False
        self.budget.nodes -= self.nodes
        self.budget.expanded_bytes -= self.bytes
        return self.result

    def _fail(self, event: Any, code: str, message: str) -> LoadError:
        return LoadError(code, message, event.start_mark.line + 1, event.start_mark.column + 1)

    def _spend(self, event: Any, nodes: int, size: int) -> None:
        self.nodes += nodes
        self.bytes += size
        if self.nodes > self.budget.nodes:
            raise self._fail(
                event, "limit", f"more than {self.limits.nodes} values once aliases are followed"
            )
        if self.bytes > self.budget.expanded_bytes:
            raise self._fail(
                event, "limit", f"more than {self.limits.expanded_bytes} bytes once aliases are followed"
            )

    def _scalar(self, event: Any) -> None:
        text = event.value
        self._spend(event, 1, len(text))
        plain = not event.style
        if plain and self.has_bang and event.tag is None:
            written = self.text[event.start_mark.index : event.end_mark.index]
            plain = not _NON_SPECIFIC_TAG.match(written)
        frame = self.stack[-1] if self.stack else None
        try:
            if frame is not None and frame.expects_key:
                if text == "<<" and ((plain and event.tag is None) or event.tag == "tag:yaml.org,2002:merge"):
                    self._take_key(event, _MERGE)
                    return
                key = key_of(text, tag=event.tag, plain=plain)
                if event.anchor:
                    value = value_of(text, tag=event.tag, plain=plain)
                    self.anchors[event.anchor] = (value, 1, len(text), False)
                self._take_key(event, key)
                return
            value = value_of(text, tag=event.tag, plain=plain)
        except ScalarError as error:
            raise self._fail(event, error.code, error.message) from error
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, len(text), False)
        self._take_value(event, value)

    def _take_key(self, event: Any, key: Any) -> None:
        frame = self.stack[-1]
        frame.expects_key = False
        if key is _MERGE:
            frame.merging = True
            return
        frame.key = key
        if key in frame.given:
            mark = event.start_mark
            self.result.duplicates.append((key, mark.line + 1, mark.column + 1))
        frame.given.add(key)

    def _take_value(self, event: Any, value: Any) -> None:
        if not self.stack:
            self.result.value = value
            return
        frame = self.stack[-1]
        if type(frame.value) is list:
            frame.value.append(value)
            return
        if frame.merging:
            frame.merging = False
            self._merge(event, frame.value, value)
        else:
            assert frame.key is not None  # noqa: S101 - a value follows a key by libyaml's grammar
            frame.value[frame.key] = value
            frame.key = None
        frame.expects_key = True

    def _merge(self, event: Any, target: dict[str, Any], value: Any) -> None:
        """Merges where `<<` stands: go-yaml v2 lets a later `<<` win over earlier keys."""
        parts = reversed(value) if isinstance(value, list) else [value]
        for part in parts:
            if not isinstance(part, dict):
                raise self._fail(
                    event, "unsupported-value", "a merge key (<<) takes a mapping or a list of mappings"
                )
            self._spend(event, len(part), 0)
            target.update(part)

    def _open(self, event: Any, *, is_mapping: bool) -> None:
        if self.stack and self.stack[-1].expects_key:
            raise self._fail(
                event,
                "unsupported-value",
                "a key is itself a list or a mapping, as what stands in { } or [ ] without quotes is",
            )
        if len(self.stack) >= self.limits.depth:
            raise self._fail(event, "limit", f"nested more than {self.limits.depth} deep")
        self._spend(event, 1, 0)
        value: Any = {} if is_mapping else []
        if event.anchor:
            self.anchors[event.anchor] = (_OPEN, 0, 0, True)
        if is_mapping and len(self.stack) <= _LINE_DEPTH:
            self.result.lines[id(value)] = event.start_mark.line + 1
        frame = _Frame(value, event.anchor, self.nodes, self.bytes, expects_key=is_mapping)
        self.stack.append(frame)

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        if frame.anchor:
            size = self.nodes - frame.start_nodes + 1, self.bytes - frame.start_bytes
            self.anchors[frame.anchor] = (frame.value, *size, True)
        self._take_value(event, frame.value)

    def _alias(self, event: Any) -> None:
        known = self.anchors.get(event.anchor)
        if known is None:
            raise self._fail(event, "syntax", "an alias names an anchor that is not there")
        value, nodes, size, is_collection = known
        if value is _OPEN:
            raise self._fail(event, "syntax", "an anchored value contains itself")
        self._spend(event, nodes, size)
        if self.stack and self.stack[-1].expects_key:
            if is_collection:
                raise self._fail(
                    event,
                    "unsupported-value",
                    "a key is itself a list or a mapping, as what stands in { } or [ ] without quotes is",
                )
            self._take_key(event, self._aliased_key(event, value))
            return
        self._take_value(event, value)

    def _aliased_key(self, event: Any, value: Any) -> str:
        if isinstance(value, str):
            return value
        try:
            return key_of(str(value).lower() if value is not None else "")
        except ScalarError as error:
            raise self._fail(event, error.code, error.message) from error
