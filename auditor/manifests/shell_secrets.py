"""Secrets that a command sets or passes in the open: `PASSWORD=hunter2 ./setup`, `--token=…`."""

from __future__ import annotations

import re

from auditor.manifests.credentials import is_literal_secret, secret_name
from auditor.manifests.secrets import Redactor, is_redacted

_ASSIGNED = re.compile(
    r"""(?P<name>[A-Za-z_][\w-]*)=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"';&|]+))"""
)
_SHELLS_OWN = re.compile(r"\$(?:\w+\Z|\{\w+(?::?[-=?+])?\}\Z|\()|`")


def without_assigned_secrets(command: str, redactor: Redactor) -> str:
    """The command with every literal replaced that is given to a name of a secret."""

    def hidden(match: re.Match[str]) -> str:
        value = match["double"] or match["single"] or match["bare"] or ""
        sort = secret_name(match["name"])
        # In single quotes the shell fills nothing in.
        if not sort or (match["single"] is None and _SHELLS_OWN.match(value)) or is_redacted(value):
            return match[0]
        if not is_literal_secret(sort, value, in_reference=False, strict=True):
            return match[0]
        return f"{match['name']}={redactor.credential(value)}"

    return _ASSIGNED.sub(hidden, command)
