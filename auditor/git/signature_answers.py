"""What git's answer about a signature means: git's letter (`%G?` in git-log(1)) and what the program said.

git knows fewer states than an auditor has to tell apart: a key that was revoked, one that is not allowed to sign
commits and a changed commit are all `B` to it for SSH, and `N` is no signature, or one that nobody could read.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.git.allowed_signers import ssh_fingerprint
from auditor.git.trust import TrustStore
from auditor.model import SignatureStatus

_NO_SSH_SIGNATURE = "it is nothing that ssh-keygen takes for a signature"


@dataclass(frozen=True, slots=True)
class Answer:
    """Fields of git-log's format: letter, signer, key, fingerprint, primary key's fingerprint, the program's words.

    `failure` says why there is no answer.
    """

    letter: str = ""
    signer: str = ""
    key: str = ""
    fingerprint: str = ""
    primary: str = ""
    words: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Status, and signer and key as far as they are more than a claim; the reason in words, '' for a good one."""

    status: SignatureStatus
    reason: str = ""
    key: str = ""
    signer: str = ""


def verdict(signature_format: str, answer: Answer, trust: TrustStore, embedded: Callable[[], bytes]) -> Told:
    """What the answer means. `embedded` gives the commit's raw signature, b'' where git would find none."""
    if answer.failure:
        if "bad/incompatible signature" in answer.failure:
            return Told(SignatureStatus.BAD, "the signature is of no kind that git knows")
        if signature_format == "ssh" and (raw := embedded()) and not embedded_ssh_key(raw):
            # ssh-keygen leaves before it has read the commit, and git dies of writing it to nobody.
            return Told(SignatureStatus.BAD, _NO_SSH_SIGNATURE)
        return Told(SignatureStatus.ERROR, _printable(answer.failure))
    if answer.letter == "N" and not embedded():
        return Told(
            SignatureStatus.BAD, "its only signature is for another object format, which git does not check"
        )
    return _VERDICTS[signature_format](answer, trust, embedded)


def _openpgp(answer: Answer, trust: TrustStore, embedded: Callable[[], bytes]) -> Told:
    key = answer.primary or answer.fingerprint
    if answer.letter == "G":
        return Told(SignatureStatus.GOOD, key=key, signer=answer.signer)
    if answer.letter == "X":
        return Told(SignatureStatus.EXPIRED, "the signature itself has expired", key, answer.signer)
    if answer.letter == "Y":
        return Told(SignatureStatus.EXPIRED, _when_expired(answer, trust), key, answer.signer)
    if answer.letter == "R":
        return Told(SignatureStatus.REVOKED, "its key has been revoked", key, answer.signer)
    if answer.letter == "U":
        return Told(SignatureStatus.UNTRUSTED, "its key is not trusted", key)
    claimed = re.findall(r"^gpg: +using \S+ key ([0-9A-F]+)$", answer.words, re.M)
    if len(claimed) > 1:
        return Told(SignatureStatus.UNTRUSTED, "it holds several signatures, of which git accepts none")
    named = claimed[0] if claimed else answer.key
    if answer.letter == "E" and re.search(r"^gpg: Can't check signature: No public key$", answer.words, re.M):
        return Told(SignatureStatus.UNKNOWN_KEY, f"key {named} is not in the trust store", named)
    if answer.letter == "B":
        return Told(SignatureStatus.BAD, f"it does not fit the commit; it claims to be by key {named}")
    if answer.letter == "N" and re.search(
        r"^gpg: (?:not a detached signature|no valid OpenPGP data found\.|no signature found)$",
        answer.words,
        re.M,
    ):
        return Told(SignatureStatus.BAD, "it is nothing that gpg takes for a signature")
    return _unclear("gpg", answer)


def _when_expired(answer: Answer, trust: TrustStore) -> str:
    expiry = trust.expires_at(answer.fingerprint) or trust.expires_at(answer.primary)
    made = re.search(
        r"^gpg: Signature made (?P<at>\w{3} \w{3} [ \d]?\d \d\d:\d\d:\d\d \d{4}) UTC$", answer.words, re.M
    )
    if expiry is None:
        return "its key has expired"
    words = f"its key has expired on {datetime.fromtimestamp(expiry, UTC):%Y-%m-%d}"
    if made is None:
        return words
    signed = datetime.strptime(made["at"], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    side = "before" if signed.timestamp() < expiry else "after"
    return f"{words}; the signature claims to be of {signed:%Y-%m-%d}, {side} that"


def _ssh(answer: Answer, trust: TrustStore, embedded: Callable[[], bytes]) -> Told:
    if answer.letter == "G":
        return Told(SignatureStatus.GOOD, key=answer.fingerprint, signer=answer.signer)
    if answer.letter == "U":
        return _ssh_without_principal(answer)
    if answer.letter != "B":
        return _unclear("ssh-keygen", answer)
    blob = embedded_ssh_key(embedded())
    key = ssh_fingerprint(blob) if blob else ""
    if not blob:
        return Told(SignatureStatus.BAD, _NO_SSH_SIGNATURE)
    if "namespace does not match" in answer.words:
        return Told(
            SignatureStatus.BAD, f"it was made for something else than git; it claims to be by key {key}"
        )
    if "incorrect signature" in answer.words:
        return Told(SignatureStatus.BAD, f"it does not fit the commit; it claims to be by key {key}")
    if "key is not permitted for use in signature namespace" in answer.words:
        return Told(
            SignatureStatus.UNTRUSTED, "its key is allowed to sign other things, not git commits", key
        )
    if trust.is_revoked(blob):
        return Told(SignatureStatus.REVOKED, "its key is in the list of revoked keys", key)
    return Told(SignatureStatus.BAD, f"ssh-keygen does not accept it: {_last_words(answer.words)}")


def _ssh_without_principal(answer: Answer) -> Told:
    """Valid, by a key that the allowed signers file does not allow, or not at the commit's time."""
    too_late = re.search(r"key has expired: verify time (\S+) > valid-before (\S+)", answer.words)
    if too_late:
        reason = f"its key was allowed until {too_late[2]}, and the commit claims {too_late[1]}"
        return Told(SignatureStatus.EXPIRED, reason, answer.fingerprint)
    too_early = re.search(r"key is not yet valid: verify time (\S+) < valid-after (\S+)", answer.words)
    if too_early:
        reason = f"its key is allowed from {too_early[2]}, and the commit claims {too_early[1]}"
        return Told(SignatureStatus.UNTRUSTED, reason, answer.fingerprint)
    return Told(SignatureStatus.UNTRUSTED, "its key is not among the allowed signers", answer.fingerprint)


def _x509(answer: Answer, trust: TrustStore, embedded: Callable[[], bytes]) -> Told:
    key = answer.fingerprint or answer.key
    if answer.letter == "G":
        return Told(SignatureStatus.GOOD, key=key, signer=answer.signer)
    if answer.letter in ("X", "Y"):
        return Told(SignatureStatus.EXPIRED, "its certificate has expired", key, answer.signer)
    if answer.letter == "R":
        return Told(SignatureStatus.REVOKED, "its certificate has been revoked", key, answer.signer)
    # Without its agent gpgsm knows no trusted root, and says of every certificate what it says of a stranger's.
    if re.search(
        r"^gpgsm: (?:checking the trust list failed|can't connect to the agent): ", answer.words, re.M
    ):
        return _unclear("gpgsm", answer)
    if answer.letter == "U":
        return Told(SignatureStatus.UNTRUSTED, "its certificate does not end in a configured root", key)
    if answer.letter == "B":
        return Told(SignatureStatus.BAD, f"it does not fit the commit; it claims to be by certificate {key}")
    if re.search(r"^gpgsm: ksba_cms_parse failed: ", answer.words, re.M):
        return Told(SignatureStatus.BAD, "it is nothing that gpgsm takes for a signature")
    return _unclear("gpgsm", answer)


def _unclear(program: str, answer: Answer) -> Told:
    return Told(SignatureStatus.ERROR, f"{program} could not check it: {_last_words(answer.words)}")


def _last_words(words: str) -> str:
    """The last line of what a program said, printable and short: some of it is the signature's own."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return _printable(lines[-1]) if lines else "it gave no reason"


def _printable(text: str) -> str:
    return "".join(one for one in text if one.isprintable())[:200]


def signature_of(raw: bytes, *, header: bytes) -> bytes:
    """The signature of a raw commit object under that header, unfolded; b'' where there is none."""
    lines = raw.partition(b"\n\n")[0].split(b"\n")
    found: list[bytes] = []
    inside = False
    for line in lines:
        if line.startswith(b" "):
            if inside:
                found.append(line[1:])
            continue
        inside = line.startswith(header + b" ")
        if inside:
            found.append(line[len(header) + 1 :])
    return b"\n".join(found)


def payload_of(raw: bytes) -> bytes:
    """What a signature of the raw commit object is over: the object without the signatures in its headers."""
    head, blank, message = raw.partition(b"\n\n")
    kept: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        inside = line.startswith((b"gpgsig ", b"gpgsig-sha256 ")) or (inside and line.startswith(b" "))
        if not inside:
            kept.append(line)
    return b"\n".join(kept) + blank + message


def embedded_ssh_key(signature: bytes) -> bytes:
    """The public key's blob within an SSH signature (PROTOCOL.sshsig of OpenSSH), b'' where it is none.

    It tells whose signature it claims to be, and nothing about whether it is one.
    """
    match = re.search(rb"-----BEGIN SSH SIGNATURE-----(.*?)-----END SSH SIGNATURE-----", signature, re.S)
    if match is None:
        return b""
    try:
        raw = base64.b64decode(b"".join(match[1].split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
    if not raw.startswith(b"SSHSIG") or len(raw) < 14:
        return b""
    size = int.from_bytes(raw[10:14], "big")
    blob = raw[14 : 14 + size]
    return blob if len(blob) == size >= 8 else b""


_VERDICTS: dict[str, Callable[[Answer, TrustStore, Callable[[], bytes]], Told]] = {
    "openpgp": _openpgp,
    "ssh": _ssh,
    "x509": _x509,
}
