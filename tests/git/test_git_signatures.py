"""Signatures of every state, made by the real programs and checked by git: no state is taken for a better one."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from histories.builder import START, History, Person
from histories.signing import Keyring, sign

from auditor.errors import ConfigurationError
from auditor.git import signatures, trust
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.objects import parse_commit
from auditor.git.signatures import check_signatures
from auditor.git.trust import TrustFiles, TrustStore
from auditor.model import SignatureCheck, SignatureStatus

pytestmark = [
    pytest.mark.needs_gnupg,
    pytest.mark.skipif(
        not all(shutil.which(program) for program in ("gpg", "gpgsm", "ssh-keygen", "openssl")),
        reason="needs gpg, gpgsm, ssh-keygen and openssl",
    ),
]
GOOD, BAD, ERROR = SignatureStatus.GOOD, SignatureStatus.BAD, SignatureStatus.ERROR
UNTRUSTED, UNKNOWN_KEY = SignatureStatus.UNTRUSTED, SignatureStatus.UNKNOWN_KEY
EXPIRED, REVOKED, UNCHECKED = SignatureStatus.EXPIRED, SignatureStatus.REVOKED, SignatureStatus.UNCHECKED


@dataclass
class Signed:
    """A history with a commit of every state, by name, and the keys."""

    keys: Keyring
    mirror: Mirror
    shas: Mapping[str, str]
    files: TrustFiles

    def formats(self, *names: str) -> dict[str, str]:
        """The named commits (all by default) with their signatures' formats, as the scan reads them."""
        return {
            self.shas[name]: parse_commit(
                self.mirror.git.run("cat-file", "commit", self.shas[name], repository=self.mirror.path)
            ).signature_format
            for name in names or self.shas
        }

    def check(self, files: TrustFiles | None = None, *names: str, jobs: int = 2) -> dict[str, SignatureCheck]:
        """The checks by name."""
        with TrustStore(files or self.files) as store:
            found = {
                one.sha: one for one in check_signatures(self.mirror, self.formats(*names), store, jobs=jobs)
            }
        return {name: found[sha] for name, sha in self.shas.items() if sha in found}


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    folder = tmp_path_factory.mktemp("signed")
    keys = Keyring(folder / "keys")
    try:
        story = History(folder / "repo")
        shas = _openpgp(story, keys) | _ssh(story, keys) | _x509(story, keys)
        story.git("fsck")
        keys.revoke("gone")
        yield Signed(
            keys=keys,
            mirror=update_mirror(str(story.path), folder / "state"),
            shas=shas,
            files=TrustFiles(
                openpgp_keys=(
                    keys.public("ann", "bob", armored=False),
                    keys.public("old", "eld", "gone"),
                ),
                ssh_allowed_signers=folder / "keys" / "allowed",
                ssh_revoked_keys=folder / "keys" / "revoked",
                x509_roots=(folder / "keys" / "root.pem", folder / "keys" / "between.pem"),
            ),
        )
    finally:
        keys.close()


def _openpgp(story: History, keys: Keyring) -> dict[str, str]:
    for name in ("ann", "eve", "gone"):
        keys.openpgp(name)
    keys.openpgp("bob", subkey=True)
    keys.openpgp("old", made="20200101", expires="1y")
    keys.openpgp("eld", made="20200101")
    return {
        "good": sign(story, keys.by_openpgp("ann")),
        "subkey": sign(story, keys.by_openpgp("bob")),
        "tampered": sign(story, keys.by_openpgp("ann"), tampered=True),
        "unknown key": sign(story, keys.by_openpgp("eve")),
        "expired key": sign(story, keys.by_openpgp("old", at="20200601")),
        "expired signature": sign(story, keys.by_openpgp("eld", at="20200601", expires="1d")),
        "revoked": sign(story, keys.by_openpgp("gone")),
        "two signatures": sign(story, keys.by_openpgp("ann", "bob")),
        "one of two is unknown": sign(story, keys.by_openpgp("ann", "eve")),
        "no signature": sign(
            story, lambda _: b"-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----"
        ),
        "other message": sign(
            story, lambda _: keys.gpg("--armor", "--sign", "-u", "ann@example.org", "-o", "-", stdin=b"else")
        ),
        "other object format": sign(story, keys.by_openpgp("ann"), header="gpgsig-sha256"),
        "no kind": sign(story, lambda _: b"-----BEGIN NONSENSE-----\nabcd\n-----END NONSENSE-----"),
        "nearly a kind": sign(
            story, lambda _: b"-----BEGIN PGP NONSENSE-----\nabcd\n-----END PGP NONSENSE-----"
        ),
    }


def _ssh(story: History, keys: Keyring) -> dict[str, str]:
    names = ("s-ann", "s-eve", "s-late", "s-early", "s-mail", "s-gone", "s-bob")
    public = {name: keys.ssh(name) for name in names}
    (keys.folder / "allowed").write_text(
        "# who may sign\n\n"
        f'ann@example.org namespaces="git" {public["s-ann"]} a remark\n'
        f'"bob@example.org,*@acme.example" {public["s-bob"]}\n'
        f'late@example.org valid-before="20200101" {public["s-late"]}\n'
        f'early@example.org namespaces="git",valid-after="20300101" {public["s-early"]}\n'
        f'mail@example.org namespaces="file,email" {public["s-mail"]}\n'
        f"gone@example.org {public['s-gone']}\n"
    )
    (keys.folder / "revoked").write_text(f"{public['s-gone']}\n")
    before = START - 6 * 365 * 86400  # 2017
    return {
        "ssh good": sign(story, keys.by_ssh("s-ann")),
        # Signed by somebody else than the commit says: good, and by whom.
        "ssh of another": sign(story, keys.by_ssh("s-bob")),
        "ssh tampered": sign(story, keys.by_ssh("s-ann"), tampered=True),
        "ssh unknown": sign(story, keys.by_ssh("s-eve")),
        "ssh for files": sign(story, keys.by_ssh("s-ann", namespace="file")),
        "ssh not for git": sign(story, keys.by_ssh("s-mail")),
        "ssh too late": sign(story, keys.by_ssh("s-late")),
        "ssh in time": sign(story, keys.by_ssh("s-late"), at=before),
        "ssh too early": sign(story, keys.by_ssh("s-early"), at=START + 10**6),
        "ssh revoked": sign(story, keys.by_ssh("s-gone")),
        "ssh revoked and tampered": sign(story, keys.by_ssh("s-gone"), tampered=True),
        "ssh nothing": sign(
            story, lambda _: b"-----BEGIN SSH SIGNATURE-----\nabcd\n-----END SSH SIGNATURE-----"
        ),
    }


def _x509(story: History, keys: Keyring) -> dict[str, str]:
    keys.authority("root")
    keys.authority("between", below="root")
    keys.authority("evil")
    for name, authority in (("x-ann", "root"), ("x-bob", "between"), ("x-eve", "evil")):
        keys.certificate(name, authority)
    keys.certificate("x-old", "root", days=-1)
    return {
        "x509 good": sign(story, keys.by_x509("x-ann")),
        "x509 by an authority between": sign(story, keys.by_x509("x-bob")),
        "x509 tampered": sign(story, keys.by_x509("x-ann"), tampered=True),
        "x509 unknown root": sign(story, keys.by_x509("x-eve")),
        "x509 brings its own root": sign(story, keys.by_x509("x-eve", "evil")),
        "x509 expired": sign(story, keys.by_x509("x-old")),
        "x509 nothing": sign(
            story, lambda _: b"-----BEGIN SIGNED MESSAGE-----\nabcd\n-----END SIGNED MESSAGE-----"
        ),
    }


# commit, status, whose key it is told to be, signer, a part of the reason
STATES = [
    ("good", GOOD, "ann", "ann <ann@example.org>", ""),
    ("subkey", GOOD, "bob", "bob <bob@example.org>", ""),
    ("tampered", BAD, "", "", "does not fit the commit"),
    ("unknown key", UNKNOWN_KEY, "eve", "", "is not in the trust store"),
    ("expired key", EXPIRED, "old", "old <old@example.org>", "expired on 20"),
    ("expired signature", EXPIRED, "eld", "eld <eld@example.org>", "the signature itself"),
    ("revoked", REVOKED, "gone", "gone <gone@example.org>", "revoked"),
    ("two signatures", UNTRUSTED, "", "", "several signatures"),
    ("one of two is unknown", UNTRUSTED, "", "", "several signatures"),
    ("no signature", BAD, "", "", "nothing that gpg takes"),
    ("other message", BAD, "", "", "nothing that gpg takes"),
    ("other object format", BAD, "", "", "another object format"),
    ("no kind", BAD, "", "", "of no kind"),
    ("nearly a kind", BAD, "", "", "of no kind"),
    ("ssh good", GOOD, "s-ann", "ann@example.org", ""),
    ("ssh of another", GOOD, "s-bob", "bob@example.org", ""),
    ("ssh tampered", BAD, "", "", "does not fit the commit"),
    ("ssh unknown", UNTRUSTED, "s-eve", "", "not among the allowed signers"),
    ("ssh for files", BAD, "", "", "something else than git"),
    ("ssh not for git", UNTRUSTED, "s-mail", "", "not git commits"),
    ("ssh too late", EXPIRED, "s-late", "", "allowed until 2020-01-01"),
    ("ssh in time", GOOD, "s-late", "late@example.org", ""),
    ("ssh too early", UNTRUSTED, "s-early", "", "allowed from 2030-01-01"),
    ("ssh revoked", REVOKED, "s-gone", "", "list of revoked keys"),
    ("ssh revoked and tampered", BAD, "", "", "does not fit the commit"),
    ("ssh nothing", BAD, "", "", "nothing that ssh-keygen takes"),
    ("x509 good", GOOD, "x-ann", "/CN=x-ann/EMail=x-ann@example.org", ""),
    ("x509 by an authority between", GOOD, "x-bob", "/CN=x-bob/EMail=x-bob@example.org", ""),
    ("x509 tampered", BAD, "", "", "does not fit the commit"),
    ("x509 unknown root", UNTRUSTED, "x-eve", "", "does not end in a configured root"),
    ("x509 brings its own root", UNTRUSTED, "x-eve", "", "does not end in a configured root"),
    ("x509 expired", EXPIRED, "x-old", "/CN=x-old/EMail=x-old@example.org", "expired"),
    ("x509 nothing", BAD, "", "", "nothing that gpgsm takes"),
]


@pytest.fixture(scope="module")
def checked(signed: Signed) -> dict[str, SignatureCheck]:
    return signed.check()


@pytest.mark.parametrize(("name", "status", "key", "signer", "reason"), STATES, ids=[s[0] for s in STATES])
def test_states(
    signed: Signed,
    checked: dict[str, SignatureCheck],
    name: str,
    status: SignatureStatus,
    key: str,
    signer: str,
    reason: str,
) -> None:
    found = checked[name]
    assert (found.status, found.signer) == (status, signer), found
    assert found.key == (signed.keys.fingerprints[key][0] if key else ""), found
    assert reason in found.reason
    assert bool(found.reason) is (status is not GOOD)


def test_every_commit_is_answered_once(signed: Signed, checked: dict[str, SignatureCheck]) -> None:
    assert checked.keys() == {state[0] for state in STATES} == signed.shas.keys()


def test_nothing_is_good_that_is_not_trusted(signed: Signed) -> None:
    """Without a trust store nothing is checked, and said so; never taken for unsigned."""
    found = signed.check(TrustFiles())
    assert found.keys() == signed.shas.keys()
    assert {one.status for one in found.values()} == {UNCHECKED, BAD}
    assert [name for name, one in found.items() if one.status is BAD] == ["no kind"]
    for name, setting in (
        ("good", "openpgp_keys"),
        ("ssh good", "ssh_allowed_signers"),
        ("x509 good", "x509_roots"),
    ):
        assert f"signatures.{setting}" in found[name].reason
        assert found[name].trust == ""


def test_one_store_does_not_speak_for_another_format(signed: Signed) -> None:
    found = signed.check(TrustFiles(openpgp_keys=signed.files.openpgp_keys), "good", "ssh good", "x509 good")
    assert {name: one.status for name, one in found.items()} == {
        "good": GOOD,
        "ssh good": UNCHECKED,
        "x509 good": UNCHECKED,
    }


def test_the_callers_keyring_and_configuration_do_not_count(
    signed: Signed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The home with everybody's keys is the caller's, and says that all are allowed."""
    (tmp_path / ".gitconfig").write_text(f'[gpg "ssh"]\n\tallowedSignersFile = {tmp_path}/everybody\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GNUPGHOME", str(signed.keys.home))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "gpg.program")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "/bin/true")
    assert signed.check(None, "unknown key")["unknown key"].status is UNKNOWN_KEY
    only_ann = TrustFiles(openpgp_keys=(signed.keys.public("ann"),))
    assert signed.check(only_ann, "subkey")["subkey"].status is UNKNOWN_KEY


def test_a_missing_program_is_said_and_nothing_is_believed(
    signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust.shutil, "which", lambda name: None if name == "gpgsm" else f"/usr/bin/{name}")
    found = signed.check(None, "x509 good")["x509 good"]
    assert (found.status, found.trust) == (UNCHECKED, "")
    assert "gpgsm" in found.reason


def test_the_digest_is_of_the_keys_and_not_of_their_files_names(signed: Signed, tmp_path: Path) -> None:
    copy = tmp_path / "copy.asc"
    copy.write_bytes(signed.keys.public("ann").read_bytes())
    other = signed.keys.public("bob")

    def digest(*files: Path) -> str:
        return TrustStore(TrustFiles(openpgp_keys=files)).digest("openpgp")

    assert digest(copy) == digest(signed.keys.public("ann")) != digest(other)
    assert digest(copy, other) == digest(other, copy) != digest(copy)
    both = TrustStore(signed.files)
    less = TrustStore(TrustFiles(ssh_allowed_signers=signed.files.ssh_allowed_signers))
    assert both.digest("ssh") != less.digest("ssh"), "a list of revoked keys is part of it"
    assert len({both.digest(name) for name in ("openpgp", "ssh", "x509")}) == 3
    assert less.digest("openpgp") == less.digest("unknown") == ""


def test_platform_keys_are_named_and_trusted(signed: Signed) -> None:
    file = signed.keys.public("ann")
    given = "ab" * 20
    with TrustStore(TrustFiles(platform_keys=(str(file), given))) as store:
        assert store.platform_keys == (given.upper(), signed.keys.fingerprints["ann"][0])
        (found,) = check_signatures(signed.mirror, signed.formats("good"), store)
    assert (found.status, found.key) == (GOOD, signed.keys.fingerprints["ann"][0])


BROKEN = [
    ({"openpgp_keys": "text"}, "no OpenPGP public key"),
    ({"openpgp_keys": "-----BEGIN PGP PRIVATE KEY BLOCK-----"}, "private key"),
    ({"x509_roots": "text"}, "no X.509 certificate"),
    ({"ssh_allowed_signers": "# nobody\n"}, "allows nobody"),
    ({"ssh_allowed_signers": "ann@example.org ssh-ed25519 AAAA\n"}, "line 1"),
    ({"ssh_allowed_signers": "ann@example.org\n"}, "no key"),
    ({"ssh_allowed_signers": 'ann@example.org valid-before="soon" ssh-ed25519 AAAA\n'}, "'soon' is no date"),
    ({"platform_keys": "text"}, "keys"),
]


@pytest.mark.parametrize(("settings", "words"), BROKEN)
def test_broken_trust_is_an_error_and_not_an_empty_one(
    signed: Signed, tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    ((name, text),) = settings.items()
    file = tmp_path / "keys"
    file.write_text(text)
    given = {"ssh_allowed_signers": file, "platform_keys": (str(file),)}.get(name, (file,))
    with pytest.raises(ConfigurationError, match=words):
        signed.check(TrustFiles(**{name: given}), "good", "ssh good", "x509 good")


def test_a_private_key_in_binary_is_refused(signed: Signed, tmp_path: Path) -> None:
    file = tmp_path / "keys.gpg"
    file.write_bytes(signed.keys.gpg("--export-secret-keys", "ann@example.org"))
    with pytest.raises(ConfigurationError, match="private key"):
        signed.check(TrustFiles(openpgp_keys=(file,)), "good")


def test_a_list_of_revoked_keys_that_is_none_revokes_nobody_silently(signed: Signed, tmp_path: Path) -> None:
    file = tmp_path / "revoked"
    file.write_text("nonsense\n")
    files = TrustFiles(ssh_allowed_signers=signed.files.ssh_allowed_signers, ssh_revoked_keys=file)
    with pytest.raises(ConfigurationError, match=r"revoked is no list of revoked keys"):
        signed.check(files, "ssh good")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"/nonexistent/keys\.asc cannot be read"):
        TrustStore(TrustFiles(openpgp_keys=(Path("/nonexistent/keys.asc"),)))


def test_only_an_authority_that_signs_itself_is_a_root(signed: Signed) -> None:
    files = TrustFiles(x509_roots=(signed.keys.folder / "between.pem",))
    with pytest.raises(ConfigurationError, match="is a root"):
        signed.check(files, "x509 good")


def _left_behind(before: set[Path]) -> set[Path]:
    return _homes() - before


def _homes() -> set[Path]:
    import tempfile

    return set(Path(tempfile.gettempdir()).glob("auditor-trust-*"))


def _processes(word: str) -> list[str]:
    return [
        line
        for line in subprocess.run(
            ["ps", "-eo", "args"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        if word in line
    ]


def test_nothing_is_left_behind(signed: Signed) -> None:
    before = _homes()
    with TrustStore(signed.files) as store:
        list(check_signatures(signed.mirror, signed.formats(), store, jobs=2))
        (home,) = {one for one in _left_behind(before) if (one / "trustlist.txt").exists()}
        assert _processes(f"gpg-agent --homedir {home}"), "gpgsm needs its agent; the test would show nothing"
    assert _left_behind(before) == set()
    assert _processes(str(home)) == []


def _slow_gpg(folder: Path) -> Path:
    """A gpg that never ends where the signature is of the key that it is told, and is gpg else."""
    program = folder / "gpg"
    program.write_text(
        "#!/bin/sh\n"
        'for last; do :; done\ncase "$*" in *--verify*)\n'
        'for file; do case "$file" in /*) if grep -q SLOW "$file" 2>/dev/null; then sleep 600; fi;; esac; done;; esac\n'
        f'exec {shutil.which("gpg")} "$@"\n'
    )
    program.chmod(0o755)
    return program


def test_a_check_that_hangs_costs_its_own_answer_only(
    signed: Signed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    story = History(tmp_path / "repo")
    slow = "-----BEGIN PGP SIGNATURE-----\nComment: SLOW\n\nabcd\n-----END PGP SIGNATURE-----"
    shas = [
        sign(story, signed.keys.by_openpgp("ann")),
        sign(story, lambda _: slow.encode()),
        sign(story, signed.keys.by_openpgp("ann")),
    ]
    mirror = update_mirror(str(story.path), tmp_path / "state")
    monkeypatch.setenv("PATH", f"{_slow_gpg(tmp_path).parent}:{__import__('os').environ['PATH']}")
    with TrustStore(TrustFiles(openpgp_keys=(signed.keys.public("ann"),))) as store:
        found = {
            one.sha: one
            for one in check_signatures(mirror, dict.fromkeys(shas, "openpgp"), store, time_limit_s=2)
        }
    assert [found[sha].status for sha in shas] == [GOOD, ERROR, GOOD]
    assert "did not end within 2 s" in found[shas[1]].reason
    assert not _processes("sleep 600"), "the program itself is ended, not only git"


def test_a_long_name_of_the_folder_for_temporary_files_changes_no_answer(
    signed: Signed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(trust.tempfile, "tempdir", str(long))
    assert signed.check(None, "x509 good")["x509 good"].status is GOOD


def test_gpgsm_without_its_agent_distrusts_nobody(
    signed: Signed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It then says of every certificate what it says of a stranger's, which would be recorded."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(trust, "_short_folder", lambda: str(long))
    found = signed.check(None, "x509 good")["x509 good"]
    assert found.status is ERROR
    assert "agent" in found.reason


def test_leaving_early_ends_the_processes(
    signed: Signed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(signatures, "_AT_A_TIME", 1)
    names = [name for name, *_ in STATES if not name.startswith(("ssh", "x509"))]
    started = time.monotonic()
    with TrustStore(signed.files) as store:
        for _ in check_signatures(signed.mirror, signed.formats(*names), store, jobs=1):
            break
    assert time.monotonic() - started < 20
    assert not _processes(str(signed.mirror.path))


def test_progress_adds_up(signed: Signed) -> None:
    told: list[int] = []
    with TrustStore(signed.files) as store:
        checks = list(check_signatures(signed.mirror, signed.formats(), store, advance=told.append))
    assert sum(told) == len(checks) == len(STATES)


def test_a_mailmap_of_the_repository_changes_no_signer(signed: Signed, tmp_path: Path) -> None:
    story = History(tmp_path / "repo")
    story.commit("map", {".mailmap": "Eve <eve@example.org> <ann@example.org>\n"})
    sha = sign(story, signed.keys.by_openpgp("ann"))
    mirror = update_mirror(str(story.path), tmp_path / "state")
    with TrustStore(signed.files) as store:
        (found,) = check_signatures(mirror, {sha: "openpgp"}, store)
    assert found.signer == "ann <ann@example.org>"


def test_what_ssh_keygen_leaves_without_reading_the_commit_is_bad_and_no_failure(
    signed: Signed, tmp_path: Path
) -> None:
    """git dies of writing more than a pipe holds to a program that is gone; the next commit is told all the same."""
    story = History(tmp_path / "repo")
    nothing = b"-----BEGIN SSH SIGNATURE-----\nabcd\n-----END SSH SIGNATURE-----"
    large = Person("A" * 300_000, "ann@example.org")
    shas = [sign(story, lambda _: nothing, by=large), sign(story, signed.keys.by_ssh("s-ann"))]
    mirror = update_mirror(str(story.path), tmp_path / "state")
    with TrustStore(signed.files) as store:
        found = {one.sha: one for one in check_signatures(mirror, dict.fromkeys(shas, "ssh"), store)}
    assert [found[sha].status for sha in shas] == [BAD, GOOD]
