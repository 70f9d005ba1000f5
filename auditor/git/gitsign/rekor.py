"""What Sigstore's transparency log (Rekor) attests of a signature, as gitsign puts it in the commit.

Sources: the messages of sigstore/protobuf-specs (`sigstore_rekor.proto`), Rekor's `hashedrekord` 0.0.1, RFC 6962
(leaf hashes, inclusion proofs), the note format of checkpoints (golang.org/x/mod/sumdb/note, C2SP tlog-checkpoint).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import rfc8785

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from auditor.git.gitsign.trust import LogKey

ATTRIBUTE = "1.3.6.1.4.1.57264.3.1"
"""The unsigned attribute that holds a TransparencyLogEntry (gitsign's `rekorMode = offline`)."""
_KIND = (b"hashedrekord", b"0.0.1")
_LARGEST_NUMBER = 1 << 63
_LARGEST_CANONICAL = 1 << 53
"""RFC 8785 writes no larger whole numbers."""
_LATEST_S = 253402300799


class ProofError(ValueError):
    """The log's proof does not hold for this signature; the words say why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """A log's word: its id (SHA-256 of its key), the entry's place and time (seconds of the epoch), and the proofs.

    `promise` is the signed entry timestamp. `proof` is None where none is given, which the promise stands in for.
    """

    log: bytes
    index: int
    integrated_s: int
    promise: bytes
    proof: InclusionProof | None

    @property
    def at(self) -> datetime:
        """When the log took the signature in."""
        return datetime.fromtimestamp(self.integrated_s, UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class InclusionProof:
    """Where in a tree of that size and root the entry is, and the log's signed checkpoint of that tree."""

    index: int
    size: int
    root: bytes
    hashes: tuple[bytes, ...]
    checkpoint: str


def parse_entry(data: bytes) -> LogEntry:
    """Reads a serialised TransparencyLogEntry. Raises ProofError where it is none."""
    try:
        return _entry(data)
    except (ValueError, IndexError) as error:
        raise ProofError(f"the log entry in it cannot be read: {error}") from error


def _entry(data: bytes) -> LogEntry:
    numbers, texts = _fields(data)
    seconds = numbers.get(4, 0)
    if not 0 < seconds <= _LATEST_S:
        raise ProofError("the log entry in it tells no time")
    _, kind = _fields(_last(texts, 3))
    if (_last(kind, 1), _last(kind, 2)) != _KIND:
        raise ProofError("the log entry in it is of another kind than gitsign makes")
    proof = None
    if 6 in texts:
        held, parts = _fields(_last(texts, 6))
        _, checkpoint = _fields(_last(parts, 5))
        proof = InclusionProof(
            index=held.get(1, 0),
            size=held.get(3, 0),
            root=_last(parts, 2),
            hashes=tuple(parts.get(4, ())),
            checkpoint=_last(checkpoint, 1).decode("utf-8"),
        )
    return LogEntry(
        log=_last(_fields(_last(texts, 2))[1], 1),
        index=numbers.get(1, 0),
        integrated_s=seconds,
        promise=_last(_fields(_last(texts, 5))[1], 1),
        proof=proof,
    )


def verify_entry(entry: LogEntry, key: LogKey, *, signed: bytes, signature: bytes, by: Certificate) -> None:
    """Holds the log's word against what was signed, the signature, and the certificate that signed.

    Raises ProofError where the promise, the inclusion proof or the checkpoint does not hold.
    """
    if entry.index >= _LARGEST_CANONICAL:
        raise ProofError("the entry's index is no number that a log can have signed")
    body = _body(signed, signature, by)
    promised = {
        "body": base64.b64encode(body).decode("ascii"),
        "integratedTime": entry.integrated_s,
        "logID": entry.log.hex(),
        "logIndex": entry.index,
    }
    if not key.has_signed(entry.promise, _canonical(promised)):
        raise ProofError("the log's signature over entry and time (signed entry timestamp) does not fit")
    if entry.proof is None:
        return
    if _root(entry.proof, hashlib.sha256(b"\x00" + body).digest()) != entry.proof.root:
        raise ProofError("the proof that the log includes the entry does not hold")
    _verify_checkpoint(entry.proof, key)


def _canonical(value: dict[str, object]) -> bytes:
    return rfc8785.dumps(value)  # type: ignore[arg-type]


def _body(signed: bytes, signature: bytes, by: Certificate) -> bytes:
    """The entry as the log has it, canonical (RFC 8785): gitsign leaves it out, since it follows from the signature."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return _canonical(
        {
            "apiVersion": "0.0.1",
            "kind": "hashedrekord",
            "spec": {
                "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(signed).hexdigest()}},
                "signature": {
                    "content": base64.b64encode(signature).decode("ascii"),
                    "publicKey": {"content": base64.b64encode(by.public_bytes(Encoding.PEM)).decode("ascii")},
                },
            },
        }
    )


def _root(proof: InclusionProof, leaf: bytes) -> bytes:
    """The root that leads from the leaf over the proof's hashes (RFC 9162, 2.1.3.2); b'' where it does not."""
    if not 0 <= proof.index < proof.size:
        return b""
    index, last, root = proof.index, proof.size - 1, leaf
    for one in proof.hashes:
        if last == 0:
            return b""
        if index & 1 or index == last:
            root = hashlib.sha256(b"\x01" + one + root).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            root = hashlib.sha256(b"\x01" + root + one).digest()
        index, last = index >> 1, last >> 1
    return root if last == 0 else b""


def _verify_checkpoint(proof: InclusionProof, key: LogKey) -> None:
    text, _, signatures = proof.checkpoint.partition("\n\n")
    lines = text.split("\n")
    if len(lines) < 3 or lines[1] != str(proof.size) or _decoded(lines[2]) != proof.root:
        raise ProofError("the log's checkpoint is of another tree")
    if not any(key.has_signed(one, f"{text}\n".encode()) for one in _signatures(signatures, key)):
        raise ProofError("the log's checkpoint does not bear the log's signature")


def _signatures(lines: str, key: LogKey) -> Iterator[bytes]:
    """The signatures of a note whose key hint is the log's."""
    for line in lines.split("\n"):
        mark, _, rest = line.partition(" ")
        encoded = _decoded(rest.rpartition(" ")[2])
        if mark == "\N{EM DASH}" and encoded[:4] == key.id[:4]:
            yield encoded[4:]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _fields(data: bytes) -> tuple[dict[int, int], dict[int, list[bytes]]]:
    """A protobuf message's numbers (the last of each counts) and its length-delimited fields."""
    numbers: dict[int, int] = {}
    texts: dict[int, list[bytes]] = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == 0:
            numbers[field], at = _varint(data, at)
        elif kind == 2:
            size, at = _varint(data, at)
            if at + size > len(data):
                raise ProofError("a field is cut off")
            texts.setdefault(field, []).append(data[at : at + size])
            at += size
        else:
            raise ProofError(f"a field is of type {kind}, which no field of it has")
    return numbers, texts


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            if value >= _LARGEST_NUMBER:
                raise ProofError("a number is negative or too large")
            return value, at + place + 1
    raise ProofError("a number does not end")


def _last(fields: Mapping[int, Sequence[bytes]], field: int) -> bytes:
    values = fields.get(field)
    if not values:
        raise ProofError(f"field {field} is missing")
    return values[-1]
