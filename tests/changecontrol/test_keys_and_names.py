"""Who signed what under whose name, by real keys, through whole scans."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from changecontrol.change_audit import ChangeAudit
from histories.builder import ANN, BEA, History, Person
from histories.signing import Keyring, sign

from auditor.settings import Settings

pytestmark = [
    pytest.mark.needs_gnupg,
    pytest.mark.skipif(
        not all(shutil.which(program) for program in ("gpg", "gpgsm", "ssh-keygen", "openssl")),
        reason="needs gpg, gpgsm, ssh-keygen and openssl",
    ),
]

BOT = Person("deployer[bot]", "bot@example.org")
PRETENDER = Person("deployer[bot]", "eve@example.org")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keyring]:
    keys = Keyring(tmp_path / "keys")
    yield keys
    keys.close()


def test_names_and_the_keys_behind_them(story: History, tmp_path: Path, keys: Keyring) -> None:
    print_of = {name: keys.openpgp(name) for name in ("ann", "bea", "bot", "eve", "platform")}
    story.commit("first")
    sign(story, keys.by_openpgp("ann"), by=ANN)
    borrowed = sign(story, keys.by_openpgp("bea"), by=ANN)
    bots = sign(story, keys.by_openpgp("bot"), by=BOT)
    pretended = sign(story, keys.by_openpgp("eve"), by=PRETENDER)
    by_platform = sign(story, keys.by_openpgp("platform"), by=BEA)
    unsigned_bot = story.commit("quick", by=BOT)
    people = [
        {"name": "Ann", "emails": [ANN.email], "keys": [print_of["ann"]]},
        {"name": "Bea", "emails": [BEA.email], "keys": [print_of["bea"]]},
    ]
    settings = Settings.model_validate(
        {
            "engine": "embedded", "people": people,
            "actors": [{"kind": "bot", "name": BOT.name, "email": BOT.email, "keys": [print_of["bot"]]}],
            "signatures": {
                "openpgp_keys": [str(keys.public("ann", "bea", "bot"))],
                "platform_keys": [str(keys.public("platform"))],
            },
        }
    )  # fmt: skip
    found = ChangeAudit(story, tmp_path / "state" / "audit.duckdb", settings)
    found.scan()
    assert found.shas(11) == {pretended}
    assert found.shas(12) == {by_platform}
    assert found.shas(13) == {borrowed}
    assert found.shas(18) == {pretended, unsigned_bot}
    assert found.shas(19) == {pretended}
    assert bots not in found.shas(13) | found.shas(18)
