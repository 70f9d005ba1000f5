"""Who is who, by the operator's word: names, addresses, accounts, keys, and what automation may edit.

Names and addresses in a commit are claims; the directory says whom they claim to be. Only a key proves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.model.base import ActorKind

DEFAULT_SCOPE: tuple[str, ...] = (
    # Images: of containers, in a Helm release's values, in a Kustomization, in a chart's values.
    "**.image",
    "**.image.tag",
    "**.image.digest",
    "**.tag",
    "**.newTag",
    "**.digest",
    # Charts: Flux's HelmRelease and OCIRepository, Argo CD's Application.
    "spec.chart.spec.version",
    "spec.chart.version",
    "spec.ref.tag",
    "spec.ref.semver",
    "spec.ref.digest",
    "spec.source.targetRevision",
    "spec.sources[*].targetRevision",
    # Terraform: modules and Helm releases, providers.
    "body.version",
    "body.required_providers[*].*.version",
)
"""What automation without a scope of its own may edit: image tags and digests, versions of charts, of Terraform's
modules and providers."""

_NOREPLY = re.compile(
    r"(?:(?P<id>\d+)\+)?(?P<login>[a-z0-9_-]+(?:\[bot\])?)@users\.noreply\.github\.com"
    r"|(?P<id2>\d+)-(?P<login2>[a-z0-9][a-z0-9_.-]*)@users\.noreply\.gitlab\.com"
)
_HEX_KEY = re.compile(r"(?:0x)?((?:[0-9A-F]{40})|(?:[0-9A-F]{64}))", re.IGNORECASE)
_SIGSTORE_IDENTITY = re.compile(r"sigstore:(\S+)\s+(\S+)")
_SSH_KEY = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")


class Origin(StrEnum):
    """Where an entry of the directory comes from. Only PEOPLE makes unknown actors a question that has an answer."""

    PEOPLE = "people"
    ACTORS = "actors"
    PLATFORM = "platform_keys"
    DEFAULT = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A person or program.

    `emails` and `logins` are lower case; `names` are names that commits bear, which a bot may be pretended to
    be by; `keys` as `normal_key` makes them. `scope` are globs over pointers of what automation may edit.
    """

    name: str
    kind: ActorKind = ActorKind.PERSON
    emails: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    scope: tuple[str, ...] = DEFAULT_SCOPE
    origin: Origin = Origin.PEOPLE

    def holds(self, key: str) -> bool:
        """True where the key (a fingerprint in any usual writing) is registered as this one's."""
        return normal_key(key) in self.keys

    def may_edit(self, pointer: str) -> bool:
        """True where the pointer is in the scope: what the field is, not what its value became."""
        return any(pointer_glob(glob).fullmatch(pointer) for glob in self.scope)


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody who is known, in the order in which they count. Whom it does not know, it does not guess."""

    people: tuple[Person, ...]
    _emails: dict[str, Person] = field(init=False, repr=False, compare=False, default_factory=dict)
    _logins: dict[str, Person] = field(init=False, repr=False, compare=False, default_factory=dict)
    _names: dict[str, Person] = field(init=False, repr=False, compare=False, default_factory=dict)
    _keys: dict[str, tuple[Person, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for person in self.people:
            for email in person.emails:
                self._emails.setdefault(email, person)
            for login in person.logins:
                self._logins.setdefault(login, person)
            for name in person.names:
                self._names.setdefault(name.casefold(), person)
            for key in person.keys:
                self._keys[key] = (*self._keys.get(key, ()), person)

    @property
    def configured(self) -> bool:
        """True where the operator has listed people, so that not being listed means something."""
        return any(person.origin is Origin.PEOPLE for person in self.people)

    def by_email(self, email: str) -> Person | None:
        """Whose address it is, a noreply alias of GitHub or GitLab by its account; None where unknown."""
        address = email.lower()
        known = self._emails.get(address)
        if known is not None:
            return known
        login = noreply_login(address)
        return self._logins.get(login) if login else None

    def by_login(self, login: str) -> Person | None:
        """Whose account on the forge it is (regardless of case); None where unknown."""
        return self._logins.get(login.lower())

    def by_name(self, name: str) -> Person | None:
        """Who is registered by that name in commits (regardless of case); None where nobody is."""
        return self._names.get(name.casefold())

    def by_key(self, key: str) -> Person | None:
        """Whose key it is; of several, the forge whose key it is comes first. None where unknown."""
        holders = self.holders(key)
        return next((one for one in holders if one.kind is ActorKind.FORGE), next(iter(holders), None))

    def holders(self, key: str) -> tuple[Person, ...]:
        """Everybody registered with the key: a bot that commits through its forge shares the forge's key."""
        return self._keys.get(normal_key(key), ()) if key else ()

    def claimed(self, name: str, email: str) -> Person | None:
        """Whom a commit's identity claims to be: by its address, else by its name. It proves nothing."""
        return self.by_email(email) or self.by_name(name)


def normal_key(text: str) -> str:
    """The fingerprint in its one writing: hexadecimal digits in capitals without blanks or colons, or `SHA256:…`.

    Where keys live for minutes, `sigstore:ISSUER SUBJECT` stands for them: who was identified, by whom.

    Raises ValueError for what is no whole fingerprint: short key ids can be made to fit.
    """
    if match := _SSH_KEY.fullmatch(text.strip()):
        return f"SHA256:{match[1]}"
    if match := _SIGSTORE_IDENTITY.fullmatch(text.strip()):
        return f"sigstore:{match[1]} {match[2]}"
    if match := _HEX_KEY.fullmatch(re.sub(r"[\s:]", "", text)):
        return match[1].upper()
    raise ValueError(
        f"{text!r} is no fingerprint: give all 40 (or 64) hexadecimal digits, or SHA256:… of an SSH key"
    )


def noreply_login(email: str) -> str:
    """The account behind a noreply address of GitHub or GitLab (lower case), '' for any other address.

    GitHub: `ID+LOGIN@users.noreply.github.com`, before July 2017 without the id; GitLab:
    `ID-LOGIN@users.noreply.gitlab.com`. Self-hosted forges' aliases belong in a person's `emails`.
    """
    match = _NOREPLY.fullmatch(email.lower())
    return (match["login"] or match["login2"] or "") if match else ""


_GLOBS: dict[str, re.Pattern[str]] = {}


def pointer_glob(glob: str) -> re.Pattern[str]:
    """The expression of a glob over pointers, to be matched whole.

    `*` is one name, `[*]` one entry of a list, and `**` any steps (none too): `**.image` fits `image` and
    `spec.containers[name=web].image`.
    """
    known = _GLOBS.get(glob)
    if known is not None:
        return known
    out = []
    rest = glob
    while rest:
        for token, expression in _TOKENS:
            if rest.startswith(token):
                out.append(expression)
                rest = rest[len(token) :]
                break
        else:
            out.append(re.escape(rest[0]))
            rest = rest[1:]
    pattern = re.compile("".join(out))
    if len(_GLOBS) < _MOST_GLOBS:
        _GLOBS[glob] = pattern
    return pattern


_MOST_GLOBS = 1000
_TOKENS = (
    ("**.", r"(?:.*\.)?"),
    ("**", r".*"),
    # JSON texts within brackets may hold brackets and dots of their own.
    ("[*]", r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'),
    ("*", r"[^.\[\]]+"),
)


def clashes(people: Sequence[Person]) -> Iterator[str]:
    """What two entries both claim, in words: an address or an account is one's alone (keys may be shared)."""
    for what, values in (
        ("address", [(value, one) for one in people for value in one.emails]),
        ("account", [(value, one) for one in people for value in one.logins]),
    ):
        seen: dict[str, Person] = {}
        for value, person in values:
            other = seen.setdefault(value, person)
            if other is not person:
                yield f"the {what} {value!r} is both {other.name}'s and {person.name}'s"
