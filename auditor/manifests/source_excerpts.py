"""The text of Terraform's files, Dockerfiles and pipelines as people may see it: its lines, without its secrets.

What the format's own redaction hides is taken out of the text too, and each line is searched for itself, which also
holds in comments and in files that cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.manifests.credentials import is_literal_secret, secret_name
from auditor.manifests.formats import plain
from auditor.manifests.interface import SourceFormat
from auditor.manifests.secrets import Redactor, is_redacted
from auditor.manifests.shell_secrets import without_assigned_secrets

_GIVEN = re.compile(
    r"""(?P<head>(?P<name>[A-Za-z_][\w.-]*)["']?[ \t]*(?:[:=]|(?<=[A-Z0-9_])[ \t])[ \t]*)"""
    r"""(?P<value>"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"',;&|]+)"""
)
_SHORTEST = 4


def source_excerpt(content: bytes, path: str, found: SourceFormat, redactor: Redactor) -> str:
    """The file's text with every secret value replaced."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    secrets: set[str] = set()
    for root in found.read(content, path).roots:
        try:
            manifest = plain(root)
            secrets.update(_hidden(manifest, found.redact(manifest, redactor)))
        except RecursionError:
            return "# the file nests too deep to be shown\n"
    for secret in sorted(secrets, key=lambda value: (-len(value), value)):
        if len(secret) >= _SHORTEST and not is_redacted(secret):
            text = text.replace(secret, redactor.credential(secret))
    text = redactor.redact_text(text)
    return "\n".join(_line(line, redactor) for line in text.split("\n"))


def _hidden(before: Any, after: Any) -> Iterator[str]:
    """Every text that redaction replaced as a whole."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name, value in before.items():
            yield from _hidden(value, after.get(name))
    elif isinstance(before, list) and isinstance(after, list):
        for one, other in zip(before, after, strict=False):
            yield from _hidden(one, other)
    elif isinstance(before, str) and isinstance(after, str) and before != after and is_redacted(after):
        yield before


def _line(line: str, redactor: Redactor) -> str:
    def hidden(match: re.Match[str]) -> str:
        value = match["value"].strip("\"'")
        sort = secret_name(match["name"])
        if not sort or is_redacted(value) or "auditor-redacted:" in value:
            return match[0]
        secret = is_literal_secret(sort, value, in_reference=False, strict=True)
        return match["head"] + redactor.credential(value) if secret else match[0]

    return _GIVEN.sub(hidden, without_assigned_secrets(line, redactor))
