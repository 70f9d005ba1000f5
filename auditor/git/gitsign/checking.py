"""One commit's signature by gitsign held against the operator's trust: the commit, the log, the chain, the holder.

`gitsign verify` would fetch roots and log entries, and git's own way of calling it checks no identity. So it is done
here, from what the commit itself holds, without the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, DuplicateExtension, InvalidVersion

from auditor.git.gitsign.certificates import Holder, chain_of, holder_of, is_fulcios, is_logged
from auditor.git.gitsign.cms import CmsError, SignedData, SignerInfo, parse_signed_message
from auditor.git.gitsign.der import OCTET_STRING, DerError, read
from auditor.git.gitsign.rekor import ATTRIBUTE, LogEntry, ProofError, parse_entry, verify_entry
from auditor.git.gitsign.trust import GitsignTrust, LogKey
from auditor.git.signature_answers import Told
from auditor.model import SignatureStatus

_SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
_DATA = "1.2.840.113549.1.7.1"
_TIME = "%Y-%m-%d %H:%M:%S"
_NO_PROOF = (
    "the commit holds no proof by a transparency log of when it was signed, as gitsign writes one with"
    " `git config gitsign.rekorMode offline`"
)


class Maker(Enum):
    """What has made an X.509 signature, as far as it says so itself."""

    GITSIGN = auto()
    OTHER = auto()
    UNREADABLE = auto()


def maker_of(signature: bytes) -> Maker:
    """By a certificate of Fulcio's or a log entry of Rekor's in it. Says nothing about whether it is valid."""
    try:
        data = parse_signed_message(signature)
        claims = any(ATTRIBUTE in signer.unsigned for signer in data.signers) or any(
            is_fulcios(one) for one in data.certificates
        )
    except Exception:  # a certificate may be anything
        return Maker.UNREADABLE
    return Maker.GITSIGN if claims else Maker.OTHER


def check_gitsign(payload: bytes, signature: bytes, trust: GitsignTrust) -> Told:
    """What the signature over the payload (the commit without its signature) is worth.

    GOOD: it fits, a configured log took it in while its certificate was valid, the certificate ends in a configured
    root, and names a configured identity. Never raises: a signature is its writer's.
    """
    try:
        return _check(payload, signature, trust)
    except CmsError as error:
        return Told(SignatureStatus.BAD, f"it is no signature that gitsign makes: {error}")
    except (ValueError, UnsupportedAlgorithm, DuplicateExtension, InvalidVersion) as error:
        return Told(SignatureStatus.BAD, f"its certificate is damaged: {_short(str(error))}")
    # What else a hostile certificate makes a library raise is not for anybody to list.
    except Exception as error:
        return Told(SignatureStatus.ERROR, f"its certificate could not be checked: {_short(str(error))}")


def _check(payload: bytes, signature: bytes, trust: GitsignTrust) -> Told:
    data = parse_signed_message(signature)
    if len(data.signers) != 1:
        return Told(SignatureStatus.BAD, f"it holds {len(data.signers)} signatures, and gitsign makes one")
    signer = data.signers[0]
    certificate = data.certificate_of(signer)
    wrong = _what_does_not_fit(payload, data, signer, certificate)
    if wrong:
        return Told(SignatureStatus.BAD, wrong)
    holder = holder_of(certificate)
    others = [one for one in data.certificates if one is not certificate]
    entry = _entry_of(signer)
    if entry is None:
        # No time would make it good where the chain does not hold even on the certificate's first day.
        told = _untrusted(certificate, others, holder, trust, certificate.not_valid_before_utc)
        return told or Told(SignatureStatus.UNCHECKED, _NO_PROOF)
    log = _log_of(entry, trust)
    if log is None:
        reason = f"its proof is by a transparency log that is not configured ({entry.log.hex()[:16]}…)"
        return Told(SignatureStatus.UNTRUSTED, reason)
    try:
        verify_entry(entry, log, signed=signer.attributes, signature=signer.signature, by=certificate)
    except ProofError as error:
        return Told(SignatureStatus.BAD, f"its proof by the transparency log is forged: {error}")
    return _at_its_time(certificate, others, holder, trust, entry.at)


def _at_its_time(
    certificate: Certificate, others: Sequence[Certificate], holder: Holder, trust: GitsignTrust, at: datetime
) -> Told:
    """What the signature is worth that was proved to exist at that time."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin <= at <= end:
        # Not EXPIRED, which is a key that was good and is no longer: this one was never used while it was.
        return Told(
            SignatureStatus.UNTRUSTED,
            f"its certificate was valid from {begin:{_TIME}} to {end:{_TIME}} UTC, and the transparency log took the"
            f" signature in at {at:{_TIME}}",
        )
    told = _untrusted(certificate, others, holder, trust, at)
    return told or Told(SignatureStatus.GOOD, key=key_of(holder), signer=holder.subject)


def _untrusted(
    certificate: Certificate, others: Sequence[Certificate], holder: Holder, trust: GitsignTrust, at: datetime
) -> Told | None:
    """Why it is not trusted at that time; None where it is."""
    chain = chain_of(certificate, others, trust.authorities, at)
    if len(chain) < 2:
        return Told(
            SignatureStatus.UNTRUSTED,
            f"its certificate does not end in a configured root of Fulcio's as of {at:{_TIME}} UTC",
        )
    if trust.certificate_logs and not is_logged(chain[0], chain[1], trust.certificate_logs):
        return Told(
            SignatureStatus.UNTRUSTED, "its certificate bears no timestamp of a configured certificate log"
        )
    if not any(one.fits(holder.emails, holder.names, holder.issuer) for one in trust.identities):
        who = _short(holder.subject) or "nobody"
        return Told(
            SignatureStatus.UNTRUSTED,
            f"it is by {who}, identified by {_short(holder.issuer) or 'nobody'}, which is no configured identity",
            key_of(holder),
        )
    return None


def key_of(holder: Holder) -> str:
    """What stands for a key, since gitsign's live for minutes: `sigstore:ISSUER SUBJECT`; '' where one is missing."""
    return f"sigstore:{holder.issuer} {holder.subject}" if holder.issuer and holder.subject else ""


def _what_does_not_fit(payload: bytes, data: SignedData, signer: SignerInfo, certificate: Certificate) -> str:
    """Why the signature is not over this payload by that certificate's key; '' where it is."""
    if data.holds_content:
        return "it brings the content it signs, and so is over something else than the commit"
    key = certificate.public_key()
    algorithms = (*data.digest_algorithms, signer.digest_algorithm, signer.signature_algorithm)
    versions = (data.version, signer.version)
    if (
        algorithms != (_SHA256, _SHA256, _ECDSA_WITH_SHA256)
        or versions != (1, 1)
        or not isinstance(key, ec.EllipticCurvePublicKey)
    ):
        return "it is made in another way than gitsign's: CMS version 1, ECDSA with SHA-256"
    claims = _short(holder_of(certificate).subject) or "nobody"
    if signer.content_type != _DATA or signer.message_digest != hashlib.sha256(payload).digest():
        return f"it does not fit the commit; it claims to be by {claims}"
    try:
        key.verify(signer.signature, signer.attributes, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return f"its certificate's key has not made it; it claims to be by {claims}"
    return ""


def _entry_of(signer: SignerInfo) -> LogEntry | None:
    values = signer.unsigned.get(ATTRIBUTE)
    if values is None:
        return None
    try:
        if len(values) != 1:
            raise CmsError(f"it holds {len(values)} log entries")
        return parse_entry(read(values[0]).expect(OCTET_STRING).content)
    except (DerError, ProofError) as error:
        raise CmsError(str(error)) from error


def _log_of(entry: LogEntry, trust: GitsignTrust) -> LogKey | None:
    return next((one for one in trust.logs if one.id == entry.log and one.in_use(entry.at)), None)


def _short(text: str) -> str:
    return "".join(one for one in text if one.isprintable())[:200]
