"""The Ed25519 of docs/verify_proof.py, which is our own: against RFC 8032's vectors and the library that signs."""

from __future__ import annotations

import base64
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import auditor
from auditor.trail.notes import SigningKey, VerifierKey, sign, verified

SCRIPT: dict[str, Any] = runpy.run_path(str(Path(auditor.__file__).parents[1] / "docs" / "verify_proof.py"))

# RFC 8032, section 7.1: public key, message, signature of TEST 1 to 3.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def accepts(public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        SCRIPT["check_signature"](public, text, signature)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc(public: str, message: str, signature: str) -> None:
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert accepts(key, text, signed)
    assert not accepts(key, text + b"x", signed)
    # s + L says the same in other bytes; RFC 8032, section 5.1.7, refuses it.
    other = int.from_bytes(signed[32:], "little") + SCRIPT["L"]
    assert not accepts(key, text, signed[:32] + other.to_bytes(32, "little"))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.binary(min_size=32, max_size=32),
    text=st.text("abc\n", min_size=1),
    at=st.integers(0, 63),
    bit=st.integers(0, 7),
)
def test_it_says_what_the_library_says(seed: bytes, text: str, at: int, bit: int) -> None:
    key = SigningKey(name="k", seed=seed)
    note = sign(f"x{text}\n", key)
    body, _, line = note.rpartition("\n\n")
    signature = base64.b64decode(line.split(" ")[2])[4:]
    message = f"{body}\n".encode()
    assert accepts(key.verifier.public, message, signature)
    changed = signature[:at] + bytes([signature[at] ^ 1 << bit]) + signature[at + 1 :]
    assert not accepts(key.verifier.public, message, changed)
    assert not verified(key.verifier, changed, message)
    other = VerifierKey(name="k", public=bytes([*key.verifier.public[:-1], key.verifier.public[-1] ^ 1]))
    assert accepts(other.public, message, signature) is verified(other, signature, message) is False
