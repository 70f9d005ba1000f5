"""Values with their places in a text, and JSON read so; YAML is read so in `marks`."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from json import decoder
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"[-+.0-9A-Za-z]+")
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(slots=True, eq=False)
class Node:
    """A value in the text. `start` and `end` are offsets into it; `line` and `column` are 1-based.

    A mapping has `entries` of (key, key's node, value's node) with merge keys as '<<'; a sequence has
    `items`; a scalar has `value` and `style` ('' plain, else its quote or block mark). Nodes are shared
    where an alias stands.
    """

    sort: str
    line: int
    column: int
    start: int
    end: int
    style: str = ""
    value: Any = None
    entries: list[tuple[str, Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def get(self, key: str, depth: int = 8) -> tuple[Node, Node] | None:
        """The key's and value's nodes of a mapping's key: the last given, else a merged one."""
        for name, key_node, value in reversed(self.entries):
            if name == key and key != "<<":
                return key_node, value
        for name, _, value in reversed(self.entries):
            if name != "<<" or depth == 0:
                continue
            for source in value.items if value.sort == "sequence" else [value]:
                found = source.get(key, depth - 1)
                if found:
                    return found
        return None


def mark_json(text: str, depth: int) -> list[Node] | None:
    """The root nodes of a stream of JSON values; None where the text is not JSON, or nested deeper than `depth`."""
    reader = _JsonReader(text, depth)
    roots: list[Node] = []
    try:
        position = reader.after_space(0)
        while position < len(text):
            root, position = reader.value(position, 0)
            roots.append(root)
            position = reader.after_space(position)
    except (ValueError, IndexError):
        return None
    return roots


class _JsonReader:
    """Reads one text; ValueError or IndexError where it is no JSON."""

    def __init__(self, text: str, depth: int) -> None:
        self.text = text
        self.depth = depth
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def after_space(self, position: int) -> int:
        match = _SPACE.match(self.text, position)
        return match.end() if match else position

    def value(self, start: int, depth: int) -> tuple[Node, int]:
        if depth > self.depth:
            raise ValueError("nested too deep")
        char = self.text[start]
        if char in "{[":
            return self._collection(start, depth)
        if char == '"':
            value, end = decoder.scanstring(self.text, start + 1, False)  # type: ignore[attr-defined]
            return self._node("scalar", start, end, value, '"'), end
        match = _PLAIN.match(self.text, start)
        if match is None:
            raise ValueError(f"no JSON at {start}")
        return self._node("scalar", start, match.end(), _plain(match[0])), match.end()

    def _collection(self, start: int, depth: int) -> tuple[Node, int]:
        is_mapping = self.text[start] == "{"
        node = self._node("mapping" if is_mapping else "sequence", start, start)
        position = self.after_space(start + 1)
        closing = "}" if is_mapping else "]"
        while self.text[position] != closing:
            if is_mapping:
                key, position = self.value(position, depth + 1)
                position = self.after_space(position)
                if self.text[position] != ":" or not isinstance(key.value, str):
                    raise ValueError(f"no key at {position}")
                entry, position = self.value(self.after_space(position + 1), depth + 1)
                node.entries.append((key.value, key, entry))
            else:
                entry, position = self.value(position, depth + 1)
                node.items.append(entry)
            position = self.after_space(position)
            if self.text[position] == ",":
                position = self.after_space(position + 1)
            elif self.text[position] != closing:
                raise ValueError(f"no JSON at {position}")
        node.end = position + 1
        return node, node.end

    def _node(self, sort: str, start: int, end: int, value: Any = None, style: str = "") -> Node:
        row = bisect_right(self.lines, start)
        column = start - self.lines[row - 1] + 1
        return Node(sort=sort, line=row, column=column, start=start, end=end, style=style, value=value)


def _plain(word: str) -> Any:
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    return int(word) if re.fullmatch(r"-?[0-9]{1,400}", word) else float(word)
