"""Signed notes and checkpoints: the vectors of C2SP and of Go's sumdb, and what is refused."""

from __future__ import annotations

import base64

import pytest

from auditor.errors import TrailError
from auditor.trail.notes import (
    Checkpoint,
    new_key,
    open_note,
    parse_checkpoint,
    parse_note,
    read_signing_key,
    read_verifier_key,
    sign,
)

# From the tests of golang.org/x/mod/sumdb/note, the format's reference implementation.
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
OTHER = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
NOTE = f"{TEXT}\n{PETER}"

# The example of c2sp.org/tlog-checkpoint.
CHECKPOINT = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""


def test_a_note_is_signed_as_the_reference_signs_it() -> None:
    """Ed25519 is deterministic: the same key and text give the same line."""
    assert sign(TEXT, read_signing_key(SECRET)) == NOTE


def test_keys_are_written_as_they_are_read() -> None:
    key = read_signing_key(SECRET + "\n")
    assert key.secret_line() == SECRET + "\n"
    assert str(key.verifier) == str(read_verifier_key(VERIFIER)) == VERIFIER
    assert key.verifier.key_id == "PeterNeumann+c74f20a3"
    assert SECRET[-20:] not in repr(key)


def test_a_note_is_opened_by_whom_it_names() -> None:
    peter, enoch = read_verifier_key(VERIFIER), read_verifier_key(OTHER)
    assert open_note(NOTE, [peter]) == (TEXT, (peter,))
    assert open_note(f"{TEXT}\n{PETER}{ENOCH}", [peter]) == (TEXT, (peter,))
    assert open_note(f"{TEXT}\n{PETER}{ENOCH}", [enoch, peter]) == (TEXT, (peter, enoch))
    assert open_note(f"{TEXT}\n{PETER}{PETER}", [peter]) == (TEXT, (peter,))


def test_a_note_by_nobody_known_is_refused() -> None:
    with pytest.raises(TrailError, match=r"no known key.*PeterNeumann\+c74f20a3"):
        open_note(NOTE, [read_verifier_key(OTHER)])
    with pytest.raises(TrailError, match="no known key"):
        open_note(NOTE, [])


def test_every_changed_character_of_the_text_is_noticed() -> None:
    peter = read_verifier_key(VERIFIER)
    for at, char in enumerate(TEXT[:-1]):
        changed = NOTE[:at] + ("x" if char != "x" else "y") + NOTE[at + 1 :]
        with pytest.raises(TrailError):
            open_note(changed, [peter])


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        "\x01" + NOTE,
        TEXT + "\n" + "— Bad Name " + PETER.split(" ", 2)[2],
        NOTE + "Unexpected line.\n",
        f"{TEXT}\n" + PETER * 101,
        f"{TEXT}\n— PeterNeumann x08goA\n",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        f"{TEXT}\n- PeterNeumann " + PETER.split(" ")[2],
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(TrailError, match="note"):
        open_note(note, [read_verifier_key(VERIFIER)])


def test_every_mangled_verifier_key_is_refused() -> None:
    for begin in range(len(VERIFIER)):
        for end in range(begin + 1, len(VERIFIER) + 1):
            if (begin, end) != (0, len(VERIFIER)):
                with pytest.raises(TrailError):
                    read_verifier_key(VERIFIER[begin:end])
    for at, char in enumerate(VERIFIER):
        with pytest.raises(TrailError):
            read_verifier_key(VERIFIER[:at] + chr(ord(char) + 1) + VERIFIER[at + 1 :])


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # wrong length, hash adjusted
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown algorithm, hash adjusted
    ],
)
def test_keys_of_another_kind_are_refused(key: str) -> None:
    with pytest.raises(TrailError):
        read_verifier_key(key)


def test_every_mangled_signing_key_is_refused_without_being_told() -> None:
    for at, char in enumerate(SECRET):
        with pytest.raises(TrailError) as raised:
            read_signing_key(SECRET[:at] + chr(ord(char) + 1) + SECRET[at + 1 :])
        assert SECRET[-30:-20] not in str(raised.value)


def test_a_key_of_openssl_is_taken() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    seed = read_signing_key(SECRET).seed
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(*form).decode()
    assert read_signing_key(pem, name="PeterNeumann") == read_signing_key(SECRET)
    with pytest.raises(TrailError, match="no Ed25519 key"):
        read_signing_key(X25519PrivateKey.generate().private_bytes(*form).decode(), name="x")
    with pytest.raises(TrailError, match="name"):
        read_signing_key(pem)


def test_a_new_key_signs_what_it_verifies() -> None:
    key = new_key("example.com/trail")
    note = sign("a\n\nb\n", key)
    assert open_note(note, [read_verifier_key(str(key.verifier))])[0] == "a\n\nb\n"
    assert read_signing_key(key.secret_line()) == key
    assert new_key("example.com/trail") != key


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb"])
def test_names_that_a_note_cannot_hold(name: str) -> None:
    with pytest.raises(TrailError, match="name"):
        new_key(name)


@pytest.mark.parametrize("text", ["", "\n", "abc", "a\tb\n", "a\x00\n"])
def test_texts_that_a_note_cannot_hold(text: str) -> None:
    with pytest.raises(TrailError):
        sign(text, read_signing_key(SECRET))


def test_the_checkpoint_of_the_specification() -> None:
    note = parse_note(CHECKPOINT)
    found = parse_checkpoint(note.text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root == base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert found.text() == note.text
    assert note.signatures[0].key_id == bytes.fromhex("033de0ae")
    assert len(note.signatures[0].signature) == 64


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n5\n",
        "origin\n05\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n-5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n٥\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
        "origin\n5\nCsUYapGG\n",
        "\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "origin\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(TrailError, match="checkpoint"):
        parse_checkpoint(text)


def test_extension_lines_are_passed_over() -> None:
    made = Checkpoint(origin="o", size=0, root=b"r" * 32)
    assert parse_checkpoint(made.text() + "more\n") == made
