"""Signatures, the directory and the contract's views over whole scans."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from histories.audits import Audit, share_judges
from histories.builder import History
from histories.manifests import pod
from histories.signing import Keyring, sign

from auditor.settings import Settings

pytestmark = [
    pytest.mark.needs_gnupg,
    pytest.mark.skipif(
        not all(shutil.which(program) for program in ("gpg", "gpgsm", "ssh-keygen", "openssl")),
        reason="needs gpg, gpgsm, ssh-keygen and openssl",
    ),
]


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyring]:
    share_judges(monkeypatch)
    keys = Keyring(tmp_path / "keys")
    yield keys
    keys.close()


def test_signatures_are_told_by_the_contract(tmp_path: Path, keys: Keyring) -> None:
    keys.openpgp("ann")
    keys.openpgp("eve")
    story = History(tmp_path / "repo")
    plain = story.commit("plain", {"web.yaml": pod("web")})
    ann = sign(story, keys.by_openpgp("ann"))
    eve = sign(story, keys.by_openpgp("eve"))
    audit = Audit(story.path, tmp_path / "audit" / "a.duckdb")
    told = "SELECT sha, signature_status, signer FROM commits ORDER BY position"
    audit.scan()
    assert audit.rows(told) == [(plain, "none", ""), (ann, "unchecked", ""), (eve, "unchecked", "")]
    # The same tip with keys: nothing is read again, and the signatures are checked.
    keyed = Settings.model_validate(
        {"engine": "embedded", "signatures": {"openpgp_keys": [str(keys.public("ann"))]}}
    )
    result = audit.scan(settings=keyed)
    assert result.counts["new_commits"] == 0
    signed = [(plain, "none", ""), (ann, "good", "ann <ann@example.org>"), (eve, "unknown-key", "")]
    assert audit.rows(told) == signed
    checks = audit.rows("SELECT count(*) FROM trail.signature_check")
    audit.scan(settings=keyed)
    assert audit.rows("SELECT count(*) FROM trail.signature_check") == checks == [(2,)]
    later = sign(story, keys.by_openpgp("ann"))
    assert audit.scan(settings=keyed).incremental
    assert audit.rows(told) == [*signed, (later, "good", "ann <ann@example.org>")]
