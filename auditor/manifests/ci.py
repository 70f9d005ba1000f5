"""Workflows of GitHub Actions (Gitea's and Forgejo's too) and GitLab's pipelines as documents.

What the file says stands under `body`, as it is written; the kind is `GitHubWorkflow`, `GitHubAction` or
`GitLabPipeline`, the name the path. `on` is a text here, as GitHub reads it, and not the truth of YAML 1.1.

The languages: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
and https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.manifests.interface import SourceText
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.loading import Budget, load_documents
from auditor.manifests.marks import Node, mark_chunk
from auditor.manifests.reading import split
from auditor.manifests.secrets import Redactor
from auditor.manifests.shell_secrets import without_assigned_secrets
from auditor.manifests.sourcenames import ci_kind
from auditor.model import JsonObject, Problem

API_VERSION = "ci/v1"
MOST_BYTES = 512 * 1024
_ACCESS = frozenset({"read", "write", "none"})


class CiFormat:
    """`.github/workflows/*.yml`, `.github/actions/**/action.yml`, `.gitlab-ci.yml` and `.gitlab/ci/*.yml`."""

    name = "ci"

    def is_named(self, path: str) -> bool:
        """As `SourceFormat.is_named`."""
        return ci_kind(path) != ""

    def read(self, content: bytes, path: str) -> SourceText:
        """As `SourceFormat.read`."""
        if len(content) > MOST_BYTES:
            return _refused("limit", f"the file is larger than {MOST_BYTES} bytes")
        try:
            text = content.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return _refused("not-utf8", "the file is not UTF-8", line)
        budget = Budget.of(DEFAULT_LIMITS)
        bodies: list[Node] = []
        for start, end in split(text):
            loaded, failure = load_documents(text[start:end], DEFAULT_LIMITS, budget)
            if failure is not None:
                line = text.count("\n", 0, start) + failure.line
                return _refused(failure.code, failure.message, line, failure.column)
            marked = mark_chunk(text, start, end)
            if len(marked) != len(loaded):
                return _refused("syntax", "this cannot be read as YAML", text.count("\n", 0, start) + 1)
            bodies.extend(marked)
        # GitLab's files may begin with a document of their own that says what they can be included with.
        mappings = [body for body in bodies if body.sort == "mapping" and body.entries]
        if not mappings:
            return SourceText()
        body = mappings[-1]
        if body.get("apiVersion") is not None and body.get("kind") is not None:
            # kubectl and Argo CD apply every YAML file of a folder: what they apply must not look like nothing.
            message = "this is a manifest in a file that is named as a pipeline's, and is not judged"
            return _refused("syntax", message, body.line, body.column)
        _name_keys(body, text)
        return SourceText(roots=(_root(ci_kind(path), path, body),))

    def redact(self, manifest: JsonObject, redactor: Redactor) -> dict[str, Any]:
        """As `SourceFormat.redact`: variables by their names, in scripts too; permissions are no tokens."""
        redacted = redactor.redact(manifest, strict=True)
        return {**redacted, "body": _shown(redacted["body"], manifest["body"], "", redactor)}


def _shown(value: Any, written: Any, key: str, redactor: Redactor) -> Any:
    if isinstance(value, Mapping) and isinstance(written, Mapping):
        if key == "permissions":
            return {name: written[name] if written[name] in _ACCESS else value[name] for name in value}
        return {name: _shown(entry, written[name], name, redactor) for name, entry in value.items()}
    if isinstance(value, list) and isinstance(written, list):
        return [_shown(one, other, key, redactor) for one, other in zip(value, written, strict=True)]
    return without_assigned_secrets(value, redactor) if isinstance(value, str) and "=" in value else value


def _name_keys(body: Node, text: str) -> None:
    """Gives the keys at the top back that YAML 1.1 takes for truth values: `on` is one of them."""
    for index, (name, key, value) in enumerate(body.entries):
        if name in ("true", "false"):
            raw = text[key.start : key.end].strip().strip("\"'")
            body.entries[index] = (raw or name, key, value)


def _root(kind: str, path: str, body: Node) -> Node:
    metadata = _mapping(body)
    metadata.entries.append(("name", body, _scalar(body, path)))
    root = _mapping(body)
    root.entries.extend(
        [
            ("apiVersion", body, _scalar(body, API_VERSION)),
            ("kind", body, _scalar(body, kind)),
            ("metadata", body, metadata),
            ("body", body, body),
        ]
    )
    return root


def _mapping(at: Node) -> Node:
    return Node(sort="mapping", line=at.line, column=at.column, start=at.start, end=at.end)


def _scalar(at: Node, value: str) -> Node:
    return Node(sort="scalar", line=at.line, column=at.column, start=at.start, end=at.start, value=value)


def _refused(code: str, message: str, line: int = 1, column: int = 1) -> SourceText:
    return SourceText(problems=(Problem(code=code, message=message, line=line, column=column, document=0),))
