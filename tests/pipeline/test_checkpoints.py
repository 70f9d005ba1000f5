"""Keys, signed heads and what is kept beside the database; verification end to end on a trail made by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline.trail_by_hand import NOW, record_run

import auditor
from auditor.errors import TrailError, UsageError
from auditor.pipeline.integrity.checkpoints import (
    copy_file,
    head_file,
    init_key,
    key_file,
    notes_file,
    sign_head,
    signing_key,
    verifier_keys,
)
from auditor.pipeline.integrity.proof import consistency_proofs, inclusion_proofs, write_proofs
from auditor.pipeline.integrity.verify import NOTHING_OUTSIDE, VerifyReport, VerifyRequest, verify
from auditor.settings import Settings, TrailSetting
from auditor.store.database import open_database
from auditor.trail.notefile import read_head, read_notes
from auditor.trail.notes import VerifierKey, new_key, open_note, parse_checkpoint

SCRIPT = Path(auditor.__file__).parents[1] / "docs" / "verify_proof.py"


class Place:
    """A database with two runs, a key, and a folder outside for the copies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "state"
        self.outside = folder / "outside"
        self.path = self.folder / "audit.duckdb"
        self.settings = Settings(trail=TrailSetting(copies=(self.outside,)))

    def make(self) -> None:
        """Two runs, and the key that signed them."""
        self.folder.mkdir()
        self.outside.mkdir()
        init_key(self.settings, self.folder, name="example.com/audit")
        self.run(0)
        self.run(1)

    @property
    def key(self) -> VerifierKey:
        return verifier_keys(self.settings, self.folder)[0]

    def run(self, number: int, *, sign: bool = True) -> None:
        with open_database(self.path, create=True) as database:
            record_run(database, number)
            if sign:
                sign_head(database, self.settings, self.folder, NOW + timedelta(hours=number)).complain()

    def execute(self, sql: str) -> None:
        """What somebody does who can write the file."""
        connection = duckdb.connect()
        connection.execute(f"ATTACH '{self.path}' AS x; USE x; SET TimeZone = 'UTC'")
        connection.execute(sql)
        connection.close()

    def verify(self, **more: Any) -> VerifyReport:
        return verify(VerifyRequest(database=self.path, settings=self.settings, git=False, **more))


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place as it is made: copying one takes a tenth of making it."""
    folder = tmp_path_factory.mktemp("pattern")
    Place(folder).make()
    return folder


@pytest.fixture
def place(pattern: Path, tmp_path: Path) -> Place:
    shutil.copytree(pattern, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path)


def test_a_trail_with_copies_outside_is_proven(place: Place) -> None:
    report = place.verify()
    assert (report.everything_wrong, report.unverified) == ([], [])
    assert (report.log.size, report.proven) == (7, 7)
    assert [(note.size, note.outside) for note in report.notes] == [(4, True), (7, True)]


def test_without_anything_outside_nothing_is_proven(place: Place) -> None:
    place.settings = Settings()
    report = place.verify()
    assert report.everything_wrong == []
    assert report.unverified == [NOTHING_OUTSIDE]
    assert report.proven is None


def test_a_checkpoint_that_was_kept_by_hand_counts_as_a_file_and_as_text(
    place: Place, tmp_path: Path
) -> None:
    place.settings = Settings()
    note = read_notes(notes_file(place.path))[0]
    kept = tmp_path / "kept.txt"
    kept.write_text(note)
    assert place.verify(checkpoints=(str(kept),)).proven == 4
    assert place.verify(checkpoints=(note,)).unverified == []
    assert place.verify(checkpoints=(str(notes_file(place.path)),)).unverified == [NOTHING_OUTSIDE]
    with pytest.raises(UsageError, match="no checkpoint file"):
        place.verify(checkpoints=("missing.txt",))


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE trail.file_change SET new_blob = 'c' WHERE seq = 4", "file_change 4 (repo shop, sha 0000000000000000000000000000000000000001, path apps/web.yaml): differs"),
        ("DELETE FROM trail.field_diff WHERE pointer = '/a' AND seq = 5", "field_diff 5 (repo shop,"),
        ("DELETE FROM trail.file_change WHERE seq = 4", "place 4: the record is missing"),
        ("DELETE FROM trail.leaf WHERE seq = 4", "its leaf is missing"),
        ("UPDATE trail.leaf SET seq = 90 WHERE seq = 4", "leaf 90: there is no place 90"),
        ("UPDATE trail.run SET engine = 'none' WHERE id = 'run-0'", "run 3 (repo shop, id run-0): differs"),
        ("UPDATE trail.tree_head SET root = frontier WHERE size = 7", "tree head of run run-1"),
        ("DELETE FROM trail.tree_head WHERE size = 7", "its last tree head says 4"),
        ("INSERT INTO trail.file_change SELECT * FROM trail.file_change WHERE seq = 4", "the place 4 is taken by another"),
        ("UPDATE trail.verdict SET outcome = 'pass'", "shop: verdict is not as run run-1 left it"),
        ("DELETE FROM trail.gap WHERE run = 'run-1'", "shop: gap is not as run run-1 left it"),
    ],
)  # fmt: skip
def test_what_somebody_changes_is_named(place: Place, sql: str, told: str) -> None:
    place.execute(sql)
    assert any(told in text for text in place.verify().everything_wrong), place.verify().everything_wrong


def test_rows_in_another_order_are_the_same_results(place: Place) -> None:
    place.execute("CREATE TABLE t AS SELECT * FROM trail.verdict ORDER BY message DESC; DELETE FROM trail.verdict;"
                  " INSERT INTO trail.verdict SELECT * FROM t; DROP TABLE t")  # fmt: skip
    assert place.verify().everything_wrong == []


def test_a_column_that_a_later_version_adds_is_no_change_of_the_results(place: Place) -> None:
    place.execute("ALTER TABLE trail.gap ADD COLUMN later VARCHAR DEFAULT 'x'")
    assert place.verify().everything_wrong == []


def test_who_makes_the_whole_log_anew_and_signs_it_is_caught_by_the_copy(place: Place) -> None:
    """Everything beside the database can be made anew by who has the key; the copy outside cannot."""
    for path in (place.path, head_file(place.path), notes_file(place.path)):
        path.unlink()
    outside = place.settings
    place.settings = Settings()
    place.run(5)
    place.run(6)
    assert place.verify().everything_wrong == []
    place.settings = outside
    assert any("are not those that it was made of" in text for text in place.verify().everything_wrong)


def test_an_older_copy_of_the_database_is_noticed_without_any_key(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.folder.mkdir()
    place.settings = Settings()
    place.run(0)
    older = place.path.read_bytes()
    place.run(1)
    assert read_head(head_file(place.path)).size == 7  # type: ignore[union-attr]
    place.path.write_bytes(older)
    assert any("there were 7 records, now there are 4" in text for text in place.verify().everything_wrong)
    with pytest.raises(TrailError, match="does not follow"):
        place.run(2)


def test_a_log_signs_one_history_only(place: Place) -> None:
    """With the remembered head gone too, the notes beside the database still refuse."""
    head_file(place.path).unlink()
    with open_database(place.path) as database:
        database.cursor().execute("UPDATE trail.tree_head SET root = sha256('x')::BLOB WHERE size = 7")
        with pytest.raises(TrailError, match="nothing was signed"):
            sign_head(database, place.settings, place.folder, NOW)


def test_the_same_head_is_signed_once(place: Place) -> None:
    with open_database(place.path) as database:
        again = sign_head(database, place.settings, place.folder, NOW)
        assert again.written == ()
        assert database.cursor().execute("SELECT count(*) FROM trail.checkpoint").fetchone() == (2,)
    text, _ = open_note(again.note, [place.key])
    assert (parse_checkpoint(text).size, parse_checkpoint(text).root) == (7, again.root)
    assert len(read_notes(copy_file(place.outside, place.key))) == 2


def test_a_place_that_cannot_be_written_is_named_and_the_others_are_written(
    place: Place, tmp_path: Path
) -> None:
    missing = tmp_path / "not-mounted"
    place.settings = Settings(trail=TrailSetting(copies=(missing, place.outside)))
    with open_database(place.path) as database:
        record_run(database, 2)
        signed = sign_head(database, place.settings, place.folder, NOW)
    assert [path for path, _ in signed.failed] == [missing]
    assert not missing.exists()
    assert copy_file(place.outside, place.key) in signed.written
    with pytest.raises(TrailError, match="not-mounted"):
        signed.complain()
    assert any("not-mounted" in text for text in place.verify().unverified)


def test_a_torn_write_of_a_copy_does_not_spoil_the_next_note(place: Place) -> None:
    copy = copy_file(place.outside, place.key)
    with copy.open("a") as file:
        file.write("\nexample.com/audit\n9\nCsUYap")
    place.run(2)
    report = place.verify()
    assert report.everything_wrong == []
    assert report.proven == 10
    assert any("torn write" in text for text in report.unverified)


def test_a_changed_copy_is_wrong_and_an_unknown_key_is_not_verified(place: Place, tmp_path: Path) -> None:
    copy = copy_file(place.outside, place.key)
    copy.write_text(copy.read_text().replace("\n7\n", "\n8\n"))
    assert any("signature by example.com/audit" in text for text in place.verify().everything_wrong)
    other = tmp_path / "other.txt"
    other.write_text(
        "x\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— PeterNeumann"
        " x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert any("no known key" in text for text in place.verify(checkpoints=(str(other),)).unverified)


def test_a_key_is_never_overwritten_and_never_readable_by_others(place: Place, tmp_path: Path) -> None:
    path = key_file(place.settings, place.folder)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(TrailError, match="there is a key already"):
        init_key(place.settings, place.folder)
    assert path.read_bytes() == before
    path.chmod(0o640)
    with pytest.raises(TrailError, match="others may read"):
        signing_key(place.settings, place.folder)
    given = tmp_path / "given.key"
    given.write_text(new_key("k").secret_line())
    given.chmod(0o644)
    (tmp_path / "fresh").mkdir()
    with pytest.raises(TrailError, match="others may read"):
        init_key(Settings(), tmp_path / "fresh", given=given)
    given.chmod(0o600)
    assert init_key(Settings(), tmp_path / "fresh", given=given).name == "k"
    assert verifier_keys(Settings(), tmp_path / "fresh")[0].name == "k"


def test_a_second_key_leaves_the_first_ones_checkpoints_verifiable(place: Place) -> None:
    key_file(place.settings, place.folder).rename(place.folder / "old.key")
    init_key(place.settings, place.folder, name="example.com/audit-2")
    place.run(2)
    report = place.verify()
    assert (report.everything_wrong, report.unverified, report.proven) == ([], [], 10)
    assert [key.name for key in verifier_keys(place.settings, place.folder)] == [
        "example.com/audit",
        "example.com/audit-2",
    ]


def test_without_a_key_the_head_is_remembered_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "audit.duckdb"
    with open_database(path, create=True) as database:
        with pytest.raises(TrailError, match="nothing to sign"):
            sign_head(database, Settings(), tmp_path, NOW)
        record_run(database, 0)
        signed = sign_head(database, Settings(), tmp_path, NOW)
    assert (signed.note, signed.size) == ("", 4)
    kept = read_head(head_file(path))
    assert kept is not None
    assert (kept.size, kept.root, kept.run) == (4, signed.root, "run-0")


def test_a_damaged_head_file_is_told(place: Place) -> None:
    head_file(place.path).write_text('{"size": -1}')
    assert any("is damaged" in text for text in place.verify().everything_wrong)


def test_an_unknown_repository_is_wrong_usage(place: Place) -> None:
    with pytest.raises(UsageError, match="no repository"):
        place.verify(repo="other")


def check(proof: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(SCRIPT), str(proof), *more]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"})


def test_proofs_are_checked_by_the_standard_library_alone(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "proof.json"
    sha = f"{1:040x}"
    proofs = inclusion_proofs(place.path, place.settings, [sha, "5", "0"])
    assert [entry["seq"] for entry in proofs["records"]] == [0, 4, 5]
    write_proofs(out, proofs)
    done = check(out, "--key", str(place.key))
    assert (done.returncode, done.stderr) == (0, "")
    assert '"path":"apps/web.yaml"' in done.stdout
    assert "NOT VERIFIED" not in done.stdout
    assert check(out).returncode == 3
    assert "NOT VERIFIED" in check(out).stdout
    stranger = str(new_key("example.com/audit").verifier)
    assert check(out, "--key", stranger).returncode == 1


def test_every_changed_proof_is_refused(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "proof.json"
    proofs = inclusion_proofs(place.path, place.settings, ["5"])
    entry = proofs["records"][0]

    def refused(**changes: Any) -> None:
        write_proofs(out, {**proofs, **changes})
        done = check(out, "--key", str(place.key))
        assert done.returncode == 1, done.stdout
        assert done.stderr.startswith("WRONG")

    refused(records=[{**entry, "record": entry["record"].replace("/spec/x", "/spec/y")}])
    refused(records=[{**entry, "seq": 4}])
    refused(records=[{**entry, "seq": 7}])
    refused(records=[{**entry, "seq": -1}])
    refused(records=[{**entry, "proof": entry["proof"][:-1]}])
    refused(records=[{**entry, "proof": [*entry["proof"], "00" * 32]}])
    refused(size=8)
    refused(root="A" * 43 + "=")
    refused(checkpoint=proofs["checkpoint"].replace("\n7\n", "\n8\n"), size=8)
    signature = proofs["checkpoint"][-30:-10]
    refused(checkpoint=proofs["checkpoint"].replace(signature, signature[::-1]))


def test_consistency_of_two_signed_heads(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "proof.json"
    proofs = consistency_proofs(place.path, place.settings, 4, 7)
    write_proofs(out, proofs)
    assert check(out, "--key", str(place.key)).returncode == 0
    for old, new in ((0, 7), (7, 7), (3, 5), (4, 4), (1, 7)):
        write_proofs(out, consistency_proofs(place.path, place.settings, old, new))
        assert check(out, "--key", str(place.key)).returncode in (0, 3), (old, new)
    write_proofs(out, {**proofs, "consistency": ["00" * 32 for _ in proofs["consistency"]]})
    assert check(out, "--key", str(place.key)).returncode == 1
    with pytest.raises(UsageError, match="no log of 5 records within one of 4"):
        consistency_proofs(place.path, place.settings, 5, 4)


def test_there_are_no_proofs_of_what_is_not_in_the_log(place: Place) -> None:
    for subject in ("f" * 40, "99", "F-0123456789abcdef", "nonsense"):
        with pytest.raises(UsageError, match="no record of"):
            inclusion_proofs(place.path, place.settings, [subject])
    place.run(2, sign=False)
    with pytest.raises(TrailError, match="newer than the newest checkpoint"):
        inclusion_proofs(place.path, place.settings, ["8"])
    place.execute("UPDATE trail.file_change SET path = 'x' WHERE seq = 4")
    with pytest.raises(TrailError, match="differs from its leaf"):
        inclusion_proofs(place.path, place.settings, ["4"])
