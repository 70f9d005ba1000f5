"""Commit objects: the ordinary ones as pydriller and git read them, the others as git reads them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from histories.builder import ANN, History
from hypothesis import example, given
from hypothesis import strategies as st
from pydriller.git import Git as Driller

from auditor.git.driller import claims_of
from auditor.git.history import read_commits, read_skeleton
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.objects import parse_any_commit, parse_commit

TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
WHO = b"Ann <ann@example.org> 1700000000 +0000"


@pytest.fixture(scope="module", autouse=True, params=[0, 32], ids=["pydriller", "few"])
def however_many_are_new(request: pytest.FixtureRequest) -> Iterator[None]:
    """Few new commits are read from their raw objects alone: both ways have to say the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auditor.git.history.FEW", request.param)
        yield


def raw(
    author: bytes = WHO, *, committer: bytes = WHO, headers: bytes = b"", message: bytes = b"words\n"
) -> bytes:
    return b"tree %b\nauthor %b\ncommitter %b\n%b\n%b" % (TREE.encode(), author, committer, headers, message)


def mirror_of(story: History, state: Path) -> Mirror:
    return update_mirror(str(story.path), state)


@pytest.mark.parametrize(
    ("line", "name", "email", "moment"),
    [
        (b"Ann <ann@example.org> 1700000000 +0000", "Ann", "ann@example.org", "2023-11-14T22:13:20+00:00"),
        (b"Ann <ann@example.org> 1700000000 +0530", "Ann", "ann@example.org", "2023-11-15T03:43:20+05:30"),
        (b"Ann <ann@example.org> 1700000000 -0130", "Ann", "ann@example.org", "2023-11-14T20:43:20-01:30"),
        (b"Ann <ann@example.org> 1700000000 +9900", "Ann", "ann@example.org", "2023-11-14T22:13:20+00:00"),
        (b"Ann <ann@example.org> 1700000000 +0099", "Ann", "ann@example.org", "2023-11-14T22:13:20+00:00"),
        (
            b"Ann <ann@example.org> 1700000000 +" + b"1" * 9000,
            "Ann",
            "ann@example.org",
            "2023-11-14T22:13:20+00:00",
        ),
        (b"Ann <ann@example.org> -86400 +0000", "Ann", "ann@example.org", "1970-01-01T00:00:00+00:00"),
        (b"Ann <ann@example.org> 999999999999 +0000", "Ann", "ann@example.org", "9999-12-30T23:59:59+00:00"),
        (
            b"Ann <ann@example.org> " + b"9" * 9000 + b" +1400",
            "Ann",
            "ann@example.org",
            "9999-12-31T13:59:59+14:00",
        ),
        (b"Ann <> 1700000000 +0000", "Ann", "", "2023-11-14T22:13:20+00:00"),
        (b"<ann@example.org> 1700000000 +0000", "", "ann@example.org", "2023-11-14T22:13:20+00:00"),
        (b" <ann@example.org> 1700000000 +0000", "", "ann@example.org", "2023-11-14T22:13:20+00:00"),
        (b"Ann 1700000000 +0000", "Ann 1700000000 +0000", "", "1970-01-01T00:00:00+00:00"),
        (b"Ann <ann@example.org>", "Ann", "ann@example.org", "1970-01-01T00:00:00+00:00"),
        (b"Ann <ann@example.org> yesterday", "Ann", "ann@example.org", "1970-01-01T00:00:00+00:00"),
        (b"", "", "", "1970-01-01T00:00:00+00:00"),
        (b"A\xff\xfe <a\x00b> 1700000000 +0000", "A\ufffd\ufffd", "a\u2400b", "2023-11-14T22:13:20+00:00"),
    ],
)
def test_identities(line: bytes, name: str, email: str, moment: str) -> None:
    author = parse_commit(raw(line)).author
    assert (author.name, author.email, author.at.isoformat()) == (name, email, moment)


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        (b"ISO-8859-1", b"caf\xe9", "café"),
        (b"latin-1", b"caf\xe9", "café"),
        (b"windows-1252", b"\x80", "€"),
        (b"Shift_JIS", b"\x93\xfa\x96{", "日本"),
        (b"EUC-JP", b"\xc6\xfc", "日"),
        (b"no-such-charset", "café".encode(), "café"),
        (b"../../etc/passwd", "café".encode(), "café"),
        (b"zlib", b"words", "words"),
        (b"hex", b"6162", "6162"),
        (b"unicode_escape", rb"\u0041", r"\u0041"),
        (b"utf-8", b"caf\xe9", "caf\ufffd"),
        (b"ascii", b"caf\xe9", "caf\ufffd"),
        (b"\xff\x00", "café".encode(), "café"),
    ],
)
def test_encodings(encoding: bytes, body: bytes, text: str) -> None:
    commit = parse_commit(raw(headers=b"encoding " + encoding + b"\n", message=body))
    assert commit.message == text
    assert not commit.is_ordinary


@pytest.mark.parametrize(
    ("header", "armour", "name"),
    [
        (b"gpgsig", b"-----BEGIN PGP SIGNATURE-----", "openpgp"),
        (b"gpgsig-sha256", b"-----BEGIN PGP SIGNATURE-----", "openpgp"),
        (b"gpgsig", b"-----BEGIN PGP MESSAGE-----", "openpgp"),
        (b"gpgsig", b"-----BEGIN SSH SIGNATURE-----", "ssh"),
        (b"gpgsig", b"-----BEGIN SIGNED MESSAGE-----", "x509"),
        (b"gpgsig", b"something else", "unknown"),
    ],
)
def test_signature_formats(header: bytes, armour: bytes, name: str) -> None:
    signature = header + b" " + armour + b"\n \n iQ==\n -----END-----\n"
    assert parse_commit(raw(headers=signature)).signature_format == name
    assert parse_commit(raw()).signature_format == ""


def test_a_signature_in_the_message_signs_nothing() -> None:
    message = b"words\n\ngpgsig -----BEGIN PGP SIGNATURE-----\n"
    assert parse_commit(raw(message=message)).signature_format == ""


def test_a_signed_tag_that_was_merged_is_not_the_commits_signature() -> None:
    tag = b"mergetag object %b\n type commit\n tag v1\n gpgsig -----BEGIN PGP SIGNATURE-----\n\n" % (
        b"1" * 40
    )
    commit = parse_commit(raw(headers=tag.rstrip(b"\n") + b"\n"))
    assert (commit.signature_format, commit.message) == ("", "words\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read(content: bytes) -> None:
    commit = parse_commit(content)
    for text in (commit.message, commit.author.name, commit.author.email, commit.tree):
        text.encode("utf-8")
        assert "\x00" not in text
    commit.author.at.astimezone(UTC)


@given(
    name=st.binary(max_size=12)
    | st.sampled_from([b"Ann", "Zoë".encode(), b"Zo\xeb", b"\xc2\x85x", b"Ann  ", b"Ann Ex"]),
    email=st.binary(max_size=12) | st.sampled_from([b"ann@example.org", b" a@b ", b"\xc2\xa0", b"a@\xeb"]),
    seconds=st.sampled_from([b"1", b"0", b"1700000000", b"9999999999", b"-5", b"99999999999"]),
    zone=st.sampled_from([b"+0000", b"-0000", b"+1430", b"-1130", b"+1500", b"+01"]),
    headers=st.sampled_from(
        [
            b"",
            b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END\n",
            b"gpgsig \n x\n",
            b"encoding latin1\n",
            b"gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n",
            b"gpgsig x\ngpgsig y\n",
            b"HG:rename yes\n",
        ]
    ),
    message=st.binary(max_size=30),
)
def test_the_short_way_through_an_ordinary_commit_says_the_same(
    name: bytes, email: bytes, seconds: bytes, zone: bytes, headers: bytes, message: bytes
) -> None:
    line = b"%b <%b> %b %b" % (name, email, seconds, zone)
    content = raw(line, committer=line, headers=headers, message=message)
    head, _, rest = content.partition(b"\n\n")
    short, long = parse_commit(content), parse_any_commit(head, rest)
    assert short == long
    assert short.author.at.isoformat() == long.author.at.isoformat()


LINE = st.text(st.characters(codec="utf-8", exclude_characters="<>\n\0"), min_size=1, max_size=20)


@example(name="\x85", email="@", seconds=1, zone="-0000", message="")
@given(
    name=LINE,
    email=st.text("abc@.+[]-", min_size=1, max_size=20),
    seconds=st.integers(1, 9_999_999_999),
    zone=st.from_regex(r"[+-](0\d|1[0-4])[0-5]\d", fullmatch=True),
    message=st.text(st.characters(codec="utf-8"), max_size=100),
)
def test_an_ordinary_commit_is_what_pydriller_says(
    tmp_path_factory: pytest.TempPathFactory, name: str, email: str, seconds: int, zone: str, message: str
) -> None:
    line = f"{name} <{email}> {seconds} {zone}".encode()
    content = raw(line, committer=line, message=message.encode())
    ours = parse_commit(content)
    story, driller = _driller(tmp_path_factory)
    sha = story.store("commit", content)
    author, committer, text = claims_of(driller.get_commit(sha), ours)
    assert (author, committer, text.strip()) == (ours.author, ours.committer, ours.message.strip())


_KEPT: list[tuple[History, Driller]] = []


def _driller(factory: pytest.TempPathFactory) -> tuple[History, Driller]:
    if not _KEPT:
        story = History(factory.mktemp("driller") / "repo")
        story.commit("root", {"a": "x"})
        story.write_tree({})
        _KEPT.append((story, Driller(str(story.path))))
    return _KEPT[0]


def test_what_is_not_ordinary_never_reaches_the_library() -> None:
    class Untouchable(SimpleNamespace):
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"asked for {name}")

    for content in (
        raw(b"<ann@example.org> 1700000000 +0000"),
        raw(b"Ann <ann@example.org> -1 +0000"),
        raw(headers=b"encoding punycode\n"),
        raw(headers=b"gpgsig x\n" + b" \n" * 100_000),
        raw(headers=b"author Eve <eve@example.org> 1 +0000\n"),
    ):
        commit = parse_commit(content)
        assert claims_of(Untouchable(), commit) == (commit.author, commit.committer, commit.message)


@pytest.mark.parametrize(
    "content",
    [
        raw(b"<" * 2_000_000),
        raw(headers=b"gpgsig x\n" + b" \n" * 2_000_000),
        raw(headers=b"x\n" * 2_000_000),
        raw(headers=b"encoding punycode\n", message="ü".encode("punycode") * 1_000_000),
        raw(headers=b"encoding idna\n", message=b"xn--" * 1_000_000),
    ],
    ids=["angles", "signature lines", "headers", "punycode", "idna"],
)
def test_a_commit_made_to_be_slow_is_read_in_linear_time(content: bytes) -> None:
    started = time.process_time()
    parse_commit(content)
    assert time.process_time() - started < 5


def test_commits_as_git_lists_them(tmp_path: Path) -> None:
    story = History(tmp_path / "repo")
    story.commit("root", {"a": "x"})
    tree = story.write_tree({"a": "x"}).encode()

    def odd(author: bytes, headers: bytes = b"", message: bytes = b"words\n") -> None:
        body = b"tree %b\nparent %b\nauthor %b\ncommitter %b\n%b\n%b"
        story.raw_commit(body % (tree, story.tip("main").encode(), author, WHO, headers, message))

    odd("Zoë <zoe@example.org> 1700000000 +0545".encode(), message="Grüße\n\nund mehr\n".encode())
    odd(b"Zo\xeb <zoe@example.org> 1700000000 +0100", b"encoding ISO-8859-1\n", b"Gr\xfc\xdfe\n")
    odd(b"<zoe@example.org> 1700000000 +0100")
    odd(b"Zoe <> 1700000000 +0100", message=b"")
    odd(b"Zoe <zoe@example.org> 1700000000 +0100", message=b"subject only")
    odd(b"Zoe <zoe@example.org> 1700000000 +0100", message=b"\n\n  leading blank lines\n\nbody\n\n")
    odd(b"Zoe <zoe@example.org> 1700000000 -1130", message=b"crlf\r\n\r\nbody\r\n")
    mirror = mirror_of(story, tmp_path / "state")
    commits = list(read_commits(mirror, read_skeleton(mirror)))
    listing = story.git(
        "log", "--reverse", "--topo-order", "--format=%H%x00%an%x00%ae%x00%at%x00%aI%x00%T%x00%P%x00%B%x01"
    )
    expected = [entry.lstrip("\n").split("\0") for entry in listing.split("\x01") if entry.strip()]
    assert len(commits) == len(expected) == 8
    found = sorted(commits, key=lambda commit: commit.position or 0)
    for commit, (sha, name, email, at, iso, tree_sha, parents, message) in zip(found, expected, strict=True):
        assert (commit.sha, commit.tree, " ".join(commit.parents)) == (sha, tree_sha, parents)
        assert (commit.author.name, commit.author.email) == (name, email)
        assert commit.author.at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(at))
        assert commit.author.at.utcoffset() == datetime.fromisoformat(iso).utcoffset()
        whole = f"{commit.subject}\n{commit.body}".split()
        assert whole == message.split()
    assert [commit.position for commit in found] == list(range(8))


def test_a_message_of_four_megabytes(tmp_path: Path) -> None:
    story = History(tmp_path / "repo")
    story.commit(b"subject\n\n" + b"word " * 800_000, {"a": "x"}, by=ANN)
    mirror = mirror_of(story, tmp_path / "state")
    [commit] = read_commits(mirror, read_skeleton(mirror))
    assert commit.subject == "subject"
    assert len(commit.body) >= 3_900_000


def test_the_subject_is_the_first_line(tmp_path: Path) -> None:
    story = History(tmp_path / "repo")
    story.commit("one\ntwo\n\nthree", {"a": "x"})
    mirror = mirror_of(story, tmp_path / "state")
    [commit] = read_commits(mirror, read_skeleton(mirror))
    assert (commit.subject, re.split(r"\n+", commit.body)) == ("one", ["two", "three"])
