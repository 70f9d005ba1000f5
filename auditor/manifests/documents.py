"""A file's bytes in, everything they say out, whatever the file's path.

`parse` never raises on any bytes. What cannot be read as kubectl would read it becomes a Problem, and the
other documents of the file are kept: a broken document must not hide its neighbours from an audit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from auditor.manifests.fragments import fragments_of, is_kustomization, with_defaults
from auditor.manifests.limits import DEFAULT_LIMITS, Limits
from auditor.manifests.reading import ReadBlob, ReadDocument, read_blob
from auditor.manifests.secrets import Redactor
from auditor.model import Document, ParsedBlob, Problem


def parse(
    content: bytes,
    *,
    redactor: Redactor,
    limits: Limits = DEFAULT_LIMITS,
    is_kustomization_name: bool = False,
) -> ParsedBlob:
    """Everything that one blob says, redacted.

    `is_kustomization_name` is True where the caller knows that the file is named as Kustomize wants
    (`kustomization.yaml`, `kustomization.yml`, `Kustomization`): then one without apiVersion and kind
    is still a kustomization. A file of which no document has apiVersion and kind holds no resources, and that is
    no Problem; beside one that has both, and in a List, what lacks either is one. Never raises.
    """
    blob = read_blob(content, limits, untyped=is_kustomization_name)
    problems = list(blob.problems)
    documents: list[Document] = []
    fragments: set[str] = set()
    untyped: list[Problem] = []
    found_kustomization = False
    # Without an apiVersion anywhere nothing but a kustomization is read, so that nothing else has problems.
    by_name = is_kustomization_name and bool(problems) and b"apiVersion" not in content
    for read in blob.documents:
        value = read.value
        if not isinstance(value, dict):
            continue
        if is_kustomization_name and not _is_typed(value) and _may_be_kustomization(value):
            value = with_defaults(value)
            by_name = True
        if not _is_typed(value):
            untyped.append(_untyped(value, read, read.line))
            continue
        if is_kustomization(value["apiVersion"], value["kind"]):
            found_kustomization = True
            fragments.update(fragments_of(value))
        try:
            documents.extend(_documents(read, value, blob, redactor, problems))
        except (RecursionError, orjson.JSONEncodeError) as error:
            problems.append(_unsupported(read, error))
    if documents:
        problems.extend(untyped)
    return ParsedBlob(
        documents=tuple(documents),
        problems=tuple(problems),
        is_kustomization=found_kustomization,
        fragments=tuple(sorted(fragments)),
        by_name=by_name,
    )


def digest_of(manifest: Mapping[str, Any]) -> str:
    """The SHA-256 (hex) of a manifest's canonical JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS)).hexdigest()


def document_of(
    manifest: Mapping[str, Any],
    *,
    index: int = 0,
    item: int | None = None,
    line: int = 1,
    canonical: bytes = b"",
) -> Document:
    """A Document of a manifest that is redacted already. `index`, `item` and `line` as in Document.

    `canonical` is its canonical JSON where that is at hand.
    """
    metadata = manifest.get("metadata")
    if not isinstance(metadata, Mapping):
        metadata = {}
    return Document(
        index=index,
        item=item,
        line=line,
        api_version=str(manifest.get("apiVersion", "")),
        kind=str(manifest.get("kind", "")),
        namespace=_text(metadata.get("namespace")),
        name=_text(metadata.get("name")),
        manifest=manifest,
        digest=hashlib.sha256(canonical).hexdigest() if canonical else digest_of(manifest),
    )


def _documents(
    read: ReadDocument, value: dict[str, Any], blob: ReadBlob, redactor: Redactor, problems: list[Problem]
) -> Iterator[Document]:
    if not _is_list(value):
        redacted = blob.redact(redactor, value)
        canonical = read.canonical if redacted is read.value else b""
        yield document_of(redacted, index=read.index, line=read.line, canonical=canonical)
        return
    item = 0
    for entry, line in _items(value, read):
        if entry is None or not _is_typed(entry):
            problems.append(_untyped(entry or {}, read, line))
        else:
            yield document_of(blob.redact(redactor, entry), index=read.index, item=item, line=line)
        item += entry is not None


def _is_typed(value: Mapping[str, Any]) -> bool:
    api_version, kind = value.get("apiVersion"), value.get("kind")
    return isinstance(api_version, str) and isinstance(kind, str) and bool(api_version) and bool(kind)


def _may_be_kustomization(value: Mapping[str, Any]) -> bool:
    """True where what is missing may be filled in; an apiVersion that is no text stays wrong."""
    return all(value.get(key) is None or isinstance(value.get(key), str) for key in ("apiVersion", "kind"))


def _is_list(value: Mapping[str, Any]) -> bool:
    return str(value.get("kind")).endswith("List") and isinstance(value.get("items"), list)


def _items(value: dict[str, Any], read: ReadDocument) -> Iterator[tuple[dict[str, Any] | None, int]]:
    """Every object in a list, with its line, None for what is none; lists in lists are opened, as kubectl does."""
    kind = str(value["kind"])[: -len("List")]
    for entry in value["items"]:
        if not isinstance(entry, dict):
            yield None, read.line
            continue
        line = read.lines.get(id(entry), read.line)
        if kind and "kind" not in entry and "apiVersion" not in entry:
            yield {"apiVersion": value["apiVersion"], "kind": kind, **entry}, line
        elif _is_typed(entry) and _is_list(entry):
            yield from _items(entry, read)
        else:
            yield entry, line


def _text(value: Any) -> str:
    """A name as text. The API server refuses names that are numbers; the audit still has to name them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    return ""


def _untyped(value: Mapping[str, Any], read: ReadDocument, line: int) -> Problem:
    missing = [key for key in ("apiVersion", "kind") if not (isinstance(value.get(key), str) and value[key])]
    return Problem(
        code="untyped",
        message=f"a document beside others has no {' and no '.join(missing)}: nothing can apply it",
        line=line,
        column=1,
        document=read.index,
    )


def _unsupported(read: ReadDocument, error: Exception) -> Problem:
    reason = "nested too deep" if isinstance(error, RecursionError) else "holds a value that JSON has not"
    return Problem(
        code="unsupported-value",
        message=f"the document {reason}",
        line=read.line,
        column=1,
        document=read.index,
    )


KUSTOMIZATION_NAMES = re.compile(r"(?:^|/)(?:kustomization\.ya?ml|Kustomization)\Z")
"""The file names that Kustomize looks for."""
