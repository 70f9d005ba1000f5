"""Keys laid out for gpg, gpgsm and ssh-keygen, in a folder made for them; nothing of the caller's is read."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from auditor.errors import ConfigurationError

LIMIT_S = 60.0
"""For one call of a program about keys."""

_GPG_CONF = "batch\nno-tty\nno-autostart\nno-auto-key-retrieve\ndisable-dirmngr\n"
# Revocation lists would have to be fetched, which an audit does not; docs/signatures.md says so.
_GPGSM_CONF = "batch\nno-tty\ndisable-crl-checks\ndisable-dirmngr\n"
_AGENT_CONF = "disable-scdaemon\nno-allow-mark-trusted\n"
_KRL_MAGIC = b"SSHKRL\n\x00"
"""How a key revocation list begins (PROTOCOL.krl of OpenSSH)."""


def lay_out_openpgp(home: Path, files: Mapping[Path, bytes]) -> dict[str, int]:
    """Imports public keys, each trusted for itself; when each key and subkey expires, by fingerprint."""
    (home / "gpg.conf").write_text(_GPG_CONF)
    primary = []
    for path, content in files.items():
        words = run_on_keys(["gpg", "--import", "--status-fd", "1"], home, path, content)
        imported = re.findall(rb"^\[GNUPG:\] IMPORT_OK \d+ ([0-9A-F]+)$", words, re.M)
        if not imported:
            raise ConfigurationError(
                f"signatures: {path} holds no OpenPGP public key", hint="`gpg --export --armor ID` writes one"
            )
        # The tenth count is of private keys (doc/DETAILS of GnuPG).
        read = re.search(rb"^\[GNUPG:\] IMPORT_RES(?: \d+){9} (\d+) ", words, re.M)
        if read is None or read[1] != b"0":
            raise ConfigurationError(
                f"signatures: {path} holds a private key",
                hint="`gpg --export --armor ID` writes the public one",
            )
        primary += [key.decode("ascii") for key in imported]
    trust = "".join(f"{key}:6:\n" for key in primary).encode("ascii")
    run_on_keys(["gpg", "--import-ownertrust"], home, None, trust)
    # Now, and not by every one of the processes that check.
    run_on_keys(["gpg", "--check-trustdb"], home, None, b"")
    listing = run_on_keys(["gpg", "--list-keys", "--with-colons"], home, None, b"")
    return {key: expiry for key, (_, expiry) in fingerprints(listing).items() if expiry}


def fingerprints(listing: bytes) -> dict[str, tuple[str, int]]:
    """By fingerprint of key or subkey, the primary key's and the expiry (0: none), of gpg's colon listing."""
    found: dict[str, tuple[str, int]] = {}
    primary, kind, expiry = "", "", 0
    for line in listing.decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if fields[0] in ("pub", "sub"):
            kind, expiry = fields[0], int(fields[6]) if fields[6].isdigit() else 0
        elif fields[0] == "fpr" and kind:
            primary = fields[9] if kind == "pub" else primary
            found[fields[9]] = (primary, expiry)
            kind = ""
    return found


def lay_out_x509(home: Path, files: Mapping[Path, bytes]) -> None:
    """Imports certificates; those that sign themselves are what trust ends in."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.serialization import Encoding

    (home / "gpgsm.conf").write_text(_GPGSM_CONF)
    (home / "gpg-agent.conf").write_text(_AGENT_CONF)
    roots = []
    for path, content in files.items():
        try:
            certificates = x509.load_pem_x509_certificates(content)
        except ValueError as error:
            raise ConfigurationError(
                f"signatures: {path} holds no X.509 certificate: {error}", hint="name PEM files"
            ) from error
        for certificate in certificates:
            run_on_keys(["gpgsm", "--import"], home, path, certificate.public_bytes(Encoding.DER))
            if certificate.issuer == certificate.subject:
                # GnuPG names certificates by their SHA-1; nothing is signed with it here.
                roots.append(certificate.fingerprint(SHA1()).hex(":").upper())  # noqa: S303
    if not roots:
        raise ConfigurationError(
            "signatures: no certificate in x509_roots is a root (signs itself)",
            hint="add the root that the others end in",
        )
    (home / "trustlist.txt").write_text("".join(f"{root} S\n" for root in roots))


def lay_out_ssh(home: Path, allowed: bytes, revoked: bytes | None, name: str) -> None:
    """Writes `allowed_signers`, and `revoked` where there is such a list (called `name` in errors)."""
    (home / "allowed_signers").write_bytes(allowed)
    if revoked is not None:
        _write_revoked(home, revoked, name)


def _write_revoked(home: Path, content: bytes, name: str) -> None:
    """The list as a KRL, which alone can be asked. Of a list that cannot be read, ssh-keygen would say without a
    word that every key is revoked."""
    target = home / "revoked"
    if content.startswith(_KRL_MAGIC):
        target.write_bytes(content)
        done = _process(["ssh-keygen", "-Q", "-l", "-f", str(target)], home, b"")
    else:
        (home / "revoked-keys").write_bytes(content)
        done = _process(["ssh-keygen", "-k", "-f", str(target), str(home / "revoked-keys")], home, b"")
    if done.returncode != 0:
        raise ConfigurationError(
            f"signatures: {name} is no list of revoked keys: {done.stderr.decode('utf-8', 'replace').strip()[:200]}",
            hint="give a list made by `ssh-keygen -k`, or public keys one a line",
        )


def is_revoked(home: Path, blob: bytes) -> bool:
    """True where the SSH key of that blob is in the list that `lay_out_ssh` wrote."""
    size = int.from_bytes(blob[:4], "big")
    key = home / f"key-{hashlib.sha256(blob).hexdigest()[:16]}.pub"
    key.write_bytes(blob[4 : 4 + size] + b" " + base64.b64encode(blob) + b"\n")
    done = _process(["ssh-keygen", "-Q", "-f", str(home / "revoked"), str(key)], home, b"")
    # 1 is also what it says of a key that it cannot read: a signature's key is the signer's to write.
    return done.returncode == 1 and b"REVOKED" in done.stdout


def end_agents(home: Path) -> None:
    """Ends what the programs have started for this folder, gpgsm's agent for one."""
    for arguments in (["--kill", "all"], ["--remove-socketdir"]):
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                ["gpgconf", "--homedir", str(home), *arguments],
                capture_output=True,
                timeout=LIMIT_S,
                check=False,
            )


def run_on_keys(command: Sequence[str], home: Path, named: Path | None, stdin: bytes) -> bytes:
    """Standard output of a program that reads keys (of the file `named`) from its standard input.

    Raises ConfigurationError where it fails; of an import, what it could not take is told by its output.
    """
    done = _process(command, home, stdin)
    if done.returncode != 0 and (named is None or command[1] != "--import"):
        raise ConfigurationError(
            f"signatures: {command[0]} could not read {named or 'its keys'}:"
            f" {done.stderr.decode('utf-8', 'replace').strip()[-300:]}"
        )
    return done.stdout


def _process(command: Sequence[str], home: Path, stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ.get("PATH", ""), "GNUPGHOME": str(home), "HOME": str(home)}
    try:
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
            env=environment | {"LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"signatures: {command[0]} could not be run: {error}") from error
