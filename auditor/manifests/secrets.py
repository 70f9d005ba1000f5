"""Secrets stop here: their values become keyed digests before anything else sees a manifest.

A digest tells whether two values are equal and nothing more to those without the key. The digest of a
Secret's `data` is taken after base64, so that it equals that of the same text in `stringData`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import operator
import re
from collections.abc import Mapping
from typing import Any

import orjson

from auditor.errors import ConfigurationError
from auditor.manifests.credentials import (
    SECRET_IN_TEXT,
    has_shapes,
    is_given_as_value,
    is_literal_secret,
    is_placeholder,
    key_facts,
    secret_name,
    shapes_in,
)

SECRET_PREFIX = "auditor-redacted:secret:"  # noqa: S105 - marks a digest
"""What a value of `Secret.data` or `Secret.stringData` starts with after redaction."""

CREDENTIAL_PREFIX = "auditor-redacted:credential:"
"""What stands for a value that looked like a credential anywhere else."""

_REDACTED = re.compile(r"auditor-redacted:(?:secret|credential):[0-9a-f]{16}")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SPACES = re.compile(r"\s+")
_MASKED_LINE = re.compile(
    r"(?P<indent>\s*)(?P<dash>- )?(?P<key>[^\s#:][^:]*)(?P<colon>\s*:(?:\s+|\Z))(?P<value>.*)\Z"
)
_OPAQUE_KEYS = frozenset({"sops", "encryptedData"})


def is_redacted(value: str) -> bool:
    """True for what stands for a secret already."""
    return _REDACTED.fullmatch(value) is not None


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

    def digest(self, plaintext: bytes | str) -> str:
        """16 hex digits that are equal for equal plaintexts under the same key; text counts as UTF-8."""
        if isinstance(plaintext, str):
            plaintext = plaintext.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(plaintext, key=self._key, digest_size=8).hexdigest()

    def redact(
        self, manifest: Mapping[str, Any], *, shapes: bool = True, strict: bool = False
    ) -> dict[str, Any]:
        """The manifest with every secret value replaced; parts without any are shared, none is changed.

        `shapes` False says that no text in it has the shape of a credential; `strict` that whatever text is under a
        secret's name is the secret, as in formats that refer by expressions.
        """
        redacted = _Walk(self, shapes=shapes, strict=strict).mapping(manifest, in_reference=False)
        return redacted if isinstance(redacted, dict) else dict(redacted)

    def redact_value(self, value: Any) -> Any:
        """As `redact` for any JSON value: a list of manifests, or text."""
        return _Walk(self, shapes=True).value(value)

    def redact_text(self, text: str) -> str:
        """Free text (a commit message, a log line) with whatever has the shape of a credential replaced."""
        if not has_shapes(text):
            return text
        parts: list[str] = []
        end = 0
        for start, stop in shapes_in(text):
            if _REDACTED.match(text[start:stop]):
                continue
            parts += (text[end:start], self.credential(text[start:stop]))
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

    def credential(self, value: str) -> str:
        """What stands for a value that looks like a credential."""
        return CREDENTIAL_PREFIX + self.digest(value)

    def mask_lines(self, text: str) -> str:
        """Text that may be a manifest but is not read as one, with lines that may hold a secret masked.

        Masks what has the shape of a credential, values of keys named as secrets, and everything
        indented under `data:` and `stringData:` where a `kind: Secret` is in the text.
        """
        has_secret = SECRET_IN_TEXT.search(text) is not None
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
            return head + self.credential(value)
        return line

    def _masked_rest(self, line: str) -> str:
        text = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        return indent + SECRET_PREFIX + self.digest(text)


class _Walk:
    """One walk over a manifest. Whatever holds nothing secret is given back as it is, not copied."""

    def __init__(self, redactor: Redactor, *, shapes: bool, strict: bool = False) -> None:
        self.redactor = redactor
        self.shapes = shapes
        self.strict = strict

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.mapping(value, in_reference=False)
        if isinstance(value, list):
            return self.sequence(value)
        return self.text(value) if isinstance(value, str) else value

    def mapping(self, mapping: Mapping[str, Any], *, in_reference: bool) -> Mapping[str, Any]:
        if not in_reference:
            for key in mapping:
                if key_facts(key).refers:
                    in_reference = True
                    break
        is_secret = mapping.get("kind") == "Secret"
        changes: dict[str, Any] = {}
        for key, value in mapping.items():
            kind = type(value)
            if is_secret and key in ("data", "stringData"):
                new = self.secret_data(value, encoded=key == "data")
            elif kind is str:
                new = self.entry(key, value, in_reference=in_reference)
            elif kind is dict:
                opaque = key in _OPAQUE_KEYS
                names = in_reference or key_facts(key).holds_names
                new = value if opaque else self.mapping(value, in_reference=names)
            elif kind is list:
                new = self.literals(value) if key == "literals" else self.sequence(value)
            else:
                new = self.named(key, value, value, in_reference=in_reference)
            if new is not value:
                changes[key] = new
        if "value" in mapping and isinstance(mapping.get("name"), str):
            value = mapping["value"]
            name = mapping["name"]
            given = self.strict or (not in_reference and is_given_as_value(name))
            new = self.named(
                name, value, changes.get("value", value), in_reference=in_reference, strict=given
            )
            if new is not value:
                changes["value"] = new
        return {**mapping, **changes} if changes else mapping

    def sequence(self, values: list[Any]) -> list[Any]:
        redacted = [self.value(value) for value in values]
        return redacted if any(map(operator.is_not, redacted, values)) else values

    def entry(self, key: str, value: str, *, in_reference: bool) -> Any:
        if key == _LAST_APPLIED:
            return self.embedded(value)
        return self.named(key, value, self.text(value), in_reference=in_reference)

    def named(
        self, name: str, value: Any, redacted: Any, *, in_reference: bool, strict: bool | None = None
    ) -> Any:
        """`redacted` where the shape told already, else by what the name says."""
        sort = key_facts(name).sort
        if not sort or redacted is not value:
            return redacted
        strict = self.strict if strict is None else strict
        strict = strict and not key_facts(name).refers
        if not is_literal_secret(sort, value, in_reference=in_reference, strict=strict):
            return redacted
        return value if _REDACTED.fullmatch(str(value)) else self.redactor.credential(str(value))

    def text(self, value: str) -> str:
        if len(value) < 12:
            return value
        if "kind" in value and "ata" in value and SECRET_IN_TEXT.search(value):
            return self.embedded(value)
        return self.redactor.redact_text(value) if self.shapes else value

    def literals(self, entries: list[Any]) -> list[Any]:
        """`key=value` of a Kustomize generator."""
        redacted = []
        for entry in entries:
            name, equals, value = entry.partition("=") if isinstance(entry, str) else ("", "", "")
            new = self.named(name, value, self.text(value), in_reference=False) if equals else value
            redacted.append(entry if new is value else f"{name}={new}")
        return redacted if any(map(operator.is_not, redacted, entries)) else entries

    def secret_data(self, value: Any, *, encoded: bool) -> Any:
        replace = self.redactor.redact_secret_value
        if isinstance(value, dict):
            return {key: replace(entry, encoded=encoded) for key, entry in value.items()}
        return replace(value, encoded=False)

    def embedded(self, text: str) -> str:
        """A manifest within a string: JSON is redacted as such, other text line by line."""
        if text.lstrip()[:1] not in ("{", "["):
            return self.redactor.mask_lines(text)
        try:
            value = json.loads(text)
            redacted = _Walk(self.redactor, shapes=True).value(value)
        except RecursionError:
            return self.redactor.credential(text)
        except ValueError:
            return self.redactor.mask_lines(text)
        return text if redacted is value else json.dumps(redacted, separators=(",", ":"))


def _decoded(value: str) -> str:
    """The text behind base64; what is no base64 of UTF-8 text stands for itself, without spaces."""
    compact = _SPACES.sub("", value)
    try:
        return base64.b64decode(compact, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return compact
