"""Whose signatures are trusted."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from auditor.settings.section import Section


class GitsignIdentitySetting(Section):
    """Who may sign with gitsign: an issuer, and one of the three ways to say who."""

    issuer: str = Field(min_length=1, description="the OpenID provider, exactly as the certificate has it")
    email: str = Field(default="", description="the address, exactly")
    subject: str = Field(default="", description="any subject, exactly: an address, a workflow's URI")
    subject_regexp: str = Field(
        default="", description="an expression that the whole of a subject has to fit"
    )

    @model_validator(mode="after")
    def _one_of_three(self) -> GitsignIdentitySetting:
        if sum(map(bool, (self.email, self.subject, self.subject_regexp))) != 1:
            raise ValueError("give one of email, subject and subject_regexp")
        return self


class GitsignSetting(Section):
    """Whose signatures by gitsign (Sigstore) are trusted. Nothing is fetched: the commit has to hold its log entry."""

    identities: tuple[GitsignIdentitySetting, ...] = Field(min_length=1, description="who may sign")
    trusted_root: Path | None = Field(
        default=None, description="Sigstore's trusted_root.json: authorities, logs and when each was in use"
    )
    fulcio_roots: tuple[Path, ...] = Field(
        default=(), description="PEM files of certificate authorities, roots and those between"
    )
    rekor_keys: tuple[Path, ...] = Field(
        default=(), description="PEM files of transparency logs' public keys"
    )
    ct_log_keys: tuple[Path, ...] = Field(
        default=(),
        description="PEM files of certificate logs' public keys; each certificate must then be in one",
    )


class SignatureSetting(Section):
    """Whose signatures are trusted. What is not configured for a format is not checked."""

    openpgp_keys: tuple[Path, ...] = Field(default=(), description="files of public keys, armored or binary")
    ssh_allowed_signers: Path | None = Field(
        default=None, description="a file in git's (ssh-keygen's) allowed signers format"
    )
    ssh_revoked_keys: Path | None = Field(
        default=None, description="a key revocation list, or public keys one a line"
    )
    x509_roots: tuple[Path, ...] = Field(
        default=(), description="PEM files of certificate authorities, roots and those between"
    )
    platform_keys: tuple[str, ...] = Field(
        default=(),
        description="the forge's own keys: fingerprints, or files of OpenPGP keys, which are then trusted",
    )
    gitsign: GitsignSetting | None = Field(
        default=None, description="whose signatures by gitsign are trusted"
    )
