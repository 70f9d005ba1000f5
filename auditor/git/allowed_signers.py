"""The allowed signers file, as ssh-keygen(1) describes it under ALLOWED SIGNERS.

ssh-keygen decides; this reading of it finds mistakes early and puts reasons into words.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from auditor.errors import ConfigurationError

_OPTION = re.compile(
    r'(?:(?P<flag>cert-authority)|(?P<name>namespaces|valid-after|valid-before)="(?P<value>[^"]*)")'
    r"(?:,|\s+)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{8}(?:\d{4}(?:\d{2})?)?Z?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowedSigner:
    """One line: the principals as written, the key's type, its blob (decoded), and whether it is an authority's."""

    principals: str
    key_type: str
    blob: bytes
    is_authority: bool

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint as ssh-keygen writes it."""
        return ssh_fingerprint(self.blob)


def ssh_fingerprint(blob: bytes) -> str:
    """`SHA256:` and the digest of a public key's blob in base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")


def parse_allowed_signers(content: bytes, name: str) -> tuple[AllowedSigner, ...]:
    """The lines of the file called `name`. Raises ConfigurationError naming the line that is none, or an empty file."""
    signers = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            signers.append(_signer(text))
        except ValueError as error:
            raise ConfigurationError(
                f"signatures: {name}, line {number}: {error}",
                hint='a line is: PRINCIPAL [namespaces="git"] KEY-TYPE KEY; see ssh-keygen(1), ALLOWED SIGNERS',
            ) from error
    if not signers:
        raise ConfigurationError(
            f"signatures: {name} allows nobody", hint="a line is: PRINCIPAL KEY-TYPE KEY"
        )
    return tuple(signers)


def _signer(line: str) -> AllowedSigner:
    match = re.match(r'("[^"]*"|[^\s"]+)\s+', line)
    if match is None:
        raise ValueError("there is no key")
    principals, at = match[1].strip('"'), match.end()
    is_authority = False
    while option := _OPTION.match(line, at):
        at = option.end()
        is_authority = is_authority or option["flag"] is not None
        if (option["name"] or "").lower().startswith("valid-") and not _DATE.fullmatch(option["value"]):
            raise ValueError(f"{option['value']!r} is no date of the form YYYYMMDD[HHMM[SS]][Z]")
    key_type, _, rest = line[at:].partition(" ")
    encoded = rest.strip().partition(" ")[0]
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    size = int.from_bytes(blob[:4], "big")
    if len(blob) < 8 or blob[4 : 4 + size] != key_type.encode():
        raise ValueError(f"{key_type!r} is not followed by a key of that type")
    return AllowedSigner(principals=principals, key_type=key_type, blob=blob, is_authority=is_authority)
