"""Signatures by gitsign over whole scans: what the contract says of them, and what the rules on changes do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from histories.audits import Audit, share_judges
from histories.builder import History
from histories.manifests import pod
from histories.signing import sign
from histories.sigstore import ISSUER, Sigstore

from auditor.settings import Settings

TOLD = "SELECT sha, signature_status, signer FROM commits ORDER BY position"
UNTRUSTED, SIGNER, BOT = "AUD-CHG-0011", "AUD-CHG-0013", "AUD-CHG-0018"


class Signed:
    """A repository with a commit of each kind, the audit of it, and the Sigstore that signed."""

    def __init__(self, folder: Path) -> None:
        self.sigstore = Sigstore(folder / "keys")
        self.story = History(folder / "repo")
        self.plain = self.story.commit("plain", {"web.yaml": pod("web")})
        self.good = sign(self.story, self.sigstore.signer())
        self.eve = sign(self.story, self.sigstore.signer("eve@example.org"))
        self.forged = sign(self.story, self.sigstore.signer(promise=b"forged"))
        self.unlogged = sign(self.story, self.sigstore.signer(logged_at=None))
        self.audit = Audit(self.story.path, folder / "audit" / "a.duckdb")

    def settings(self, *emails: str, **more: Any) -> Settings:
        signatures = {"gitsign": self.sigstore.setting(*emails)}
        return Settings.model_validate({"engine": "embedded", "signatures": signatures, **more})

    def found(self, rule: str) -> dict[str, str]:
        """Messages of a rule's open findings, by commit."""
        return dict(
            self.audit.rows("SELECT opened_sha, message FROM findings WHERE rule_id = ?", rule)  # type: ignore[arg-type]
        )


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signed:
    share_judges(monkeypatch)
    return Signed(tmp_path)


def test_a_good_one_passes_and_the_others_do_not(signed: Signed) -> None:
    signed.audit.scan(settings=signed.settings("ann@example.org"))
    assert signed.audit.rows(TOLD) == [
        (signed.plain, "none", ""),
        (signed.good, "good", "ann@example.org"),
        (signed.eve, "untrusted", ""),
        (signed.forged, "bad", ""),
        (signed.unlogged, "unchecked", ""),
    ]
    found = signed.found(UNTRUSTED)
    assert found.keys() == {signed.eve, signed.forged}
    assert f"it is by eve@example.org, identified by {ISSUER}" in found[signed.eve]
    assert "forged" in found[signed.forged]


def test_without_configuration_nothing_is_good_and_nothing_is_taken_for_checked(signed: Signed) -> None:
    signed.audit.scan()
    assert {status for _, status, _ in signed.audit.rows(TOLD)} == {"none", "unchecked"}
    assert signed.found(UNTRUSTED) == {}
    skipped = signed.audit.rows("SELECT count(*) FROM findings WHERE rule_id = ?", UNTRUSTED)
    assert skipped == [(0,)]


def test_each_is_checked_once_until_an_identity_is_added(signed: Signed) -> None:
    ann = signed.settings("ann@example.org")
    checks = "SELECT count(*) FROM trail.signature_check"
    signed.audit.scan(settings=ann)
    assert signed.audit.rows(checks) == [(4,)]
    signed.audit.scan(settings=ann)
    assert signed.audit.rows(checks) == [(4,)]
    signed.audit.scan(settings=signed.settings("ann@example.org", "eve@example.org"))
    statuses = dict(signed.audit.rows("SELECT sha, signature_status FROM commits"))  # type: ignore[arg-type]
    assert (statuses[signed.eve], statuses[signed.good]) == ("good", "good")
    assert signed.found(UNTRUSTED).keys() >= {signed.forged}


def test_the_signer_is_held_against_the_committer_and_a_bot_is_known_by_its_identity(signed: Signed) -> None:
    """Ann is the committer of all; a bot is registered by the workflow that signs, as a key is."""
    people = [
        {"name": "Ann", "emails": ["ann@example.org"]},
        {"name": "Eve", "emails": ["eve@example.org"]},
    ]
    both = signed.settings("ann@example.org", "eve@example.org", people=people)
    signed.audit.scan(settings=both)
    assert signed.found(SIGNER).keys() == {signed.eve}
    always = {signed.plain, signed.eve, signed.forged}
    for number, (holder, doubted) in enumerate(
        (
            (f"sigstore:{ISSUER}  ann@example.org", always),
            (f"sigstore:{ISSUER} bob@example.org", {*always, signed.good}),
        )
    ):
        bot = {"name": "Ann", "emails": ["ann@example.org"], "kind": "bot", "keys": [holder]}
        audit = Audit(signed.story.path, signed.audit.database.parent / f"bot-{number}.duckdb")
        audit.scan(settings=signed.settings("ann@example.org", "eve@example.org", people=[bot]))
        rows = audit.rows("SELECT opened_sha FROM findings WHERE rule_id = ?", BOT)
        assert {sha for (sha,) in rows} == doubted
