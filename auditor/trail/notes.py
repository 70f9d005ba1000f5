"""Signed notes and checkpoints, as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), by Ed25519.

A checkpoint is a note whose text is origin, size and base64 root, a line each. Anybody can check it with the
verifier key, which is `name+hash+base64` in one line; the signing key's line is `PRIVATE+KEY+name+hash+base64`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from auditor.errors import MissingPartError, TrailError

ED25519 = b"\x01"
"""The byte that says which kind of signature a key makes."""
KEY_BYTES = 32
KEY_ID_BYTES = 4
SIGNATURE_BYTES = 64
MAX_SIGNATURES = 100
"""Of one note; verifiers must take 16, and need not take more."""
_PRIVATE = "PRIVATE+KEY+"
_DASH = "— "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifierKey:
    """The public half. `id` is how signatures name the key, with its name; it proves nothing by itself."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, 0x01, public key)."""
        return hashlib.sha256(b"%b\n%b%b" % (self.name.encode(), ED25519, self.public)).digest()[
            :KEY_ID_BYTES
        ]

    @property
    def key_id(self) -> str:
        """`name+01234567`."""
        return f"{self.name}+{self.id.hex()}"

    def __str__(self) -> str:
        return f"{self.key_id}+{_base64(ED25519 + self.public)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKey:
    """The secret half: never printed, and in no error's text."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(name=self.name, public=_private(self.seed).public_key().public_bytes_raw())

    def secret_line(self) -> str:
        """What a key file holds."""
        return f"{_PRIVATE}{self.verifier.key_id}+{_base64(ED25519 + self.seed)}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A note taken apart. Nothing of it is verified; see `open_note`. `text` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def is_cut_off(self) -> bool:
        """True where a signature is too short to be one: a write that ended in the middle of it."""
        return any(len(signature.signature) < SIGNATURE_BYTES for signature in self.signatures)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """What a checkpoint says: the log `origin` had `size` records and this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def new_key(name: str) -> SigningKey:
    """A key from the system's randomness. TrailError for a name that a note cannot hold."""
    return SigningKey(name=_checked_name(name), seed=secrets.token_bytes(KEY_BYTES))


def read_signing_key(text: str, *, name: str = "") -> SigningKey:
    """A key file's text: our own line, or a PEM private key (PKCS #8) for which `name` must be given.

    Raises TrailError where it is neither. The error does not hold the text.
    """
    if text.lstrip().startswith("-----BEGIN"):
        return SigningKey(name=_checked_name(name), seed=_seed_of_pem(text))
    line = text.strip()
    if not line.startswith(_PRIVATE):
        raise TrailError("this is no signing key", hint="`auditor trail init` makes one")
    own_name, key_id, seed = _parts(line.removeprefix(_PRIVATE), "signing key")
    key = SigningKey(name=own_name, seed=seed)
    if key.verifier.id != key_id:
        raise TrailError("the signing key is damaged: its hash does not fit", hint="restore it from a backup")
    return key


def read_verifier_key(text: str) -> VerifierKey:
    """`name+hash+base64` as a key; TrailError where it is none or its hash does not fit."""
    name, key_id, public = _parts(text.strip(), "verifier key")
    key = VerifierKey(name=name, public=public)
    if key.id != key_id:
        raise TrailError(f"the verifier key of {name} is damaged: its hash does not fit", hint=_VERIFIER_HINT)
    return key


def sign(text: str, key: SigningKey) -> str:
    """The note: text, blank line, signature line. TrailError for a text that a note cannot hold."""
    if not text.endswith("\n") or text == "\n" or any(char < " " and char != "\n" for char in text):
        raise TrailError("a note's text is lines without control characters", hint="this is a defect")
    signed = key.verifier.id + _private(key.seed).sign(text.encode())
    return f"{text}\n{_DASH}{key.name} {_base64(signed)}\n"


def parse_note(note: str) -> Note:
    """Takes a note apart; TrailError where it is none."""
    text, found, signed = note.rpartition("\n\n")
    if not found or not text or not signed.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise TrailError("this is no signed note", hint=_NOTE_HINT)
    lines = signed[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise TrailError(f"the note has more than {MAX_SIGNATURES} signatures", hint=_NOTE_HINT)
    return Note(text=f"{text}\n", signatures=tuple(_signature(line) for line in lines))


def open_note(note: str, keys: Iterable[VerifierKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """The text, and which of the keys signed it: at least one.

    Signatures by other keys are passed over. Raises TrailError where a signature of a known key does not fit the
    text, and where none of the keys signed.
    """
    parsed = parse_note(note)
    known = {(key.name, key.id): key for key in keys}
    signers = []
    for signature in parsed.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None or key in signers:
            continue
        if not verified(key, signature.signature, parsed.text.encode()):
            raise TrailError(
                f"the signature by {key.key_id} is wrong: the note was changed, or another key made it",
                hint=_NOTE_HINT,
            )
        signers.append(key)
    if not signers:
        names = ", ".join(f"{s.name}+{s.key_id.hex()}" for s in parsed.signatures)
        raise TrailError(
            f"no known key signed the note; it is signed by {names}",
            hint="give its verifier key with --key, if you trust it",
        )
    return parsed.text, tuple(signers)


def parse_checkpoint(text: str) -> Checkpoint:
    """The text of a note as a checkpoint; TrailError where it is none. Extension lines are passed over."""
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1]:
        raise TrailError("the note is no checkpoint", hint=_NOTE_HINT)
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise TrailError(f"the checkpoint's size is no number: {size[:40]!r}", hint=_NOTE_HINT)
    found = _decoded(root)
    if found is None or len(found) != KEY_BYTES:
        raise TrailError("the checkpoint's root is no SHA-256 in base64", hint=_NOTE_HINT)
    return Checkpoint(origin=origin, size=int(size), root=found)


_NOTE_HINT = "give a checkpoint as it was written: text, blank line, signature lines"
_VERIFIER_HINT = "it looks like `name+01234567+AbC…`; `auditor trail init` printed it"


def verified(key: VerifierKey, signature: bytes, text: bytes) -> bool:
    """Whether the key made the signature over these bytes."""
    ed25519 = _ed25519()
    from cryptography.exceptions import InvalidSignature

    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signature(line: str) -> Signature:
    name, found, encoded = line.removeprefix(_DASH).partition(" ")
    signed = _decoded(encoded)
    if not line.startswith(_DASH) or not found or not _is_name(name) or signed is None:
        raise TrailError("this is no signed note: a signature line is malformed", hint=_NOTE_HINT)
    if len(signed) <= KEY_ID_BYTES:
        raise TrailError("this is no signed note: a signature is empty", hint=_NOTE_HINT)
    return Signature(name=name, key_id=signed[:KEY_ID_BYTES], signature=signed[KEY_ID_BYTES:])


def _parts(text: str, what: str) -> tuple[str, bytes, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if (
        not _is_name(name)
        or not re.fullmatch("[0-9a-f]{8}", key_id)
        or key is None
        or len(key) != KEY_BYTES + 1
        or key[:1] != ED25519
    ):
        raise TrailError(f"this is no {what}", hint=_VERIFIER_HINT)
    return name, bytes.fromhex(key_id), key[1:]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and name.isprintable() and not any(c.isspace() for c in name)


def _checked_name(name: str) -> str:
    if not _is_name(name):
        raise TrailError(
            f"{name!r} cannot be the name of a key: it has to be without blanks and +",
            hint="such as example.com/audit-trail, with --name",
        )
    return name


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(text: str) -> bytes | None:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value if _base64(value) == text else None  # one text for one value: no stray bits at the end


def _seed_of_pem(text: str) -> bytes:
    ed25519 = _ed25519()
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise TrailError("the PEM key cannot be read", hint="give an unencrypted Ed25519 key") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise TrailError(
            "the PEM key is no Ed25519 key", hint="`openssl genpkey -algorithm ed25519` makes one"
        )
    seed: bytes = key.private_bytes_raw()
    return seed


def _private(seed: bytes) -> Any:
    return _ed25519().Ed25519PrivateKey.from_private_bytes(seed)


def _ed25519() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingPartError(
            "signatures need the package `cryptography`", hint="pip install 'auditor[scan]'"
        ) from error
    return ed25519
