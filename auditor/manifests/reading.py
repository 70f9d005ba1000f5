"""Bytes to JSON values, document by document: JSON, the fast YAML reader, or the exact one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from auditor.manifests import rapid
from auditor.manifests.emitted import NAMED, SHAPED, VARIABLE, facts_of
from auditor.manifests.json_text import read_json
from auditor.manifests.limits import Limits
from auditor.manifests.loading import Budget, Loaded, LoadError, load_documents
from auditor.model import Problem

if TYPE_CHECKING:
    from auditor.manifests.secrets import Redactor

_SEPARATOR = re.compile(r"---(?<![^\n]---)(?=[ \t\r\n]|\Z)")
_TEMPLATE = re.compile(r"\{\{|\{%|<%")
_NO_CONTENT = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z))*\Z")
_ONLY_DIRECTIVES = re.compile(r"(?:(?:%|[ \t]*#)[^\n]*(?:\n|\Z)|[ \t\r]*\n)*\Z")
_FIRST_LINE = re.compile(r"(?:---[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z))?(?:[ \t]*(?:#[^\n]*)?\r?\n)*")
_SPELT_OTHERWISE = re.compile(rb"\\[xuU\r\n]|binary|%TAG|\x00")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadDocument:
    """One document's value. `lines` maps id() of mappings near the root to their line.

    `canonical` is the value's canonical JSON where it is at hand, else empty.
    """

    index: int
    line: int
    value: Any
    canonical: bytes = b""
    lines: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadBlob:
    """All documents of a blob and what was wrong with the others.

    `names` and `shapes` are False where it is known that nothing in it has the name, or the shape, of a
    secret.
    """

    documents: tuple[ReadDocument, ...] = ()
    problems: tuple[Problem, ...] = ()
    names: bool = True
    shapes: bool = True

    def redact(self, redactor: Redactor, manifest: dict[str, Any]) -> Mapping[str, Any]:
        """A manifest of this blob, redacted at no more cost than what may be in it needs."""
        return redactor.redact(manifest, shapes=self.shapes) if self.names or self.shapes else manifest


def read_blob(content: bytes, limits: Limits, *, untyped: bool = True) -> ReadBlob:
    """Every document of `content` as JSON values, within `limits`. Never raises.

    Unless `untyped` documents are asked for, those that name no apiVersion may be left out.

    A document that cannot be read and nowhere says `apiVersion` (an editor's settings, a values file)
    is no Kubernetes matter and left out without a Problem.
    """
    if not untyped and b"apiVersion" not in content and not _SPELT_OTHERWISE.search(content):
        return ReadBlob()
    if len(content) > limits.blob_bytes:
        if b"apiVersion" not in content:
            return ReadBlob()
        return _refused("limit", f"the file is larger than {limits.blob_bytes} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"apiVersion" not in content.replace(b"\0", b""):
            return ReadBlob()
        line = content.count(b"\n", 0, error.start) + 1
        return _refused("not-utf8", "the file is not UTF-8, which is all that kubectl reads", line)
    text = text.removeprefix("\ufeff")
    values = read_json(text, limits) if text.lstrip()[:1] == "{" else None
    if values is not None:
        return _from_json(values, limits)
    # kubectl reads by lines and ends the last one too, which a block scalar at the end of a file shows.
    text = text if text.endswith("\n") else text + "\n"
    bounds = split(text)
    quick = rapid.read(text, limits, bounds) if bounds and len(bounds) <= limits.documents else None
    if quick is None:
        return _read_exactly(text, limits)
    return ReadBlob(documents=_placed(text, bounds, quick), names=quick.names, shapes=quick.shapes)


def read_exactly(content: bytes, limits: Limits) -> ReadBlob:
    """As `read_blob` for UTF-8 YAML, by the exact reader alone: what the fast one is tested against."""
    text = content.decode("utf-8").removeprefix("\ufeff")
    return _read_exactly(text if text.endswith("\n") else text + "\n", limits)


def _refused(code: str, message: str, line: int = 1) -> ReadBlob:
    return ReadBlob(problems=(Problem(code=code, message=message, line=line, column=1, document=0),))


def _from_json(loaded: list[Loaded], limits: Limits) -> ReadBlob:
    documents = tuple(
        ReadDocument(index=index, line=entry.line, value=entry.value) for index, entry in enumerate(loaded)
    )
    problems = [problem for index, entry in enumerate(loaded) for problem in _duplicates(entry, index, 0)]
    if len(documents) > limits.documents:
        return _refused("limit", f"more than {limits.documents} documents")
    names, shapes = _secrets_in(documents)
    return ReadBlob(documents=documents, problems=tuple(problems), names=names, shapes=shapes)


def _read_exactly(text: str, limits: Limits) -> ReadBlob:
    documents: list[ReadDocument] = []
    problems: list[Problem] = []
    budget = Budget.of(limits)
    index = 0
    for start, end in split(text):
        if index >= limits.documents:
            problems.append(
                Problem(
                    code="limit",
                    message=f"more than {limits.documents} documents",
                    line=text.count("\n", 0, start) + 1,
                    column=1,
                    document=index,
                )
            )
            break
        chunk = text[start:end]
        skipped = text.count("\n", 0, start)
        loaded, error = load_documents(chunk, limits, budget)
        for entry in loaded:
            lines = {key: line + skipped for key, line in entry.lines.items()}
            documents.append(
                ReadDocument(index=index, line=entry.line + skipped, value=entry.value, lines=lines)
            )
            problems.extend(_duplicates(entry, index, skipped))
            index += 1
        if error is not None:
            if is_kubernetes_matter(chunk):
                problems.append(_problem(error, chunk, index, skipped))
            index += 1
            if error.code == "limit" and "aliases" in error.message:
                break
    names, shapes = _secrets_in(documents)
    return ReadBlob(documents=tuple(documents), problems=tuple(problems), names=names, shapes=shapes)


def _secrets_in(documents: Iterable[ReadDocument]) -> tuple[bool, bool]:
    """Whether anything in the documents may have the name, and the shape, of a secret."""
    try:
        printed = b"\n".join(orjson.dumps(read.value, option=orjson.OPT_INDENT_2) for read in documents)
        facts = facts_of(printed.decode().split("\n"))
    except (orjson.JSONEncodeError, RecursionError):
        return True, True
    return bool(facts & (NAMED | VARIABLE)), bool(facts & SHAPED)


def is_kubernetes_matter(text: str) -> bool:
    """False where unreadable text cannot have been meant as a manifest."""
    return "apiVersion" in text


def _problem(error: LoadError, chunk: str, index: int, skipped: int) -> Problem:
    code = error.code
    if code in ("syntax", "unsupported-value", "null-key") and _TEMPLATE.search(chunk):
        code = "template"
    return Problem(
        code=code, message=error.message, line=error.line + skipped, column=error.column, document=index
    )


def _duplicates(entry: Loaded, index: int, skipped: int) -> list[Problem]:
    if not isinstance(entry.value, dict) or "apiVersion" not in entry.value:
        return []
    return [
        Problem(
            code="duplicate-key",
            message=f"the key {key[:80]!r} is given more than once in a mapping; the last one wins",
            line=line + skipped,
            column=column,
            document=index,
        )
        for key, line, column in entry.duplicates
    ]


def split(text: str) -> list[tuple[int, int]]:
    """Where each YAML document starts and ends, split at `---` lines as kubectl does.

    Such a line is a separator wherever it stands (no scalar may hold it), so a broken document cannot
    reach into the next. Leading comments are no document; directives belong to what follows them.
    """
    starts = [match.start() for match in _SEPARATOR.finditer(text)] if "---" in text else []
    if not starts:
        return [] if _NO_CONTENT.match(text) else [(0, len(text))]
    bounds = list(zip(starts, [*starts[1:], len(text)], strict=True))
    head = text[: starts[0]]
    if head and not _NO_CONTENT.match(head):
        if _ONLY_DIRECTIVES.match(head):
            bounds[0] = (0, bounds[0][1])
        else:
            bounds.insert(0, (0, starts[0]))
    return bounds


def _placed(text: str, bounds: list[tuple[int, int]], quick: rapid.Quick) -> tuple[ReadDocument, ...]:
    """The fast reader's values with their lines."""
    documents = []
    line, counted = 1, 0
    for index, (start, end) in enumerate(bounds):
        match = _FIRST_LINE.match(text, start, end)
        content = match.end() if match else start
        line += text.count("\n", counted, content)
        counted = content
        documents.append(
            ReadDocument(index=index, line=line, value=quick.values[index], canonical=quick.canonical[index])
        )
    return tuple(documents)
