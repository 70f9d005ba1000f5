"""Whose signatures are trusted: key files of the operator's, laid out for git, gpg, gpgsm and ssh-keygen.

Nothing of it comes from the audited repository, the caller's keyrings or a key server. The programs get folders
of their own that last as long as the store is open; no agent outlives it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

from auditor.errors import ConfigurationError
from auditor.git.allowed_signers import AllowedSigner, parse_allowed_signers
from auditor.git.command import Git
from auditor.git.gitsign.trust import GitsignFiles, GitsignTrust, gitsign_trust
from auditor.git.keyrings import (
    end_agents,
    fingerprints,
    is_revoked,
    lay_out_openpgp,
    lay_out_ssh,
    lay_out_x509,
    run_on_keys,
)
from auditor.model.people import normal_key

FORMATS = ("openpgp", "ssh", "x509")
"""The signatures that git can check; any other header is no signature to it."""
CHECKS_VERSION = 1
"""Raised whenever the same answer of git's would be told differently; everything is checked again then."""

_PROGRAMS = {"openpgp": "gpg", "ssh": "ssh-keygen", "x509": "gpgsm"}
_SETTING = {
    "openpgp": "openpgp_keys",
    "ssh": "ssh_allowed_signers",
    "x509": "x509_roots, or signatures.gitsign for those made with gitsign",
}
_PREFIX = "auditor-trust-"
_LONGEST_PLACE = 107 - len("/auditor-trust-12345678/S.gpg-agent.browser")
"""A socket's path holds 107 bytes (sockaddr_un)."""
_LARGEST_FILE = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustFiles:
    """The files that the operator names; `platform_keys` are fingerprints or files."""

    openpgp_keys: tuple[Path, ...] = ()
    ssh_allowed_signers: Path | None = None
    ssh_revoked_keys: Path | None = None
    x509_roots: tuple[Path, ...] = ()
    platform_keys: tuple[str, ...] = ()
    gitsign: GitsignFiles | None = None


class TrustStore:
    """Reads the files at once, and starts no program before a signature has to be checked. Close it after use.

    `unchecked` says for each format that is not checked at all why. `unchecked_x509` says why X.509 signatures by
    others than gitsign are not, '' where they are; `gitsign` is whom gitsign's are trusted from, None for nobody.
    Raises ConfigurationError naming a file that cannot be read or holds no key.
    """

    def __init__(self, files: TrustFiles) -> None:
        platform = [_fingerprint(entry) or Path(entry) for entry in files.platform_keys]
        self._platform = tuple(entry for entry in platform if isinstance(entry, str))
        self._platform_files = {entry: _read(entry) for entry in platform if isinstance(entry, Path)}
        self._openpgp = {path: _read(path) for path in files.openpgp_keys} | self._platform_files
        self._allowed = _read(files.ssh_allowed_signers) if files.ssh_allowed_signers else None
        self._revoked = _read(files.ssh_revoked_keys) if files.ssh_revoked_keys else None
        self._revoked_path = files.ssh_revoked_keys
        self._x509 = {path: _read(path) for path in files.x509_roots}
        self.allowed_signers: tuple[AllowedSigner, ...] = ()
        if self._allowed is not None:
            self.allowed_signers = parse_allowed_signers(self._allowed, str(files.ssh_allowed_signers))
        self.gitsign: GitsignTrust | None = None
        if files.gitsign is not None:
            contents = {path: _read(path) for path in files.gitsign.paths()}
            self.gitsign = gitsign_trust(files.gitsign, contents)
        self.unchecked_x509 = self._why_unchecked("x509")
        self.unchecked = self._what_is_unchecked()
        self._homes: dict[str, Path] = {}
        self._expiries: dict[str, int] = {}

    def digest(self, signature_format: str) -> str:
        """SHA-256 (hex) of what signatures of the format are held against, '' where that is nothing."""
        if signature_format not in FORMATS or signature_format in self.unchecked:
            return ""
        contents: Iterable[bytes]
        if signature_format == "ssh":
            contents = (self._allowed or b"", self._revoked or b"")
        else:
            contents = sorted((self._openpgp if signature_format == "openpgp" else self._x509).values())
        parts = [hashlib.sha256(content).hexdigest() for content in contents]
        if signature_format == "x509":
            # Both of the ways in which one may be checked, so that neither stays unchecked once it is configured.
            parts += ["" if self.unchecked_x509 else "gpgsm", self.gitsign.digest if self.gitsign else ""]
        return hashlib.sha256(" ".join((signature_format, str(CHECKS_VERSION), *parts)).encode()).hexdigest()

    @cached_property
    def platform_keys(self) -> tuple[str, ...]:
        """Fingerprints of the forge's own keys, those in files included (which takes gpg; else they are left out)."""
        found = list(self._platform)
        if self._platform_files and shutil.which("gpg"):
            with tempfile.TemporaryDirectory(prefix=_PREFIX) as home:
                for path, content in self._platform_files.items():
                    listing = run_on_keys(["gpg", "--show-keys", "--with-colons"], Path(home), path, content)
                    found += [primary for primary, _ in fingerprints(listing).values()]
        return tuple(dict.fromkeys(found))

    def expires_at(self, key: str) -> int | None:
        """When an OpenPGP key or subkey expires, in seconds of the epoch; None where it does not or is not known."""
        return self._expiries.get(key)

    def environment(self, git: Git, signature_format: str) -> dict[str, str]:
        """The environment of a git process that checks signatures of one (configured) format."""
        home = self._homes.get(signature_format) or self._lay_out(signature_format)
        program = shutil.which(_PROGRAMS[signature_format]) or "/bin/false"
        configured = {
            "log.mailmap": "false",
            "i18n.logOutputEncoding": "UTF-8",
            # What a commit's signature pretends to be decides which program git starts: only the one meant.
            **{f"gpg.{other}.program": "/bin/false" for other in FORMATS if other != signature_format},
            f"gpg.{signature_format}.program": program,
        }
        if signature_format == "ssh":
            configured["gpg.ssh.allowedSignersFile"] = str(home / "allowed_signers")
            if self._revoked is not None:
                configured["gpg.ssh.revocationFile"] = str(home / "revoked")
        numbered = {"GIT_CONFIG_COUNT": str(len(configured))}
        for index, (name, value) in enumerate(configured.items()):
            numbered |= {f"GIT_CONFIG_KEY_{index}": name, f"GIT_CONFIG_VALUE_{index}": value}
        return git.environment() | numbered | {"GNUPGHOME": str(home), "HOME": str(home), "GIT_FLUSH": "1"}

    def is_revoked(self, blob: bytes) -> bool:
        """True where the SSH public key (as in the second field of its file) is in the revocation list."""
        if self._revoked is None:
            return False
        home = self._homes.get("ssh") or self._lay_out("ssh")
        return is_revoked(home, blob)

    def close(self) -> None:
        """Ends what gpgsm started, and takes the folders away."""
        for home in self._homes.values():
            end_agents(home)
            shutil.rmtree(home, ignore_errors=True)
        self._homes = {}

    def __enter__(self) -> TrustStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _what_is_unchecked(self) -> Mapping[str, str]:
        reasons = {name: reason for name in FORMATS if (reason := self._why_unchecked(name))}
        if self.gitsign is not None:
            # Looked at one by one: gitsign's are checked without any program.
            reasons.pop("x509", None)
        return reasons

    def _why_unchecked(self, signature_format: str) -> str:
        """Why the format's program is not asked, '' where it is."""
        configured = {
            "openpgp": bool(self._openpgp),
            "ssh": self._allowed is not None,
            "x509": bool(self._x509),
        }
        program = _PROGRAMS[signature_format]
        if not configured[signature_format]:
            return (
                f"no trust store is configured for {signature_format} signatures"
                f" (signatures.{_SETTING[signature_format]})"
            )
        if shutil.which(program) is None:
            return f"{program}, which checks {signature_format} signatures, is not installed"
        return ""

    def _lay_out(self, signature_format: str) -> Path:
        home = self._homes[signature_format] = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_folder()))
        if signature_format == "openpgp":
            self._expiries = lay_out_openpgp(home, self._openpgp)
        elif signature_format == "ssh":
            lay_out_ssh(home, self._allowed or b"", self._revoked, str(self._revoked_path))
        else:
            lay_out_x509(home, self._x509)
        return home


def _short_folder() -> str:
    """Where temporary files go; a well-known place where that path is too long for an agent's socket in it."""
    usual = tempfile.gettempdir()
    places = (usual, "/tmp", "/var/tmp")  # noqa: S108 - a folder of our own is made there, for us alone
    return next((place for place in places if len(os.fsencode(place)) <= _LONGEST_PLACE), usual)


def _fingerprint(entry: str) -> str:
    try:
        return normal_key(entry)
    except ValueError:
        return ""


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ConfigurationError(f"signatures: {path} is too large for a file of keys")
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"signatures: {path} cannot be read: {error.strerror}",
            hint="name files of keys; paths are relative to the folder that auditor runs in",
        ) from error
    if b"PRIVATE KEY" in content:
        raise ConfigurationError(
            f"signatures: {path} holds a private key", hint="name files of public keys or certificates"
        )
    return content
