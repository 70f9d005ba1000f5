"""Secrets stop here: their values become keyed digests before anything else sees a manifest.

A digest tells whether two values are equal and nothing more to those without the key. The digest of a
Secret's `data` is taken after base64, so that it equals that of the same text in `stringData`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from auditor.errors import ConfigurationError
from auditor.manifests.credentials import (
    NAME_MARKS,
    SHAPE_MARKS,
    is_literal_secret,
    is_placeholder,
    secret_name,
    shapes_in,
)

SECRET_PREFIX = "auditor-redacted:secret:"  # noqa: S105 - marks a digest
"""What a value of `Secret.data` or `Secret.stringData` starts with after redaction."""

CREDENTIAL_PREFIX = "auditor-redacted:credential:"
"""What stands for a value that looked like a credential anywhere else."""

_REDACTED = re.compile(r"auditor-redacted:(?:secret|credential):[0-9a-f]{16}")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECRET_IN_TEXT = re.compile(r"[\"']?kind[\"']?\s*:\s*[\"']?Secret\b[\"']?")
_SPACES = re.compile(r"\s+")
_MASKED_LINE = re.compile(
    r"(?P<indent>\s*)(?P<dash>- )?(?P<key>[^\s#:][^:]*)(?P<colon>\s*:(?:\s+|\Z))(?P<value>.*)\Z"
)
_REFERENCE_NEIGHBOUR = re.compile(
    r"(?i)existingsecret|secretname|secretref|secretkeyref|keyref\Z|fromsecret|usesecret"
)
_OPAQUE_KEYS = frozenset({"sops", "encryptedData"})


class Redactor:
    """Replaces secret values by digests keyed with `key` (16 bytes or more, secret, kept over runs)."""

    def __init__(self, key: bytes) -> None:
        """Raises ConfigurationError for a key that is too short to protect short passwords."""
        if len(key) < 16:
            raise ConfigurationError(
                "the redaction key is shorter than 16 bytes",
                hint="let auditor create one, or give 32 random bytes",
            )
        self._key = key if len(key) <= 64 else hashlib.sha256(key).digest()

    def may_apply(self, text: str) -> bool:
        """False only where no value in a YAML or JSON `text` without escapes could be replaced."""
        lowered = text.lower()
        return any(mark in lowered for mark in NAME_MARKS) or any(mark in text for mark in SHAPE_MARKS)

    def digest(self, plaintext: bytes | str) -> str:
        """16 hex digits that are equal for equal plaintexts under the same key; text counts as UTF-8."""
        if isinstance(plaintext, str):
            plaintext = plaintext.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(plaintext, key=self._key, digest_size=8).hexdigest()

    def redact(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """The manifest with every secret value replaced; parts without any are shared, none is changed."""
        return self._mapping(manifest, in_reference=False)

    def redact_value(self, value: Any) -> Any:
        """As `redact` for any JSON value: a list of manifests, or text."""
        return (
            self._mapping(value, in_reference=False)
            if isinstance(value, dict)
            else self._item(value, in_reference=False)
        )

    def redact_text(self, text: str) -> str:
        """Free text (a commit message, a log line) with whatever has the shape of a credential replaced."""
        if not any(mark in text for mark in SHAPE_MARKS):
            return text
        parts: list[str] = []
        end = 0
        for start, stop in shapes_in(text):
            if _REDACTED.match(text[start:stop]):
                continue
            parts += (text[end:start], self._credential(text[start:stop]))
            end = stop
        return "".join((*parts, text[end:])) if parts else text

    def redact_secret_value(self, value: Any, *, encoded: bool) -> Any:
        """One value of a Secret; `encoded` for `data` (base64), else `stringData`."""
        if value is None or value == "":
            return value
        if not isinstance(value, str):
            return SECRET_PREFIX + self.digest(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
        if _REDACTED.fullmatch(value) or is_placeholder(value):
            return value
        plaintext = _decoded(value) if encoded else value.encode("utf-8", "surrogatepass")
        return SECRET_PREFIX + self.digest(plaintext)

    def _credential(self, value: str) -> str:
        return CREDENTIAL_PREFIX + self.digest(value)

    def _mapping(self, mapping: Mapping[str, Any], *, in_reference: bool) -> dict[str, Any]:
        in_reference = in_reference or any(_REFERENCE_NEIGHBOUR.search(key) for key in mapping)
        is_secret = mapping.get("kind") == "Secret"
        result = {
            key: self._entry(key, value, in_reference=in_reference, is_secret=is_secret)
            for key, value in mapping.items()
        }
        name, value = mapping.get("name"), mapping.get("value")
        if isinstance(name, str) and value is not None:
            result["value"] = self._named(name, value, result["value"], in_reference=in_reference)
        return result

    def _entry(self, key: str, value: Any, *, in_reference: bool, is_secret: bool) -> Any:
        if is_secret and key in ("data", "stringData"):
            return self._secret_data(value, encoded=key == "data")
        if key in _OPAQUE_KEYS and isinstance(value, dict):
            return value
        if isinstance(value, str):
            if key == _LAST_APPLIED:
                return self._embedded(value)
            return self._named(key, value, self._string(value), in_reference=in_reference)
        if isinstance(value, dict):
            names_keys = (
                in_reference or secret_name(key) != "" or "secretkey" in key.lower() or key.endswith("Ref")
            )
            return self._mapping(value, in_reference=names_keys)
        if isinstance(value, list):
            if key == "literals":
                return [self._literal(entry) for entry in value]
            return [self._item(entry, in_reference=in_reference) for entry in value]
        return self._named(key, value, value, in_reference=in_reference)

    def _item(self, value: Any, *, in_reference: bool) -> Any:
        if isinstance(value, dict):
            return self._mapping(value, in_reference=False)
        if isinstance(value, list):
            return [self._item(entry, in_reference=in_reference) for entry in value]
        return self._string(value) if isinstance(value, str) else value

    def _named(self, name: str, value: Any, redacted: Any, *, in_reference: bool) -> Any:
        """`redacted` where the shape told already, else by what the name says."""
        if redacted != value or not isinstance(value, str | int | float):
            return redacted
        sort = secret_name(name)
        if not sort or not is_literal_secret(sort, value, in_reference=in_reference):
            return redacted
        return value if _REDACTED.fullmatch(str(value)) else self._credential(str(value))

    def _string(self, value: str) -> str:
        if len(value) < 12:
            return value
        if "kind" in value and "ata" in value and _SECRET_IN_TEXT.search(value):
            return self._embedded(value)
        return self.redact_text(value)

    def _literal(self, entry: Any) -> Any:
        """`key=value` of a Kustomize generator."""
        if not isinstance(entry, str) or "=" not in entry:
            return entry
        name, _, value = entry.partition("=")
        redacted = self._named(name, value, self._string(value), in_reference=False)
        return f"{name}={redacted}"

    def _secret_data(self, value: Any, *, encoded: bool) -> Any:
        if isinstance(value, dict):
            return {key: self.redact_secret_value(entry, encoded=encoded) for key, entry in value.items()}
        return self.redact_secret_value(value, encoded=False)

    def _embedded(self, text: str) -> str:
        """A manifest within a string: JSON is redacted as such, other text line by line."""
        if text.lstrip()[:1] in ("{", "["):
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                return self.mask_lines(text)
            try:
                redacted = self._item(value, in_reference=False)
            except RecursionError:
                return CREDENTIAL_PREFIX + self.digest(text)
            return text if redacted == value else json.dumps(redacted, separators=(",", ":"))
        return self.mask_lines(text)

    def mask_lines(self, text: str) -> str:
        """Text that may be a manifest but is not read as one, with lines that may hold a secret masked.

        Masks what has the shape of a credential, values of keys named as secrets, and everything
        indented under `data:` and `stringData:` where a `kind: Secret` is in the text.
        """
        has_secret = _SECRET_IN_TEXT.search(text) is not None
        lines: list[str] = []
        data_indent: int | None = None
        for line in self.redact_text(text).split("\n"):
            bare = line.strip()
            indent = len(line) - len(line.lstrip())
            if data_indent is not None and bare and not bare.startswith("#") and indent <= data_indent:
                data_indent = None
            if data_indent is not None and bare:
                lines.append(self._masked(line, everything=True))
            else:
                lines.append(self._masked(line, everything=False))
            if (
                has_secret
                and data_indent is None
                and re.match(r"\s*(?:- )?[\"']?(?:data|stringData)[\"']?\s*:", line)
            ):
                data_indent = indent
                inline = line.partition(":")[2].strip()
                if inline and not inline.startswith("#"):
                    lines[-1] = self._masked(line, everything=True)
        return "\n".join(lines)

    def _masked(self, line: str, *, everything: bool) -> str:
        if _REDACTED.search(line):
            return line
        match = _MASKED_LINE.match(line)
        if match is None:
            return self._masked_rest(line) if everything and line.strip() else line
        value = match["value"].strip().strip("\"'")
        head = line[: match.start("value")]
        if not value or value in ("|", "|-", "|+", ">", ">-", ">+"):
            return line
        if everything:
            return line if is_placeholder(value) else head + SECRET_PREFIX + self.digest(value)
        sort = secret_name(match["key"].strip().strip("\"'"))
        if sort and is_literal_secret(sort, value, in_reference=False):
            return head + self._credential(value)
        return line

    def _masked_rest(self, line: str) -> str:
        text = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        return indent + SECRET_PREFIX + self.digest(text)


def _decoded(value: str) -> str:
    """The text behind base64; what is no base64 of UTF-8 text stands for itself, without spaces."""
    compact = _SPACES.sub("", value)
    try:
        return base64.b64decode(compact, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return compact
