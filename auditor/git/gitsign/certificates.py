"""Certificates of Fulcio, Sigstore's authority: whom they name, and whether they end in a configured root.

Sources: Fulcio's docs/certificate-specification.md and docs/oid-info.md, RFC 5280 (chains), RFC 6962 (certificate
timestamps).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from auditor.git.gitsign.der import UTF8_STRING, DerError, read
from auditor.git.gitsign.trust import Authority, LogKey

ARC = "1.3.6.1.4.1.57264.1."
"""Under it are the extensions that Fulcio, and nobody else, writes."""
_ISSUER = x509.ObjectIdentifier(f"{ARC}8")
_OLD_ISSUER = x509.ObjectIdentifier(f"{ARC}1")
"""The same as plain text; Fulcio still writes both."""
_USERNAME = x509.ObjectIdentifier(f"{ARC}7")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_CHAIN = 8
_LONGEST_NAME = 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Whom a certificate was given to, as its authority says: addresses, other names, and who identified them."""

    emails: tuple[str, ...]
    names: tuple[str, ...]
    issuer: str

    @property
    def subject(self) -> str:
        """The address, else the first other name; '' for none."""
        return next(iter((*self.emails, *self.names)), "")


def is_fulcios(certificate: x509.Certificate) -> bool:
    """True where the certificate claims to be Fulcio's, by its extensions."""
    return any(one.oid.dotted_string.startswith(ARC) for one in certificate.extensions)


def holder_of(certificate: x509.Certificate) -> Holder:
    """Whom the certificate names; says nothing about who signed it."""
    emails: list[str] = []
    names: list[str] = []
    for name in _alternative_names(certificate):
        if isinstance(name, x509.RFC822Name):
            emails.append(name.value)
        elif isinstance(name, x509.UniformResourceIdentifier):
            names.append(name.value)
        elif isinstance(name, x509.OtherName) and name.type_id == _USERNAME:
            names.append(_utf8(name.value))
    found = {one.oid: one.value for one in certificate.extensions}
    issuer = ""
    new, old = found.get(_ISSUER), found.get(_OLD_ISSUER)
    if isinstance(new, x509.UnrecognizedExtension):
        issuer = _utf8(new.value)
    elif isinstance(old, x509.UnrecognizedExtension):
        issuer = old.value.decode("utf-8", "replace")
    return Holder(
        emails=tuple(one for one in emails if _is_plain(one)),
        names=tuple(one for one in names if _is_plain(one)),
        issuer=issuer if _is_plain(issuer) else "",
    )


def chain_of(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    authorities: Sequence[Authority],
    at: datetime,
) -> tuple[x509.Certificate, ...]:
    """The chain, leaf first, to a root of an authority that was in use then; () where there is none."""
    for authority in authorities:
        if not authority.in_use(at):
            continue
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store(authority.roots))
            .time(at.astimezone(UTC).replace(tzinfo=None))
            .max_chain_depth(_LONGEST_CHAIN)
            .extension_policies(ca_policy=_authorities_policy(), ee_policy=_signers_policy())
            .build_client_verifier()
        )
        try:
            return tuple(verifier.verify(certificate, [*authority.between, *others]).chain)
        except verification.VerificationError:
            continue
    return ()


def is_logged(certificate: x509.Certificate, issuer: x509.Certificate, logs: Sequence[LogKey]) -> bool:
    """True where a configured certificate log has signed that it was given the certificate (RFC 6962, 3.2)."""
    try:
        stamps = certificate.extensions.get_extension_for_class(
            x509.PrecertificateSignedCertificateTimestamps
        ).value
    except x509.ExtensionNotFound:
        return False
    spki = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    body = certificate.tbs_precertificate_bytes
    for stamp in stamps:
        at = stamp.timestamp.replace(tzinfo=UTC)
        signed = (
            b"\x00\x00"
            + ((at - _EPOCH) // timedelta(milliseconds=1)).to_bytes(8, "big")
            + b"\x00\x01"
            + hashlib.sha256(spki).digest()
            + len(body).to_bytes(3, "big")
            + body
            + len(stamp.extension_bytes).to_bytes(2, "big")
            + stamp.extension_bytes
        )
        for log in logs:
            if log.id == stamp.log_id and log.in_use(at) and log.has_signed(stamp.signature, signed):
                return True
    return False


def _authorities_policy() -> verification.ExtensionPolicy:
    agnostic = verification.Criticality.AGNOSTIC
    return (
        verification.ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, verification.Criticality.CRITICAL, _may_certify)
        .require_present(x509.KeyUsage, agnostic, _may_sign_certificates)
        .may_be_present(x509.ExtendedKeyUsage, agnostic, _may_sign_code)
    )


def _signers_policy() -> verification.ExtensionPolicy:
    agnostic = verification.Criticality.AGNOSTIC
    return (
        verification.ExtensionPolicy.permit_all()
        .require_present(x509.SubjectAlternativeName, agnostic, None)
        .require_present(x509.KeyUsage, agnostic, _may_sign)
        .require_present(x509.ExtendedKeyUsage, agnostic, _may_sign_code)
    )


def _may_certify(policy: verification.Policy, of: x509.Certificate, extension: x509.BasicConstraints) -> None:
    if not extension.ca:
        raise ValueError("it is no authority's")


def _may_sign_certificates(
    policy: verification.Policy, of: x509.Certificate, extension: x509.KeyUsage
) -> None:
    if not extension.key_cert_sign:
        raise ValueError("it may not sign certificates")


def _may_sign(policy: verification.Policy, of: x509.Certificate, extension: x509.KeyUsage) -> None:
    if not extension.digital_signature:
        raise ValueError("it may not sign")


def _may_sign_code(
    policy: verification.Policy, of: x509.Certificate, extension: x509.ExtendedKeyUsage | None
) -> None:
    if extension is not None and ExtendedKeyUsageOID.CODE_SIGNING not in extension:
        raise ValueError("it may not sign code, which commits are to Sigstore")


def _alternative_names(certificate: x509.Certificate) -> Iterator[x509.GeneralName]:
    try:
        yield from certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return


def _utf8(value: bytes) -> str:
    try:
        return read(value).expect(UTF8_STRING).content.decode("utf-8")
    except (DerError, UnicodeDecodeError):
        return ""


def _is_plain(text: str) -> bool:
    """A name without blanks and control characters, which would make two names look like one."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable() and " " not in text
