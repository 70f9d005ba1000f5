"""Signatures over several runs: each is checked once against one trust store, and again against another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from histories.builder import History
from histories.signing import Keyring, sign

from auditor.git.mirror import mirror_folder, update_mirror
from auditor.git.objects import parse_commit
from auditor.pipeline.evidence import signatures
from auditor.pipeline.evidence.people import directory_of
from auditor.pipeline.evidence.signatures import SignatureNews, check_new_signatures, trust_of
from auditor.settings import Settings
from auditor.store.database import open_database
from auditor.store.writer import writing

pytestmark = [
    pytest.mark.needs_gnupg,
    pytest.mark.skipif(
        not all(shutil.which(program) for program in ("gpg", "gpgsm", "ssh-keygen", "openssl")),
        reason="needs gpg, gpgsm, ssh-keygen and openssl",
    ),
]
START = datetime(2026, 1, 1, tzinfo=UTC)
ZERO = datetime(2020, 1, 1, tzinfo=UTC)


class Runs:
    """A repository and its database; `run` does what a scan does about signatures."""

    def __init__(self, folder: Path) -> None:
        self.story = History(folder / "repo")
        self.keys = Keyring(folder / "keys")
        self.state = folder / "state"
        self.database = self.state / "a.duckdb"
        self._numbers = count()

    def run(self, **signatures: object) -> SignatureNews:
        """One run with these settings; everything that the tip reaches is recorded."""
        number = next(self._numbers)
        settings = Settings.model_validate({"signatures": signatures})
        with open_database(self.database, create=True) as database, trust_of(settings) as trust:
            mirror = update_mirror(str(self.story.path), self.state)
            known = {row[0] for row in database.cursor().execute("SELECT sha FROM commits").fetchall()}
            new = {
                sha: parse_commit(
                    mirror.git.run("cat-file", "commit", sha, repository=mirror.path)
                ).signature_format
                for sha in mirror.git.run("rev-list", mirror.tip, repository=mirror.path).decode().split()
                if sha not in known
            }
            now = START + timedelta(days=number)
            news = check_new_signatures(database, mirror, "repo", new, trust, now)
            with writing(database) as writer:
                writer.append(
                    "commit_record",
                    [
                        ("repo", sha, "t", [], "A", "a@b", ZERO, 0, "A", "a@b", ZERO, 0, "s", "", form, 0)
                        for sha, form in new.items()
                    ],
                )
                rows = news.rows("repo", f"run-{number}")
                writer.append("signature_check", [(*row, 100 * number + at) for at, row in enumerate(rows)])
        return news

    def statuses(self) -> Mapping[str, str]:
        """What the contract says, by commit."""
        with open_database(self.database) as database:
            return dict(database.cursor().execute("SELECT sha, signature_status FROM commits").fetchall())


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path)
    yield runs
    runs.keys.close()


def _statuses(news: SignatureNews) -> list[str]:
    return sorted(str(one.status) for one in news.checks)


def test_each_signature_is_checked_once_until_the_trust_store_changes(runs: Runs) -> None:
    runs.keys.openpgp("ann")
    runs.keys.openpgp("eve")
    plain = runs.story.commit("plain", {"a": "1"})
    ann = sign(runs.story, runs.keys.by_openpgp("ann"))
    eve = sign(runs.story, runs.keys.by_openpgp("eve"))
    only_ann = (runs.keys.public("ann"),)
    assert _statuses(runs.run(openpgp_keys=only_ann)) == ["good", "unknown-key"]
    assert runs.run(openpgp_keys=only_ann).checks == ()
    later = sign(runs.story, runs.keys.by_openpgp("ann"))
    assert [one.sha for one in runs.run(openpgp_keys=only_ann).checks] == [later]
    both = runs.run(openpgp_keys=(*only_ann, runs.keys.public("eve")))
    assert _statuses(both) == ["good", "good", "good"]
    assert runs.statuses() == {plain: "none", ann: "good", eve: "good", later: "good"}


def test_without_a_trust_store_nothing_is_recorded_and_the_reason_is_counted(runs: Runs) -> None:
    runs.keys.openpgp("ann")
    ann = sign(runs.story, runs.keys.by_openpgp("ann"))
    news = runs.run()
    assert news.checks == ()
    (reason,) = news.unchecked
    assert "signatures.openpgp_keys" in reason
    assert news.unchecked[reason] == 1
    assert runs.statuses() == {ann: "unchecked"}


def test_a_trust_store_that_is_taken_away_takes_its_word_back(runs: Runs) -> None:
    runs.keys.openpgp("ann")
    ann = sign(runs.story, runs.keys.by_openpgp("ann"))
    runs.run(openpgp_keys=(runs.keys.public("ann"),))
    assert runs.statuses() == {ann: "good"}
    assert _statuses(runs.run()) == ["unchecked"]
    assert runs.statuses() == {ann: "unchecked"}
    assert runs.run().checks == ()


def test_what_failed_is_tried_again(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.keys.openpgp("ann")
    sign(runs.story, runs.keys.by_openpgp("ann"))
    keys = (runs.keys.public("ann"),)
    with monkeypatch.context() as patch:
        real = signatures.check_signatures

        def hurried(*arguments: object, **options: object) -> object:
            return real(*arguments, **options, time_limit_s=-1)  # type: ignore[arg-type]

        patch.setattr(signatures, "check_signatures", hurried)
        assert _statuses(runs.run(openpgp_keys=keys)) == ["error"]
    assert _statuses(runs.run(openpgp_keys=keys)) == ["good"]
    assert runs.run(openpgp_keys=keys).checks == ()


def test_a_commit_that_is_gone_from_the_mirror_keeps_its_last_word(runs: Runs) -> None:
    runs.keys.openpgp("ann")
    base = runs.story.commit("plain", {"a": "1"})
    gone = sign(runs.story, runs.keys.by_openpgp("ann"))
    runs.run(openpgp_keys=(runs.keys.public("ann"),))
    runs.story.branch("main", base)
    runs.story.object_file(gone).unlink()
    shutil.rmtree(mirror_folder(runs.state, str(runs.story.path)))
    runs.keys.openpgp("bob")
    assert runs.run(openpgp_keys=(runs.keys.public("ann", "bob"),)).checks == ()
    assert runs.statuses()[gone] == "good"


def test_the_directory_knows_the_forges_key_from_its_file(runs: Runs) -> None:
    fingerprint = runs.keys.openpgp("ann")
    settings = Settings.model_validate({"signatures": {"platform_keys": [str(runs.keys.public("ann"))]}})
    with trust_of(settings) as trust:
        directory = directory_of(settings, platform_keys=trust.platform_keys)
    forge = directory.by_key(fingerprint)
    assert forge is not None
    assert str(forge.kind) == "forge"
