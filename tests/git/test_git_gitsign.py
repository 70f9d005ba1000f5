"""Signatures by gitsign of every state: what the commit proves, what it lacks, and what somebody made up.

Three makers: a Sigstore of the test's own (histories/sigstore.py), which can go wrong in any one way; the real gitsign,
whose Fulcio, Rekor and identity provider that Sigstore plays on loopback by the paths of their APIs; and one commit
that the public Sigstore has certified and logged.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from histories.builder import START, History
from histories.signing import sign
from histories.sigstore import DAY, ISSUER, Sigstore
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import ConfigurationError
from auditor.git.gitsign.checking import Maker, check_gitsign, maker_of
from auditor.git.gitsign.trust import GitsignFiles, GitsignIdentity, GitsignTrust, gitsign_trust
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.signature_answers import Told, payload_of, signature_of
from auditor.git.signatures import check_signatures
from auditor.git.trust import TrustFiles, TrustStore
from auditor.model import SignatureCheck, SignatureStatus
from auditor.model.people import normal_key

GITSIGN = Path(__file__).parents[2] / ".tools/bin/gitsign"
VECTORS = Path(__file__).parent / "vectors"
ANN = GitsignIdentity(issuer=ISSUER, email="ann@example.org")
WORKFLOW = "https://git.example.org/acme/fleet/.github/workflows/bump.yaml@refs/heads/main"
GOOD, BAD, UNTRUSTED = SignatureStatus.GOOD, SignatureStatus.BAD, SignatureStatus.UNTRUSTED
UNCHECKED = SignatureStatus.UNCHECKED
PAYLOAD = b"tree 0\nauthor ann\n\nas it was\n"
LATE = DAY + timedelta(minutes=10, seconds=1)
STRANGER = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Sigstore:
    return Sigstore(tmp_path_factory.mktemp("sigstore") / "keys")


def _trust(sigstore: Sigstore, *identities: GitsignIdentity, **files: Any) -> GitsignTrust:
    given = {"fulcio_roots": (sigstore.fulcio,), "rekor_keys": (sigstore.rekor,)} | files
    named = GitsignFiles(identities=identities or (ANN,), **given)
    return gitsign_trust(named, {path: path.read_bytes() for path in named.paths()})


# what is done to it, status, a part of the reason
STATES: list[tuple[str, dict[str, Any], SignatureStatus, str]] = [
    ("as gitsign makes it", {}, GOOD, ""),
    ("in the last second of its certificate", {"logged_at": LATE - timedelta(seconds=1)}, GOOD, ""),
    ("issuer in the old extension only", {"old_issuer_only": True}, GOOD, ""),
    ("promise and no proof", {"proof": "none"}, GOOD, ""),
    ("another address", {"email": "eve@example.org"}, UNTRUSTED, "by eve@example.org, identified by"),
    ("an address that holds a trusted one", {"email": "ann@example.org.evil.example"}, UNTRUSTED, "no configured"),
    ("another issuer", {"issuer": "https://evil.example"}, UNTRUSTED, "identified by https://evil.example"),
    ("no log entry", {"logged_at": None}, UNCHECKED, "no proof by a transparency log"),
    ("no log entry, another address", {"logged_at": None, "email": "eve@example.org"}, UNTRUSTED, "no configured"),
    ("logged too late", {"logged_at": LATE}, UNTRUSTED, "valid from 2025-06-01 12:00:00 to 2025-06-01 12:10:00"),
    ("logged too early", {"logged_at": DAY - timedelta(seconds=1)}, UNTRUSTED, "took the signature in at"),
    ("another log", {"log": STRANGER}, UNTRUSTED, "a transparency log that is not configured"),
    ("another log under a trusted id", {"log": STRANGER, "claims_log": True}, BAD, "forged"),
    ("no promise", {"promise": b""}, BAD, "forged"),
    ("a promise of another time", {"promised_at": DAY + timedelta(days=1)}, BAD, "forged"),
    ("an entry of another commit", {"entry_of": b"tree 1\n\nelse\n"}, BAD, "forged"),
    ("a hash of the proof", {"proof": "hash"}, BAD, "proof that the log includes"),
    ("the root of the proof", {"proof": "root"}, BAD, "proof that the log includes"),
    ("the checkpoint", {"proof": "checkpoint"}, BAD, "checkpoint does not bear"),
    ("over another commit", {"payload": b"tree 1\n\nelse\n"}, BAD, "does not fit the commit"),
    ("by another key", {"signed_with": STRANGER}, BAD, "key has not made it"),
    ("content in the signature", {"attached": True}, BAD, "brings the content"),
    ("two signatures", {"twice": True}, BAD, "2 signatures"),
    ("a certificate for mail", {"code_signing": False}, UNTRUSTED, "configured root"),
    ("a certificate of a year", {"minutes": 525600, "logged_at": DAY + timedelta(days=90)}, GOOD, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "status", "reason"), [state[1:] for state in STATES], ids=[s[0] for s in STATES]
)
def test_states(sigstore: Sigstore, how: dict[str, Any], status: SignatureStatus, reason: str) -> None:
    told = check_gitsign(PAYLOAD, sigstore.signer(**how)(PAYLOAD), _trust(sigstore))
    assert told.status is status, told
    assert reason in told.reason
    assert bool(told.reason) is (status is not GOOD)
    assert told.signer == ("ann@example.org" if status is GOOD else "")
    if status is GOOD:
        assert told.key == normal_key(told.key) == f"sigstore:{ISSUER} ann@example.org"


def test_an_authority_that_is_not_configured(sigstore: Sigstore, tmp_path: Path) -> None:
    """The same names, other keys, and its entry in the log that is trusted: anybody may have that."""
    other = Sigstore(tmp_path / "other")
    other.log_key = sigstore.log_key
    told = check_gitsign(PAYLOAD, other.signer()(PAYLOAD), _trust(sigstore))
    assert (told.status, told.key) == (UNTRUSTED, "")
    assert "does not end in a configured root" in told.reason


def test_without_a_log_entry_an_authority_that_is_not_configured_is_still_not_trusted(
    sigstore: Sigstore, tmp_path: Path
) -> None:
    other = Sigstore(tmp_path / "other")
    told = check_gitsign(PAYLOAD, other.signer(logged_at=None)(PAYLOAD), _trust(sigstore))
    assert told.status is UNTRUSTED


def test_a_holder_of_a_certificate_is_no_authority(sigstore: Sigstore) -> None:
    """Whoever has a certificate for signing cannot make further ones with it, by whatever name."""
    key = ec.generate_private_key(ec.SECP256R1())
    from histories.sigstore import Signing

    held = sigstore.certificate(key.public_key(), Signing(email="eve@example.org"))
    kept = sigstore.between, sigstore.between_key
    sigstore.between, sigstore.between_key = held, key  # type: ignore[assignment]
    try:
        signature = sigstore.signer()(PAYLOAD)
    finally:
        sigstore.between, sigstore.between_key = kept
    trust = _trust(sigstore)
    # Even where the certificate between is at hand.
    (authority,) = trust.authorities
    authority.between.append(held)
    assert check_gitsign(PAYLOAD, signature, trust).status is UNTRUSTED


@pytest.mark.parametrize(
    ("identity", "holder", "fits"),
    [
        (GitsignIdentity(issuer=ISSUER, subject=WORKFLOW), {"uri": WORKFLOW}, True),
        (GitsignIdentity(issuer=ISSUER, email=WORKFLOW), {"uri": WORKFLOW}, False),
        (GitsignIdentity(issuer=ISSUER, subject="ann@example.org"), {}, True),
        (
            GitsignIdentity(issuer=ISSUER, subject_regexp=r"https://git\.example\.org/acme/.+"),
            {"uri": WORKFLOW},
            True,
        ),
        # The whole of it has to fit: no other repository whose name begins so, no other host that ends so.
        (
            GitsignIdentity(issuer=ISSUER, subject_regexp=r"https://git\.example\.org/acme"),
            {"uri": WORKFLOW},
            False,
        ),
        (GitsignIdentity(issuer=ISSUER, subject_regexp=r"acme/.+"), {"uri": WORKFLOW}, False),
        (GitsignIdentity(issuer=ISSUER, subject_regexp=r".+@example\.org"), {}, True),
        (GitsignIdentity(issuer=f"{ISSUER}/", email="ann@example.org"), {}, False),
        (GitsignIdentity(issuer=ISSUER, email="ANN@example.org"), {}, False),
    ],
)
def test_who_fits_an_identity(
    sigstore: Sigstore, identity: GitsignIdentity, holder: dict[str, str], fits: bool
) -> None:
    told = check_gitsign(PAYLOAD, sigstore.signer(**holder)(PAYLOAD), _trust(sigstore, identity))
    assert told.status is (GOOD if fits else UNTRUSTED)


def test_certificates_have_to_be_logged_where_certificate_logs_are_configured(
    sigstore: Sigstore, tmp_path: Path
) -> None:
    trust = _trust(sigstore, ct_log_keys=(sigstore.ctfe,))
    assert check_gitsign(PAYLOAD, sigstore.signer()(PAYLOAD), trust).status is GOOD
    bare = check_gitsign(PAYLOAD, sigstore.signer(timestamped=False)(PAYLOAD), trust)
    assert (bare.status, "certificate log" in bare.reason) == (UNTRUSTED, True)
    other = _trust(sigstore, ct_log_keys=(Sigstore(tmp_path / "other").ctfe,))
    assert check_gitsign(PAYLOAD, sigstore.signer()(PAYLOAD), other).status is UNTRUSTED


@pytest.mark.parametrize("part", ["certificateAuthorities", "tlogs", "ctlogs"])
def test_what_was_out_of_use_does_not_count(sigstore: Sigstore, part: str) -> None:
    signature = sigstore.signer()(PAYLOAD)

    def status(**windows: dict[str, str]) -> SignatureStatus:
        path = sigstore.trusted_root(**windows)
        return check_gitsign(
            PAYLOAD, signature, _trust(sigstore, fulcio_roots=(), rekor_keys=(), trusted_root=path)
        ).status

    assert status() is GOOD
    assert status(**{part: {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00.000Z"}}) is GOOD
    assert status(**{part: {"start": "2025-06-02T00:00:00Z"}}) is UNTRUSTED
    assert status(**{part: {"start": "2024-01-01T00:00:00Z", "end": "2025-05-31T00:00:00Z"}}) is UNTRUSTED


def test_no_changed_byte_is_good(sigstore: Sigstore) -> None:
    """Each byte of a signature changed in two ways: never good and never a failure of ours, but for one name that
    nobody asks for."""
    trust = _trust(sigstore)
    der = base64.b64decode(b"".join(sigstore.signer()(PAYLOAD).splitlines()[1:-1]))
    name = range(der.index("\N{EM DASH} log.example.org".encode()), len(der))
    statuses: dict[SignatureStatus, list[int]] = {}
    for at in range(len(der)):
        for mask in (0x01, 0x80):
            changed = bytearray(der)
            changed[at] ^= mask
            armored = b"-----BEGIN SIGNED MESSAGE-----\n%b-----END SIGNED MESSAGE-----" % base64.encodebytes(
                changed
            )
            statuses.setdefault(check_gitsign(PAYLOAD, armored, trust).status, []).append(at)
            assert maker_of(armored) in Maker
    assert set(statuses) <= {GOOD, BAD, UNTRUSTED, UNCHECKED}
    assert [at for at in statuses.get(GOOD, []) if at not in name] == []
    assert len(statuses[BAD]) > len(der)


@given(noise=st.binary(max_size=200))
def test_noise_is_bad_and_no_failure(sigstore: Sigstore, noise: bytes) -> None:
    armored = b"-----BEGIN SIGNED MESSAGE-----\n%b-----END SIGNED MESSAGE-----" % base64.encodebytes(noise)
    for signature in (noise, armored):
        assert check_gitsign(PAYLOAD, signature, _trust(sigstore)).status is BAD
        assert maker_of(signature) is Maker.UNREADABLE


def test_a_huge_one_is_not_read(sigstore: Sigstore) -> None:
    """Six megabytes of blanks, or of certificates: told at once."""
    armored = sigstore.signer()(PAYLOAD)
    begin, end = b"-----BEGIN SIGNED MESSAGE-----", b"-----END SIGNED MESSAGE-----"
    for huge in (
        begin + b"\n" * 6_000_000,
        begin + b"\n" * 6_000_000 + end,
        armored.replace(end, b"A" * 6_000_000 + end),
    ):
        started = time.process_time()
        assert check_gitsign(PAYLOAD, huge, _trust(sigstore)).status is BAD
        assert maker_of(huge) is Maker.UNREADABLE
        assert time.process_time() - started < 1


def _signed_by_the_public_sigstore() -> tuple[bytes, bytes]:
    raw = (VECTORS / "gitsign-offline.commit").read_bytes()
    return payload_of(raw), signature_of(raw, header=b"gpgsig")


def _public_trust(**identity: str) -> GitsignTrust:
    path = VECTORS / "sigstore-trusted-root.json"
    files = GitsignFiles(identities=(GitsignIdentity(**identity),), trusted_root=path)
    return gitsign_trust(files, {path: path.read_bytes()})


def test_a_commit_that_the_public_sigstore_has_certified_and_logged() -> None:
    """Authority, certificate log, transparency log, its proof and checkpoint: all as the public ones write them."""
    payload, signature = _signed_by_the_public_sigstore()
    issuer = "https://accounts.google.com"
    trust = _public_trust(issuer=issuer, subject_regexp=r"[^@]+@chainguard\.dev")
    told = check_gitsign(payload, signature, trust)
    (email,) = re.findall(rb"^committer .*<(.+)>", payload, re.M)
    assert told == Told(GOOD, "", f"sigstore:{issuer} {email.decode()}", email.decode())
    assert check_gitsign(payload + b" ", signature, trust).status is BAD
    assert (
        check_gitsign(payload, signature, _public_trust(issuer=issuer, email="a@b.example")).status
        is UNTRUSTED
    )


# Within a repository ------------------------------------------------------------------------------------------------


@dataclass
class Signed:
    mirror: Mirror
    shas: Mapping[str, str]
    sigstore: Sigstore

    def check(self, files: TrustFiles) -> dict[str, SignatureCheck]:
        with TrustStore(files) as store:
            asked = dict.fromkeys(self.shas.values(), "x509")
            found = {one.sha: one for one in check_signatures(self.mirror, asked, store)}
        assert found.keys() == asked.keys()
        return {name: found[sha] for name, sha in self.shas.items()}

    @property
    def trusted(self) -> GitsignFiles:
        return GitsignFiles(
            identities=(ANN,), fulcio_roots=(self.sigstore.fulcio,), rekor_keys=(self.sigstore.rekor,)
        )


@pytest.fixture(scope="module")
def signed(sigstore: Sigstore, tmp_path_factory: pytest.TempPathFactory) -> Signed:
    folder = tmp_path_factory.mktemp("signed")
    story = History(folder / "repo")
    nothing = b"-----BEGIN SIGNED MESSAGE-----\nabcd\n-----END SIGNED MESSAGE-----"
    shas = {
        "good": sign(story, sigstore.signer()),
        "tampered": sign(story, sigstore.signer(), tampered=True),
        "eve": sign(story, sigstore.signer("eve@example.org")),
        "unlogged": sign(story, sigstore.signer(logged_at=None)),
        "nothing": sign(story, lambda _: nothing),
    }
    return Signed(update_mirror(str(story.path), folder / "state"), shas, sigstore)


def test_commits_are_checked_without_any_program(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither gpgsm nor gitsign has to be there, and none is looked for in a repository's PATH."""
    from auditor.git import trust

    monkeypatch.setattr(trust.shutil, "which", lambda _: None)
    found = signed.check(TrustFiles(gitsign=signed.trusted))
    assert {name: one.status for name, one in found.items()} == {
        "good": GOOD, "tampered": BAD, "eve": UNTRUSTED, "unlogged": UNCHECKED, "nothing": UNCHECKED,
    }  # fmt: skip
    assert (found["good"].signer, found["good"].reason) == ("ann@example.org", "")
    assert "x509_roots" in found["nothing"].reason, "it is no gitsign's, and no others are trusted"
    assert len({one.trust for one in found.values()}) == 1 != {""}


def test_what_is_not_configured_is_not_checked_and_never_good(signed: Signed) -> None:
    for files in (TrustFiles(), TrustFiles(x509_roots=(signed.sigstore.fulcio,))):
        found = signed.check(files)
        for name in ("good", "tampered", "eve", "unlogged"):
            assert found[name].status is UNCHECKED, (files, name)
            assert "signatures.gitsign" in found[name].reason


def test_the_digest_tells_trust_apart(signed: Signed, tmp_path: Path) -> None:
    base = signed.trusted
    other = Sigstore(tmp_path / "other")

    def digest(files: GitsignFiles | None) -> str:
        return TrustStore(TrustFiles(gitsign=files)).digest("x509")

    kinds = [
        base,
        GitsignFiles(identities=(*base.identities, GitsignIdentity(issuer=ISSUER, email="bob@example.org")), fulcio_roots=base.fulcio_roots, rekor_keys=base.rekor_keys),
        GitsignFiles(identities=(GitsignIdentity(issuer=ISSUER, subject="ann@example.org"),), fulcio_roots=base.fulcio_roots, rekor_keys=base.rekor_keys),
        GitsignFiles(identities=base.identities, fulcio_roots=(other.fulcio,), rekor_keys=base.rekor_keys),
        GitsignFiles(identities=base.identities, fulcio_roots=base.fulcio_roots, rekor_keys=(base.rekor_keys[0], other.ctfe)),
        GitsignFiles(identities=base.identities, fulcio_roots=base.fulcio_roots, rekor_keys=base.rekor_keys, ct_log_keys=(other.ctfe,)),
    ]  # fmt: skip
    assert len({digest(one) for one in kinds}) == len(kinds)
    assert digest(base) == digest(base) != ""
    assert digest(None) == ""


BROKEN = [
    ({"fulcio_roots": "text"}, "holds no X.509 certificate"),
    ({"rekor_keys": "text"}, "holds no public key"),
    ({"rekor_keys": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}, "damaged key"),
    ({"rekor_keys": "-----BEGIN PRIVATE KEY-----\n"}, "private key"),
    ({"trusted_root": "{}"}, "no authority is configured"),
    ({"trusted_root": '{"certificateAuthorities": [{}]}'}, "is no trusted root"),
    ({"trusted_root": "[]"}, "is no trusted root"),
]


@pytest.mark.parametrize(("given_files", "words"), BROKEN)
def test_broken_trust_is_an_error_and_not_an_empty_one(
    sigstore: Sigstore, tmp_path: Path, given_files: dict[str, str], words: str
) -> None:
    ((name, text),) = given_files.items()
    file = tmp_path / "file"
    file.write_text(text)
    files: dict[str, Any] = {"fulcio_roots": (sigstore.fulcio,), "rekor_keys": (sigstore.rekor,)}
    files = {"trusted_root": file} if name == "trusted_root" else files | {name: (file,)}
    with pytest.raises(ConfigurationError, match=words):
        TrustStore(TrustFiles(gitsign=GitsignFiles(identities=(ANN,), **files)))


def test_roots_and_logs_are_both_needed(sigstore: Sigstore) -> None:
    for files, words in (({"fulcio_roots": ()}, "authority"), ({"rekor_keys": ()}, "transparency log")):
        with pytest.raises(ConfigurationError, match=f"no {words} is configured"):
            _trust(sigstore, **files)
    between_only = sigstore.folder / "between.pem"
    between_only.write_bytes(sigstore.fulcio.read_bytes().partition(b"-----END CERTIFICATE-----\n")[0])
    with between_only.open("ab") as file:
        file.write(b"-----END CERTIFICATE-----\n")
    with pytest.raises(ConfigurationError, match="is a root"):
        _trust(sigstore, fulcio_roots=(between_only,))
    with pytest.raises(ConfigurationError, match="is no expression"):
        _trust(sigstore, GitsignIdentity(issuer=ISSUER, subject_regexp="("))


# The real program ---------------------------------------------------------------------------------------------------


@pytest.mark.needs_gitsign
@pytest.mark.skipif(not GITSIGN.exists(), reason="needs gitsign; `make tools` builds it")
def test_what_the_real_gitsign_makes(sigstore: Sigstore, tmp_path: Path) -> None:
    """gitsign signs real commits; its Fulcio, Rekor and identity provider are small stand-ins on loopback."""
    story = History(tmp_path / "repo")
    now = START
    shas = {
        "good": sign(story, sigstore.real_signer(GITSIGN), at=now),
        "tampered": sign(story, sigstore.real_signer(GITSIGN), tampered=True),
        "eve": sign(story, sigstore.real_signer(GITSIGN, email="eve@example.org")),
        "unlogged": sign(story, sigstore.real_signer(GITSIGN, mode="online")),
    }
    made = Signed(update_mirror(str(story.path), tmp_path / "state"), shas, sigstore)
    found = made.check(TrustFiles(gitsign=made.trusted))
    assert {name: one.status for name, one in found.items()} == {
        "good": GOOD, "tampered": BAD, "eve": UNTRUSTED, "unlogged": UNCHECKED,
    }  # fmt: skip
    assert "as gitsign writes one" in found["unlogged"].reason
    trusted = _trust(sigstore, ct_log_keys=(sigstore.ctfe,))
    assert check_gitsign(PAYLOAD, sigstore.real_signer(GITSIGN)(PAYLOAD), trusted).status is GOOD
