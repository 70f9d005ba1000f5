"""Who makes changes: people, and what is no person."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from auditor.model import ActorKind
from auditor.model.people import normal_key
from auditor.settings.section import Section

Fingerprint = Annotated[str, AfterValidator(normal_key)]
"""All of a key's fingerprint: hexadecimal (OpenPGP, X.509), or SHA256:… (SSH)."""


class ActorSetting(Section):
    """An identity and what kind of actor it is; give an address, a name, or both."""

    kind: ActorKind = Field(description="person, bot, automation or forge")
    email: str = ""
    name: str = ""
    logins: tuple[str, ...] = Field(default=(), description="its accounts on the forge")
    keys: tuple[Fingerprint, ...] = Field(
        default=(), description="fingerprints of the keys that it signs with"
    )
    scope: tuple[str, ...] = Field(
        default=(),
        description="globs over fields that automation may edit; image tags and chart versions by default",
    )


class PersonSetting(Section):
    """Somebody known: addresses in commits, accounts on the forge, keys."""

    name: str = Field(min_length=1, description="as reports show it")
    emails: tuple[str, ...] = Field(default=(), description="addresses in commits")
    logins: tuple[str, ...] = Field(
        default=(), description="accounts on the forge; their noreply addresses are known by them"
    )
    keys: tuple[Fingerprint, ...] = Field(default=(), description="fingerprints of signing keys")
    kind: ActorKind = ActorKind.PERSON
    scope: tuple[str, ...] = Field(default=(), description="as for actors, for automation")
