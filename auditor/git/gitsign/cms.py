"""A detached CMS signature (RFC 5652) as git's `SIGNED MESSAGE` holds one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.git.gitsign.der import OCTET_STRING, OID, SEQUENCE, SET, DerError, Element, read

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_PEM = re.compile(
    rb"\s*-----BEGIN SIGNED MESSAGE-----(?P<data>[A-Za-z0-9+/=\s]*)-----END SIGNED MESSAGE-----\s*"
)
_LARGEST = 256 * 1024
"""Bytes, armored; gitsign's are of 3 KB."""
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_DATA = "1.2.840.113549.1.7.1"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"


class CmsError(ValueError):
    """No signature that RFC 5652 describes, in distinguished encoding; the words say why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignerInfo:
    """Whose certificate signs what: `attributes` are what the signature is over, encoded as a SET (section 5.4).

    `message_digest` is the digest of the content as the signed attributes have it, b'' where they have none.
    `unsigned` are the values of the unsigned attributes (each encoded), by object identifier.
    """

    version: int
    identifier: Element
    digest_algorithm: str
    attributes: bytes
    content_type: str
    message_digest: bytes
    signature_algorithm: str
    signature: bytes
    unsigned: Mapping[str, tuple[bytes, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedData:
    """The certificates that the signature brings (not to be trusted for that), and its signers."""

    version: int
    digest_algorithms: tuple[str, ...]
    holds_content: bool
    certificates: tuple[Certificate, ...]
    signers: tuple[SignerInfo, ...]

    def certificate_of(self, signer: SignerInfo) -> Certificate:
        """The certificate that the signer names, by issuer and serial number or by key identifier.

        Raises CmsError where there is none, or are several.
        """
        found = [one for one in self.certificates if _is_named(one, signer.identifier)]
        if len(found) != 1:
            raise CmsError(f"it brings {len(found) or 'no'} certificates of its signer")
        return found[0]


def parse_signed_message(signature: bytes) -> SignedData:
    """Reads the armored signature. Raises CmsError for anything else than one CMS SignedData in DER."""
    if len(signature) > _LARGEST:
        raise CmsError("it is larger than any signature")
    match = _PEM.fullmatch(signature)
    if match is None:
        raise CmsError("it is no armored SIGNED MESSAGE")
    try:
        return _signed_data(read(base64.b64decode(b"".join(match["data"].split()), validate=True)))
    except (DerError, binascii.Error) as error:
        raise CmsError(str(error)) from error


def _signed_data(outer: Element) -> SignedData:
    kind, wrapped = _exactly(outer.expect(SEQUENCE), 2)
    if kind.oid() != _SIGNED_DATA:
        raise CmsError("it is no SignedData")
    version, digests, content, *rest = _at_least(wrapped.expect(0xA0).only().expect(SEQUENCE), 4)
    # certificates [0] and crls [1] are both optional, and come in that order before the signers.
    certificates: tuple[Certificate, ...] = ()
    if rest[0].tag == 0xA0:
        certificates = tuple(_certificate(one) for one in rest.pop(0).parts() if one.tag == SEQUENCE)
    if rest and rest[0].tag == 0xA1:
        rest.pop(0)
    if len(rest) != 1:
        raise CmsError("it has no list of signers, or something behind it")
    held = content.expect(SEQUENCE).parts()
    if not held or held[0].oid() != _DATA:
        raise CmsError("what it signs is of another type than data")
    return SignedData(
        version=version.integer(),
        digest_algorithms=tuple(_algorithm(one) for one in digests.expect(SET).parts()),
        holds_content=len(held) > 1,
        certificates=certificates,
        signers=tuple(_signer_info(one) for one in rest[0].expect(SET).parts()),
    )


def _certificate(element: Element) -> Certificate:
    from cryptography.x509 import load_der_x509_certificate

    try:
        return load_der_x509_certificate(element.raw)
    except ValueError as error:
        raise CmsError(f"a certificate in it is damaged: {error}") from error


def _signer_info(element: Element) -> SignerInfo:
    version, identifier, digest, *rest = _at_least(element.expect(SEQUENCE), 5)
    signed = rest.pop(0) if rest[0].tag == 0xA0 else None
    unsigned = rest.pop() if rest[-1].tag == 0xA1 else None
    if len(rest) != 2:
        raise CmsError("a signer's part has other fields than it should")
    algorithm, signature = rest
    attributes = _attributes(signed) if signed is not None else {}
    content_type = _single(attributes, _CONTENT_TYPE)
    message_digest = _single(attributes, _MESSAGE_DIGEST)
    return SignerInfo(
        version=version.integer(),
        identifier=identifier,
        digest_algorithm=_algorithm(digest),
        # Signed under the tag of a SET, not the one that stands in the message (section 5.4).
        attributes=bytes([SET]) + signed.raw[1:] if signed is not None else b"",
        content_type=content_type.expect(OID).oid() if content_type is not None else "",
        message_digest=message_digest.expect(OCTET_STRING).content if message_digest is not None else b"",
        signature_algorithm=_algorithm(algorithm),
        signature=signature.expect(OCTET_STRING).content,
        unsigned=_attributes(unsigned) if unsigned is not None else {},
    )


def _attributes(element: Element) -> dict[str, tuple[bytes, ...]]:
    found: dict[str, tuple[bytes, ...]] = {}
    for one in element.parts():
        kind, values = _exactly(one.expect(SEQUENCE), 2)
        name = kind.oid()
        if name in found:
            raise CmsError(f"the attribute {name} stands there twice")
        found[name] = tuple(value.raw for value in values.expect(SET).parts())
    return found


def _single(attributes: Mapping[str, tuple[bytes, ...]], name: str) -> Element | None:
    values = attributes.get(name)
    if values is None:
        return None
    if len(values) != 1:
        raise CmsError(f"the attribute {name} has {len(values)} values")
    return read(values[0])


def _algorithm(element: Element) -> str:
    return _at_least(element.expect(SEQUENCE), 1)[0].oid()


def _exactly(element: Element, count: int) -> list[Element]:
    parts = element.parts()
    if len(parts) != count:
        raise CmsError(f"an element has {len(parts)} parts instead of {count}")
    return parts


def _at_least(element: Element, count: int) -> list[Element]:
    parts = element.parts()
    if len(parts) < count:
        raise CmsError(f"an element has {len(parts)} parts instead of {count} or more")
    return parts


def _is_named(certificate: Certificate, identifier: Element) -> bool:
    if identifier.tag == SEQUENCE:
        issuer, serial = _exactly(identifier, 2)
        return (
            certificate.issuer.public_bytes() == issuer.raw and certificate.serial_number == serial.integer()
        )
    from cryptography.x509 import ExtensionNotFound, SubjectKeyIdentifier

    try:
        held = certificate.extensions.get_extension_for_class(SubjectKeyIdentifier).value
    except (ExtensionNotFound, ValueError):
        return False
    return identifier.tag == 0x80 and held.digest == identifier.content
