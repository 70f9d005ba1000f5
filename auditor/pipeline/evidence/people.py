"""The operator's people and actors as the directory that the rules ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.errors import ConfigurationError
from auditor.git.actors import KNOWN_ACTORS
from auditor.model import DEFAULT_SCOPE, ActorKind, Directory, Origin, Person
from auditor.model.people import clashes, normal_key
from auditor.settings import ActorSetting, PersonSetting, Settings


def directory_of(settings: Settings, *, platform_keys: Sequence[str] = ()) -> Directory:
    """Everybody known: configured people and actors before the documented defaults.

    An entry that shares an address, an account or a name with a known bot is that bot, with all of its
    addresses, so that registering a key for `renovate[bot]` needs no more than that. `platform_keys` are
    fingerprints of the forge's own keys (`TrustStore.platform_keys`). Raises ConfigurationError where two entries
    claim the same address or account.
    """
    people = [_person(one) for one in settings.people] + [_actor(one) for one in settings.actors]
    for clash in clashes(people):
        raise ConfigurationError(f"people: {clash}", hint="give each address and account to one entry")
    defaults = []
    for known in KNOWN_ACTORS:
        at = next((index for index, one in enumerate(people) if _is_the_same(one, known)), None)
        if at is None:
            defaults.append(known)
        else:
            people[at] = _with(people[at], known)
    forge = [
        Person(name="the forge", kind=ActorKind.FORGE, keys=(normal_key(key),), origin=Origin.PLATFORM)
        for key in platform_keys
    ]
    return Directory((*people, *forge, *defaults))


def _person(one: PersonSetting) -> Person:
    return Person(
        name=one.name,
        kind=one.kind,
        emails=tuple(email.lower() for email in one.emails),
        logins=tuple(login.lower() for login in one.logins),
        # A person's name is no mark of theirs; a program's is, and others may pretend to be it.
        names=(one.name,) if one.kind is not ActorKind.PERSON else (),
        keys=one.keys,
        scope=one.scope or DEFAULT_SCOPE,
        origin=Origin.PEOPLE,
    )


def _actor(one: ActorSetting) -> Person:
    logins = {login.lower(): None for login in one.logins}
    if one.name.endswith("[bot]"):  # as GitHub names an app's account, and the author of its commits
        logins[one.name.lower()] = None
    return Person(
        name=one.name or one.email,
        kind=one.kind,
        emails=(one.email.lower(),) if one.email else (),
        logins=tuple(logins),
        names=(one.name,) if one.name else (),
        keys=one.keys,
        scope=one.scope or DEFAULT_SCOPE,
        origin=Origin.ACTORS,
    )


def _is_the_same(one: Person, known: Person) -> bool:
    if one.kind is ActorKind.PERSON:
        return False
    names = {name.casefold() for name in known.names}
    return (
        not {*one.emails}.isdisjoint(known.emails)
        or not {*one.logins}.isdisjoint(known.logins)
        or any(name.casefold() in names for name in one.names)
    )


def _with(one: Person, known: Person) -> Person:
    def both(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*ours, *theirs)))

    return replace(
        one,
        emails=both(one.emails, known.emails),
        logins=both(one.logins, known.logins),
        names=both(one.names, known.names),
        keys=both(one.keys, known.keys),
    )
