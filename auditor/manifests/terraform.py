"""Terraform's files as documents: one a block.

The kind of a `resource` block is its type (`aws_s3_bucket`), of a `data` block `data.` and its type, of any
other the block's own (`module`, `provider`, `variable`, `terraform`); a file of values is of kind `tfvars`. The namespace is the folder, which is
the module; the name is the label, and the file's name where a block has none. What the block says stands
under `body`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.manifests.credentials import is_literal_secret, secret_name
from auditor.manifests.hcl import MOST_BYTES, MOST_DEPTH, HclBlock, read_blocks, read_values
from auditor.manifests.interface import SourceText
from auditor.manifests.json_text import read_json
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.marks import Node, mark_chunk
from auditor.manifests.secrets import CREDENTIAL_PREFIX, SECRET_PREFIX, Redactor
from auditor.manifests.sourcenames import is_terraform_name
from auditor.model import JsonObject, Problem

API_VERSION = "terraform/v1"

_NAMES_NEXT = re.compile(r"(?:\[|\b(?:lookup|file\w*|templatefile|get_env)\([^()]*)\s*\Z")
"""What comes before a text that is a key or a file's name in an expression."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TYPED = frozenset({"resource", "data", "ephemeral"})
_LABELS = {
    **dict.fromkeys(_TYPED, 2),
    **dict.fromkeys(("module", "provider", "variable", "output", "check"), 1),
    **dict.fromkeys(("terraform", "locals", "moved", "import", "removed"), 0),
}
"""How many labels a block of Terraform's JSON syntax has, which alone tells labels from attributes."""

_SECRET_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "aws_secretsmanager_secret_version": ("secret_string", "secret_binary"),
    "azurerm_key_vault_secret": ("value",),
    "github_actions_organization_secret": ("plaintext_value",),
    "github_actions_secret": ("plaintext_value",),
    "google_secret_manager_secret_version": ("secret_data",),
    "gitlab_project_variable": ("value",),
    "vault_generic_secret": ("data_json",),
    "vault_kv_secret_v2": ("data_json",),
}
"""Attributes that are secret whatever they hold, by type: the providers' documentation marks them sensitive."""

_SECRETS_OF_KUBERNETES = frozenset({"kubernetes_secret", "kubernetes_secret_v1"})


class TerraformFormat:
    """`*.tf`, `*.tf.json` and the variables' values in `*.tfvars`; not what `terraform init` copied."""

    name = "terraform"

    def is_named(self, path: str) -> bool:
        """As `SourceFormat.is_named`."""
        return is_terraform_name(path)

    def read(self, content: bytes, path: str) -> SourceText:
        """As `SourceFormat.read`."""
        if len(content) > MOST_BYTES:
            return _refused("limit", f"the file is larger than {MOST_BYTES} bytes")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return _refused("not-utf8", "the file is not UTF-8, which is all that Terraform reads", line)
        if path.endswith(".json"):
            blocks, problems = _json_blocks(text)
        elif path.endswith(".tfvars"):
            values, problems = read_values(content.removeprefix(b"\xef\xbb\xbf"))
            blocks = [HclBlock("tfvars", (), values)] if values is not None else []
        else:
            blocks, problems = read_blocks(content.removeprefix(b"\xef\xbb\xbf"))
        folder, _, base = path.rpartition("/")
        unnamed: Counter[str] = Counter()
        roots = []
        for block in blocks:
            kind, name = _identity(block)
            if not name:
                unnamed[kind] += 1
                name = base if unnamed[kind] == 1 else f"{base}#{unnamed[kind]}"
            roots.append(_root(kind, folder, name, block.body))
        return SourceText(roots=tuple(roots), problems=tuple(problems))

    def redact(self, manifest: JsonObject, redactor: Redactor) -> dict[str, Any]:
        """As `SourceFormat.redact`."""
        redacted = redactor.redact(manifest, strict=True)
        body = dict(_within_expressions(redacted["body"], "", redactor))
        kind, name = str(redacted["kind"]), str(redacted["metadata"]["name"])
        for attribute in {"variable": ("default",), "output": ("value",)}.get(kind, ()):
            if attribute in body:
                value = _within_expressions(body[attribute], secret_name(name), redactor)
                body[attribute] = _named(name, body, value, redactor)
        secret = _SECRET_ATTRIBUTES.get(kind, ())
        if kind == "aws_ssm_parameter" and body.get("type") == "SecureString":
            secret = ("value",)
        for attribute in secret:
            if attribute in body:
                body[attribute] = _hidden(body[attribute], redactor)
        if kind in _SECRETS_OF_KUBERNETES:
            for attribute in ("data", "binary_data"):
                if isinstance(body.get(attribute), dict):
                    encoded = attribute == "binary_data"
                    body[attribute] = {
                        key: value
                        if _is_unknown(value)
                        else redactor.redact_secret_value(value, encoded=encoded)
                        for key, value in body[attribute].items()
                    }
        return {**redacted, "body": body}


def _within_expressions(value: Any, sort: str, redactor: Redactor) -> Any:
    """The value without the secrets that expressions under a secret's name hold as texts of their own."""
    if isinstance(value, dict):
        return {key: _within_expressions(entry, secret_name(key), redactor) for key, entry in value.items()}
    if isinstance(value, list):
        return [_within_expressions(entry, sort, redactor) for entry in value]
    if not sort or not _is_unknown(value):
        return value

    def hidden(match: re.Match[str]) -> str:
        inner = match[0][1:-1]
        names = _NAMES_NEXT.search(value, 0, match.start()) is not None
        secret = is_literal_secret(sort, inner, in_reference=False, strict=not names)
        return f'"{redactor.credential(inner)}"' if secret else match[0]

    return _QUOTED.sub(hidden, value)


def _named(name: str, body: Mapping[str, Any], value: Any, redactor: Redactor) -> Any:
    """A value that its variable's name, or `sensitive = true`, makes a secret."""
    if body.get("sensitive") is True:
        return _hidden(value, redactor)
    return redactor.redact({name: value}, strict=True)[name]


def _hidden(value: Any, redactor: Redactor) -> Any:
    """The value with every text in it replaced, but for expressions."""
    if isinstance(value, dict):
        return {key: _hidden(entry, redactor) for key, entry in value.items()}
    if isinstance(value, list):
        return [_hidden(entry, redactor) for entry in value]
    if not isinstance(value, str) or not value or _is_unknown(value):
        return value
    return value if value.startswith((CREDENTIAL_PREFIX, SECRET_PREFIX)) else redactor.credential(value)


def _is_unknown(value: Any) -> bool:
    return isinstance(value, str) and "${" in value


def _identity(block: HclBlock) -> tuple[str, str]:
    """Kind and name; '' for a block without labels. A provider under an alias is another one."""
    if block.type in _TYPED and block.labels:
        prefix = "" if block.type == "resource" else f"{block.type}."
        return prefix + block.labels[0], ".".join(block.labels[1:])
    name = ".".join(block.labels)
    alias = block.body.get("alias")
    if block.type == "provider" and alias is not None and isinstance(alias[1].value, str):
        name = f"{name}.{alias[1].value}"
    return block.type, name


def _root(kind: str, folder: str, name: str, body: Node) -> Node:
    metadata = _mapping(body, name=_scalar(body, name))
    if folder:
        metadata.entries.append(("namespace", body, _scalar(body, folder)))
    return _mapping(
        body,
        apiVersion=_scalar(body, API_VERSION),
        kind=_scalar(body, kind),
        metadata=metadata,
        body=body,
    )


def _mapping(at: Node, **entries: Node) -> Node:
    node = Node(sort="mapping", line=at.line, column=at.column, start=at.start, end=at.end)
    node.entries.extend((name, at, value) for name, value in entries.items())
    return node


def _scalar(at: Node, value: str) -> Node:
    return Node(sort="scalar", line=at.line, column=at.column, start=at.start, end=at.start, value=value)


def _json_blocks(text: str) -> tuple[list[HclBlock], list[Problem]]:
    """The blocks of Terraform's JSON syntax, their positions by the reader of YAML, which JSON is."""
    values = read_json(text.removeprefix("\ufeff"), DEFAULT_LIMITS)
    roots = mark_chunk(text, 0, len(text)) if values is not None and len(values) == 1 else []
    if len(roots) != 1 or roots[0].sort != "mapping" or _deeper(roots[0], MOST_DEPTH):
        problem = Problem(
            code="syntax", message="this is not JSON as Terraform reads it", line=1, column=1, document=0
        )
        return [], [problem]
    manifest = next((at for name, at, _ in roots[0].entries if name == "apiVersion"), None)
    if manifest is not None:
        # kubectl and Argo CD apply every `.json` file of a folder: what they apply must not look like nothing.
        message = "this is a manifest in a file that is named as Terraform's, and is not judged"
        return [], [
            Problem(code="syntax", message=message, line=manifest.line, column=manifest.column, document=0)
        ]
    blocks: list[HclBlock] = []
    for kind, _, node in roots[0].entries:
        blocks.extend(_labelled(kind, (), node, _LABELS.get(kind, -1)))
    return blocks, []


def _labelled(kind: str, labels: tuple[str, ...], node: Node, missing: int) -> Iterator[HclBlock]:
    """Blocks below a node that lacks some labels yet; lists may stand at every level."""
    if node.sort == "sequence":
        for item in node.items:
            if item.sort == "mapping":
                yield from _labelled(kind, labels, item, missing)
    elif node.sort == "mapping" and missing == 0:
        yield HclBlock(kind, labels, node)
    elif node.sort == "mapping" and missing > 0:
        for label, _, value in node.entries:
            yield from _labelled(kind, (*labels, label), value, missing - 1)


def _deeper(root: Node, most: int) -> bool:
    level = [root]
    for _ in range(most):
        level = [below for node in level for below in (*node.items, *(entry[2] for entry in node.entries))]
    return bool(level)


def _refused(code: str, message: str, line: int = 1) -> SourceText:
    return SourceText(problems=(Problem(code=code, message=message, line=line, column=1, document=0),))
