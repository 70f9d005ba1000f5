"""What an object says before it was redacted, where the repository's own file says it: for what is computed from it.

A chart puts passwords that its values hold into Secrets. Made of the digests that stand for them, those Secrets would
differ from the cluster's, and a drift would be told that is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from auditor.manifests.deployments.interface import Found
from auditor.manifests.deployments.values import mapping
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

_MARK = b"auditor-redacted:"


def values_as_written(found: Found, scene: Scene) -> tuple[dict[str, Any], bool]:
    """`spec.values` of an object, and whether they are whole: False where digests stand for secrets in them still,
    since the file says something else than what was rendered from it. Never to be stored or shown."""
    values = dict(mapping(mapping(found.document.manifest.get("spec")).get("values")))
    try:
        is_redacted = _MARK in orjson.dumps(values)
    except (orjson.JSONEncodeError, RecursionError):
        return values, True
    if not is_redacted:
        return values, True
    for written in _written(found, scene):
        spec = mapping(written.get("spec"))
        shown = mapping(scene.redactor.redact(written).get("spec"))
        if shown.get("values") == values:
            return dict(mapping(spec.get("values"))), True
    return values, False


def _written(found: Found, scene: Scene) -> list[dict[str, Any]]:
    """The objects of this kind and name in the file that declares it."""
    try:
        content = scene.tree.read(found.path)
    except KeyError:
        return []
    return [
        value
        for entry in read_blob(content, Limits()).documents
        for value in [entry.value]
        if isinstance(value, dict)
        and value.get("kind") == found.document.kind
        and mapping(value.get("metadata")).get("name") == found.document.name
    ]
