"""Where the values of one file stand, for many questions about it; and what its comments say."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from auditor.manifests.formats import format_of
from auditor.manifests.marks import item_of, marked_documents, text_of, way_in
from auditor.manifests.nodes import Node
from auditor.manifests.reading import split

_MORE_THAN_KEYS = re.compile(r"^(?:\.\.\.|%)|[^\n\x20-\x7e\xa0-\ud7ff]", re.MULTILINE)
"""What may end a document, or stand before it, beside `---`; and characters that are line breaks to some."""

_FIRST_KEY = re.compile(
    r"(?:---[ ]*(?:[ ]#[^\n]*)?\n)?(?:[ ]*(?:#[^\n]*)?\n)*([ ]*)(?=[A-Za-z_]+: *\S|[A-Za-z_]+:\n)"
)
"""A document up to its first key, if it is plain; the group is the key's indentation."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment from a word on: its line, the line of what it is about, and its text.

    What it is about is what stands before it on its line, else the next line that is neither blank nor a comment
    (0 where there is none).
    """

    line: int
    about: int
    text: str


class Places:
    """The file at `path`, whose name says how it is read. It is read at the first question, and once."""

    def __init__(self, content: bytes, path: str) -> None:
        self._content = content
        self._path = path

    def locate(self, document_index: int, item: int | None, pointer: str) -> tuple[int, int]:
        """Line and column (1-based) of a field in its source; of its nearest parent where it is not there.

        `document_index` and `item` are a Document's. (1, 1) where the document cannot be read again.
        """
        return self.way(document_index, item, pointer)[-1]

    def way(self, document_index: int, item: int | None, pointer: str) -> list[tuple[int, int]]:
        """The places on the way to a field: where the document (or list item) starts, then each step there is."""
        start = self._starts.get(document_index) if not pointer and item is None else None
        if start is not None:
            return [start]
        root = self._roots.get(document_index)
        return way_in(item_of(root, item), pointer) if root is not None else [(1, 1)]

    def comments(self, word: str) -> Iterator[Comment]:
        """Every comment that begins with the word, in order. The word within a value is none."""
        if word.encode() not in self._content:
            return
        pattern = re.compile(rf"(?:#|//)[ \t]*({re.escape(word)}[^\r\n]*)")
        for match in pattern.finditer(self._text):
            before = self._text[self._text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if self._in_value(match.start()) or (before and not before[-1].isspace()):
                continue
            row = self._text.count("\n", 0, match.start())
            alone = not before.strip() or before.strip() == "---"
            yield Comment(row + 1, self._next_line(row + 1) if alone else row + 1, match[1].rstrip())

    def _next_line(self, row: int) -> int:
        """The number of the first line from index `row` on that holds content. A later document is out of reach."""
        head = not any(map(_is_content, self._lines[:row]))
        for number in range(row, len(self._lines)):
            line = self._lines[number]
            if line.startswith("---") and not head:
                return 0
            if _is_content(line):
                return number + 1
        return 0

    def _in_value(self, offset: int) -> bool:
        spans = self._spans
        position = bisect_right(spans, (offset, len(self._text))) - 1
        return position >= 0 and offset < spans[position][1]

    @cached_property
    def _text(self) -> str:
        return text_of(self._content)

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.split("\n")

    @cached_property
    def _roots(self) -> dict[int, Node]:
        found = format_of(self._path)
        if found is None:
            return marked_documents(self._content)
        return dict(enumerate(found.read(self._content, self._path).roots))

    @cached_property
    def _starts(self) -> dict[int, tuple[int, int]]:
        """Where each document starts, if all of them start with a plain key: no need to read what follows."""
        text = self._text
        if format_of(self._path) is not None or _MORE_THAN_KEYS.search(text):
            return {}
        starts: dict[int, tuple[int, int]] = {}
        line, counted = 1, 0
        for index, (start, end) in enumerate(split(text)):
            match = _FIRST_KEY.match(text, start, end)
            if match is None:
                return {}
            line += text.count("\n", counted, match.start(1))
            counted = match.start(1)
            starts[index] = (line, match.end(1) - match.start(1) + 1)
        return starts

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        """Where texts start and end, in order."""
        spans: set[tuple[int, int]] = set()
        seen: set[int] = set()
        pending = list(self._roots.values())
        while pending:
            node = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.sort == "scalar":
                spans.add((node.start, node.end))
            pending.extend(node.items)
            for _, key, value in node.entries:
                pending += (key, value)
        return sorted(spans)


def _is_content(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith(("#", "//", "---", "%"))
