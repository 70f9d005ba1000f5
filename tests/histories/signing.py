"""Signs commits of a hand-made history with real keys of gpg, ssh-keygen and openssl, made for the test.

keys = Keyring(tmp_path)
keys.openpgp("ann")
sha = sign(story, keys.by_openpgp("ann"))
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from histories.builder import ANN, History, Person

Signer = Callable[[bytes], bytes]
"""The armored signature of a commit's bytes."""


@dataclass
class Keyring:
    """Private keys in a folder of the test's; call `close` at the end, which ends gpg's agent."""

    folder: Path
    fingerprints: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True)
        self.home = self.folder / "gnupg"
        self.home.mkdir(mode=0o700)

    def close(self) -> None:
        """Ends the agent."""
        subprocess.run(
            ["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=False, capture_output=True
        )

    def run(self, *command: str, stdin: bytes = b"") -> bytes:
        """Standard output of a program that must succeed."""
        done = subprocess.run(
            command, input=stdin, capture_output=True, cwd=self.folder, env=self._environment(), check=False
        )
        assert done.returncode == 0, (command, done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def gpg(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """gpg, never asking for anything."""
        return self.run(
            "gpg", "--batch", "--quiet", "--pinentry-mode=loopback", "--passphrase=", *arguments, stdin=stdin
        )

    # OpenPGP ---------------------------------------------------------------------------------------------------

    def openpgp(self, name: str, *, made: str = "", expires: str = "never", subkey: bool = False) -> str:
        """A key of NAME@example.org, made at a date (YYYYMMDD); its fingerprint (the subkey's with `subkey`)."""
        clock = [f"--faked-system-time={made}T000000!"] if made else []
        self.gpg(*clock, "--quick-gen-key", f"{name} <{name}@example.org>", "ed25519", "sign", expires)
        if subkey:
            primary = self._listed(name)[0]
            self.gpg(*clock, "--quick-add-key", primary, "ed25519", "sign", "never")
        self.fingerprints[name] = self._listed(name)
        return self.fingerprints[name][-1]

    def _listed(self, name: str) -> list[str]:
        listing = self.gpg("--list-keys", "--with-colons", f"{name}@example.org").decode()
        return [line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr")]

    def public(self, *names: str, armored: bool = True) -> Path:
        """A file with the public keys of these names."""
        file = self.folder / f"{'-'.join(names)}.{'asc' if armored else 'gpg'}"
        armor = ["--armor"] if armored else []
        file.write_bytes(self.gpg(*armor, "--export", *(f"{name}@example.org" for name in names)))
        return file

    def revoke(self, name: str) -> None:
        """Revokes the key in this keyring; export it afterwards."""
        file = self.home / "openpgp-revocs.d" / f"{self.fingerprints[name][0]}.rev"
        self.gpg("--import", stdin=file.read_text().replace(":-----BEGIN", "-----BEGIN").encode())

    def by_openpgp(self, *names: str, at: str = "", expires: str = "") -> Signer:
        """Signs with the newest subkey of each name, at a date (YYYYMMDD), the signature expiring (such as 1d)."""
        options = [f"--faked-system-time={at}T000000!"] if at else []
        options += [f"--default-sig-expire={expires}"] if expires else []
        for name in names:
            options += ["-u", f"{self.fingerprints[name][-1]}!"]
        return lambda payload: self.gpg(*options, "--armor", "--detach-sign", "-o", "-", stdin=payload)

    # SSH ---------------------------------------------------------------------------------------------------------

    def ssh(self, name: str) -> str:
        """An SSH key; type and key as they stand in an allowed signers file."""
        self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self.folder / name))
        kind, key, _ = (self.folder / f"{name}.pub").read_text().split(" ", 2)
        printed = self.run("ssh-keygen", "-l", "-f", str(self.folder / f"{name}.pub")).decode()
        self.fingerprints[name] = [printed.split()[1]]
        return f"{kind} {key}"

    def by_ssh(self, name: str, *, namespace: str = "git") -> Signer:
        """Signs as git does, or for another use."""

        def signer(payload: bytes) -> bytes:
            message = self.folder / "message"
            message.write_bytes(payload)
            message.with_suffix(".sig").unlink(missing_ok=True)
            self.run("ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(self.folder / name), str(message))
            return message.with_suffix(".sig").read_bytes()

        return signer

    # X.509 -------------------------------------------------------------------------------------------------------

    def authority(self, name: str, *, below: str = "") -> Path:
        """A certificate authority of our own, a root or below another; its PEM file."""
        uses = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n"
        return self._certificate(name, f"/CN={name}", uses, below or name, days=3650)

    def certificate(self, name: str, authority: str, *, days: int = 100) -> Path:
        """A certificate for signing as NAME@example.org; its PEM file."""
        uses = (
            "basicConstraints=CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n"
            f"subjectAltName=email:{name}@example.org\n"
        )
        subject = f"/CN={name}/emailAddress={name}@example.org"
        file = self._certificate(name, subject, uses, authority, days=days)
        self.fingerprints[name] = [
            self.run("openssl", "x509", "-in", str(file), "-noout", "-fingerprint", "-sha1")
            .decode()
            .strip()
            .partition("=")[2]
            .replace(":", "")
        ]
        return file

    def _certificate(self, name: str, subject: str, uses: str, authority: str, *, days: int) -> Path:
        file, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request = self.folder / f"{name}.csr"
        self.run(
            *("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)),
            *("-out", str(request), "-subj", subject),
        )
        extensions = self.folder / "extensions"
        extensions.write_text(uses)
        signed_by = (
            ["-signkey", str(key)]
            if authority == name
            else ["-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial"]
        )
        self.run(
            *("openssl", "x509", "-req", "-in", str(request), "-out", str(file), "-days", str(days)),
            *("-extfile", str(extensions), *signed_by),
        )
        return file

    def by_x509(self, name: str, *others: str) -> Signer:
        """Signs as gpgsm would have it, with the signer's certificate and others in the signature."""
        bundle = self.folder / f"{name}-others.pem"
        bundle.write_bytes(b"".join((self.folder / f"{other}.pem").read_bytes() for other in others))
        more = ["-certfile", str(bundle)] if others else []
        return lambda payload: self.run(
            *("openssl", "cms", "-sign", "-binary", "-outform", "PEM", "-md", "sha256", *more),
            *("-signer", f"{name}.pem", "-inkey", f"{name}.key"),
            stdin=payload,
        ).replace(b" CMS-----", b" SIGNED MESSAGE-----")

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GNUPGHOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }


def sign(
    story: History,
    signer: Signer,
    *,
    by: Person = ANN,
    at: int | None = None,
    tampered: bool = False,
    header: str = "gpgsig",
    branch: str = "main",
) -> str:
    """A commit that is signed, and changed afterwards where it is `tampered`; its sha."""
    story.clock = at if at is not None else story.clock + 3600
    tree = story.write_tree({"n": str(story.clock)})
    parents = f"parent {story.tip(branch)}\n" if story.tip(branch) else ""
    head = f"tree {tree}\n{parents}author {by} {story.clock} +0000\ncommitter {by} {story.clock} +0000\n".encode()
    signature = signer(head + b"\nas it was\n").strip(b"\n").replace(b"\n", b"\n ")
    message = b"as it is not\n" if tampered else b"as it was\n"
    sha = story.raw_commit(head + f"{header} ".encode() + signature + b"\n\n" + message, branch=branch)
    story.parents[sha], story.trees[sha] = (), {}
    return sha
