"""Values of charts that are no fields of a manifest: written as a text, or set one by one as Argo CD's parameters.

They are read into fields, below the place where they would stand as values, so that an image in several pieces is put
together from all of them: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/ (parameters win over
`valuesObject`, that over `values`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from auditor.errors import RenderError
from auditor.manifests.fields import leaves
from auditor.manifests.pointers import PointerError, format_pointer, get
from auditor.manifests.rendering.chart_values import values_in, way_of

_TEXT = re.compile(r"(?:\.helm\.values|^spec\.valuesContent)\Z")
_PARAMETER = re.compile(r"(?P<helm>.*\.helm)\.parameters\[(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*\]\Z", re.DOTALL)
_NAMED_BY_UPDATER = re.compile(r"(?:^|[.\]])image\.name\Z")
"""Where Argo CD Image Updater sets an image's name, unless told otherwise."""


@dataclass(kw_only=True)
class ValueFields:
    """`values` by pointer, and where each is really written: `written_in`. `parameters` are those that a parameter
    sets."""

    values: dict[str, Any] = field(default_factory=dict)
    written_in: dict[str, str] = field(default_factory=dict)
    parameters: set[str] = field(default_factory=set)


def value_fields(manifest: Mapping[str, Any], known: Mapping[str, str]) -> ValueFields:
    """What texts and parameters of a manifest set, `known` being its leaves by pointer, as JSON texts."""
    found = ValueFields()
    roots: dict[str, str] = {}
    for pointer in known:
        if not _TEXT.search(pointer):
            continue
        helm = pointer.rpartition(".")[0]
        if any(other.startswith(f"{helm}.valuesObject") for other in known):
            continue  # it takes the text's place
        roots[helm] = pointer
        for inner, value in _leaves_of(manifest, pointer):
            place = _below(pointer, inner)
            found.values[place] = value
            found.written_in[place] = pointer
    for entry, name, value in _parameters(known):
        match = _PARAMETER.match(entry)
        if match is None:
            continue
        helm = match["helm"]
        is_object = any(other.startswith(f"{helm}.valuesObject") for other in known)
        root = f"{helm}.valuesObject" if is_object else roots.get(helm, f"{helm}.parameters")
        inner = format_pointer(way_of(name))
        if _NAMED_BY_UPDATER.search(inner):
            inner = f"{inner.rpartition('.')[0]}.repository"
        place = _below(root, inner)
        found.values[place] = value
        found.written_in[place] = f"{entry}.value"
        found.parameters.add(place)
    return found


def _leaves_of(manifest: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    try:
        text = get(manifest, pointer)
        values = values_in(text.encode(), pointer) if isinstance(text, str) else {}
        found = leaves(values)
    except (KeyError, PointerError, RenderError, TypeError, orjson.JSONEncodeError):
        return
    yield from ((inner, orjson.loads(value)) for inner, value in found.items() if inner)


def _parameters(known: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """The entries of parameters by pointer, with their names and values."""
    for pointer, text in known.items():
        if ".helm.parameters[" in pointer and pointer.endswith(".value"):
            entry = pointer.removesuffix(".value")
            name = orjson.loads(known.get(f"{entry}.name", '""'))
            if isinstance(name, str) and name:
                yield entry, name, orjson.loads(text)


def _below(pointer: str, inner: str) -> str:
    return f"{pointer}{inner}" if inner.startswith("[") else f"{pointer}.{inner}"
