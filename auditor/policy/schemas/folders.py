"""Folders of JSON Schemas in the layout `group/kind_version.json`, as kubeconform's users keep them.

https://github.com/datreeio/CRDs-catalog holds some thousand. They are read when a document of the kind comes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from auditor.errors import ConfigurationError
from auditor.policy.schemas.served import Gvk

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,100}")
_LARGEST = 32 * 1024 * 1024


class SchemaFolders:
    """The schemas of several folders; the first that has a kind decides."""

    def __init__(self, folders: Sequence[Path], *, strict: bool) -> None:
        """Raises ConfigurationError for what is no folder."""
        for folder in folders:
            if not folder.is_dir():
                raise ConfigurationError(
                    f"schemas.folders: there is no folder {folder}", hint="correct or remove the entry"
                )
        self._folders = tuple(folders)
        self._strict = strict

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the names and contents of all schemas."""
        total = hashlib.sha256()
        for folder in self._folders:
            for path in _schemas(folder):
                total.update(path.relative_to(folder).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    def schema(self, gvk: Gvk) -> dict[str, Any] | None:
        """The schema of a kind; None where no folder has it. Raises ValueError where the file holds none."""
        if not all(_PART.fullmatch(part) for part in gvk):
            return None
        group, version, kind = gvk
        for folder in self._folders:
            path = folder / group / f"{kind.lower()}_{version}.json"
            if path.is_file():
                return self._read(path)
        return None

    def _read(self, path: Path) -> dict[str, Any]:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"{path} is over {_LARGEST} bytes")
        schema = orjson.loads(path.read_bytes())
        if not isinstance(schema, dict):
            raise ValueError(f"{path} holds no schema")
        schema.pop("$schema", None)
        schema.pop("$id", None)
        return schema if self._strict else _open(schema)


def _schemas(folder: Path) -> Iterator[Path]:
    for group in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if group.is_dir() and not group.name.startswith("."):
            yield from sorted(Path(group.path).glob("*_*.json"))


def _open(node: Any) -> Any:
    """The schema without the word that other fields than those listed are refused."""
    if isinstance(node, list):
        return [_open(one) for one in node]
    if not isinstance(node, dict):
        return node
    closed = node.get("additionalProperties") is False and "properties" in node
    return {
        name: _open(value) for name, value in node.items() if not (closed and name == "additionalProperties")
    }
