"""The directory: whose address, account and key it is, and what automation may edit."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.errors import ConfigurationError
from auditor.git.actors import GITHUB_WEB_FLOW_KEYS, KNOWN_ACTORS
from auditor.model import ActorKind, Directory, Person
from auditor.model.people import noreply_login, normal_key
from auditor.pipeline.evidence.people import directory_of
from auditor.settings import Settings

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
SSH = "SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s"

ALIASES = [
    ("12345+Ann@users.noreply.github.com", "ann"),
    ("ann@users.noreply.github.com", "ann"),
    ("ann_acme@users.noreply.github.com", "ann_acme"),
    ("29139614+renovate[bot]@users.noreply.github.com", "renovate[bot]"),
    ("42-ann.b@users.noreply.gitlab.com", "ann.b"),
    ("ann@users.noreply.gitlab.com", ""),  # GitLab's aliases always bear the id
    ("ann@example.org", ""),
    ("12345+ann@users.noreply.github.com.evil.example", ""),
    ("x 12345+ann@users.noreply.github.com", ""),
    ("12345+ann@users-noreply.github.com", ""),
    ("+ann@users.noreply.github.com", ""),
]


@pytest.mark.parametrize(("address", "login"), ALIASES)
def test_noreply_aliases(address: str, login: str) -> None:
    assert noreply_login(address) == login


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (FINGERPRINT.lower(), FINGERPRINT),
        ("0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567", FINGERPRINT),
        (":".join(FINGERPRINT[i : i + 2] for i in range(0, 40, 2)), FINGERPRINT),
        (f"0x{FINGERPRINT}", FINGERPRINT),
        ("ab" * 32, "AB" * 32),
        (SSH, SSH),
        (f"{SSH}=", SSH),
    ],
)
def test_fingerprints_have_one_writing(text: str, key: str) -> None:
    assert normal_key(text) == key


@pytest.mark.parametrize("text", ["", "B5690EEEBB952194", "deadbeef", SSH.lower(), SSH[:-1], "g" * 40])
def test_what_is_no_whole_fingerprint(text: str) -> None:
    with pytest.raises(ValueError, match="is no fingerprint"):
        normal_key(text)


def _directory(**values: Any) -> Directory:
    return directory_of(Settings(**values))


def _people() -> Directory:
    return _directory(
        people=[
            {"name": "Ann", "emails": ["Ann@Example.org"], "logins": ["Ann-B"], "keys": [SSH]},
            {"name": "Bob", "emails": ["bob@example.org", "bob@home.example"]},
        ]
    )


def test_people_by_address_account_alias_and_key() -> None:
    directory = _people()
    ann = directory.by_email("ann@EXAMPLE.org")
    assert ann is not None
    assert ann.name == "Ann"
    assert directory.by_login("ANN-b") is ann
    assert directory.by_email("7+ann-b@users.noreply.github.com") is ann
    assert directory.by_email("7-ann-b@users.noreply.gitlab.com") is ann
    assert directory.by_key(SSH + "=") is ann
    assert ann.holds(SSH)
    bob = directory.by_email("bob@home.example")
    assert bob is not None
    assert not bob.holds(SSH)


def test_unknown_is_unknown() -> None:
    directory = _people()
    assert directory.by_email("eve@example.org") is None
    assert directory.by_email("7+eve@users.noreply.github.com") is None
    assert directory.by_email("") is None
    assert directory.by_login("eve") is None
    assert directory.by_key("") is None
    assert directory.by_key("ff" * 20) is None
    # A person's name is nobody's mark: another Ann may exist.
    assert directory.claimed("Ann", "eve@example.org") is None


def test_known_bots_are_known_without_being_proven() -> None:
    directory = _directory()
    assert not directory.configured
    for name, address, kind in (
        ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com", ActorKind.BOT),
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", ActorKind.BOT),
        ("fluxcdbot", "fluxcdbot@users.noreply.github.com", ActorKind.AUTOMATION),
        ("argocd-image-updater", "noreply@argoproj.io", ActorKind.AUTOMATION),
        ("GitHub", "noreply@github.com", ActorKind.FORGE),
    ):
        known = directory.by_email(address)
        assert known is not None, address
        assert known.kind is kind
        # Who takes the name with an address of their own claims to be the bot.
        assert directory.claimed(name, "eve@example.org") is known
    assert all(not one.keys for one in KNOWN_ACTORS if one.kind is not ActorKind.FORGE)
    assert directory.by_email("1+unheard-of[bot]@users.noreply.github.com") is None


def test_githubs_own_key_is_the_platforms() -> None:
    for key in GITHUB_WEB_FLOW_KEYS:
        platform = _directory().by_key(key)
        assert platform is not None
        assert platform.kind is ActorKind.FORGE


def test_a_key_registered_for_a_known_bot_is_found_by_all_its_addresses() -> None:
    directory = _directory(actors=[{"kind": "bot", "name": "renovate[bot]", "keys": [FINGERPRINT]}])
    for address in ("29139614+renovate[bot]@users.noreply.github.com", "bot@renovateapp.com"):
        bot = directory.by_email(address)
        assert bot is not None
        assert bot.holds(FINGERPRINT)


def test_a_bot_may_share_the_forges_key() -> None:
    key = GITHUB_WEB_FLOW_KEYS[0]
    directory = _directory(actors=[{"kind": "bot", "name": "deploy[bot]", "keys": [key]}])
    bot = directory.by_email("1+deploy[bot]@users.noreply.github.com")
    assert bot is not None
    assert bot.holds(key)
    assert {one.name for one in directory.holders(key)} == {"deploy[bot]", "GitHub"}
    platform = directory.by_key(key)
    assert platform is not None
    assert platform.kind is ActorKind.FORGE


def test_configured_platform_keys_are_a_forge() -> None:
    forge = directory_of(Settings(), platform_keys=(FINGERPRINT.lower(),)).by_key(FINGERPRINT)
    assert forge is not None
    assert forge.kind is ActorKind.FORGE


@pytest.mark.parametrize(
    ("people", "what"),
    [
        ([{"name": "A", "emails": ["x@y.z"]}, {"name": "B", "emails": ["X@Y.Z"]}], "x@y.z"),
        ([{"name": "A", "logins": ["l"]}, {"name": "B", "logins": ["L"]}], "'l'"),
    ],
)
def test_an_address_of_two_is_an_error(people: list[dict[str, Any]], what: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{what}.*A's and B's"):
        _directory(people=people)


SCOPES = [
    ("spec.template.spec.containers[name=web].image", True),
    ("spec.containers[0].image", True),
    ("spec.values.image.tag", True),
    ("spec.values.controllers.main.containers.main.image.tag", True),
    ("images[name=ghcr.io/acme/web].newTag", True),
    ('images[name="a]b"].newTag', True),
    ("spec.chart.spec.version", True),
    ("spec.ref.tag", True),
    ("spec.sources[0].targetRevision", True),
    ("image", True),
    ("spec.replicas", False),
    ("spec.template.spec.containers[name=web].imagePullPolicy", False),
    ("spec.template.spec.containers[name=web].securityContext.privileged", False),
    ('metadata.annotations["example.org/x.image"]', False),
    ("spec.ref.branch", False),
    ("spec.chart.spec.chart", False),
    ("spec.chart.spec.version.x", False),
    ("", False),
]


@pytest.mark.parametrize(("pointer", "allowed"), SCOPES)
def test_the_scope_of_automation_by_default(pointer: str, allowed: bool) -> None:
    assert Person(name="bot", kind=ActorKind.BOT).may_edit(pointer) is allowed


@pytest.mark.parametrize(
    ("glob", "pointer", "fits"),
    [
        ("spec.replicas", "spec.replicas", True),
        ("spec.*", "spec.replicas", True),
        ("spec.*", "spec.a.b", False),
        ("spec.**", "spec.a[name=x].b", True),
        ("**", "spec.a", True),
        ("spec.containers[*].env[name=V].value", "spec.containers[name=a.b].env[name=V].value", True),
        ("spec.containers[*].value", "spec.containers[name=a].env[name=V].value", False),
        ("spec.a+b", "spec.aab", False),
    ],
)
def test_globs_over_pointers(glob: str, pointer: str, fits: bool) -> None:
    assert Person(name="bot", kind=ActorKind.BOT, scope=(glob,)).may_edit(pointer) is fits


def test_people_and_keys_force_no_replay() -> None:
    plain = Settings(actors=[{"kind": "bot", "name": "x"}])
    keyed = Settings(actors=[{"kind": "bot", "name": "x", "keys": [FINGERPRINT], "scope": ["**"]}])
    listed = Settings(actors=[{"kind": "bot", "name": "x"}], people=[{"name": "Ann"}])
    assert plain.reading_digest == keyed.reading_digest == listed.reading_digest
    assert len({one.judging_digest for one in (plain, keyed, listed)}) == 3
