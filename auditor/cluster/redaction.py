"""Takes the values out of live Secrets: what is compared, stored and shown is a keyed digest of each."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

MARKER = "auditor-redacted:secret:"
"""What replaces a Secret's value; the keyed digest of the plain text follows it."""

FOREIGN_MARKER = f"{MARKER}other-key:"
"""What replaces a value that was recorded under another digest key, and so equals nothing here."""

KEY_CHECK = "auditor-snapshot-key-check"
"""The text whose digest a recording carries, so that a reader knows whether the keys agree."""

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def redact_secret(
    manifest: Mapping[str, Any], digest: Callable[[str], str], *, same_key: bool = True
) -> dict[str, Any]:
    """A copy of a Secret without its values and without its last-applied annotation, which repeats them.

    `data` is base64-decoded before `digest`; what is no base64 of UTF-8 text is digested as it stands. Values
    that are digests already stay, marked as foreign where they were made with another key (`same_key` false).
    """
    result = dict(manifest)
    for field, encoded in (("data", True), ("stringData", False)):
        values = result.get(field)
        if isinstance(values, Mapping):
            result[field] = {name: _digest(text, digest, encoded, same_key) for name, text in values.items()}
        elif values is not None:
            result[field] = MARKER + digest(str(values))
    metadata = result.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(metadata.get("annotations"), Mapping):
        kept = {name: text for name, text in metadata["annotations"].items() if name != _LAST_APPLIED}
        result["metadata"] = {**metadata, "annotations": kept}
    return result


def _digest(value: Any, digest: Callable[[str], str], encoded: bool, same_key: bool) -> str:
    text = value if isinstance(value, str) else str(value)
    if text.startswith(MARKER):
        return text if same_key else FOREIGN_MARKER + text.removeprefix(MARKER).removeprefix("other-key:")
    return MARKER + digest(_plain(text) if encoded else text)


def _plain(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text
