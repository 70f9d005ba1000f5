"""Takes the values out of live Secrets: what is compared, stored and shown is a keyed digest of each."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

MARKER = "auditor-redacted:secret:"
"""What replaces a Secret's value; the keyed digest of the plain text follows it."""

FOREIGN_MARKER = "auditor-redacted:other-key:"
"""What replaces a digest that was recorded under another key, and so can be held against nothing here."""

KEY_CHECK = "auditor-snapshot-key-check"
"""The text whose digest a recording carries, so that a reader knows whether the keys agree."""

_ANY_DIGEST = re.compile(r"auditor-redacted:(?:secret|credential):([0-9a-f]{16})")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def redact_secret(manifest: Mapping[str, Any], digest: Callable[[str], str]) -> dict[str, Any]:
    """A copy of a Secret without its values and without its last-applied annotation, which repeats them.

    `data` is base64-decoded before `digest`; what is no base64 of UTF-8 text is digested as it stands. Empty
    values and values that are digests already stay.
    """
    result = dict(manifest)
    for field, encoded in (("data", True), ("stringData", False)):
        values = result.get(field)
        if isinstance(values, Mapping):
            result[field] = {name: _digest(text, digest, encoded) for name, text in values.items()}
        elif values is not None:
            result[field] = MARKER + digest(str(values))
    return without_last_applied(result)


def _digest(value: Any, digest: Callable[[str], str], encoded: bool) -> Any:
    if value is None or value == "":
        return value
    text = value if isinstance(value, str) else str(value)
    if text.startswith((MARKER, FOREIGN_MARKER)):
        return text
    return MARKER + digest(_plain(text) if encoded else text)


def without_last_applied(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a Secret without the annotation in which kubectl repeats its values."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("annotations"), Mapping):
        return dict(manifest)
    kept = {name: text for name, text in metadata["annotations"].items() if name != _LAST_APPLIED}
    return {**manifest, "metadata": {**metadata, "annotations": kept}}


def with_foreign_digests(value: Any) -> Any:
    """A copy in which every digest says that another key made it."""
    if isinstance(value, Mapping):
        return {name: with_foreign_digests(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_foreign_digests(inner) for inner in value]
    return _ANY_DIGEST.sub(FOREIGN_MARKER + r"\1", value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text
