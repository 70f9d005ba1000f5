"""A Sigstore of the test's own: authority (Fulcio), transparency log (Rekor), certificate log, and signatures by gitsign.

sigstore = Sigstore(tmp_path)
sha = sign(story, sigstore.signer("ann@example.org"))
settings = {"gitsign": sigstore.setting("ann@example.org")}

What it makes follows RFC 5652 (CMS), RFC 6962 (logs, certificate timestamps), RFC 8785 (canonical JSON), Fulcio's
certificate specification and Rekor's OpenAPI document; it shares no code with what it tests. `real_signer` has the
real gitsign make the signature: it asks this authority and log over HTTP on loopback, by the paths of their APIs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from histories.signing import Signer

ISSUER = "https://login.example.org"
DAY = datetime(2025, 6, 1, 12, 0, 0, tzinfo=UTC)
"""When everything is signed unless a test says else."""
_FULCIO = "1.3.6.1.4.1.57264.1."
_TIMESTAMPS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


@dataclass(frozen=True, kw_only=True)
class Signing:
    """What one signature is made of; each field is a way for it to go wrong."""

    email: str = "ann@example.org"
    uri: str = ""
    issuer: str = ISSUER
    valid_from: datetime = DAY
    minutes: int = 10
    logged_at: datetime | None = DAY + timedelta(minutes=1)
    """None: the commit holds no log entry (gitsign's `rekorMode = online`)."""
    log: ec.EllipticCurvePrivateKey | None = None
    """Another log's key than the configured one's."""
    claims_log: bool = False
    """The other key's signatures under the configured log's id."""
    promise: bytes | None = None
    promised_at: datetime | None = None
    """The time that the log signed, where the entry tells another."""
    proof: str = ""
    """'' | 'none' | 'hash' | 'root' | 'checkpoint'."""
    timestamped: bool = True
    code_signing: bool = True
    authority: bool = False
    """The certificate calls itself an authority's."""
    signed_with: ec.EllipticCurvePrivateKey | None = None
    attached: bool = False
    twice: bool = False
    old_issuer_only: bool = False
    payload: bytes | None = None
    entry_of: bytes | None = None
    """Signs this too, and puts the log's entry of that in."""


@dataclass
class Sigstore:
    """Keys of an authority and of its logs; `folder` gets the files that an operator names."""

    folder: Path
    leaves: list[bytes] = field(repr=False, default_factory=lambda: [_leaf(bytes([n])) for n in range(5)])

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.root_key, self.between_key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
        self.log_key, self.certificate_log_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root, between = _name("sigstore"), _name("sigstore-intermediate")
        self.root = _authority(root, self.root_key, root, self.root_key, 1)
        self.between = _authority(between, self.between_key, root, self.root_key, 0)
        self.fulcio = self._file("fulcio.pem", _pem(self.between) + _pem(self.root))
        self.rekor = self._file("rekor.pub", _public(self.log_key, Encoding.PEM))
        self.ctfe = self._file("ctfe.pub", _public(self.certificate_log_key, Encoding.PEM))

    def _file(self, name: str, content: bytes) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def setting(self, *emails: str, issuer: str = ISSUER) -> dict[str, Any]:
        """`signatures.gitsign` with these addresses."""
        return {
            "fulcio_roots": [str(self.fulcio)],
            "rekor_keys": [str(self.rekor)],
            "identities": [{"email": email, "issuer": issuer} for email in emails],
        }

    def trusted_root(self, **windows: dict[str, str]) -> Path:
        """A trusted_root.json; `windows` are `validFor` of certificateAuthorities, tlogs and ctlogs."""

        def log(key: ec.EllipticCurvePrivateKey, name: str) -> dict[str, Any]:
            raw = base64.b64encode(_public(key, Encoding.DER)).decode()
            window = {"validFor": windows[name]} if name in windows else {}
            return {"baseUrl": "https://log.example.org", "publicKey": {"rawBytes": raw, **window}}

        chain = [
            {"rawBytes": base64.b64encode(one.public_bytes(Encoding.DER)).decode()}
            for one in (self.between, self.root)
        ]
        document = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "certificateAuthorities": [
                {"certChain": {"certificates": chain}, "validFor": windows.get("certificateAuthorities", {})}
            ],
            "tlogs": [log(self.log_key, "tlogs")],
            "ctlogs": [log(self.certificate_log_key, "ctlogs")],
        }
        return self._file("trusted_root.json", json.dumps(document).encode())

    # What gitsign makes ---------------------------------------------------------------------------------------------

    def signer(self, email: str = "ann@example.org", **how: Any) -> Signer:
        """Signs as gitsign does for this address, or as `how` (fields of Signing) has it."""
        signing = Signing(email=email, **how)
        return lambda payload: self.sign(payload, signing)

    def sign(self, payload: bytes, how: Signing) -> bytes:
        """The armored signature."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.certificate(key.public_key(), how)
        if how.payload is not None:
            payload = how.payload
        attributes = _signed_attributes(payload, how.valid_from)
        signature = (how.signed_with or key).sign(attributes, ec.ECDSA(SHA256()))
        unsigned = b""
        if how.logged_at is not None:
            logged, of = signature, attributes
            if how.entry_of is not None:
                of = _signed_attributes(how.entry_of, how.valid_from)
                logged = key.sign(of, ec.ECDSA(SHA256()))
            entry = self.log(_body(of, logged, _pem(certificate)), how.logged_at, how)
            value = _tlv(0x04, _protobuf(entry, how.proof))
            unsigned = _tlv(0xA1, _sequence(_oid("1.3.6.1.4.1.57264.3.1"), _tlv(0x31, value)))
        sha256 = _sequence(_oid("2.16.840.1.101.3.4.2.1"))
        issuer = certificate.issuer.public_bytes()
        info = _sequence(
            _integer(1),
            _sequence(issuer, _integer(certificate.serial_number)),
            sha256,
            b"\xa0" + attributes[1:],
            _sequence(_oid("1.2.840.10045.4.3.2")),
            _tlv(0x04, signature),
            unsigned,
        )
        content = _tlv(0xA0, _tlv(0x04, payload)) if how.attached else b""
        data = _sequence(
            _integer(1),
            _tlv(0x31, sha256),
            _sequence(_oid("1.2.840.113549.1.7.1"), content),
            _tlv(0xA0, certificate.public_bytes(Encoding.DER)),
            _tlv(0x31, info * (2 if how.twice else 1)),
        )
        der = _sequence(_oid("1.2.840.113549.1.7.2"), _tlv(0xA0, data))
        encoded = base64.encodebytes(der)
        return b"-----BEGIN SIGNED MESSAGE-----\n" + encoded + b"-----END SIGNED MESSAGE-----\n"

    def certificate(self, key: ec.EllipticCurvePublicKey, how: Signing) -> x509.Certificate:
        """What Fulcio issues: no subject, the holder as an alternative name, the issuer in its own extensions."""
        name: x509.GeneralName = (
            x509.UniformResourceIdentifier(how.uri) if how.uri else x509.RFC822Name(how.email)
        )
        usage = ExtendedKeyUsageOID.CODE_SIGNING if how.code_signing else ExtendedKeyUsageOID.EMAIL_PROTECTION
        between_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.between_key.public_key())
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (_key_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([usage]), False),
            (x509.SubjectKeyIdentifier.from_public_key(key), False),
            (between_id, False),
            (x509.SubjectAlternativeName([name]), True),
            (x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{_FULCIO}1"), how.issuer.encode()), False),
        ]
        if not how.old_issuer_only:
            new = x509.ObjectIdentifier(f"{_FULCIO}8")
            extensions.append((x509.UnrecognizedExtension(new, _tlv(0x0C, how.issuer.encode())), False))
        if how.authority:
            extensions.append((x509.BasicConstraints(ca=True, path_length=None), True))
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.between.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(how.valid_from)
            .not_valid_after(how.valid_from + timedelta(minutes=how.minutes))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        if how.timestamped:
            bare = builder.sign(self.between_key, SHA256())
            stamps = self._timestamps(bare.tbs_certificate_bytes, how.valid_from)
            builder = builder.add_extension(x509.UnrecognizedExtension(_TIMESTAMPS, stamps), False)
        return builder.sign(self.between_key, SHA256())

    def _timestamps(self, tbs: bytes, at: datetime) -> bytes:
        """The certificate log's word on a certificate without that word (RFC 6962, 3.2 and 3.3)."""
        clock = (int(at.timestamp()) * 1000).to_bytes(8, "big")
        issuer = hashlib.sha256(_public(self.between_key, Encoding.DER)).digest()
        signed = b"\x00\x00" + clock + b"\x00\x01" + issuer + len(tbs).to_bytes(3, "big") + tbs + b"\x00\x00"
        signature = self.certificate_log_key.sign(signed, ec.ECDSA(SHA256()))
        log = hashlib.sha256(_public(self.certificate_log_key, Encoding.DER)).digest()
        stamp = b"\x00" + log + clock + b"\x00\x00\x04\x03" + len(signature).to_bytes(2, "big") + signature
        each = len(stamp).to_bytes(2, "big") + stamp
        return _tlv(0x04, len(each).to_bytes(2, "big") + each)

    def log(self, body: bytes, at: datetime, how: Signing) -> dict[str, Any]:
        """A new entry as Rekor answers it (LogEntryAnon of its OpenAPI document)."""
        key = how.log or self.log_key
        named = self.log_key if how.claims_log else key
        log_id = hashlib.sha256(_public(named, Encoding.DER)).hexdigest()
        self.leaves.append(_leaf(body))
        index, size = len(self.leaves) - 1, len(self.leaves)
        root = _root(self.leaves)
        entry = {
            "body": base64.b64encode(body).decode(),
            "integratedTime": int((how.promised_at or at).timestamp()),
            "logID": log_id,
            "logIndex": index + 1_000_000,
        }
        # Keys in order and no blanks: RFC 8785, as long as there are only ASCII and whole numbers.
        promised = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
        promise = key.sign(promised, ec.ECDSA(SHA256())) if how.promise is None else how.promise
        text = f"log.example.org - 1\n{size}\n{base64.b64encode(root).decode()}\n"
        note = bytes.fromhex(log_id)[:4] + key.sign(text.encode(), ec.ECDSA(SHA256()))
        checkpoint = f"{text}\n\N{EM DASH} log.example.org {base64.b64encode(note).decode()}\n"
        return {
            **entry,
            "integratedTime": int(at.timestamp()),
            "verification": {
                "signedEntryTimestamp": base64.b64encode(promise).decode(),
                "inclusionProof": {
                    "logIndex": index,
                    "treeSize": size,
                    "rootHash": root.hex(),
                    "hashes": [one.hex() for one in _path(index, self.leaves)],
                    "checkpoint": checkpoint,
                },
            },
        }

    # The real program -----------------------------------------------------------------------------------------------

    def real_signer(self, program: Path, *, email: str = "ann@example.org", mode: str = "offline") -> Signer:
        """Has gitsign sign, called as git calls it; certificate and log entry come from this Sigstore, of today."""

        def signer(payload: bytes) -> bytes:
            with self.serving(email) as url:
                done = subprocess.run(
                    [str(program), "--status-fd=2", "-bsau", email],
                    input=payload,
                    capture_output=True,
                    timeout=60,
                    check=False,
                    env=self._environment(url, mode),
                    cwd=self.folder,
                )
            assert done.returncode == 0, done.stderr.decode()
            assert b"[GNUPG:] SIG_CREATED " in done.stderr
            return done.stdout

        return signer

    def _environment(self, url: str, mode: str) -> dict[str, str]:
        """Nothing of the caller's, and nowhere to go but to this Sigstore: not even to the root of trust of the public one."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GITSIGN_FULCIO_URL": url,
            "GITSIGN_FULCIO_ROOT": str(self.fulcio),
            "GITSIGN_REKOR_URL": url,
            "GITSIGN_REKOR_MODE": mode,
            "GITSIGN_OIDC_ISSUER": ISSUER,
            "GITSIGN_TOKEN_PROVIDER": "github-actions",
            "SIGSTORE_REKOR_PUBLIC_KEY": str(self.rekor),
            "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE": str(self.ctfe),
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/token?for=tests",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "anybody",
        }

    @contextmanager
    def serving(self, email: str) -> Iterator[str]:
        """The address on loopback of this Sigstore's Fulcio, Rekor and identity provider, which identifies all as `email`."""
        sigstore = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/token"):
                    parts = (
                        {"alg": "RS256"},
                        {"email": email, "email_verified": True, "sub": email, "iss": ISSUER},
                    )
                    encoded = [_unpadded(json.dumps(part).encode()) for part in parts]
                    return self._answer(200, json.dumps({"value": ".".join((*encoded, _unpadded(b"none")))}))
                return self._answer(404, "{}")

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                now = datetime.now(UTC).replace(microsecond=0)
                if self.path == "/api/v1/signingCert":
                    key = load_pem_public_key(_armored(asked["publicKey"]["content"]))
                    assert isinstance(key, ec.EllipticCurvePublicKey)
                    issued = sigstore.certificate(key, Signing(email=email, valid_from=now))
                    chain = b"".join(map(_pem, (issued, sigstore.between, sigstore.root)))
                    return self._answer(201, chain.decode(), "application/pem-certificate-chain")
                if self.path == "/api/v1/log/entries":
                    body = json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()
                    entry = sigstore.log(body, now, Signing())
                    name = sigstore.leaves[-1].hex()
                    return self._answer(
                        201, json.dumps({name: entry}), location=f"/api/v1/log/entries/{name}"
                    )
                return self._answer(404, "{}")

            def _answer(
                self, status: int, text: str, kind: str = "application/json", location: str = ""
            ) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                if location:
                    self.send_header("Location", location)
                    self.send_header("ETag", location.rpartition("/")[2])
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def changed(how: Signing, **fields: Any) -> Signing:
    """The same with other fields."""
    return replace(how, **fields)


# Certificates --------------------------------------------------------------------------------------------------------


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "example.org"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _key_usage(*, digital_signature: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature, key_cert_sign=key_cert_sign, crl_sign=key_cert_sign,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _authority(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    by: ec.EllipticCurvePrivateKey,
    below: int,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(DAY - timedelta(days=1000))
        .not_valid_after(DAY + timedelta(days=5000))
        .add_extension(_key_usage(key_cert_sign=True), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if subject != issuer:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False
        )
    return builder.sign(by, SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _public(key: ec.EllipticCurvePrivateKey, encoding: Encoding) -> bytes:
    return key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def _armored(content: str) -> bytes:
    return f"-----BEGIN PUBLIC KEY-----\n{content}\n-----END PUBLIC KEY-----\n".encode()


def _unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# CMS -----------------------------------------------------------------------------------------------------------------


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    encoded = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(encoded)]) + encoded + content


def _sequence(*parts: bytes) -> bytes:
    return _tlv(0x30, b"".join(parts))


def _integer(value: int) -> bytes:
    return _tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(number) for number in dotted.split("."))
    out = bytearray()
    for number in (40 * first + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        out += bytes(reversed(digits))
    return _tlv(0x06, bytes(out))


def _signed_attributes(payload: bytes, at: datetime) -> bytes:
    """As a SET in the order of their encodings (X.690, 11.6), which is what is signed."""
    attributes = [
        _sequence(_oid(name), _tlv(0x31, value))
        for name, value in (
            ("1.2.840.113549.1.9.3", _oid("1.2.840.113549.1.7.1")),
            ("1.2.840.113549.1.9.4", _tlv(0x04, hashlib.sha256(payload).digest())),
            ("1.2.840.113549.1.9.5", _tlv(0x17, at.strftime("%y%m%d%H%M%SZ").encode())),
        )
    ]
    return _tlv(0x31, b"".join(sorted(attributes)))


# The log -------------------------------------------------------------------------------------------------------------


def _body(signed: bytes, signature: bytes, pem: bytes) -> bytes:
    return json.dumps(
        {
            "apiVersion": "0.0.1",
            "kind": "hashedrekord",
            "spec": {
                "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(signed).hexdigest()}},
                "signature": {
                    "content": base64.b64encode(signature).decode(),
                    "publicKey": {"content": base64.b64encode(pem).decode()},
                },
            },
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()


def _leaf(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def _root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return hashlib.sha256(b"\x01" + _root(leaves[:half]) + _root(leaves[half:])).digest()


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*_path(index, leaves[:half]), _root(leaves[half:])]
    return [*_path(index - half, leaves[half:]), _root(leaves[:half])]


def _half(size: int) -> int:
    """The largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def _protobuf(entry: dict[str, Any], proof: str) -> bytes:
    """The entry as a TransparencyLogEntry (`sigstore_rekor.proto` of protobuf-specs) without its body."""
    verification = entry["verification"]
    included = verification["inclusionProof"]
    hashes = [bytes.fromhex(one) for one in included["hashes"]]
    root, checkpoint = bytes.fromhex(included["rootHash"]), included["checkpoint"]
    if proof == "hash":
        hashes[0] = bytes(32)
    elif proof == "root":
        root = bytes(32)
    elif proof == "checkpoint":
        checkpoint = checkpoint.replace("log.example.org - 1", "log.example.org - 2")
    out = _number(1, entry["logIndex"]) + _text(2, _text(1, bytes.fromhex(entry["logID"])))
    out += _text(3, _text(1, b"hashedrekord") + _text(2, b"0.0.1")) + _number(4, entry["integratedTime"])
    out += _text(5, _text(1, base64.b64decode(verification["signedEntryTimestamp"])))
    if proof == "none":
        return out
    tree = _number(1, included["logIndex"]) + _text(2, root) + _number(3, included["treeSize"])
    tree += b"".join(_text(4, one) for one in hashes) + _text(5, _text(1, checkpoint.encode()))
    return out + _text(6, tree)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(0x80 | value & 0x7F)
        value >>= 7
    return bytes((*out, value))


def _number(field_number: int, value: int) -> bytes:
    return _varint(field_number << 3) + _varint(value)


def _text(field_number: int, content: bytes) -> bytes:
    return _varint(field_number << 3 | 2) + _varint(len(content)) + content
