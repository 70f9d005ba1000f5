"""What lies beside conftest's rules: METADATA above them, and documents that they read as `data`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from auditor.errors import PolicyError
from auditor.policy.foreign.interface import (
    SourceFile,
)
from auditor.policy.foreign.support import rego_literal
from auditor.policy.metadata import load_yaml

_NAME = re.compile(r"[A-Za-z_]\w*")


def reference(path: Sequence[str]) -> str:
    """A path as Rego writes it: names with dots, others in brackets."""
    first = "".join(f".{part}" if _NAME.fullmatch(part) else f'["{part}"]' for part in path)
    return first.lstrip(".")


def annotations_of(text: str) -> dict[str, Mapping[str, Any]]:
    """Every METADATA block by what stands below it: a rule's name, or 'package'. What is no YAML says nothing."""
    found: dict[str, Mapping[str, Any]] = {}
    block: list[str] = []
    inside = pending = False
    for line in text.splitlines():
        if line.strip() == "# METADATA":
            block, inside, pending = [], True, True
        elif line.startswith("#"):
            if inside:
                block.append(line[2:] if line.startswith("# ") else line[1:])
        elif not line.strip():
            inside = False
        elif pending:
            word = _NAME.match(line.strip())
            try:
                parsed = load_yaml("\n".join(block))
            except yaml.YAMLError:
                parsed = None
            if word and isinstance(parsed, Mapping):
                found.setdefault(word[0], parsed)
            inside = pending = False
    return found


def data_modules(files: Iterable[SourceFile], prefix: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The documents under a folder `data` as modules of constants, and what of them could not be written so."""
    merged: dict[str, Any] = {}
    for file in files:
        if "data" in file.path.parts[:-1] and file.path.suffix != ".rego":
            parts = file.path.parts[:-1]
            below = parts[len(parts) - parts[::-1].index("data") :]
            for document in file.documents:
                _merge(merged, below, document)
    texts: dict[str, list[str]] = {}
    remarks: list[str] = []
    for key, value in merged.items():
        _write(texts, (), key, value, remarks)
    modules: dict[str, str] = {}
    for path, lines in texts.items():
        package = reference((*prefix.split("."), *path))
        modules["/".join((*prefix.split("."), *path, "data.rego"))] = (
            f"package {package}\n\n" + "\n\n".join(lines) + "\n"
        )
    return modules, tuple(remarks)


def _write(
    texts: dict[str, list[str]] | dict[tuple[str, ...], list[str]],
    path: tuple[str, ...],
    key: str,
    value: Any,
    remarks: list[str],
) -> None:
    """A constant is a rule of its package; a name that Rego does not take for a rule becomes a package."""
    if _NAME.fullmatch(key):
        texts.setdefault(path, []).append(f"{key} := {rego_literal(value)}")  # type: ignore[arg-type]
    elif isinstance(value, Mapping):
        for name, below in value.items():
            _write(texts, (*path, key), str(name), below, remarks)
    else:
        remarks.append(
            f"data.{'.'.join((*path, key))} cannot be given to the policies: {key!r} is no name in Rego"
        )


def _merge(into: dict[str, Any], path: Sequence[str], document: Mapping[str, Any]) -> None:
    for part in path:
        below = into.setdefault(part, {})
        if not isinstance(below, dict):
            raise PolicyError(f"data.{part} is given twice: as a value and as a folder")
        into = below
    for key, value in document.items():
        if isinstance(value, Mapping) and isinstance(into.get(str(key)), dict):
            _merge(into[str(key)], (), value)
        else:
            into[str(key)] = dict(value) if isinstance(value, Mapping) else value
