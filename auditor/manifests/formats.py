"""The files that are read as documents, by their names: manifests, Terraform, Dockerfiles, pipelines of CI.

The caller says what a file is called; the format that claims the name reads it. What a Terraform file or a
Dockerfile says depends on where it stands (a module is a folder), so such a file is read once a path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from auditor.manifests.ci import CiFormat
from auditor.manifests.dockerfile import DockerfileFormat
from auditor.manifests.documents import document_of, parse
from auditor.manifests.interface import SourceFormat
from auditor.manifests.layout import is_candidate, is_kustomization_name
from auditor.manifests.limits import DEFAULT_LIMITS, Limits
from auditor.manifests.marks import Node, locate, position_in
from auditor.manifests.secrets import Redactor
from auditor.manifests.sourcenames import is_source_name
from auditor.manifests.terraform import TerraformFormat
from auditor.manifests.terraform_plan import TerraformPlanFormat
from auditor.model import Document, ParsedBlob, Problem

FORMATS: tuple[SourceFormat, ...] = (
    TerraformPlanFormat(),
    TerraformFormat(),
    DockerfileFormat(),
    CiFormat(),
)
"""Every format beside manifests; the first that claims a name reads the file."""

KUSTOMIZATION = "kustomization"
"""The reading of a manifest in a file that Kustomize looks for."""

SOURCE_GROUPS = frozenset({"terraform", "docker", "ci"})
"""The groups of their kinds. No cluster has such resources, and no Kubernetes schema describes them."""


def format_of(path: str) -> SourceFormat | None:
    """What reads a file with that path; None for manifests and for everything else."""
    return next((one for one in FORMATS if one.is_named(path)), None)


def is_readable_name(path: str) -> bool:
    """True where documents of any format may be in a file with that path."""
    return is_candidate(path) or is_source_name(path)


def reading_of_path(path: str, redact: Callable[[str], str] = str) -> str:
    """How a file with that path is read; equal texts for one blob mean that it says the same.

    '' for a manifest, 'kustomization' for what Kustomize looks for, `terraform:<path>` and the like else, with the
    path as `redact` gives it: readings are kept, and a file's name may hold a credential.
    """
    found = format_of(path)
    if found is not None:
        return f"{found.name}:{redact(path)}"
    return KUSTOMIZATION if is_kustomization_name(path) else ""


def is_of_path(reading: str) -> bool:
    """True for a reading that is its path's own: the same bytes elsewhere are another document."""
    return ":" in reading


def parse_file(
    content: bytes, path: str, *, redactor: Redactor, limits: Limits = DEFAULT_LIMITS
) -> ParsedBlob:
    """Everything that the file at `path` says, redacted: `parse` for manifests, the name's format else.

    Never raises.
    """
    found = format_of(path)
    if found is None:
        named = is_kustomization_name(path)
        return parse(content, redactor=redactor, limits=limits, is_kustomization_name=named)
    return _parse_source(found, content, path, redactor)


def _parse_source(found: SourceFormat, content: bytes, path: str, redactor: Redactor) -> ParsedBlob:
    text = found.read(content, path)
    documents: list[Document] = []
    problems = list(text.problems)
    for index, root in enumerate(text.roots):
        try:
            manifest = found.redact(plain(root), redactor)
            documents.append(document_of(manifest, index=index, line=root.line))
        except (RecursionError, orjson.JSONEncodeError):
            problems.append(_unsupported(root, index))
    return ParsedBlob(documents=tuple(documents), problems=tuple(problems))


def parse_reading(
    content: bytes, reading: str, *, redactor: Redactor, limits: Limits = DEFAULT_LIMITS
) -> ParsedBlob:
    """`parse_file` for what `reading_of_path` told of a file: for those who know a blob by how it is read."""
    name, _, path = reading.partition(":")
    found = next((one for one in FORMATS if one.name == name), None)
    if found is not None:
        return _parse_source(found, content, path, redactor)
    return parse(content, redactor=redactor, limits=limits, is_kustomization_name=bool(reading))


def locate_in(content: bytes, path: str, document: Document, pointer: str) -> tuple[int, int]:
    """Line and column (1-based) of a field of a document in the file at `path`, of its nearest parent else."""
    found = format_of(path)
    if found is None:
        return locate(content, document.index, document.item, pointer)
    roots = found.read(content, path).roots
    if document.index >= len(roots):
        return document.line, 1
    return position_in(roots[document.index], pointer)


def plain(node: Node) -> Any:
    """The JSON value of a node; of a key given twice the last."""
    if node.sort == "mapping":
        return {name: plain(value) for name, _, value in node.entries}
    if node.sort == "sequence":
        return [plain(item) for item in node.items]
    return node.value


def _unsupported(root: Node, index: int) -> Problem:
    return Problem(
        code="unsupported-value",
        message="the document holds a value that JSON has not",
        line=root.line,
        column=root.column,
        document=index,
    )
