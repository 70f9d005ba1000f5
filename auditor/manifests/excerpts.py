"""A manifest file's text as people may see it: its lines, without its secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from auditor.manifests.credentials import SECRET_IN_TEXT, is_literal_secret, secret_name
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.loading import Budget, load_documents
from auditor.manifests.marks import Node, mark_chunk
from auditor.manifests.reading import split
from auditor.manifests.secrets import Redactor

_PREFIX = re.compile(r"(?:[&!]\S*\s+)*")
_PAIR = re.compile(
    r"(?P<start>(?P<name>[A-Za-z0-9_.-]+)[\"']?[ ]*[:=][ ]*)(?P<value>(?!auditor-redacted:)\S+)"
)
_COMMENT = re.compile(r"(?P<head>(?:\A|.*?[ \t])#\s*)(?P<rest>.*)\Z")


def excerpt(content: bytes, redactor: Redactor) -> str:
    """The file's text with every secret value replaced, each remaining value on the line it was on.

    A document that cannot be read is masked line by line, which hides more than it must. Comments are
    masked too: a secret that was commented out is still one.
    """
    if len(content) > DEFAULT_LIMITS.blob_bytes:
        return "# the file is too large to be shown\n"
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    parts: list[str] = []
    shown = 0
    for start, end in split(text):
        parts += (_without_comments(text[shown:start], redactor), _document(text, start, end, redactor))
        shown = end
    return "".join((*parts, _without_comments(text[shown:], redactor)))


def _document(text: str, start: int, end: int, redactor: Redactor) -> str:
    chunk = text[start:end]
    loaded, error = load_documents(chunk, DEFAULT_LIMITS, Budget.of(DEFAULT_LIMITS))
    roots = mark_chunk(text, start, end)
    if error is not None or len(roots) != len(loaded):
        return redactor.mask_lines(_without_comments(chunk, redactor))
    edits: dict[tuple[int, int], str] = {}
    for document, root in zip(loaded, roots, strict=True):
        if isinstance(document.value, dict | list):
            for node, new in _changes(root, document.value, redactor.redact_value(document.value)):
                edits[node.start, node.end] = _written(text[node.start : node.end], node, new)
    holds_secret = SECRET_IN_TEXT.search(chunk) is not None
    parts: list[str] = []
    shown = start
    for (first, last), new in sorted(edits.items()):
        if first >= shown:
            parts += (_without_comments(text[shown:first], redactor, everything=holds_secret), new)
            shown = last
    return "".join((*parts, _without_comments(text[shown:end], redactor, everything=holds_secret)))


def _changes(node: Node, old: Any, new: Any) -> Iterator[tuple[Node, Any]]:
    """Every node whose value the redaction changed, smallest first; aliases lead to what they name."""
    if old is new or old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and node.sort == "mapping":
        for key, value in old.items():
            found = node.get(key)
            if found is None:
                yield node, new
                return
            # A key given twice keeps its first value in the text: what replaces the last hides both.
            for name, _, given in node.entries:
                if name == key and given is not found[1] and value != new.get(key):
                    yield given, "auditor-redacted"
            yield from _changes(found[1], value, new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and node.sort == "sequence":
        for entry, before, after in zip(node.items, old, new, strict=False):
            yield from _changes(entry, before, after)
    else:
        yield node, new


def _written(source: str, node: Node, new: Any) -> str:
    """`new` in the place of `source`, on as many lines."""
    prefix = _PREFIX.match(source)
    head = prefix[0] if prefix else ""
    if node.style in ("|", ">") and isinstance(new, str) and "\n" in new.strip("\n"):
        first, _, body = source.partition("\n")
        indent = re.match(r"\n*([ \t]*)", body)
        space = indent[1] if indent else "  "
        lines = [first, *(space + line if line else line for line in new.rstrip("\n").split("\n"))]
        written = "\n".join(lines)
        return written + "\n" * max(source.count("\n") - written.count("\n"), 0)
    return head + json.dumps(new, ensure_ascii=False) + "\n" * source.count("\n")


def _without_comments(text: str, redactor: Redactor, *, everything: bool = False) -> str:
    """Text between values: only comments in it can hold a secret; `everything` masks all that they say."""
    if "#" not in text:
        return text
    lines = []
    for line in text.split("\n"):
        match = _COMMENT.match(line)
        lines.append(match["head"] + _masked(match["rest"], redactor, everything) if match else line)
    return "\n".join(lines)


def _masked(comment: str, redactor: Redactor, everything: bool) -> str:
    """A comment with the values of `key: value` in it masked: of secret keys, or of all."""

    def mask(match: re.Match[str]) -> str:
        name, value = match["name"], match["value"]
        if everything or ((sort := secret_name(name)) and is_literal_secret(sort, value, in_reference=False)):
            return match["start"] + redactor.credential(value)
        return match[0]

    return _PAIR.sub(mask, redactor.mask_lines(comment))
