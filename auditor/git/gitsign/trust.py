"""Whom signatures by gitsign are trusted from: authorities, logs and identities, as the operator configures them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_PEM_KEY = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.S)
_DEFAULT_PORTIONS = (
    "a trusted_root.json, or fulcio_roots and rekor_keys: `cosign trusted-root create` writes the one, "
    "your Sigstore's administrators have the others"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GitsignIdentity:
    """Who may sign: one of an address, another subject (exact), or an expression over the whole of either.

    `issuer` is the OpenID provider that identified them, exactly as the certificate has it.
    """

    issuer: str
    email: str = ""
    subject: str = ""
    subject_regexp: str = ""

    def fits(self, emails: Sequence[str], names: Sequence[str], issuer: str) -> bool:
        """True where the certificate's holder is this one."""
        if issuer != self.issuer:
            return False
        if self.email:
            return self.email in emails
        if self.subject:
            return self.subject in (*emails, *names)
        return any(re.fullmatch(self.subject_regexp, one) for one in (*emails, *names))


@dataclass(frozen=True, kw_only=True, slots=True)
class GitsignFiles:
    """What the operator names. Any of the files may be left out as long as there are authorities and logs."""

    identities: tuple[GitsignIdentity, ...]
    trusted_root: Path | None = None
    fulcio_roots: tuple[Path, ...] = ()
    rekor_keys: tuple[Path, ...] = ()
    ct_log_keys: tuple[Path, ...] = ()

    def paths(self) -> Iterator[Path]:
        """Every file named."""
        if self.trusted_root is not None:
            yield self.trusted_root
        yield from (*self.fulcio_roots, *self.rekor_keys, *self.ct_log_keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Window:
    start: datetime | None = None
    end: datetime | None = None

    def in_use(self, at: datetime) -> bool:
        """True where its time of use, as far as one is told, holds that moment."""
        return (self.start is None or self.start <= at) and (self.end is None or at <= self.end)


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority(_Window):
    """Certificates that chains may end in (they sign themselves), and those between them and the signers."""

    roots: list[Certificate]
    between: list[Certificate]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogKey(_Window):
    """A log's public key; `id` is the SHA-256 of its SubjectPublicKeyInfo (RFC 6962, 3.2)."""

    id: bytes
    key: Any = field(repr=False)

    def has_signed(self, signature: bytes, message: bytes) -> bool:
        """True where the signature over the message is by this key: ECDSA or RSA with SHA-256, or Ed25519."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            if isinstance(self.key, ec.EllipticCurvePublicKey):
                self.key.verify(signature, message, ec.ECDSA(SHA256()))
            elif isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, message)
            elif isinstance(self.key, rsa.RSAPublicKey):
                self.key.verify(signature, message, padding.PKCS1v15(), SHA256())
            else:
                return False
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class GitsignTrust:
    """Authorities, transparency logs, certificate logs (none: not asked for) and identities. `digest` names it all."""

    authorities: tuple[Authority, ...]
    logs: tuple[LogKey, ...]
    certificate_logs: tuple[LogKey, ...]
    identities: tuple[GitsignIdentity, ...]
    digest: str


def gitsign_trust(files: GitsignFiles, contents: Mapping[Path, bytes]) -> GitsignTrust:
    """The trust that these files hold; `contents` are the bytes of each.

    Raises ConfigurationError naming a file that holds nothing of what it should, or where something is missing.
    """
    authorities: list[Authority] = []
    logs: list[LogKey] = []
    certificate_logs: list[LogKey] = []
    if files.trusted_root is not None:
        authorities, logs, certificate_logs = _trusted_root(files.trusted_root, contents[files.trusted_root])
    certificates = [one for path in files.fulcio_roots for one in _certificates(path, contents[path])]
    if certificates:
        authorities.append(_authority(certificates, "fulcio_roots"))
    logs += [one for path in files.rekor_keys for one in _keys(path, contents[path])]
    certificate_logs += [one for path in files.ct_log_keys for one in _keys(path, contents[path])]
    for what, given in (
        ("authority", authorities),
        ("transparency log", logs),
        ("identity", files.identities),
    ):
        if not given:
            raise ConfigurationError(
                f"signatures: gitsign: no {what} is configured",
                hint="name identities" if what == "identity" else f"give {_DEFAULT_PORTIONS}",
            )
    for identity in files.identities:
        _check_expression(identity)
    parts = [hashlib.sha256(contents[path]).hexdigest() for path in files.paths()]
    # Which file is which counts: a certificate log's key must not pass for a transparency log's.
    counts = [str(len(part)) for part in (files.fulcio_roots, files.rekor_keys, files.ct_log_keys)]
    named = [repr((one.issuer, one.email, one.subject, one.subject_regexp)) for one in files.identities]
    return GitsignTrust(
        authorities=tuple(authorities),
        logs=tuple(logs),
        certificate_logs=tuple(certificate_logs),
        identities=files.identities,
        digest=hashlib.sha256("\n".join((*parts, *counts, *named)).encode()).hexdigest(),
    )


def _check_expression(identity: GitsignIdentity) -> None:
    given = [one for one in (identity.email, identity.subject, identity.subject_regexp) if one]
    if len(given) != 1 or not identity.issuer:
        raise ConfigurationError(
            "signatures: gitsign: an identity takes an issuer and one of email, subject and subject_regexp"
        )
    try:
        re.compile(identity.subject_regexp)
    except re.error as error:
        raise ConfigurationError(
            f"signatures: gitsign: {identity.subject_regexp!r} is no expression: {error}"
        ) from error


def _certificates(path: Path, content: bytes) -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(content)
    except ValueError as error:
        raise ConfigurationError(
            f"signatures: {path} holds no X.509 certificate: {error}", hint="name PEM files"
        ) from error


def _authority(
    certificates: Iterable[Certificate],
    where: str,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Authority:
    listed = list(certificates)
    roots = [one for one in listed if one.issuer == one.subject]
    if not roots:
        raise ConfigurationError(
            f"signatures: no certificate in {where} is a root (signs itself)",
            hint="add the root that the others end in",
        )
    between = [one for one in listed if one.issuer != one.subject]
    return Authority(roots=roots, between=between, start=start, end=end)


def _keys(path: Path, content: bytes) -> list[LogKey]:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        found = [_log_key(load_pem_public_key(one)) for one in _PEM_KEY.findall(content)]
    except ValueError as error:
        raise ConfigurationError(f"signatures: {path} holds a damaged key: {error}") from error
    if not found:
        raise ConfigurationError(
            f"signatures: {path} holds no public key", hint="name PEM files (BEGIN PUBLIC KEY)"
        )
    return found


def _log_key(key: Any, start: datetime | None = None, end: datetime | None = None) -> LogKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return LogKey(id=hashlib.sha256(spki).digest(), key=key, start=start, end=end)


def _trusted_root(path: Path, content: bytes) -> tuple[list[Authority], list[LogKey], list[LogKey]]:
    """Reads Sigstore's trusted_root.json (TrustedRoot of protobuf-specs, `sigstore_trustroot.proto`)."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key
    from cryptography.x509 import load_der_x509_certificate

    def keys(name: str) -> list[LogKey]:
        return [
            _log_key(
                load_der_public_key(_bytes(one["publicKey"]["rawBytes"])),
                *_window(one["publicKey"].get("validFor")),
            )
            for one in document.get(name, ())
        ]

    try:
        document = json.loads(content)
        authorities = [
            _authority(
                [
                    load_der_x509_certificate(_bytes(each["rawBytes"]))
                    for each in one["certChain"]["certificates"]
                ],
                str(path),
                *_window(one.get("validFor")),
            )
            for one in document.get("certificateAuthorities", ())
        ]
        return authorities, keys("tlogs"), keys("ctlogs")
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ConfigurationError(
            f"signatures: {path} is no trusted root of Sigstore's: {error}",
            hint="give a trusted_root.json, as `cosign trusted-root create` or the TUF repository has it",
        ) from error


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _window(given: Mapping[str, str] | None) -> tuple[datetime | None, datetime | None]:
    start, end = (
        datetime.fromisoformat(given[side]) if given and side in given else None for side in ("start", "end")
    )
    return tuple(one if one is None or one.tzinfo else one.replace(tzinfo=UTC) for one in (start, end))  # type: ignore[return-value]
